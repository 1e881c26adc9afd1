"""Parameters and errors as the API's description names them."""

from drf_spectacular.utils import OpenApiParameter

from core.api.schema import error_answer, id_schema
from records.models import SLUG_PATTERN

SLUG_SCHEMA = {"type": "string", "pattern": f"^{SLUG_PATTERN}$"}

SLUG = OpenApiParameter(
    "slug",
    SLUG_SCHEMA,
    OpenApiParameter.PATH,
    description="The record type.",
)
TYPE = OpenApiParameter(
    "type",
    SLUG_SCHEMA,
    OpenApiParameter.PATH,
    description="The record type.",
)
ID = OpenApiParameter(
    "id",
    id_schema("rec"),
    OpenApiParameter.PATH,
    description="The record.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description='The entity tag the record must still have, such as `"3"`; otherwise 412.',
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The entity tag the caller has; 304 when the record is still the same.",
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201, 304],
    description="The version of the record, in quotes.",
)
LOCATION = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, response=[201], description="Where it is now."
)
DATA_FILTER = OpenApiParameter(
    "data",
    {
        "type": "object",
        "propertyNames": {"pattern": r"^data\.[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"},
        "additionalProperties": {"type": "string"},
    },
    style="form",
    explode=True,
    description=(
        "Fields of the data, each a parameter of its own: `?data.status=paid&data.customer.city=Porto`."
    ),
)

VERSION_CONFLICT = error_answer(
    "`VERSION_CONFLICT`: the record has another version by now; `details` says which."
)
CURSOR_EXPIRED = error_answer(
    "`CURSOR_EXPIRED`: changes behind this place are no longer kept; start with a full copy."
)
DUPLICATE_KEY = error_answer(
    "`DUPLICATE_KEY`: another record of the type has this value of the key field."
)
BULK_REFUSED = error_answer(
    "`BULK_REFUSED`: some of the records cannot be created, so none was; `details` lists why."
    " `VALIDATION_FAILED`: the request itself is not valid. `IDEMPOTENCY_KEY_REUSED`: the key"
    " belongs to another request."
)
DUPLICATE_RECORD_TYPE = error_answer(
    "`DUPLICATE_RECORD_TYPE`: there is a record type of this slug already."
)
RECORD_TYPE_IN_USE = error_answer("`RECORD_TYPE_IN_USE`: there are records of it.")
