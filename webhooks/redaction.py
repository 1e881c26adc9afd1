"""Keeping secrets out of what is stored and shown."""

import json
import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from urllib.parse import quote, quote_plus

MASK = "••••••"
# Shorter values are no secrets, and blotting them out would make an answer unreadable.
MIN_SECRET_CHARACTERS = 4

_SENSITIVE_NAME = re.compile(
    r"auth(?!or(?:$|[-_]))|cookie|token|secret|password|passwd|credential|signature|(?:^|[-_])(?:api)?key$"
    r"|apikey|session",
    re.IGNORECASE,
)
_SCHEME = r"(?:(?:Basic|Bearer|Token|ApiKey|Key|Digest|SSWS) +)?"
# Holes in which no literal stands but separators such as ':' read their secrets from elsewhere.
_ONLY_REFERENCES = re.compile(
    _SCHEME + r"(?:\{\{(?:[^{}'\"]|'[^\w'{}]*'|\"[^\w\"{}]*\")*\bconfig\b"
    r"(?:[^{}'\"]|'[^\w'{}]*'|\"[^\w\"{}]*\")*\}\})+"
)

# Stands for one character of a secret. One that a text holds itself would be masked as well.
_BLOT = "\x00"
_BLOTS = re.compile(f"{_BLOT}+")
# What every spelling of a secret has in common.
_UNALTERED = re.compile(r"[A-Za-z0-9]+")
# Small letters that are the same letter as another small one, by the rules of Unicode: long and final
# forms, symbols made of Greek letters, old forms of Cyrillic ones.
_SAME_LETTERS = tuple(
    zip(
        "\u0131\u017f\u00b5\u0345\u1fbe\u03c2\u03d0\u03d1\u03d5\u03d6\u03f0\u03f1\u03f5\u1e9b"
        "\u1fd3\u1fe3\ufb05\u1c80\u1c81\u1c82\u1c83\u1c84\u1c85\u1c86\u1c87\u1c88",
        "is\u03bc\u03b9\u03b9\u03c3\u03b2\u03b8\u03c6\u03c0\u03ba\u03c1\u03b5\u1e61"
        "\u0390\u03b0\ufb06\u0432\u0434\u043e\u0441\u0442\u0442\u044a\u0463\ua64b",
        strict=True,
    )
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

    In either case of letters: the host of a URL is written in small ones. The longest secrets come
    first, so that of two that overlap the longer one goes whole, and nothing of it is left behind.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(
            _Secret(secret) for secret in set(secrets) if len(secret) >= MIN_SECRET_CHARACTERS
        )

    def text(self, text: str) -> str:
        """Return ``text`` without the secrets."""
        # Searched one by one: each takes microseconds and no more for the worst of texts, where one
        # regular expression of them all would try every secret at every character.
        searched = folded_case(text)
        suspects = [secret for secret in self._secrets if secret.core in searched]
        if not suspects:
            return text
        spellings = {spelling for secret in suspects for spelling in secret.spellings}
        for spelling in sorted(spellings, key=len, reverse=True):
            searched = searched.replace(spelling, _BLOT * len(spelling))
        return _without_blots(text, searched)


class _Secret:
    """A secret, as it is searched for in texts of folded case."""

    def __init__(self, text: str) -> None:
        self._text = text
        # Most texts hold no secret, so one search for each must do. Empty, and so in every text,
        # when there is nothing that no spelling alters.
        self.core = max(_UNALTERED.findall(text), key=len, default="").lower()

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        return tuple({folded_case(spelling) for spelling in _spellings(self._text)})


def folded_case(text: str) -> str:
    """Return ``text`` with the same letter for all that ``re.IGNORECASE`` takes for equal.

    As long as ``text``, unlike ``str.casefold``, so that places in one are places in the other.
    """
    if text.isascii():
        return text.lower()
    # These two would become two characters, and another one at the end of a word.
    folded = text.replace("\u0130", "i").replace("\u03a3", "\u03c3").lower()
    for letter, same in _SAME_LETTERS:
        folded = folded.replace(letter, same)
    return folded


def _without_blots(text: str, searched: str) -> str:
    """Return ``text`` with a mask for each run of blots in ``searched``, which is as long."""
    pieces, end = [], 0
    for run in _BLOTS.finditer(searched):
        pieces += [text[end : run.start()], MASK]
        end = run.end()
    return "".join((*pieces, text[end:]))


def _spellings(secret: str) -> set[str]:
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    }
