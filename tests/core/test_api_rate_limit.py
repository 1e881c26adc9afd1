"""Rate limits: so many requests for each credential, however many processes serve them."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from core.models import ApiKey, RateBucket, Tenant
from core.throttling import take
from tests.makers import make_key
from tests.parallel import in_processes, in_threads

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def three_a_minute(tenant: Tenant, api: APIClient) -> APIClient:
    ApiKey.objects.for_tenant(tenant).update(rate_limit=3)
    return api


def test_requests_beyond_the_limit_are_refused_until_there_is_room(
    three_a_minute: APIClient,
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        served = [three_a_minute.get("/api/v1/me") for _ in range(3)]
        refused = three_a_minute.get("/api/v1/me")
        clock.shift(timedelta(seconds=int(refused.headers["Retry-After"])))
        after = three_a_minute.get("/api/v1/me")

    assert [response.status_code for response in served] == [200, 200, 200]
    assert [response.headers["RateLimit"] for response in served] == [
        '"default";r=2;t=20',
        '"default";r=1;t=40',
        '"default";r=0;t=60',
    ]
    assert served[0].headers["RateLimit-Policy"] == '"default";q=3;w=60'
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "20"
    assert refused.headers["RateLimit"] == '"default";r=0;t=60'
    assert refused.json()["error"] == "RATE_LIMITED"
    assert refused.json()["message"] == (
        "Too many requests. Wait as many seconds as stand in the header Retry-After."
    )
    assert after.status_code == 200


def test_refused_requests_count(tenant: Tenant, three_a_minute: APIClient) -> None:
    ApiKey.objects.for_tenant(tenant).update(scopes=[])

    statuses = [three_a_minute.get("/api/v1/events").status_code for _ in range(4)]

    assert statuses == [403, 403, 403, 429]


def test_limit_of_nought_lets_nothing_pass(tenant: Tenant, api: APIClient) -> None:
    ApiKey.objects.for_tenant(tenant).update(rate_limit=0)

    response = api.get("/api/v1/me")

    assert response.status_code == 429
    assert response.headers["RateLimit-Policy"] == '"default";q=0;w=60'


def test_limit_beyond_a_request_a_microsecond_still_works(tenant: Tenant, api: APIClient) -> None:
    ApiKey.objects.for_tenant(tenant).update(rate_limit=2**31 - 1)

    assert api.get("/api/v1/me").status_code == 200


def test_guessing_is_slowed_down_without_locking_anybody_out(api: APIClient) -> None:
    guesser = APIClient()
    with time_machine.travel(NOW, tick=False):
        statuses = [
            guesser.get("/api/v1/me", HTTP_X_API_KEY=f"pbk_{number:010}_x").status_code
            for number in range(61)
        ]
        honest = api.get("/api/v1/me")

    assert statuses == [401] * 60 + [429]
    assert honest.status_code == 200


@pytest.mark.django_db
@settings(max_examples=30, deadline=None)
@given(
    limit=st.integers(1, 20),
    gaps=st.lists(st.integers(0, 30_000), min_size=1, max_size=40),
)
def test_no_window_holds_more_than_twice_the_limit_nor_a_burst_more_than_it(
    limit: int, gaps: list[int]
) -> None:
    RateBucket.objects.all().delete()
    moment = NOW
    allowed: list[datetime] = []

    for gap in gaps:
        moment += timedelta(milliseconds=gap)
        if take("bucket", limit=limit, window=MINUTE, now=moment).allowed:
            allowed.append(moment)

    assert max(allowed.count(each) for each in allowed) <= limit
    # The bucket refills evenly: what passes in a window is its room at the start and its refill.
    for start in allowed:
        assert sum(start <= each < start + MINUTE for each in allowed) < 2 * limit + 1


@pytest.mark.django_db(transaction=True)
def test_threads_share_one_limit() -> None:
    def ask(number: int) -> int:
        states = [take("shared", limit=25, window=MINUTE, now=NOW) for _ in range(10)]
        return sum(state.allowed for state in states)

    assert sum(in_threads(8, ask)) == 25


@pytest.mark.django_db(transaction=True)
def test_processes_share_one_limit(tenant: Tenant) -> None:
    secret = make_key(tenant)
    ApiKey.objects.for_tenant(tenant).update(rate_limit=30)
    code = f"""
from datetime import UTC, datetime
import time_machine
from rest_framework.test import APIClient
client = APIClient(SERVER_NAME="127.0.0.1")
client.credentials(HTTP_AUTHORIZATION="Bearer {secret}")
with time_machine.travel(datetime(2030, 3, 1, 12, tzinfo=UTC), tick=False):
    print(sum(client.get("/api/v1/me").status_code == 200 for _ in range(15)))
"""

    served = [int(printed) for printed in in_processes(4, code)]

    assert sum(served) == 30
