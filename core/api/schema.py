"""How the API describes itself (OpenAPI 3.1)."""

from drf_spectacular.openapi import AutoSchema


class EnvelopeSchema(AutoSchema):
    """Operations with every error they can answer."""
