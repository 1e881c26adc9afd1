"""Mappings: which fields are made of what, and of which type each is."""

from records.mapping.compiling import CompiledMapping, compile_mapping
from records.mapping.notations import Notation, Place, PlaceError, plain_place
from records.mapping.types import Fault, Kind, Mapped, Problem, Rule

__all__ = [
    "CompiledMapping",
    "Fault",
    "Kind",
    "Mapped",
    "Notation",
    "Place",
    "PlaceError",
    "Problem",
    "Rule",
    "compile_mapping",
    "plain_place",
]
