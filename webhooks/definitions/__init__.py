"""Reading a webhook definition that somebody pasted, as documentation and chat messages show them.

Two notations are understood: a block of labeled lines, and the object literal of a script.
"""

from webhooks.definitions.blocks import read_block
from webhooks.definitions.objects import is_object, read_object
from webhooks.errors import DefinitionError
from webhooks.types import SubscriptionFields

MAX_CHARACTERS = 100_000


def parse_definition(text: str) -> SubscriptionFields:
    """Return the fields that ``text`` sets; what it does not mention is left out.

    Only the notation is judged here: whether the fields make a subscription is seen when one is
    saved. Raises DefinitionError with the line that cannot be understood.
    """
    if not text.strip():
        raise DefinitionError("There is no definition in the text", 1)
    if len(text) > MAX_CHARACTERS:
        raise DefinitionError(f"A definition has at most {MAX_CHARACTERS} characters", 1)
    return read_object(text) if is_object(text) else read_block(text)
