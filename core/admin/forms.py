"""Fields and forms that the pages of every app use."""

import json
from abc import ABCMeta, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import ModelFormMetaclass
from django.forms.utils import ErrorList
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from core import strict_json
from core.types import Actor

if TYPE_CHECKING:
    from core.models import User


class CodeWidget(UnfoldAdminTextareaWidget):  # type: ignore[misc]  # unfold is not typed
    """A text area for what is written by people for machines."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        chosen = {"rows": 12, "spellcheck": "false", "autocomplete": "off", "wrap": "off"}
        super().__init__({**chosen, **(attrs or {}), "class": "patchbay-code"})


class JsonField(forms.CharField):
    """JSON, shown laid out; a fault is named with its line and column."""

    widget = CodeWidget

    def __init__(self, *, kind: type | tuple[type, ...] = dict, **options: Any) -> None:
        self.kind = kind
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None if self.required else self.kind_made_empty()
        try:
            data = strict_json.loads(text.encode())
        except strict_json.StrictJsonError as error:
            raise ValidationError(str(error), code="invalid_json") from error
        if not isinstance(data, self.kind):
            raise ValidationError(f"This must be {self._kind_in_words()}.", code="invalid_kind")
        return data

    def kind_made_empty(self) -> Any:
        """Return what an empty text means."""
        first = self.kind[0] if isinstance(self.kind, tuple) else self.kind
        return first()

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True

    def _kind_in_words(self) -> str:
        words: dict[type, str] = {dict: "a JSON object, {…}", list: "a JSON list, […]"}
        kinds = self.kind if isinstance(self.kind, tuple) else (self.kind,)
        return " or ".join(words[kind] for kind in kinds)


class ScopesField(forms.MultipleChoiceField):
    """Scopes as check boxes, each with what it allows."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", UnfoldAdminCheckboxSelectMultipleWidget())
        options.setdefault("help_text", "What the holder may do. Give as little as is needed.")
        super().__init__(choices=scope_choices, **options)


def scope_choices() -> list[tuple[str, str]]:
    """Return every scope with what it allows."""
    return [(name, f"{name} — {meaning}") for name, meaning in settings.API_SCOPES.items()]


class StaffForm(forms.ModelForm[Any]):
    """A form that knows who fills it in.

    Rows that a tenant's staff add belong to that tenant before anything is checked, so that rules
    such as "one name per tenant" are answered with a sentence and not by the database.
    """

    user: ClassVar["User"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = {field.name for field in self._meta.model._meta.get_fields()}  # noqa: SLF001  # Django's API
        tenant_id = self.user.tenant_id
        if tenant_id is not None and "tenant" in names and self.instance._state.adding:  # noqa: SLF001  # Django's API
            self.instance.tenant_id = tenant_id

    def _get_validation_exclusions(self) -> set[str]:
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return exclusions - {"tenant"}

    def _update_errors(self, errors: ValidationError) -> None:
        """Show at the top what is wrong with a field that the person does not see."""
        found = getattr(errors, "error_dict", {})
        for name in [name for name in found if name != "__all__" and name not in self.fields]:
            found.setdefault("__all__", ErrorList()).extend(found.pop(name))
        super()._update_errors(errors)  # type: ignore[misc]


class AbstractFormMetaclass(ModelFormMetaclass, ABCMeta):
    """Makes forms with abstract methods, which Django's metaclass alone would let pass."""


class ServiceForm(StaffForm, metaclass=AbstractFormMetaclass):
    """A form whose row a service saves, so that its refusals stand at the fields.

    Calling the service is the last check. It runs in the transaction of the request, and only
    after every other check has passed. ``ServiceAdmin`` then takes over ``saved``.
    """

    actor: ClassVar[Actor]
    saved: models.Model

    @abstractmethod
    def apply(self) -> models.Model:
        """Call the service and return what it saved; raise ValidationError for what it refuses."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        if self.errors:
            return
        try:
            self.saved = self.apply()
        except ValidationError as refusal:
            self._update_errors(refusal)
