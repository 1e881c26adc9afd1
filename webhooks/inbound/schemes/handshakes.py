"""Answering whoever asks, unsigned, whether this is the right URL. Pure."""

from urllib.parse import parse_qs, urlsplit

from webhooks.inbound.schemes.scheme import Answer, Incoming

MAX_CHALLENGE_CHARACTERS = 1_000
MAX_FIELDS = 50


def parameters(incoming: Incoming) -> dict[str, str]:
    """Return the first value of each parameter of the URL; none at all where there are too many."""
    try:
        found = parse_qs(urlsplit(incoming.url).query, max_num_fields=MAX_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def echo(incoming: Incoming, method: str, parameter: str) -> Answer | None:
    """Return the answer that repeats a parameter as plain text; None when there is none to repeat."""
    if incoming.method != method:
        return None
    return repeated(parameters(incoming).get(parameter))


def repeated(challenge: object) -> Answer | None:
    """Return the answer that repeats a challenge as plain text; None for what is no challenge."""
    if not isinstance(challenge, str):
        return None
    if not 1 <= len(challenge) <= MAX_CHALLENGE_CHARACTERS or not challenge.isprintable():
        return None
    return Answer(body=challenge)
