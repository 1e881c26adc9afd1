"""Reading bodies."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.parsers import JSONParser

from core import strict_json
from core.api.exceptions import InvalidJson, PayloadTooLarge


class StrictJSONParser(JSONParser):
    """JSON that means the same to everyone (RFC 8259, I-JSON), bounded in size and depth."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.MAX_BODY_BYTES
        try:
            raw = stream.read(limit + 1)
        except RequestDataTooBig:
            raw = b" " * (limit + 1)
        if len(raw) > limit:
            raise PayloadTooLarge(f"The body may have at most {limit} bytes.")
        try:
            return strict_json.loads(raw)
        except strict_json.StrictJsonError as error:
            raise InvalidJson(
                str(error), details={"line": error.line, "column": error.column}
            ) from error
