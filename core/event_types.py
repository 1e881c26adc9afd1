"""The catalogue of event types: what a tenant publishes itself, and what the product publishes."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from core import event_names
from core.errors import InvalidEventTypeError, ReservedEventTypeError
from core.models import EventType, Tenant
from core.types import EventTypeInfo

Source = Callable[[Tenant], Sequence[EventTypeInfo]]


def check_name(name: str) -> None:
    """Raise InvalidEventTypeError unless ``name`` may name an event type."""
    if len(name) > event_names.MAX_CHARACTERS:
        raise InvalidEventTypeError(
            f"An event type has at most {event_names.MAX_CHARACTERS} characters, not {len(name)}."
        )
    if not event_names.is_name(name):
        raise InvalidEventTypeError(
            f'"{name}" is not an event type. Write two or more words of lower-case letters, digits'
            ' and "_", joined by dots and starting with a letter, such as order.shipped.'
        )


def check_custom_name(tenant: Tenant, name: str) -> None:
    """Raise unless ``tenant`` may define and publish events named ``name`` itself.

    Raises InvalidEventTypeError for what is no name at all, and ReservedEventTypeError for the
    names of events that only the product publishes: receivers trust those.
    """
    check_name(name)
    reserved = name.startswith(tuple(settings.RESERVED_EVENT_PREFIXES))
    if reserved or any(info.name == name for info in described(tenant)):
        raise ReservedEventTypeError(
            f"Only Patchbay itself publishes {name}. Choose another name for an event of your own."
        )


def described(tenant: Tenant) -> list[EventTypeInfo]:
    """Return the types that the product publishes for ``tenant``."""
    sources = _import_sources(tuple(settings.EVENT_TYPE_SOURCES))
    return [info for describe in sources for info in describe(tenant)]


def catalogue(tenant: Tenant) -> list[EventTypeInfo]:
    """Return every type that ``tenant`` can see, by name.

    A custom type whose name the product took later (a record type was added) gives way to it.
    """
    custom = [info_of(row) for row in EventType.objects.for_tenant(tenant)]
    by_name = {info.name: info for info in [*custom, *described(tenant)]}
    return [by_name[name] for name in sorted(by_name)]


def find(tenant: Tenant, name: str) -> EventTypeInfo | None:
    """Return what the catalogue says of one type, if it stands in there."""
    return next((info for info in catalogue(tenant) if info.name == name), None)


def info_of(row: EventType) -> EventTypeInfo:
    """Return a tenant's own definition as the catalogue shows it."""
    return EventTypeInfo(
        name=row.name,
        description=row.description,
        schema=row.schema,
        example=row.example,
        source="custom",
    )


@lru_cache
def _import_sources(paths: tuple[str, ...]) -> tuple[Source, ...]:
    return tuple(import_string(path) for path in paths)
