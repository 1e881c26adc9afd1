"""Fixtures of the tests of the API as a whole."""

from tests.sinks import sink

__all__ = ["sink"]
