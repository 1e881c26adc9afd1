"""Operations in the API's description: names, scopes, header fields and errors."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from core.api.idempotency import METHODS
from core.api.permissions import required_scope
from core.api.schema import answers, headers
from core.api.schema.answers import ErrorAnswer
from core.api.schema.fields import bound_list, forbid_empty, id_schema
from core.api.serializers import StrictMixin
from core.api.views.tenant import TenantView
from core.ids import PrefixedIdField

# The first word of an operation's name, by what the view calls its action.
VERBS = {
    "list": "list",
    "create": "create",
    "retrieve": "get",
    "update": "replace",
    "partial_update": "update",
    "destroy": "delete",
}

DONE = {
    "201": "Created.",
    "202": "Accepted: it is on its way.",
    "204": "Done. There is no body.",
    "304": "It is still the same. There is no body.",
}


class EnvelopeSchema(AutoSchema):
    """Operations with everything that holds for all of them."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None or not isinstance(self.view, TenantView):
            return operation
        self._add_scope(operation)
        self._add_fields_of_requests(operation)
        self._add_errors(operation)
        self._add_fields_of_answers(operation)
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def get_operation_id(self) -> str:
        """Return the verb of a standard action with the thing in the path: ``create_record``.

        Other actions name themselves with ``extend_schema(operation_id=…)``.
        """
        verb = VERBS.get(getattr(self.view, "action", ""))
        names = [part for part in self.path.split("/") if part and not part.startswith("{")]
        if verb is None or not names:
            return str(super().get_operation_id())
        plural = names[-1].replace("-", "_")
        return f"{verb}_{plural if verb == 'list' else _singular(plural)}"

    def get_tags(self) -> list[str]:
        """Return the first word of the path, unless the view names a tag."""
        return [tag.replace("-", " ").capitalize() for tag in super().get_tags()]

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Return nothing unless the view gives a description: docstrings are for programmers."""
        return ""

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "request" and isinstance(serializer, StrictMixin):
            schema["additionalProperties"] = False
        return schema

    def _map_serializer_field(self, field: Any, direction: str, *args: Any, **kwargs: Any) -> Any:
        schema = super()._map_serializer_field(  # type: ignore[no-untyped-call]
            field, direction, *args, **kwargs
        )
        if schema and direction == "request":
            bound_list(field, schema)
        return schema

    def _map_model_field(self, model_field: Any, direction: Any) -> Any:
        if isinstance(model_field, PrefixedIdField):
            return id_schema(model_field.prefix)
        return super()._map_model_field(model_field, direction)  # type: ignore[no-untyped-call]

    def _resolve_path_parameters(self, variables: Any) -> list[dict[str, Any]]:
        """Let the view say what its parts of the path are; else they are ids of its model."""
        parameters: list[dict[str, Any]] = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        told: dict[str, dict[str, Any]] = getattr(self.view, "path_parameters", {})
        for parameter in parameters:
            schema = dict(told.get(parameter["name"], parameter["schema"]))
            parameter["description"] = schema.pop("description", "Its id.")
            parameter["schema"] = schema
        return parameters

    def _add_scope(self, operation: dict[str, Any]) -> None:
        scope = required_scope(self.view, self.method)
        needs = f"Needs the scope `{scope}`." if scope else "Any credential will do."
        told = operation.get("description", "")
        operation["description"] = f"{told}\n\n{needs}".strip()

    def _add_fields_of_requests(self, operation: dict[str, Any]) -> None:
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query":
                forbid_empty(parameter["schema"])
        if self.method not in METHODS:
            return
        for name in headers.SENT if self._is_idempotent() else ("X-Correlation-ID",):
            reference = answers.register(
                self.registry, ResolvedComponent.PARAMETER, name, headers.SENT[name]
            )
            operation.setdefault("parameters", []).append(reference)

    def _is_idempotent(self) -> bool:
        view: Any = self.view
        return self.method in METHODS and bool(view.idempotent)

    def _add_errors(self, operation: dict[str, Any]) -> None:
        answers.register_error(self)
        for error in self._errors():
            reference = answers.register(
                self.registry, ResolvedComponent.RESPONSE, error.name, error.schema()
            )
            operation["responses"].setdefault(error.status_code, reference)

    def _errors(self) -> Iterator[ErrorAnswer]:
        yield from answers.ON_ALL
        if "{" in self.path:
            yield from answers.ON_PATHS_WITH_PARAMETERS
        if self.method in METHODS:
            yield from answers.ON_WRITES

    def _add_fields_of_answers(self, operation: dict[str, Any]) -> None:
        for name, schema in headers.ANSWERED.items():
            answers.register(self.registry, ResolvedComponent.HEADER, name, schema)
        for status_code, answer in operation["responses"].items():
            if "$ref" not in answer:
                answer["headers"] = answer.get("headers", {}) | self._fields_of(status_code)
                if "content" not in answer or not answer["description"]:
                    answer["description"] = DONE.get(status_code, "Done.")

    def _fields_of(self, status_code: str) -> dict[str, Any]:
        names = [*headers.ALWAYS, *headers.RATE]
        if status_code == "201":
            names.append("Location")
        if status_code.startswith("2") and self._is_idempotent():
            names.append("Idempotency-Replayed")
        return headers.refs(names)


def _singular(plural: str) -> str:
    if plural.endswith("ies"):
        return f"{plural[:-3]}y"
    return plural.removesuffix("s")
