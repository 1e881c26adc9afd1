"""What the JSON Schema library found, said in a sentence that shows nothing of the data itself."""

from collections.abc import Callable, Sequence
from typing import Any

from jsonschema.exceptions import ValidationError

from core.strict_json import dumps
from core.validation.checks import Problem, counted
from core.validation.formats import FORMATS

MAX_OPTIONS_SHOWN = 10
MAX_OPTION_CHARACTERS = 40

_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "text",
}


def described(error: ValidationError) -> Problem:
    """Return the code and the sentence for an error; ``limit`` below is the keyword's value."""
    keyword = str(error.validator)
    if keyword in {"anyOf", "oneOf"}:
        return _choice(error)
    if keyword == "dependentRequired":
        return Problem("required", error.message)
    if keyword in _SENTENCES:
        code, sentence = _SENTENCES[keyword]
        return Problem(code, sentence(error.validator_value))
    if keyword == "format":
        name = str(error.validator_value)
        return Problem(name.replace("-", "_"), FORMATS[name][1])
    return Problem("not_allowed", "is not allowed here")


def _choice(error: ValidationError) -> Problem:
    """Describe a value that fits no option, or too many.

    Mere types are told as one list. Where only one option is for the value's type, what that
    option asks for is told.
    """
    # An option that is false leaves an error without a place in the schema, and nothing to tell.
    context = [each for each in error.context or () if each.relative_schema_path]
    if context and all(_is_type_error(each) for each in context):
        names = [name for each in context for name in _names(each.validator_value)]
        return Problem("type", _type(list(dict.fromkeys(names))))
    by_option: dict[Any, list[ValidationError]] = {}
    for each in context:
        by_option.setdefault(each.relative_schema_path[0], []).append(each)
    fitting = [found for found in by_option.values() if not any(map(_is_type_error, found))]
    if len(by_option) > len(fitting) == 1 == len(fitting[0]) and not fitting[0][0].relative_path:
        return described(fitting[0][0])
    forms: Any = error.validator_value
    options = counted(len(forms), "allowed form")
    if error.validator == "oneOf":
        return Problem("one_of", f"must fit exactly one of {options}")
    return Problem("any_of", f"must fit one of {options}")


def _is_type_error(error: ValidationError) -> bool:
    return error.validator == "type" and not error.relative_path


def _names(types: Any) -> list[str]:
    return [types] if isinstance(types, str) else list(types)


def _type(types: Any) -> str:
    return "must be " + " or ".join(_TYPES.get(name, name) for name in _names(types))


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else dumps(value).decode()
    return text if len(text) <= MAX_OPTION_CHARACTERS else text[:MAX_OPTION_CHARACTERS] + "…"


def _one_of(options: Sequence[Any]) -> str:
    told = ", ".join(_shown(option) for option in options[:MAX_OPTIONS_SHOWN])
    more = len(options) - MAX_OPTIONS_SHOWN
    return f"must be one of: {told}" + (f" and {more} more" if more > 0 else "")


def _limit(bound: str, noun: str) -> Callable[[Any], str]:
    return lambda limit: f"must have {bound} {counted(int(limit), noun)}"


def _fixed(sentence: str) -> Callable[[Any], str]:
    return lambda limit: sentence


_SENTENCES: dict[str, tuple[str, Callable[[Any], str]]] = {
    "type": ("type", _type),
    "enum": ("in", _one_of),
    "const": ("const", lambda limit: f"must be {_shown(limit)}"),
    "required": ("required", _fixed("is required")),
    "additionalProperties": ("unknown_field", _fixed("is not a known field")),
    "unevaluatedProperties": ("unknown_field", _fixed("has fields that are not known")),
    "propertyNames": ("field_name", _fixed("has a name that is not allowed")),
    "minimum": ("min", lambda limit: f"must be at least {limit}"),
    "maximum": ("max", lambda limit: f"must be at most {limit}"),
    "exclusiveMinimum": ("min", lambda limit: f"must be more than {limit}"),
    "exclusiveMaximum": ("max", lambda limit: f"must be less than {limit}"),
    "multipleOf": ("multiple_of", lambda limit: f"must be a multiple of {limit}"),
    "minLength": ("min_length", _limit("at least", "character")),
    "maxLength": ("max_length", _limit("at most", "character")),
    "minItems": ("min_length", _limit("at least", "element")),
    "maxItems": ("max_length", _limit("at most", "element")),
    "minProperties": ("min_length", _limit("at least", "field")),
    "maxProperties": ("max_length", _limit("at most", "field")),
    "pattern": ("regex", lambda limit: f'must match the pattern "{limit}"'),
    "uniqueItems": ("unique", _fixed("must not have the same element twice")),
    "items": ("max_length", _fixed("has more elements than allowed")),
    "unevaluatedItems": ("max_length", _fixed("has more elements than allowed")),
    "contains": ("contains", _fixed("lacks an element of the form that must be in it")),
    "minContains": ("contains", _fixed("has too few elements of the form that must be in it")),
    "maxContains": ("contains", _fixed("has too many elements of a form that is limited")),
    "not": ("not", _fixed("has a form that is not allowed")),
}
