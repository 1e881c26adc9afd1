"""How the API describes itself (OpenAPI 3.1)."""

from core.api.schema.answers import error_answer
from core.api.schema.fields import IdSchema, id_schema
from core.api.schema.operations import EnvelopeSchema
from core.api.schema.security import TenantAuthenticationScheme

__all__ = ["EnvelopeSchema", "IdSchema", "TenantAuthenticationScheme", "error_answer", "id_schema"]
