"""Reading the definition of an endpoint that somebody pasted: an object literal.

::

    {
      endpoint: '/webhooks/external-service',
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Webhook-Secret': 'your-secret' },
      validation: 'signature',
    }
"""

from webhooks.definitions.endpoint_words import (
    DescribedEndpoint,
    EndpointWords,
    described_endpoint,
)
from webhooks.definitions.members import Members, members_of
from webhooks.errors import DefinitionError
from webhooks.inbound.schemes import SCHEMES

MAX_CHARACTERS = 20_000
_KNOWN = ("endpoint", "method", "headers", "validation", "name")


def parse_endpoint(text: str) -> DescribedEndpoint:
    """Return the endpoint that ``text`` describes.

    Only the notation is judged here, and that there is such a validation. Raises DefinitionError with
    the line that cannot be understood.
    """
    if not text.strip():
        raise DefinitionError("There is no definition in the text", 1)
    if len(text) > MAX_CHARACTERS:
        raise DefinitionError(f"A definition has at most {MAX_CHARACTERS} characters", 1)
    members = Members(text, members_of(text))
    for key in members.left.keys() - set(_KNOWN):
        raise members.error(f'"{key[:40]}" is not known; there are {", ".join(_KNOWN)}', key)
    for key in ("endpoint", "validation"):
        if key not in members.left:
            raise DefinitionError(f'There is no "{key}" in the definition', 1)
    headers = {each["name"]: each["value"] for each in members.take_headers()}
    line = members.line("validation")
    words = {key: members.take_text(key) for key in list(members.left)}
    described = described_endpoint(EndpointWords(headers=headers, **words))
    if described.fields["scheme"] not in SCHEMES:
        raise DefinitionError(_unknown(words["validation"]), line)
    return described


def _unknown(validation: str) -> str:
    known = ", ".join(("signature", "secret", *SCHEMES))
    return f'There is no validation "{validation[:40]}"; there are {known}'
