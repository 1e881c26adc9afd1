"""What a function is: its name, its parameters and what it computes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from core.expressions.context import Context
from core.types import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a parameter takes.

    ``accept`` returns what the implementation gets, or raises RefusedError. Null is passed to it
    only when ``nullable``.
    """

    accept: Callable[[Context, Json], object]
    nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter; only the last can be ``repeated``, only later ones ``optional``."""

    name: str
    kind: Kind | None = None
    optional: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The name of a function and what it takes; a parameter without a kind takes anything."""

    name: str
    parameters: tuple[Parameter, ...]

    @property
    def minimum(self) -> int:
        """The least number of arguments."""
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def maximum(self) -> int | None:
        """The greatest number of arguments; None where there is no such number."""
        if self.parameters and self.parameters[-1].repeated:
            return None
        return len(self.parameters)

    def accepts(self, count: int) -> bool:
        """Tell whether a call may have that many arguments."""
        return self.minimum <= count and (self.maximum is None or count <= self.maximum)

    @property
    def arity(self) -> str:
        """How many arguments there may be, in words."""
        if self.maximum is None:
            return f"{self.minimum} or more"
        if self.minimum == self.maximum:
            return str(self.minimum)
        return f"{self.minimum} to {self.maximum}"

    @property
    def signature(self) -> str:
        """The function as its documentation shows it: ``round(number, digits?)``."""
        written = [
            parameter.name
            + ("?" if parameter.optional else "")
            + (", …" if parameter.repeated else "")
            for parameter in self.parameters
        ]
        return f"{self.name}({', '.join(written)})"

    def parameter(self, index: int) -> Parameter:
        """Return the parameter that the argument at ``index`` belongs to."""
        return self.parameters[min(index, len(self.parameters) - 1)]


Implementation = TypeVar("Implementation", bound=Callable[..., Json])


@dataclass(frozen=True, slots=True, kw_only=True)
class Function(Signature):
    """A function whose arguments are all computed before it is called."""

    implementation: Callable[..., Json]
    takes_context: bool

    @property
    def passes_null_on(self) -> bool:
        """Whether null as the first argument makes the result null, without any call."""
        kind = self.parameters[0].kind if self.parameters else None
        return kind is not None and not kind.nullable


FUNCTIONS: Final[dict[str, Function]] = {}


def function(
    name: str, *parameters: Parameter, takes_context: bool = False
) -> Callable[[Implementation], Implementation]:
    """Make the decorated Python function callable from expressions as ``name``.

    With ``takes_context`` it gets the Context before its arguments. It raises RefusedError for
    values it cannot work with and must take time at most proportional to what it looks at.
    """

    def register(implementation: Implementation) -> Implementation:
        FUNCTIONS[name] = Function(
            name=name,
            parameters=parameters,
            implementation=implementation,
            takes_context=takes_context,
        )
        return implementation

    return register
