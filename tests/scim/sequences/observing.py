"""What a directory holds and what it has published, in the words of the samples."""

from itertools import groupby
from typing import Any

from core.models import Event, Tenant
from scim.models import Membership, Resource


def state(tenant: Tenant) -> dict[str, Any]:
    """Return every user and group, oldest first, and the ids of those that are deleted."""
    resources = Resource.objects.for_tenant(tenant).order_by("id")
    return {
        "users": [_user(each) for each in resources.present().filter(kind="User")],
        "groups": [_group(each) for each in resources.present().filter(kind="Group")],
        "deleted": [each.id for each in resources.exclude(deleted_at=None)],
    }


def published(tenant: Tenant) -> list[str]:
    """Return the events in their order, one line each: type, whom it is about, what changed.

    Members who came into a group at once, or left it at once, are told of in any order; here it is
    that of their ids.
    """
    events = Event.objects.for_tenant(tenant).order_by("occurred_at", "id")
    together = groupby(events, key=lambda each: (each.occurred_at, each.type, each.entity_id))
    return [line for _, some in together for line in sorted(map(_line, some))]


def _user(user: Resource) -> dict[str, Any]:
    assert user.external_id == user.data.get("externalId")
    return {"id": user.id, "active": user.active, "data": user.data}


def _group(group: Resource) -> dict[str, Any]:
    assert group.external_id == group.data.get("externalId")
    memberships = Membership.objects.filter(group=group).order_by("id")
    return {
        "id": group.id,
        "data": group.data,
        "members": [each.member_id or f"unknown {each.unknown_id}" for each in memberships],
    }


def _line(event: Event) -> str:
    member = event.data.get("user") or event.data.get("member")
    whom = f"{event.entity_id} {member['id']}" if member else event.entity_id
    changes = ", ".join(sorted(event.data.get("changes", {})))
    return f"{event.type} {whom}" + (f": {changes}" if changes else "")
