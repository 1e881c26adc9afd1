"""What answers have to say; a figure from a server that answers wrongly means nothing."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from bench.errors import BenchError

SHOWN_BYTES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer to ``question``, which is the method and path of a request."""

    question: str
    status: int
    body: bytes

    def json(self, *expected: HTTPStatus) -> dict[str, Any]:
        """Return the body of an answer of an expected status; raise BenchError for any other."""
        self.demand(self.status in expected)
        try:
            found: dict[str, Any] = json.loads(self.body)
        except ValueError as error:
            raise self.wrong() from error
        self.demand(isinstance(found, dict))
        return found

    def demand(self, condition: bool) -> None:  # what else could it demand
        """Raise BenchError unless the answer is what was asked for."""
        if not condition:
            raise self.wrong()

    def wrong(self) -> BenchError:
        """Return the error that says so."""
        shown = self.body[:SHOWN_BYTES].decode("utf-8", "replace")
        return BenchError(f"{self.question} was answered wrongly, {self.status}: {shown}")


@dataclass(slots=True, kw_only=True)
class Pages:
    """The pages of a list of ``total`` users; none may stand on two of them."""

    total: int
    size: int
    _start_of: dict[str, int] = field(default_factory=dict)

    def check(self, start: int, answer: Answer) -> None:
        """Check a whole page that begins at ``start``."""
        page = answer.json(HTTPStatus.OK)
        ids = [user["id"] for user in page["Resources"]]
        answer.demand((page["totalResults"], page["startIndex"]) == (self.total, start))
        answer.demand(len(set(ids)) == len(ids) == self.size)
        answer.demand(all(user["userName"] and user["emails"] for user in page["Resources"]))
        answer.demand(all(self._start_of.setdefault(each, start) == start for each in ids))


def one_found(user_name: str, answer: Answer) -> None:
    """Check that one user was found, the one asked for."""
    page = answer.json(HTTPStatus.OK)
    names = [user["userName"] for user in page["Resources"]]
    answer.demand((page["totalResults"], names) == (1, [user_name]))


def none_found(answer: Answer) -> None:
    """Check that nobody was found, which is no error."""
    page = answer.json(HTTPStatus.OK)
    answer.demand((page["totalResults"], page.get("Resources") or []) == (0, []))


def counted(total: int, answer: Answer) -> None:
    """Check how many users there are."""
    answer.demand(answer.json(HTTPStatus.OK)["totalResults"] == total)


def created(asked: dict[str, Any], answer: Answer) -> None:
    """Check that a user was created as asked."""
    made = answer.json(HTTPStatus.CREATED)
    answer.demand(bool(made["id"]))
    for name in ("userName", "externalId", "displayName", "active"):
        answer.demand(made[name] == asked[name])
    answer.demand(made["name"]["familyName"] == asked["name"]["familyName"])
    answer.demand(made["emails"][0]["value"] == asked["emails"][0]["value"])


def shown(identity: str, without: str, answer: Answer) -> None:
    """Check that a resource is shown, without the attribute that was not wanted."""
    resource = answer.json(HTTPStatus.OK)
    answer.demand(resource["id"] == identity and without not in resource)


def replaced(wanted: dict[str, Any], answer: Answer) -> None:
    """Check that a user has what a PATCH has put there."""
    changed = answer.json(HTTPStatus.OK)
    answer.demand(all(changed[name] == value for name, value in wanted.items()))


def member_changed(group: str, user: str, *, present: bool, answer: Answer) -> None:
    """Check that a member was added or removed.

    Whether it really was is seen in the end, when nothing is shown now.
    """
    if answer.status == HTTPStatus.NO_CONTENT:
        answer.demand(not answer.body)
        return
    found = answer.json(HTTPStatus.OK)
    answer.demand(str(found["id"]) == group)
    answer.demand((user in _members(found)) == present)


def membership(expected: Collection[str], answer: Answer) -> None:
    """Check that exactly the expected users are in a group, each of them once."""
    found = _members(answer.json(HTTPStatus.OK))
    answer.demand(len(found) == len(expected) and set(found) == set(expected))


def _members(group: dict[str, Any]) -> list[str]:
    # One of the peers writes ids of members as numbers.
    return [str(member["value"]) for member in group["members"]]
