"""An automaton that looks at every character once: Thompson's construction, run as sets of states.

Source: K. Thompson, "Regular Expression Search Algorithm", CACM 11(6), 1968. Sets of states met
before are remembered with where they lead, so ordinary patterns cost one look-up per character.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from core.validation.pattern.nodes import (
    Character,
    Choice,
    End,
    Node,
    PatternError,
    Repeat,
    Sequence,
    Start,
)
from core.validation.pattern.parser import parse
from core.validation.work import spend

MAX_INSTRUCTIONS = 2_000
MAX_WORK = 500_000
MAX_REMEMBERED = 100_000
CHARACTERS_PER_UNIT = 20
STATES_PER_UNIT = 5

_States = frozenset[int]


class PatternLimitError(ValueError):
    """A text is too long to be checked against a pattern this large."""


@dataclass(frozen=True, slots=True)
class _Fork:
    """Go on at each of the ``targets``."""

    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """The pattern has matched."""


_Instruction = Character | Start | End | _Fork | _Match


@lru_cache(maxsize=512)
def compile_pattern(source: str) -> "Pattern":
    """Return the pattern ready for use, or raise PatternError with the column of the fault."""
    program = _Program()
    program.add(parse(source))
    program.instructions.append(_Match())
    return Pattern(source, tuple(program.instructions))


class Pattern:
    """A compiled pattern; safe to share between threads."""

    def __init__(self, source: str, instructions: tuple[_Instruction, ...]) -> None:
        self.source = source
        self._instructions = instructions
        self._at_start = self._reach([0], at_start=True)
        self._anywhere = self._reach([0])
        self._remembered: dict[tuple[_States, str], _States] = {}
        self._remembered_size = 0

    def search(self, text: str) -> bool:
        """Whether the pattern matches anywhere in ``text``; anchors tie it to the ends.

        Raises PatternLimitError when the product of the text's length and the number of ways that
        the pattern could go on is beyond MAX_WORK, about a third of a second.
        """
        accepting = len(self._instructions) - 1
        spend(1 + len(text) // CHARACTERS_PER_UNIT)
        states = self._at_start
        work = 0
        for character in text:
            if accepting in states:
                return True
            if not states and not self._anywhere:
                return False
            following = self._remembered.get((states, character))
            if following is None:
                following = self._step(states, character)
                work += len(states) + len(following)
                spend(1 + (len(states) + len(following)) // STATES_PER_UNIT)
            states = following
            work += 1
            if work > MAX_WORK:
                raise PatternLimitError("The text is too long for this pattern")
        return accepting in self._reach(states, at_start=not text, at_end=True)

    def _step(self, states: _States, character: str) -> _States:
        taken = (
            state + 1
            for state in states
            if isinstance(instruction := self._instructions[state], Character)
            and instruction.takes(character)
        )
        following = self._reach(taken) | self._anywhere
        if self._remembered_size > MAX_REMEMBERED:
            self._remembered = {}
            self._remembered_size = 0
        self._remembered[states, character] = following
        self._remembered_size += len(following) + 1
        return following

    def _reach(
        self, states: Iterable[int], *, at_start: bool = False, at_end: bool = False
    ) -> _States:
        """Return where one can be without taking another character."""
        reached: set[int] = set()
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if state in reached:
                continue
            reached.add(state)
            instruction = self._instructions[state]
            if isinstance(instruction, _Fork):
                waiting.extend(instruction.targets)
            elif (isinstance(instruction, Start) and at_start) or (
                isinstance(instruction, End) and at_end
            ):
                waiting.append(state + 1)
        # Only what waits for a character, for the end or for nothing matters from here on.
        return frozenset(
            state
            for state in reached
            if isinstance(self._instructions[state], Character | End | _Match)
        )


@dataclass(slots=True)
class _Program:
    """Instructions under construction; every fork points at absolute places."""

    instructions: list[_Instruction] = field(default_factory=list)
    copies: int = 0

    def add(self, node: Node) -> None:
        """Append the instructions of ``node``, which lead on to whatever is appended next."""
        self.copies += 1
        if max(self.copies, len(self.instructions)) > MAX_INSTRUCTIONS:
            raise PatternError("The pattern is too large once its repetitions are written out", 1)
        if isinstance(node, Sequence):
            for part in node.parts:
                self.add(part)
        elif isinstance(node, Choice):
            self._add_choice(node)
        elif isinstance(node, Repeat):
            self._add_repeat(node)
        else:
            self.instructions.append(node)

    def _fork(self) -> int:
        self.instructions.append(_Fork(()))
        return len(self.instructions) - 1

    def _add_choice(self, node: Choice) -> None:
        fork = self._fork()
        beginnings: list[int] = []
        leaps: list[int] = []
        for option in node.options:
            beginnings.append(len(self.instructions))
            self.add(option)
            leaps.append(self._fork())
        self.instructions[fork] = _Fork(tuple(beginnings))
        for leap in leaps:
            self.instructions[leap] = _Fork((len(self.instructions),))

    def _add_repeat(self, node: Repeat) -> None:
        for _ in range(node.fewest):
            self.add(node.part)
        if node.most is None:
            fork = self._fork()
            self.add(node.part)
            back = self._fork()
            self.instructions[back] = _Fork((fork,))
            self.instructions[fork] = _Fork((fork + 1, back + 1))
            return
        exits: list[int] = []
        for _ in range(node.most - node.fewest):
            exits.append(self._fork())
            self.add(node.part)
        for place in exits:
            self.instructions[place] = _Fork((place + 1, len(self.instructions)))
