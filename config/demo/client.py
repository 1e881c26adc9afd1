"""The demonstration's side of the API: what a tenant's own program would do."""

import base64
import json
import time
from datetime import timedelta
from typing import Any

from config.demo.errors import DemoError
from core import http

TIMEOUT = timedelta(seconds=20)
POLL_SECONDS = 0.1


class Client:
    """A few calls to the public API."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token = ""

    def sign_in(self, client_id: str, client_secret: str) -> None:
        """Get an access token by client credentials (RFC 6749, 4.4)."""
        basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {basic}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = self._request("POST", "/oauth/token", headers, b"grant_type=client_credentials")
        self.token = answer["access_token"]

    def post(self, path: str, body: Any, *, idempotency_key: str) -> dict[str, Any]:
        """Create something; a repeat with the same key would get the same answer."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key,
        }
        return self._request("POST", path, headers, json.dumps(body).encode())

    def wait_until_delivered(self, delivery_id: str, patience: timedelta) -> None:
        """Return when the delivery is delivered; raise DemoError when it is not in time."""
        deadline = time.monotonic() + patience.total_seconds()
        headers = {"Authorization": f"Bearer {self.token}"}
        path = f"/api/v1/webhooks/deliveries/{delivery_id}"
        while (state := self._request("GET", path, headers, b"")["state"]) != "delivered":
            if time.monotonic() > deadline:
                raise DemoError(f"The delivery log says: {state}")
            time.sleep(POLL_SECONDS)

    def _request(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> dict[str, Any]:
        try:
            answer = http.request(
                method, self.url + path, headers=headers, body=body, timeout=TIMEOUT
            )
        except http.HttpError as error:
            raise DemoError(f"{method} {path} failed: {error}") from error
        if not 200 <= answer.status_code < 300:
            text = answer.body.decode("utf-8", "replace")
            raise DemoError(f"{method} {path} answered {answer.status_code}: {text}")
        parsed: dict[str, Any] = json.loads(answer.body)
        return parsed
