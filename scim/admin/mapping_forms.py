"""The form of a new version of an attribute mapping: one row for each rule."""

import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core import strict_json
from core.admin.forms import ServiceForm
from core.models import Tenant
from core.types import Json
from records.mapping import Fault, Kind
from scim import services
from scim.errors import InvalidMappingError
from scim.mappings.paths import known_paths
from scim.models import Mapping as MappingVersion

PATH, EXPRESSION = "path", "expression"
PARTS = ("field", "source", "text", "type", "required", "default")
BLANK_ROWS = 2
# More than a mapping may have, so that too many are refused and not left out.
MAX_ROWS_READ = 1_000
_WRITTEN_AS_TEXT = (Kind.TEXT, Kind.DATE, Kind.MOMENT)


class RulesWidget(forms.Widget):
    """A table with a row for each rule, and blank ones for more."""

    paths: Sequence[str] = ()
    faults: Sequence[Fault] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        by_row: dict[int | None, list[str]] = {}
        for fault in self.faults:
            by_row.setdefault(fault.index, []).append(_sentence(fault))
        rules: list[Any] = value if isinstance(value, list) else []
        rows = [_as_typed(rule) | {"faults": by_row.get(i)} for i, rule in enumerate(rules)]
        context = {
            "name": name,
            "rows": [*rows, *[_as_typed({}) for _ in range(BLANK_ROWS)]],
            "kinds": list(Kind),
            "paths": self.paths,
            "faults": by_row.get(None),
        }
        return render_to_string("scim/rules.html", context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Json]]:
        columns = [data.getlist(f"{name}-{part}")[:MAX_ROWS_READ] for part in PARTS]
        rows = [dict(zip(PARTS, row, strict=True)) for row in zip_longest(*columns, fillvalue="")]
        return [_as_rule(row) for row in rows if row["field"] or row["text"] or row["default"]]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-field" not in data


class RulesField(forms.Field):
    """The rules of a mapping; a service says what is wrong with them."""

    widget = RulesWidget

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(initial != data)


class MappingForm(ServiceForm):
    """A new version of a tenant's mapping."""

    rules = RulesField(label="Rules", required=False)

    class Meta:
        model = MappingVersion
        fields = ("tenant", "note")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "rules" in self.fields:
            tenant = self.user.tenant or tenant_of(self.initial.get("tenant"))
            self.fields["rules"].widget.paths = known_paths(services.user_attributes(tenant))

    def apply(self) -> MappingVersion:
        given = self.cleaned_data
        try:
            return services.save_mapping(
                self.instance.tenant, given["rules"], actor=self.actor, note=given["note"]
            )
        except InvalidMappingError as error:
            self.fields["rules"].widget.faults = error.faults
            raise ValidationError({"rules": "Some rules cannot be followed; see below."}) from error


def tenant_of(given: Any) -> Tenant | None:
    """Return the tenant that a form or an address names, None where there is no such."""
    try:
        return Tenant.objects.filter(pk=given).first() if given else None
    except (ValidationError, ValueError):
        return None


def _as_typed(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule as a person types it."""
    source = EXPRESSION if rule.get(EXPRESSION) else PATH
    default = rule.get("default")
    return {
        "field": rule.get("field", ""),
        "source": source,
        "text": rule.get(source) or "",
        "type": rule.get("type", Kind.TEXT),
        "required": rule.get("required") is True,
        "default": _default_as_typed(default),
    }


def _default_as_typed(default: Json) -> str:
    if default is None:
        return ""
    return default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)


def _as_rule(row: Mapping[str, str]) -> dict[str, Json]:
    """Return what a person has typed as a rule."""
    source = EXPRESSION if row["source"] == EXPRESSION else PATH
    rule: dict[str, Json] = {
        "field": row["field"].strip(),
        source: row["text"].strip(),
        "type": row["type"] or str(Kind.TEXT),
    }
    if row["required"] == "yes":
        rule["required"] = True
    if row["default"]:
        rule["default"] = _default(row["default"], row["type"])
    return rule


def _default(text: str, kind: str) -> Json:
    if kind in _WRITTEN_AS_TEXT:
        return text
    try:
        return strict_json.loads(text.encode())
    except strict_json.StrictJsonError:
        return text


def _sentence(fault: Fault) -> str:
    where = f" (line {fault.line}, column {fault.column})" if fault.line else ""
    return f"{fault.key}: {fault.message}{where}" if fault.key else f"{fault.message}{where}"
