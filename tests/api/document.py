"""The API's description as it is served."""

import json
from typing import Any

from drf_spectacular.generators import SchemaGenerator

DOCUMENT: dict[str, Any] = json.loads(
    json.dumps(
        SchemaGenerator().get_schema(  # type: ignore[no-untyped-call]
            request=None, public=True
        )
    )
)
