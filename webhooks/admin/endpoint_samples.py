"""Samples of what a sender sends: sent from an endpoint's page, or by a command to copy from there."""

import re
from collections.abc import Iterator
from shlex import quote
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.admin.actors import actor_of
from core.admin.decorators import action
from webhooks import services
from webhooks.errors import SampleRefusedError
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Options
from webhooks.models import Endpoint
from webhooks.redaction import masked

HMAC = "hmac"
# What the commands after ``openssl dgst`` make of a digest.
ENCODERS = {
    "hex": "| sed 's/.* //'",
    "base64": "-binary | openssl base64 -A",
    "base64url": "-binary | openssl base64 -A | tr '+/' '-_'",
}
_HOLE = re.compile(r"\{([^{}]*)\}")


class SampleViews:
    """The page that sends a sample and shows what came of it, for the admin of endpoints."""

    admin_site: Any
    opts: Any

    @action(description="Send a sample", url_path="sample", permissions=["change"], icon="send")
    def send_sample(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Sign a sample as the sender would, and have the endpoint receive it."""
        row: Any = self.row_or_404(request, object_id)  # type: ignore[attr-defined]
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"Send a sample to {row.name}",
            "scheme": SCHEMES[row.scheme],
            "lacks_secret": not row.live_secrets,
            "back_url": self.url_of(row),  # type: ignore[attr-defined]
        }
        if request.method == "POST":
            try:
                context["outcome"] = services.send_endpoint_sample(row, actor=actor_of(request))
            except SampleRefusedError as error:
                context["problem"] = str(error)
        return TemplateResponse(request, "webhooks/endpoint_sample.html", context)


def sample_command(endpoint: Endpoint) -> str:
    """Return what to type into a shell to send what an endpoint takes; its scheme is ``hmac``.

    The secret is left to be filled in, and so are the sensitive values of expected headers.
    """
    scheme = SCHEMES[HMAC]
    options = scheme.filled(endpoint.options)
    headers = _headers(endpoint)
    signed = _signed(options, headers)
    timed = "{timestamp}" in options["signed"]
    digest = f'openssl dgst -{options["algorithm"]} -hmac "$SECRET" {ENCODERS[options["encoding"]]}'
    return "\n".join(
        [
            "SECRET='…'",
            f"BODY={quote(scheme.sample.body.decode())}",
            *(["NOW=$(date +%s)"] if timed else []),
            f"SIGNATURE=$(printf %s {signed} | {digest})",
            " \\\n  ".join(_curl(endpoint, options, headers, timed=timed)),
        ]
    )


def _curl(
    endpoint: Endpoint, options: Options, headers: dict[str, str], *, timed: bool
) -> Iterator[str]:
    method = "" if endpoint.methods[:1] == ["POST"] else f" -X {endpoint.methods[0]}"
    yield f"curl -sS{method} {quote(endpoint.url)}"
    for name, value in headers.items():
        yield f"-H {quote(f'{name}: {value}')}"
    if timed:
        yield f'-H "{options["timestamp_header"]}: $NOW"'
    prefix = "" if options["prefix"] == "none" else options["prefix"]
    yield f'-H "{options["header"]}: {_within_quotes(prefix)}$SIGNATURE" --data-raw "$BODY"'


def _headers(endpoint: Endpoint) -> dict[str, str]:
    """Return what is expected and what is signed along, with a value for each."""
    expected = {
        each["name"]: masked(each["name"], each["value"]) or "sample"
        for each in endpoint.expected_headers
    }
    signed = _HOLE.findall(SCHEMES[HMAC].filled(endpoint.options)["signed"])
    wanted = ["Content-Type", *(hole.partition(":")[2] for hole in signed if ":" in hole)]
    known = {name.lower() for name in expected}
    usual = {"content-type": "application/json"}
    return {
        **{name: usual.get(name.lower(), "sample") for name in wanted if name.lower() not in known},
        **expected,
    }


def _signed(options: Options, headers: dict[str, str]) -> str:
    """Return what is signed as a word of a shell."""
    values = {name.lower(): value for name, value in headers.items()}
    pieces = []
    for index, piece in enumerate(_HOLE.split(options["signed"])):
        if index % 2 == 0:
            pieces.append(_within_quotes(piece))
        elif piece in {"body", "timestamp"}:
            pieces.append({"body": "${BODY}", "timestamp": "${NOW}"}[piece])
        else:
            pieces.append(_within_quotes(values[piece.partition(":")[2].lower()]))
    return f'"{"".join(pieces)}"'


def _within_quotes(text: str) -> str:
    return re.sub(r'([\\"$`])', r"\\\1", text)
