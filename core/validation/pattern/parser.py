"""From the text of a pattern to its nodes: the regular part of the ECMAScript syntax."""

import re
from dataclasses import dataclass
from typing import NoReturn

from core.validation.pattern.nodes import (
    Character,
    Choice,
    End,
    Node,
    PatternError,
    Ranges,
    Repeat,
    Sequence,
    Start,
    complement,
    merged,
)

MAX_CHARACTERS = 500
MAX_GROUP_DEPTH = 20
MAX_REPEAT = 1_000

_DIGITS: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACES: Ranges = (
    *((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
    *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
_LINE_ENDS: Ranges = ((10, 10), (13, 13), (0x2028, 0x2029))
_CLASSES = {
    "d": _DIGITS,
    "D": complement(_DIGITS),
    "w": _WORD,
    "W": complement(_WORD),
    "s": _SPACES,
    "S": complement(_SPACES),
}
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_BRACES = re.compile(r"\{([0-9]{1,9})(,([0-9]{1,9})?)?\}")
_SIMPLE_REPEATS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_GROUP_NAME = re.compile(r"\?P?<[A-Za-z_][A-Za-z0-9_]*>|\?:")
_HEXADECIMAL = {"x": re.compile(r"[0-9a-fA-F]{2}"), "u": re.compile(r"[0-9a-fA-F]{4}")}


def parse(source: str) -> Node:
    """Return the nodes of the pattern, or raise PatternError with the column of the fault."""
    if len(source) > MAX_CHARACTERS:
        raise PatternError(f"A pattern has at most {MAX_CHARACTERS} characters", MAX_CHARACTERS + 1)
    parser = _Parser(source)
    node = parser.choice()
    if parser.position < len(source):
        parser.refuse('This ")" closes no group; write "\\)" for the character')
    return node


@dataclass(slots=True)
class _Parser:
    """A position in the source that moves forward as nodes are read."""

    source: str
    position: int = 0
    depth: int = 0

    def refuse(self, message: str, at: int | None = None) -> NoReturn:
        raise PatternError(message, (self.position if at is None else at) + 1)

    def peek(self) -> str:
        return self.source[self.position : self.position + 1]

    def take(self) -> str:
        character = self.peek()
        self.position += 1
        return character

    def choice(self) -> Node:
        options = [self.sequence()]
        while self.peek() == "|":
            self.position += 1
            options.append(self.sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.peek() not in {"", "|", ")"}:
            parts.append(self.repeated(self.atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def atom(self) -> Node:
        start = self.position
        character = self.take()
        if character == "(":
            return self.group()
        if character == "[":
            return self.bracketed()
        if character == "\\":
            return Character(self.escape(start))
        if character in "*+?{":
            self.refuse(
                f'There is nothing to repeat; write "\\{character}" for the character', start
            )
        if character == ".":
            return Character(complement(_LINE_ENDS))
        if character in "^$":
            return Start() if character == "^" else End()
        return Character(((ord(character), ord(character)),))

    def group(self) -> Node:
        start = self.position - 1
        self.depth += 1
        if self.depth > MAX_GROUP_DEPTH:
            self.refuse(f"Groups are nested deeper than {MAX_GROUP_DEPTH} levels", start)
        if self.peek() == "?":
            name = _GROUP_NAME.match(self.source, self.position)
            if name is None:
                self.refuse("Lookaround and flags are not supported; only (…), (?:…), (?<name>…)")
            self.position = name.end()
        node = self.choice()
        if self.take() != ")":
            self.refuse("This group is never closed", start)
        self.depth -= 1
        return node

    def repeated(self, part: Node) -> Node:
        start = self.position
        if self.peek() in {"*", "+", "?"}:
            fewest, most = _SIMPLE_REPEATS[self.take()]
        elif braces := _BRACES.match(self.source, start):
            self.position = braces.end()
            fewest = int(braces[1])
            most = fewest if braces[2] is None else int(braces[3]) if braces[3] else None
        else:
            return part
        if max(fewest, most or 0) > MAX_REPEAT:
            self.refuse(f"A part is repeated at most {MAX_REPEAT} times", start)
        if most is not None and most < fewest:
            self.refuse("The limits of the repetition are in the wrong order", start)
        if self.peek() == "?":  # the shortest match or the longest: it matches all the same
            self.position += 1
        if self.peek() in {"*", "+", "?"} or _BRACES.match(self.source, self.position):
            self.refuse("A repetition cannot be repeated; put it in a group")
        return Repeat(part, fewest, most)

    def bracketed(self) -> Node:
        start = self.position - 1
        negated = self.peek() == "^"
        self.position += negated
        ranges: list[tuple[int, int]] = []
        while self.peek() != "]":
            ranges.extend(self.class_item(start))
        self.position += 1
        if not ranges:
            self.refuse("This class is empty, so it takes nothing", start)
        return Character(complement(merged(ranges)) if negated else merged(ranges))

    def class_item(self, class_start: int) -> Ranges:
        r"""Read one character, one escape such as ``\d``, or one range such as ``a-z``."""
        start = self.position
        first = self.class_member(class_start)
        if self.peek() != "-" or self.source[self.position + 1 : self.position + 2] in {"", "]"}:
            return first
        self.position += 1
        last = self.class_member(class_start)
        if any(len(side) != 1 or side[0][0] != side[0][1] for side in (first, last)):
            self.refuse(
                'A range goes from one character to another; write "\\-" for a hyphen', start
            )
        if first[0][0] > last[0][0]:
            self.refuse("The ends of the range are in the wrong order", start)
        return ((first[0][0], last[0][0]),)

    def class_member(self, class_start: int) -> Ranges:
        start = self.position
        character = self.take()
        if not character:
            self.refuse('This "[" is never closed; write "\\[" for the character', class_start)
        if character == "\\":
            return self.escape(start)
        return ((ord(character), ord(character)),)

    def escape(self, start: int) -> Ranges:
        character = self.take()
        if character in _CLASSES:
            return _CLASSES[character]
        if character in _CONTROLS:
            return ((_CONTROLS[character], _CONTROLS[character]),)
        if hexadecimal := _HEXADECIMAL.get(character):
            digits = hexadecimal.match(self.source, self.position)
            if digits is None:
                self.refuse(f'"\\{character}" needs hexadecimal digits', start)
            self.position = digits.end()
            return ((int(digits[0], 16), int(digits[0], 16)),)
        if not character:
            self.refuse('A pattern cannot end with "\\"', start)
        if character.isdigit() or character == "k":
            self.refuse("Backreferences are not supported", start)
        if character.isalpha():
            self.refuse(f'"\\{character}" is not supported', start)
        return ((ord(character), ord(character)),)
