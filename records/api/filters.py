"""Query parameters of the lists of records."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters import CharFilter, FilterSet

from core.api.exceptions import InvalidParameter
from core.api.filters import MomentFilter
from records.models import SLUG, Record, RecordType

MAX_TYPES = 20


class RecordFilter(FilterSet):  # type: ignore[misc]  # django-filter is not typed
    """Filters of the list of one type's records."""

    updated_since = MomentFilter("updated_at", "gte", help_text="Changed then or later.")
    updated_until = MomentFilter("updated_at", "lt", help_text="Changed before that moment.")
    created_since = MomentFilter(method="since_creation", help_text="Created then or later.")
    key = CharFilter("key", strip=False, help_text="The value of the type's key field.")

    class Meta:
        model = Record
        fields: list[str] = []

    def since_creation(
        self, records: QuerySet[Record], name: str, value: datetime
    ) -> QuerySet[Record]:
        """Keep the records created at ``value`` or later."""
        # No record changed before it was created: said aloud, the index of changes answers this.
        return records.filter(created_at__gte=value, updated_at__gte=value)


def slugs_of(text: str) -> list[str]:
    """Return the record types in a list separated by commas.

    Raises ValidationError for what is no such list; the types need not exist.
    """
    slugs = text.split(",")
    if len(slugs) > MAX_TYPES:
        raise ValidationError(f"Name at most {MAX_TYPES} record types.")
    for slug in slugs:
        SLUG(slug)
    return slugs


class AnyRecordFilter(RecordFilter):
    """Filters of the list of records of several types."""

    type = CharFilter(
        method="of_types", validators=[slugs_of], help_text="Record types, separated by commas."
    )

    def of_types(self, records: QuerySet[Record], name: str, value: str) -> QuerySet[Record]:
        """Keep the records of the types named, all of which must exist."""
        slugs = slugs_of(value)
        types = RecordType.objects.for_tenant(self.request.user.tenant).filter(slug__in=slugs)
        if unknown := sorted(set(slugs) - {record_type.slug for record_type in types}):
            raise InvalidParameter(
                f"There is no record type {unknown[0]}.", details={"path": "type"}
            )
        return records.filter(type__in=types)
