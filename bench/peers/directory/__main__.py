"""``python -m bench.peers.directory USERS MEMBERS``: make the tables and the people in them.

Prints the ids as JSON: of the users, in their order, and of the group that has the first of them.
"""

import json
import os
import sys

import django

from bench.scim import people

AT_ONCE = 1_000


def main() -> int:
    """Return 0 when everybody is there."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.directory.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  # needs the settings

    call_command("migrate", verbosity=0)
    users, group = fill(users=int(sys.argv[1]), members=int(sys.argv[2]))
    sys.stdout.write(json.dumps({"users": users, "group": group}))
    return 0


def fill(*, users: int, members: int) -> tuple[list[str], str]:
    """Write so many users and a group of the first of them; return their ids.

    Not through the package: it would take half an hour for the group alone.
    """
    from django.db.models import CharField, F  # noqa: PLC0415
    from django.db.models.functions import Cast  # noqa: PLC0415

    from bench.peers.directory.models import Group, User  # noqa: PLC0415  # need the settings

    made = User.objects.bulk_create([user(User, number) for number in range(users)], AT_ONCE)
    User.objects.update(scim_id=Cast(F("id"), CharField()), scim_username=F("username"))
    group = Group.objects.create(name=people.GROUP_NAME)
    link = User.scim_groups.through
    links = [link(user_id=each.id, group_id=group.id) for each in made[:members]]
    link.objects.bulk_create(links, AT_ONCE)
    return [str(each.id) for each in made], group.scim_id


def user(model: type, number: int) -> object:
    """Return the same user as the product is given, not written yet."""
    body = people.user(number)
    return model(
        username=body["userName"],
        first_name=body["name"]["givenName"],
        last_name=body["name"]["familyName"],
        email=body["emails"][0]["value"],
        scim_external_id=body["externalId"],
    )


if __name__ == "__main__":
    sys.exit(main())
