"""The mapping of every tenant that has none of its own."""

from collections.abc import Mapping, Sequence

from core.types import Json

FIELDS: Sequence[Mapping[str, Json]] = (
    {"field": "external_id", "path": "externalId"},
    {"field": "display_name", "path": "displayName"},
    {"field": "given_name", "path": "name.givenName"},
    {"field": "family_name", "path": "name.familyName"},
    {"field": "email", "path": "emails.value"},
    {"field": "phone_number", "path": "phoneNumbers.value"},
    {"field": "title", "path": "title"},
    {"field": "department", "path": "enterprise.department"},
    {"field": "division", "path": "enterprise.division"},
    {"field": "organization", "path": "enterprise.organization"},
    {"field": "cost_center", "path": "enterprise.costCenter"},
    {"field": "employee_number", "path": "enterprise.employeeNumber"},
    {"field": "manager_id", "path": "enterprise.manager.value"},
    {"field": "locale", "path": "locale"},
    {"field": "timezone", "path": "timezone"},
)
