"""Access is right when several change what it follows from at the same time, and when one is killed."""

from datetime import timedelta

import pytest

from core.models import User
from scim import services
from scim.access import resettling
from scim.models import Directory
from tests.makers import make_actor, make_tenant
from tests.parallel import in_threads
from tests.scim.access.managed import adding, managed, person, role, settled

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_groups_joined_at_once_give_both_roles() -> None:
    tenant = make_tenant("acme")
    ask = managed(tenant)
    role(tenant, "Readers", ["Drivers"])
    role(tenant, "Writers", ["Pilots"], scopes=["events:write"])
    ann = ask.user("ann")["id"]
    paths = [f"/Groups/{ask.group(name)['id']}" for name in ("Drivers", "Pilots")]

    answers = in_threads(2, lambda number: ask.patch(paths[number], adding(ann)).status_code)

    assert answers == [200, 200]
    assert person("ann").api_scopes == ["events:read", "events:write"]


def test_role_made_during_a_push_reaches_those_who_are_pushed() -> None:
    tenant = make_tenant("acme")
    ask = managed(tenant)
    users = [ask.user(f"user-{number}")["id"] for number in range(5)]
    path = f"/Groups/{ask.group('Drivers')['id']}"

    def change(number: int) -> None:
        if number:
            ask.patch(path, adding(*users))
        else:
            role(tenant, "Readers", ["Drivers"])

    in_threads(2, change)

    scopes = User.objects.filter(tenant=tenant).values_list("api_scopes", flat=True)
    assert list(scopes) == [["events:read"]] * 5


def test_worker_goes_on_where_the_last_one_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = make_tenant("acme")
    ask = managed(tenant)
    ask.group("Drivers", [ask.user(f"user-{number}")["id"] for number in range(5)])
    monkeypatch.setattr(resettling, "BATCH_SIZE", 2)
    services.save_role(
        tenant,
        name="Readers",
        scopes=["events:read"],
        permissions=[],
        groups=["Drivers"],
        actor=make_actor(),
    )

    first = resettling.go_on(longest=timedelta(0))
    under_way = Directory.objects.get().settling
    rest = settled()

    assert (first, under_way, rest) == (2, True, 3)
    assert not Directory.objects.get().settling
    scopes = User.objects.filter(tenant=tenant).values_list("api_scopes", flat=True)
    assert list(scopes) == [["events:read"]] * 5
