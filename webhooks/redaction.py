"""Keeping secrets out of what is stored and shown."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus

MASK = "••••••"
# Shorter values are no secrets, and blotting them out would make an answer unreadable.
MIN_SECRET_CHARACTERS = 4

_SENSITIVE_NAME = re.compile(
    r"authorization|cookie|token|secret|password|passwd|credential|signature|(?:^|[-_])(?:api)?key$"
    r"|apikey|session",
    re.IGNORECASE,
)
_SCHEME = r"(?:(?:Basic|Bearer|Token|ApiKey|Key|Digest|SSWS) +)?"
# Holes in which no literal stands but separators such as ':' read their secrets from elsewhere.
_ONLY_REFERENCES = re.compile(
    _SCHEME + r"(?:\{\{(?:[^{}'\"]|'[^\w'{}]*'|\"[^\w\"{}]*\")*\bconfig\b"
    r"(?:[^{}'\"]|'[^\w'{}]*'|\"[^\w\"{}]*\")*\}\})+"
)


@lru_cache(maxsize=1_024)
def sensitive(header: str) -> bool:
    """Say whether the value of the header named ``header`` is likely to be a secret."""
    return _SENSITIVE_NAME.search(header) is not None


def masked(header: str, template: str) -> str:
    """Return what may be shown of a header's template.

    A sensitive header that takes its secret from the configuration is shown as it stands.
    """
    if not sensitive(header) or not template or _ONLY_REFERENCES.fullmatch(template.strip()):
        return template
    return MASK


class Redactor:
    """Blots out known secrets, also where they stand percent-encoded or escaped for JSON.

    In either case of letters: the host of a URL is written in small ones.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {
            spelling
            for secret in secrets
            if len(secret) >= MIN_SECRET_CHARACTERS
            for spelling in _spellings(secret)
        }
        longest_first = sorted(spellings, key=len, reverse=True)
        either = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(either, re.IGNORECASE) if spellings else None

    def text(self, text: str) -> str:
        """Return ``text`` without the secrets."""
        return self._pattern.sub(MASK, text) if self._pattern else text


def _spellings(secret: str) -> set[str]:
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    }
