"""What the tolerant edge of the SCIM server takes, decides and gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from core.types import Json
from scim.profiles.known import KnownAttributes

Kind = Literal["create", "replace", "patch", "search", "query", "bulk"]

UNKNOWN_ATTRIBUTES = "unknown-attributes"
LISTED_MEMBERS = "listed-members"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """A request as the identity provider has sent it, before anything is validated.

    ``resource_type`` is the name of the type that the URL stands for (``User``), or nothing at the
    root and for bulk. ``body`` is parsed JSON or None, ``query`` the decoded query parameters.
    """

    kind: Kind
    resource_type: str = ""
    body: Json
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """A rule that has changed something, and where.

    ``where`` is a path into the body as the rule found it (``Operations[0].op``), or the name of a
    query parameter. Rules before it may have added or removed operations. It never holds a value.
    """

    rule: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized:
    """A request as the strict core reads it, and all that was changed to get there."""

    body: Json
    query: Mapping[str, str]
    firings: tuple[Firing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a rule makes of a request; ``places`` says where, and is empty when nothing changed."""

    request: RawRequest
    places: tuple[str, ...]


Apply = Callable[[RawRequest, KnownAttributes], Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One habit of one or several identity providers, and how it is put right.

    ``sentence`` says what the rule does and for whom, ``source`` where the habit is documented or
    reported. A rule can be applied twice, and leaves alone what conforms to the standard.
    """

    name: str
    sentence: str
    source: str
    apply: Apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the set-up, in the words of that identity provider's screens.

    ``text`` may hold the placeholders ``{base_url}`` and ``{token}``.
    """

    title: str
    text: str

    def rendered(self, base_url: str, token: str) -> str:
        """Return the text with the placeholders filled in."""
        return self.text.replace("{base_url}", base_url).replace("{token}", token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one identity provider deviates from the standard, and what is done about it.

    ``rules`` are applied in their order. Two switches follow from them, so that they cannot
    contradict them: ``ignores_unknown_attributes`` and ``removes_listed_members``. The third,
    ``creates_missing_entries``, is for the core, because only the core knows what is stored: whether
    ``add`` and ``replace`` through a value filter that matches nothing
    (``emails[type eq "work"].value``) create the entry that the filter describes. Without it they
    fail with ``noTarget``, as RFC 7644, section 3.5.2.3 wants it.
    """

    name: str
    title: str
    rules: tuple[Rule, ...]
    steps: tuple[Step, ...]
    creates_missing_entries: bool = False

    @property
    def ignores_unknown_attributes(self) -> bool:
        """Whether attributes that no schema has are dropped, each with a firing, or refused."""
        return self._has(UNKNOWN_ATTRIBUTES)

    @property
    def removes_listed_members(self) -> bool:
        """Whether ``remove`` of ``members`` with a list of values removes just those.

        To the standard such a request is an error, and to a careless server it empties the group.
        """
        return self._has(LISTED_MEMBERS)

    def _has(self, name: str) -> bool:
        return any(rule.name == name for rule in self.rules)
