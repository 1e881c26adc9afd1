"""What all templates have in common: texts and holes, rendered one after the other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from core.expressions import Expression, ExpressionSyntaxError, compile_expression
from core.expressions.context import Context, RefusedError
from core.templating.errors import TemplateRenderError, TemplateSyntaxError
from core.templating.holes import Hole
from core.types import Json

MAX_OUTPUT_BYTES: Final = 1024 * 1024
MAX_HOLES: Final = 500
# Characters and items that all holes of a template may look at together; compare
# core.expressions.context.MAX_EVALUATION_COST.
MAX_RENDER_COST: Final = 5_000_000
# Compiled templates of each kind kept; a large one takes a few hundred kilobytes.
CACHED_TEMPLATES: Final = 256

# Turns the value of a hole into text; raises RefusedError for values that do not belong there.
Writer = Callable[[Json], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A hole with its compiled expression and the way its value is written."""

    hole: Hole
    expression: Expression
    write: Writer


class Template:
    """A compiled template; safe to share between threads.

    ``names`` are the paths that its holes read, as in ``Expression.names``. One without holes is
    ``constant``: it reads nothing and always gives the same text.
    """

    def __init__(self, source: str, pieces: Sequence[str | Slot]) -> None:
        self.source = source
        self.names = frozenset(
            name for piece in pieces if isinstance(piece, Slot) for name in piece.expression.names
        )
        self._pieces = pieces
        self.constant = not any(isinstance(piece, Slot) for piece in pieces)
        self._text: str | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r})"

    def render(self, scope: Mapping[str, Json], *, now: datetime, time_zone: tzinfo = UTC) -> str:
        """Fill the holes from the values of ``scope``, which is not changed.

        ``now`` is aware; ``time_zone`` is where calendar days begin and end. The result can
        always be encoded as UTF-8. Raises TemplateRenderError, which points at the hole.
        """
        if self._text is not None:
            return self._text
        context = Context(scope, now, time_zone, MAX_RENDER_COST)
        parts: list[str] = []
        size = 0
        for piece in self._pieces:
            if isinstance(piece, str):
                parts.append(piece)
                continue
            try:
                written = piece.write(piece.expression.run(context))
            except RefusedError as error:
                raise self._refused(piece, error) from None
            size += len(written) if written.isascii() else len(written.encode())
            if size > MAX_OUTPUT_BYTES:
                raise self._error(f"the result is larger than {MAX_OUTPUT_BYTES:,} bytes", piece)
            parts.append(written)
        text = self._finish(parts)
        if self.constant:
            self._text = text
        return text

    def _finish(self, parts: list[str]) -> str:
        """Join what was rendered; ``parts`` stand in the order of the pieces."""
        return "".join(parts)

    def _refused(self, slot: Slot, error: RefusedError) -> TemplateRenderError:
        if error.offset is None:
            return self._error(error.message, slot)
        offset = slot.hole.locate(error.offset)
        return TemplateRenderError.at(error.message, self.source, offset)

    def _error(self, message: str, slot: Slot) -> TemplateRenderError:
        return TemplateRenderError.at(message, self.source, slot.hole.start)


def compile_pieces(
    source: str, pieces: Iterable[str | Hole], writer_of: Callable[[Hole], Writer]
) -> tuple[str | Slot, ...]:
    """Compile the expressions of all holes; raises TemplateSyntaxError."""
    compiled: list[str | Slot] = []
    holes = 0
    for piece in pieces:
        if isinstance(piece, str):
            compiled.append(piece)
            continue
        holes += 1
        if holes > MAX_HOLES:
            message = f"the template has more than {MAX_HOLES} holes"
            raise TemplateSyntaxError.at(message, source, piece.start)
        compiled.append(
            Slot(hole=piece, expression=_compile_hole(source, piece), write=writer_of(piece))
        )
    return tuple(compiled)


def _compile_hole(source: str, hole: Hole) -> Expression:
    try:
        return compile_expression(hole.source)
    except ExpressionSyntaxError as error:
        offset = hole.locate(error.offset)
        raise TemplateSyntaxError.at(error.message, source, offset) from None
