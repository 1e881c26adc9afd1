"""What is written of a resource that the core of SCIM has validated."""

import json
from collections.abc import Mapping
from typing import Any

from scim2_models import InvalidValueException

from scim.folding import fold, folded
from scim.models.resource import KEY_LENGTH
from scim.schemas.attributes import Attribute
from scim.schemas.service import GROUP, USER
from scim.storage.rows import Written

NAMES = {USER: "userName", GROUP: "displayName"}
KEPT_ELSEWHERE = ("id", "meta", "groups", "members", "password")


def name_of(kind: str, data: Mapping[str, Any]) -> str:
    """Return what a resource is called, its key before it is folded."""
    return str(data.get(NAMES[kind]) or "")


def name_in(text: str) -> str:
    """Return the displayName in the JSON of a group."""
    return str(json.loads(text).get("displayName") or "")


def written(
    kind: str, identity: str, dumped: Mapping[str, Any], tree: Attribute, *, unique: bool
) -> Written:
    """Return what is written of a resource.

    ``unique``: no other of its kind may have the same name. Raises InvalidValueException for a name
    that is too long to be looked up.
    """
    data = {
        name: value
        for name, value in dumped.items()
        if name not in KEPT_ELSEWHERE and value not in ([], {})
    }
    name = name_of(kind, data)
    key = fold(name)
    external_id = data.get("externalId") and fold(str(data["externalId"]), case_exact=True)
    for text in (key, external_id or ""):
        if len(text) > KEY_LENGTH:
            raise InvalidValueException(
                detail=f"userName, displayName and externalId have at most {KEY_LENGTH} characters"
            )
    return Written(
        name=name,
        key=key,
        key_taken=unique,
        external_id=external_id,
        active=data.get("active") is not False,
        data=data,
        folded=folded({**data, "id": identity}, tree),
    )
