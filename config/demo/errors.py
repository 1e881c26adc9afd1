"""What can go wrong in the demonstration."""


class DemoError(Exception):
    """Something of the demonstration did not happen; the message says what."""
