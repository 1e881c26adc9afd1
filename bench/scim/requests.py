"""The requests: the same for everybody who is asked, but for the ids they have given."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from bench.scim import answers, people
from bench.scim.answers import Answer, Pages
from bench.scim.assignments import Directory, Load, Mixture, Verification

Check = Callable[[Answer], None]
PAGE = 100
MEMBERS_AT_ONCE = 1_000
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
# Anything, as long as it is the same for everybody and in every round.
ORDER = 20_200_512
# What an identity provider sends in twenty requests: it looks up before it writes.
MIXTURE = (
    *("known",) * 5,
    *("unknown",) * 3,
    *("user",) * 2,
    *("group",) * 2,
    *("replace",) * 4,
    *("post",) * 2,
    *("join", "leave"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, its path below the directory's URL, and what its answer has to be."""

    method: str
    path: str
    body: bytes = b""
    check: Check


def of_load(directory: Directory, load: Load) -> list[Request]:
    """Return the requests of one kind."""
    numbers = range(load.first, load.first + load.requests)
    if load.kind == "list":
        return list(_lists(directory, numbers))
    if load.kind == "filter":
        return [_known(number) for number in _shuffled(len(directory.users), numbers)]
    if load.kind == "add_member":
        return [_member(directory, number, present=True) for number in numbers]
    return [posting(number) for number in numbers]


def of_mixture(directory: Directory, mixture: Mixture) -> list[Request]:
    """Return requests of all kinds, in an order that looks like none."""
    chance = random.Random(ORDER)  # noqa: S311  # nobody gains by guessing it
    kinds = [MIXTURE[number % len(MIXTURE)] for number in range(mixture.requests)]
    chance.shuffle(kinds)
    turns = dict.fromkeys(MIXTURE, 0)
    made = []
    for kind in kinds:
        known = chance.randrange(len(directory.users))
        made.append(_mixed(directory, mixture, kind, known, turns[kind]))
        turns[kind] += 1
    return made


def count_of(kind: str, requests: int) -> int:
    """Return how many of the requests of a mixture are of a kind."""
    return sum(MIXTURE[number % len(MIXTURE)] == kind for number in range(requests))


def of_verification(directory: Directory, wanted: Verification) -> list[Request]:
    """Return the questions whose answers say whether everything was done."""
    members = directory.users[wanted.left : directory.members + wanted.joined]
    return [
        Request(
            method="GET",
            path=f"/Groups/{directory.group}",
            check=partial(answers.membership, members),
        ),
        Request(
            method="GET",
            path=f"/Users?{urlencode({'startIndex': 1, 'count': 1})}",
            check=partial(answers.counted, wanted.users),
        ),
    ]


def posting(number: int) -> Request:
    """Return a request to create a user."""
    body = people.user(number)
    return Request(
        method="POST", path="/Users", body=_json(body), check=partial(answers.created, body)
    )


def group_posting(check: Check) -> Request:
    """Return a request to create the group."""
    return Request(method="POST", path="/Groups", body=_json(people.group()), check=check)


def members_adding(group: str, users: tuple[str, ...]) -> Request:
    """Return a request to add many users to the group; that it worked is seen in the end."""
    value = [{"value": user} for user in users]
    return _patch(
        f"/Groups/{group}",
        [{"op": "add", "path": "members", "value": value}],
        lambda answer: answer.demand(answer.status in (200, 204)),
    )


def _lists(directory: Directory, numbers: range) -> Iterator[Request]:
    pages = Pages(total=len(directory.users), size=PAGE)
    for number in _shuffled(len(directory.users) // PAGE, numbers):
        start = 1 + number * PAGE
        yield Request(
            method="GET",
            path=f"/Users?{urlencode({'startIndex': start, 'count': PAGE})}",
            check=partial(pages.check, start),
        )


def _known(number: int) -> Request:
    name = people.user_name(number)
    return _filter(name, partial(answers.one_found, name))


def _unknown(number: int) -> Request:
    return _filter(f"nobody.{number:06}@acme.example", answers.none_found)


def _filter(user_name: str, check: Check) -> Request:
    wanted = quote(f'userName eq "{user_name}"', safe="")
    return Request(method="GET", path=f"/Users?filter={wanted}", check=check)


def _mixed(directory: Directory, mixture: Mixture, kind: str, known: int, turn: int) -> Request:
    """Return the request of a kind whose ``turn`` it is, about a user that is known."""
    user = directory.users[known]
    made: dict[str, Callable[[], Request]] = {
        "known": lambda: _known(known),
        "unknown": lambda: _unknown(turn),
        "user": lambda: _shown(f"/Users/{user}", user, "groups"),
        "group": lambda: _shown(f"/Groups/{directory.group}", directory.group, "members"),
        "replace": lambda: _replacing(user, known, turn),
        "post": lambda: posting(mixture.newcomers + turn),
        "join": lambda: _member(directory, mixture.joiners + turn, present=True),
        "leave": lambda: _member(directory, turn, present=False),
    }
    return made[kind]()


def _shown(path: str, identity: str, without: str) -> Request:
    return Request(
        method="GET",
        path=f"{path}?{urlencode({'excludedAttributes': without})}",
        check=partial(answers.shown, identity, without),
    )


def _replacing(user: str, number: int, turn: int) -> Request:
    wanted = {"displayName": f"Person {number}, {turn}", "active": bool(turn % 2)}
    operations = [{"op": "replace", "path": name, "value": value} for name, value in wanted.items()]
    operations.append({"op": "replace", "path": "name.familyName", "value": f"Person-{turn}"})
    return _patch(f"/Users/{user}", operations, partial(answers.replaced, wanted))


def _member(directory: Directory, number: int, *, present: bool) -> Request:
    """Return a request that makes a user a member of the group, or none."""
    user = directory.users[number]
    operation = (
        {"op": "add", "path": "members", "value": [{"value": user}]}
        if present
        else {"op": "remove", "path": f'members[value eq "{user}"]'}
    )
    return _patch(
        f"/Groups/{directory.group}",
        [operation],
        lambda answer: answers.member_changed(
            directory.group, user, present=present, answer=answer
        ),
    )


def _patch(path: str, operations: list[dict[str, Any]], check: Check) -> Request:
    body = _json({"schemas": [PATCH_SCHEMA], "Operations": operations})
    return Request(method="PATCH", path=path, body=body, check=check)


def _shuffled(count: int, numbers: range) -> list[int]:
    """Return ``numbers`` of a sequence of so many things that comes round again, out of order."""
    order = random.Random(ORDER).sample(range(count), count)  # noqa: S311  # nobody gains by it
    return [order[number % count] for number in numbers]


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
