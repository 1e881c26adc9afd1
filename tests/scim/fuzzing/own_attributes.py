"""An extension with attributes of every type, as a tenant could define it."""

import json

OWN = "urn:example:params:scim:schemas:acme:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def _attribute(name: str, type_: str = "string", **characteristics: object) -> dict[str, object]:
    return {
        "name": name,
        "type": type_,
        "multiValued": False,
        "description": name,
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
        **characteristics,
    }


def _many(name: str, type_: str = "string", **characteristics: object) -> dict[str, object]:
    return _attribute(name, type_, multiValued=True, **characteristics)


_EXTERNAL = {"referenceTypes": ["external"]}
_EACH = [
    _attribute("badge"),
    _attribute("code", caseExact=True),
    _attribute("vip", "boolean"),
    _attribute("level", "integer"),
    _attribute("rating", "decimal"),
    _attribute("hired", "dateTime"),
    _attribute("seal", "binary", caseExact=True),
    _attribute("home", "reference", caseExact=True, **_EXTERNAL),
]
EXTENSION = json.dumps(
    {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": OWN,
        "name": "Acme",
        "description": "What Acme knows of its people",
        "attributes": [
            *_EACH,
            _attribute("whisper", returned="request"),
            _attribute("secret", returned="never"),
            _attribute("always", returned="always"),
            _attribute("desk", "complex", subAttributes=_EACH),
            _many("labels"),
            _many("marks", caseExact=True),
            _many("scores", "integer"),
            _many("ratios", "decimal"),
            _many("days", "dateTime"),
            _many("seals", "binary", caseExact=True),
            _many("links", "reference", caseExact=True, **_EXTERNAL),
            _many("answers", "boolean"),
            _many(
                "assets",
                "complex",
                subAttributes=[
                    _attribute("value"),
                    _attribute("type"),
                    _attribute("primary", "boolean"),
                    *_EACH,
                    _attribute("hint", returned="request"),
                    _attribute("tag", returned="always"),
                ],
            ),
            _many("notes", "complex", subAttributes=[_attribute("text"), *_EACH]),
        ],
    }
)
