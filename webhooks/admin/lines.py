"""Lists that people write one item a line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextareaWidget

from webhooks.redaction import masked
from webhooks.types import HeaderField


class LinesField(forms.CharField):
    """Texts, one a line; empty lines and repetitions do not count."""

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "widget",
            UnfoldAdminTextareaWidget({"rows": 3, "class": "patchbay-code", "spellcheck": "false"}),
        )
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class EventTypesWidget(UnfoldAdminTextareaWidget):  # type: ignore[misc]  # not typed
    """A text area with the event types of the catalog beside it, to pick from."""

    suggestions: Sequence[str] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        area = super().render(name, value, attrs, renderer)
        context = {"area": area, "id": (attrs or {}).get("id", ""), "names": self.suggestions}
        return render_to_string("webhooks/event_types.html", context)


class HeadersField(LinesField):
    """Headers as they stand in a request, ``Name: value``; secrets come and go as a mask."""

    def prepare_value(self, value: Any) -> Any:
        return as_lines(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
            return value
        headers: list[HeaderField] = []
        for line in super().to_python(value):
            name, colon, text = line.partition(":")
            if not colon or not name.strip():
                raise ValidationError(
                    f'Write each header as "Name: value"; this line is not: {name[:60]}',
                    code="invalid_header",
                )
            headers.append(HeaderField(name=name.strip(), value=text.strip()))
        return headers

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return as_lines(self.to_python(data)) != as_lines(initial or [])
        except ValidationError:
            return True


def as_lines(headers: Iterable[Mapping[str, str]]) -> str:
    """Return headers as text, literal secrets as the mask."""
    return "\n".join(f"{each['name']}: {masked(each['name'], each['value'])}" for each in headers)
