"""What the directories are asked, and that a wrong answer is found."""

import json
from collections import Counter
from http import HTTPStatus
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Received
from werkzeug import Response

from bench.errors import BenchError
from bench.scim import answers, people, requests
from bench.scim.answers import Answer, Pages
from bench.scim.assignments import Directory, Load, Mixture, Verification
from bench.scim.sending import Sender, moments

USERS = tuple(f"id-{number}" for number in range(300))


def answer(body: dict[str, Any] | None = None, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    content = b"" if body is None else json.dumps(body).encode()
    return Answer(question="GET /Users", status=status, body=content)


def directory(base_url: str = "http://127.0.0.1/scim/v2/bench") -> Directory:
    return Directory(base_url=base_url, token="secret", users=USERS, group="everybody", members=200)


def load(kind: str, first: int = 0, count: int = 3) -> list[requests.Request]:
    return requests.of_load(directory(), Load(kind=kind, first=first, requests=count, in_flight=1))


def page(start: int, ids: list[str], total: int = 4) -> Answer:
    users = [{"id": each, "userName": each, "emails": [{"value": each}]} for each in ids]
    return answer({"totalResults": total, "startIndex": start, "Resources": users})


def found(*names: str) -> Answer:
    users = [{"id": name, "userName": name} for name in names]
    return answer({"totalResults": len(names), "Resources": users})


def test_members_are_added_one_by_one_in_their_order() -> None:
    adding = load("add_member", first=200)

    assert [(each.method, each.path) for each in adding] == [("PATCH", "/Groups/everybody")] * 3
    assert [json.loads(each.body)["Operations"] for each in adding] == [
        [{"op": "add", "path": "members", "value": [{"value": f"id-{number}"}]}]
        for number in (200, 201, 202)
    ]


def test_lists_show_every_page_before_one_comes_again() -> None:
    lists = load("list", first=3, count=3)

    assert {each.path for each in lists} == {
        f"/Users?startIndex={start}&count=100" for start in (1, 101, 201)
    }


def test_filters_ask_for_another_user_each_time() -> None:
    filters = load("filter", count=300)

    assert {each.path for each in filters} == {
        f"/Users?filter=userName%20eq%20%22person.{number:06}%40acme.example%22"
        for number in range(300)
    }
    assert [each.path for each in filters[:3]] == [each.path for each in load("filter")]


def test_mixture_is_the_same_each_time_and_looks_up_before_it_writes() -> None:
    mixture = Mixture(requests=40, per_second=25, joiners=200, newcomers=300)

    mixed = requests.of_mixture(directory(), mixture)

    again = requests.of_mixture(directory(), mixture)
    assert [(each.path, each.body) for each in mixed] == [(each.path, each.body) for each in again]
    assert Counter(f"{each.method} {each.path[:7]}" for each in mixed) == {
        "GET /Users?": 16,
        "GET /Users/": 4,
        "GET /Groups": 4,
        "PATCH /Users/": 8,
        "PATCH /Groups": 4,
        "POST /Users": 4,
    }
    assert [requests.count_of(kind, 40) for kind in ("join", "leave", "post")] == [2, 2, 4]


def test_moments_come_so_often_and_never_before_one_another() -> None:
    found_moments = moments(10_000, per_second=25)

    assert found_moments == sorted(found_moments)
    assert found_moments[-1] == pytest.approx(400, rel=0.05)


def test_a_page_must_be_whole_and_hold_nobody_who_was_shown_before() -> None:
    pages = Pages(total=4, size=2)
    pages.check(1, page(1, ["a", "b"]))
    pages.check(3, page(3, ["c", "d"]))
    pages.check(1, page(1, ["b", "a"]))

    for start, ids, total in (
        (3, ["b", "c"], 4),
        (3, ["c", "c"], 4),
        (3, ["c"], 4),
        (3, ["c", "d"], 5),
    ):
        with pytest.raises(BenchError, match="was answered wrongly, 200"):
            pages.check(start, page(start, ids, total))


def test_whoever_is_found_must_be_the_one_asked_for() -> None:
    answers.one_found("ada", found("ada"))
    answers.none_found(found())

    for wrong in (found(), found("grace"), found("ada", "ada"), answer({}, HTTPStatus.NOT_FOUND)):
        with pytest.raises(BenchError):
            answers.one_found("ada", wrong)
    with pytest.raises(BenchError):
        answers.none_found(found("ada"))


def test_a_user_must_be_created_as_asked() -> None:
    asked = people.user(7)
    made = asked | {"id": "id-7"}
    answers.created(asked, answer(made, HTTPStatus.CREATED))

    wrong = [made | {"userName": "else"}, made | {"active": False}, made | {"id": ""}]
    for each in wrong:
        with pytest.raises(BenchError):
            answers.created(asked, answer(each, HTTPStatus.CREATED))
    with pytest.raises(BenchError):
        answers.created(asked, answer(made))


def test_a_changed_member_must_be_there_when_members_are_shown() -> None:
    shown = answer({"id": "g", "members": [{"value": 7}, {"value": "8"}]})
    answers.member_changed("g", "7", present=True, answer=shown)
    answers.member_changed("g", "9", present=False, answer=shown)
    answers.member_changed("g", "9", present=True, answer=answer(status=HTTPStatus.NO_CONTENT))

    with pytest.raises(BenchError):
        answers.member_changed("g", "9", present=True, answer=shown)
    with pytest.raises(BenchError):
        answers.member_changed("g", "8", present=False, answer=shown)


def test_in_the_end_the_group_has_who_joined_and_not_who_left() -> None:
    wanted = Verification(joined=10, left=5, users=300)
    group, count = requests.of_verification(directory(), wanted)

    members = [{"value": each} for each in USERS[5:210]]
    group.check(answer({"members": members}))
    count.check(answer({"totalResults": 300}))

    for wrong in (members[1:], [*members, members[0]], [*members[1:], {"value": USERS[0]}]):
        with pytest.raises(BenchError):
            group.check(answer({"members": wrong}))
    with pytest.raises(BenchError):
        count.check(answer({"totalResults": 301}))


def echo(received: Received) -> Response:
    """Create whoever is posted, and refuse the one who is called 5."""
    body = received.get_json(force=True)
    status = 409 if body["userName"] == people.user_name(5) else 201
    return Response(json.dumps(body | {"id": body["externalId"]}), status=status)


def test_every_request_is_sent_once_with_the_token(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/Users", method="POST").respond_with_handler(echo)
    posts = [requests.posting(number) for number in (1, 2, 3)]

    sent = Sender(directory(httpserver.url_for("").rstrip("/")), posts).at_a_time(2)

    assert [each.json(HTTPStatus.CREATED)["id"] for each in sent.answers] == [
        "ext-000001",
        "ext-000002",
        "ext-000003",
    ]
    assert len(sent.took_ms) == 3
    headers = [received.headers for received, _ in httpserver.log]
    assert [each["Authorization"] for each in headers] == ["Bearer secret"] * 3
    assert [each["Content-Type"] for each in headers] == ["application/scim+json"] * 3


def test_a_wrong_answer_among_right_ones_ends_the_measurement(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/Users", method="POST").respond_with_handler(echo)
    posts = [requests.posting(number) for number in (4, 5, 6)]
    sender = Sender(directory(httpserver.url_for("").rstrip("/")), posts)

    with pytest.raises(BenchError, match=r"POST http://.*/Users was answered wrongly, 409"):
        sender.when_due(per_second=1_000)


def test_what_is_late_counts_from_when_it_was_due(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/Users", method="POST").respond_with_handler(echo)
    posts = [requests.posting(number) for number in range(6, 16)]

    sent = Sender(directory(httpserver.url_for("").rstrip("/")), posts).when_due(per_second=100)

    assert len(sent.took_ms) == len(sent.answers) == 10
    # The last one is due so long after the first, and nothing is sent before its time.
    assert sent.seconds >= moments(10, per_second=100)[-1]
