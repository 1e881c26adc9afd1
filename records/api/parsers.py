"""Reading bodies of records."""

from core.api.parsers import StrictJSONParser


class MergePatchParser(StrictJSONParser):
    """A JSON Merge Patch (RFC 7396, section 4)."""

    media_type = "application/merge-patch+json"
