"""A Pratt parser: from the words of an expression to its tree."""

from typing import Final

from core.expressions.catalogue import CATALOGUE, nearest
from core.expressions.errors import ExpressionSyntaxError
from core.expressions.forms import Form
from core.expressions.nodes import (
    Binary,
    Call,
    Conditional,
    Item,
    ListOf,
    Literal,
    Member,
    Name,
    Node,
    Unary,
)
from core.expressions.tokens import Token, TokenKind, tokenize
from core.types import Json

MAX_DEPTH: Final = 40

CONDITIONAL_POWER: Final = 1
BINARY_POWERS: Final = {
    "||": 2,
    "&&": 3,
    "==": 4,
    "!=": 4,
    "<": 5,
    "<=": 5,
    ">": 5,
    ">=": 5,
    "in": 5,
    "??": 6,
    "+": 7,
    "-": 7,
    "*": 8,
    "/": 8,
    "%": 8,
}
UNARY_POWER: Final = 9
# 1 < 2 < 3 compares a truth value with a number; whoever writes it means something else.
UNCHAINABLE_POWERS: Final = frozenset({4, 5})

_CONSTANTS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_WORD_OPERATORS: Final = {"and": "&&", "or": "||", "not": "!"}


def parse(source: str) -> Node:
    """Parse an expression; raises ExpressionSyntaxError where it stops making sense."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = tokenize(source)
        self._index = 0
        self._depth = 0

    def parse(self) -> Node:
        if self._at_end():
            raise self._error("an expression is missing", self._token)
        node = self._expression(0)
        if not self._at_end():
            raise self._unexpected(self._token)
        return node

    @property
    def _token(self) -> Token:
        return self._tokens[self._index]

    def _at_end(self) -> bool:
        return self._token.kind is TokenKind.END

    def _next(self) -> Token:
        token = self._tokens[self._index]
        self._index += 1
        return token

    def _at(self, symbol: str) -> bool:
        return self._token.kind is TokenKind.SYMBOL and self._token.text == symbol

    def _take(self, symbol: str) -> bool:
        if self._at(symbol):
            self._index += 1
            return True
        return False

    def _expect(self, symbol: str) -> None:
        if not self._take(symbol):
            raise self._unexpected(self._token, f"; expected '{symbol}'")

    def _expression(self, minimum: int) -> Node:
        """Parse everything that binds tighter than ``minimum``."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(
                f"the expression is nested deeper than {MAX_DEPTH} levels", self._token
            )
        node = self._postfix(self._prefix())
        while (power := self._power()) > minimum:
            token = self._next()
            if power == CONDITIONAL_POWER:
                node = self._conditional(node, token)
                continue
            right = self._expression(power)
            node = Binary(operator=token.text, left=node, right=right, offset=token.offset)
            if power in UNCHAINABLE_POWERS and self._power() == power:
                raise self._error("comparisons cannot be chained; join them with '&&'", self._token)
        self._depth -= 1
        return node

    def _power(self) -> int:
        if self._token.kind is not TokenKind.SYMBOL:
            return 0
        if self._token.text == "?":
            return CONDITIONAL_POWER
        return BINARY_POWERS.get(self._token.text, 0)

    def _conditional(self, condition: Node, token: Token) -> Node:
        accepted = self._expression(0)
        self._expect(":")
        rejected = self._expression(0)
        return Conditional(
            condition=condition, accepted=accepted, rejected=rejected, offset=token.offset
        )

    def _prefix(self) -> Node:
        token = self._next()
        if token.kind in {TokenKind.NUMBER, TokenKind.TEXT}:
            return Literal(value=token.value, offset=token.offset)
        if token.kind is TokenKind.NAME:
            return self._name(token)
        if token.kind is TokenKind.SYMBOL:
            if token.text == "(":
                node = self._expression(0)
                self._expect(")")
                return node
            if token.text == "[":
                return ListOf(items=self._list_until("]"), offset=token.offset)
            if token.text in {"-", "!"}:
                operand = self._expression(UNARY_POWER)
                return Unary(operator=token.text, operand=operand, offset=token.offset)
        raise self._unexpected(token)

    def _name(self, token: Token) -> Node:
        if token.text in _CONSTANTS:
            return Literal(value=_CONSTANTS[token.text], offset=token.offset)
        if self._at("("):
            return self._call(token)
        if token.text in _WORD_OPERATORS:
            raise self._unexpected(token)
        return Name(name=token.text, offset=token.offset)

    def _postfix(self, node: Node) -> Node:
        while True:
            if self._take("."):
                token = self._next()
                if token.kind is not TokenKind.NAME:
                    raise self._error(
                        "expected a name after '.'; other keys are written ['key'],"
                        " items of a list [0]",
                        token,
                    )
                node = Member(target=node, key=token.text, offset=node.offset)
            elif self._take("["):
                node = self._index_of(node)
            else:
                return node

    def _index_of(self, target: Node) -> Node:
        index = self._expression(0)
        self._expect("]")
        if isinstance(index, Literal) and isinstance(index.value, str):
            return Member(target=target, key=index.value, offset=target.offset)
        return Item(target=target, index=index, offset=target.offset)

    def _list_until(self, closing: str) -> tuple[Node, ...]:
        nodes: list[Node] = []
        if self._take(closing):
            return ()
        while True:
            nodes.append(self._expression(0))
            if self._take(closing):
                return tuple(nodes)
            if not self._take(","):
                raise self._unexpected(self._token, f"; expected ',' or '{closing}'")

    def _call(self, name: Token) -> Node:
        described = CATALOGUE.get(name.text)
        if described is None:
            near = nearest(name.text)
            suggestion = f"; did you mean {near}()?" if near else ""
            raise self._error(f"there is no function {name.text}(){suggestion}", name)
        self._expect("(")
        arguments = self._list_until(")")
        if not described.accepts(len(arguments)):
            plural = "" if described.arity == "1" else "s"
            raise self._error(
                f"{described.signature} takes {described.arity} argument{plural},"
                f" got {len(arguments)}",
                name,
            )
        if isinstance(described, Form):
            return described.build(arguments, name.offset)
        return Call(function=described, arguments=arguments, offset=name.offset)

    def _unexpected(self, token: Token, expectation: str = "") -> ExpressionSyntaxError:
        if token.kind is TokenKind.END:
            return self._error(f"the expression ends too early{expectation}", token)
        if token.kind is TokenKind.NAME and token.text in _WORD_OPERATORS:
            expectation = f"; the operator is written '{_WORD_OPERATORS[token.text]}'"
        elif token.text == "(":
            expectation = "; only functions can be called"
        return self._error(f"unexpected {_shown(token)}{expectation}", token)

    def _error(self, message: str, token: Token) -> ExpressionSyntaxError:
        return ExpressionSyntaxError.at(message, self._source, token.offset)


def _shown(token: Token) -> str:
    return "text" if token.kind is TokenKind.TEXT else f"'{token.text}'"
