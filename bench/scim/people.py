"""The people of the directory, and the groups: the same for everybody who serves them."""

from typing import Any

GROUP_NAME = "Everybody"
USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
GIVEN_NAMES = ("Ada", "Grace", "Barbara", "Katherine", "Radia", "Frances", "Margaret", "Hedy")
FAMILY_NAMES = ("Lovelace", "Hopper", "Liskov", "Johnson", "Perlman", "Allen", "Hamilton")


def user_name(number: int) -> str:
    """Return the name that user ``number`` signs in with."""
    return f"person.{number:06}@acme.example"


def user(number: int) -> dict[str, Any]:
    """Return user ``number`` as an identity provider creates them (RFC 7643, section 4.1)."""
    given = GIVEN_NAMES[number % len(GIVEN_NAMES)]
    family = f"{FAMILY_NAMES[number % len(FAMILY_NAMES)]}-{number}"
    return {
        "schemas": [USER_SCHEMA],
        "externalId": f"ext-{number:06}",
        "userName": user_name(number),
        "active": True,
        "displayName": f"{given} {family}",
        "name": {"givenName": given, "familyName": family, "formatted": f"{given} {family}"},
        "emails": [{"type": "work", "primary": True, "value": user_name(number)}],
    }


def group() -> dict[str, Any]:
    """Return the group, without members yet."""
    return {"schemas": [GROUP_SCHEMA], "displayName": GROUP_NAME, "externalId": "ext-everybody"}
