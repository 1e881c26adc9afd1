"""Every example of docs/expressions.md does what the page says."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.expressions import ExpressionError, compile_expression, signatures
from core.templating import (
    compile_header_template,
    compile_json_template,
    compile_text_template,
    compile_url_template,
)

PAGE = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text()
BLOCKS = re.findall(r"^```([a-z -]+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SCOPE = next(json.loads(text) for kind, text in BLOCKS if kind == "json scope")
NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")

COMPILERS = {
    "json-template": compile_json_template,
    "text-template": compile_text_template,
    "url-template": compile_url_template,
    "header-template": compile_header_template,
}
EXAMPLES = [
    tuple(line.rsplit(" → ", 1))
    for kind, text in BLOCKS
    if kind == "expression"
    for line in text.splitlines()
]
TEMPLATES = [
    (kind, text, BLOCKS[index + 1])
    for index, (kind, text) in enumerate(BLOCKS)
    if kind in COMPILERS
]


@pytest.mark.parametrize(("source", "expected"), EXAMPLES, ids=[source for source, _ in EXAMPLES])
def test_documented_expression_gives_the_documented_value(source: str, expected: str) -> None:
    try:
        value = compile_expression(source).evaluate(SCOPE, now=NOW, time_zone=BERLIN)
        # Compared as written: 1 and 1.0 and true are different things on the page.
        shown = json.dumps(value, ensure_ascii=False)
    except ExpressionError as error:
        shown = f"error: {error.message}"

    assert shown == expected


@pytest.mark.parametrize(("kind", "source", "result"), TEMPLATES)
def test_documented_template_renders_the_documented_result(
    kind: str, source: str, result: tuple[str, str]
) -> None:
    template = COMPILERS[kind](source.removesuffix("\n"))

    rendered = template.render(SCOPE, now=NOW, time_zone=BERLIN)

    assert ("result", rendered + "\n") == result


def test_documentation_has_an_example_of_every_function() -> None:
    examples = " ".join(source for source, _ in EXAMPLES)

    missing = [
        signature
        for signature in signatures()
        if not re.search(rf"\b{signature.split('(')[0]}\(", examples)
    ]

    assert missing == []


def test_documentation_has_blocks_of_known_kinds_only() -> None:
    assert {kind for kind, _ in BLOCKS} == {"json scope", "expression", "result", *COMPILERS}
