"""Writing bodies."""

from rest_framework import renderers


class JSONRenderer(renderers.JSONRenderer):
    """Compact UTF-8 JSON."""

    charset = None
