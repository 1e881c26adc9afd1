"""Sequences of requests as identity providers send them, read from JSON and replayed.

A sequence is a list of steps, each a request and what is expected of its answer. What an answer
holds can be captured by a name; ``{{name}}`` stands for it in everything after it. Facts about a
body are named by JSON Pointers (RFC 6901).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

SAMPLES = Path(__file__).with_name("samples")
CASES = Path(__file__).with_name("cases")
MEDIA_TYPE = "application/scim+json"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
NO_CONTENT = 204
FIRST_ERROR = 400

_VARIABLE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request on its way. ``path`` begins at the directory, with the query if there is one."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; ``body`` is parsed JSON, None when there was none."""

    status: int
    content_type: str
    body: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request, and what is expected: one of the statuses, and facts about the body.

    ``absent`` are places where nothing may be, ``capture`` names for what stands in a place. An
    answer without content (204) has no body, so nothing is asked of it.
    """

    title: str
    request: Mapping[str, Any]
    statuses: frozenset[int]
    facts: Mapping[str, Any]
    absent: Sequence[str]
    capture: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sequence, with the profile it is meant for and what is left when it is over."""

    name: str
    profile: str
    steps: Sequence[Step]
    state: Any
    events: Any


Send = Callable[[Asked], Answer]


class MismatchError(AssertionError):
    """An answer was not what the identity provider expects."""


def sample(name: str) -> Sample:
    """Return the sample of that name."""
    read = json.loads((SAMPLES / f"{name}.json").read_text())
    return Sample(
        name=name,
        profile=read["profile"],
        steps=[step(each) for each in read["steps"]],
        state=read["state"],
        events=read["events"],
    )


def names() -> list[str]:
    """Return the names of all samples."""
    return sorted(path.stem for path in SAMPLES.glob("*.json"))


def cases(name: str) -> list[tuple[str, list[Step]]]:
    """Return the cases of a table that begin anew each time: their titles and steps."""
    read = json.loads((CASES / f"{name}.json").read_text())
    return [(case["title"], [step(each) for each in case["steps"]]) for case in read["cases"]]


def first_and_requests(name: str) -> tuple[list[Step], list[Step]]:
    """Return what has to be there before a test of an identity provider, and its requests."""
    read = json.loads((CASES / f"{name}.json").read_text())
    return [step(each) for each in read["first"]], [step(each) for each in read["requests"]]


def step(read: Mapping[str, Any]) -> Step:
    """Return a step as it is written in JSON."""
    expect = read["expect"]
    statuses = expect["status"] if isinstance(expect["status"], list) else [expect["status"]]
    return Step(
        title=read["title"],
        request=read["request"],
        statuses=frozenset(statuses),
        facts=expect.get("body", {}),
        absent=expect.get("absent", ()),
        capture=read.get("capture", {}),
    )


def replay(steps: Sequence[Step], send: Send) -> dict[str, Any]:
    """Send each request after the one before it; return what was captured.

    Raises MismatchError at the first answer that is not as expected.
    """
    captured: dict[str, Any] = {}
    for number, each in enumerate(steps, start=1):
        answer = send(asked(each.request, captured))
        found = list(mismatches(each, answer, captured))
        if found:
            raise MismatchError(f"step {number}, {each.title}: {'; '.join(found)}; {answer}")
        captured |= {name: at(answer.body, place) for name, place in each.capture.items()}
    return captured


def asked(request: Mapping[str, Any], captured: Mapping[str, Any]) -> Asked:
    """Return the request of a step; its query is text as it is sent, or names and values."""
    filled_in = filled(request, captured)
    query = filled_in.get("query", "")
    text = query if isinstance(query, str) else _encoded(query)
    return Asked(
        method=filled_in["method"],
        path=filled_in["path"] + (f"?{text}" if text else ""),
        headers=filled_in.get("headers", {}),
        body=filled_in.get("body"),
    )


def _encoded(query: Mapping[str, str | None]) -> str:
    """Return names and values as they stand in a URL; null stands for a name without a value."""
    parts = [
        quote(name) if value is None else urlencode({name: value}) for name, value in query.items()
    ]
    return "&".join(parts)


def mismatches(expected: Step, answer: Answer, captured: Mapping[str, Any]) -> Iterator[str]:
    """Yield in which ways an answer is not what is expected."""
    if answer.status not in expected.statuses:
        yield f"the status is {answer.status}, not one of {sorted(expected.statuses)}"
        return
    if answer.status == NO_CONTENT:
        if answer.body is not None:
            yield "an answer without content has a body"
        return
    if answer.content_type != MEDIA_TYPE:
        yield f"the content type is {answer.content_type}"
    if answer.status >= FIRST_ERROR:
        yield from _malformed_error(answer)
    for place, wanted in filled(expected.facts, captured).items():
        got = at(answer.body, place)
        if got != wanted or isinstance(got, bool) is not isinstance(wanted, bool):
            yield f"{place} is {got!r}, not {wanted!r}"
    for place in filled(expected.absent, captured):
        if not isinstance(at(answer.body, place), Nothing):
            yield f"{place} is there"


def _malformed_error(answer: Answer) -> Iterator[str]:
    """Yield what an error lacks that every identity provider reads (RFC 7644, section 3.12)."""
    if at(answer.body, "/schemas") != [ERROR]:
        yield "the error has not the schema of errors"
    if at(answer.body, "/status") != str(answer.status):
        yield "the error has another status than the answer"


class Nothing:
    """What stands where there is nothing, which is something else than null."""

    def __repr__(self) -> str:
        return "nothing"


def at(body: Any, pointer: str) -> Any:
    """Return what a JSON Pointer leads to. ``/#`` behind a list is its length."""
    found = body
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name == "#":
            found = len(found)
        elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            return Nothing()
    return found


def filled(value: Any, captured: Mapping[str, Any]) -> Any:
    """Return ``value`` with what was captured put in; a text that is one name becomes its value.

    Raises KeyError for a name that nothing was captured by.
    """
    if isinstance(value, str):
        whole = _VARIABLE.fullmatch(value)
        if whole:
            return captured[whole[1]]
        return _VARIABLE.sub(lambda match: str(captured[match[1]]), value)
    if isinstance(value, Mapping):
        return {filled(key, captured): filled(item, captured) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(item, captured) for item in value]
    return value
