"""What can go wrong in a benchmark."""


class BenchError(Exception):
    """A figure could not be measured, or what was measured was not right; the message says why."""
