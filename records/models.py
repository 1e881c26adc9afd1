"""What a tenant keeps: kinds of things, and the things themselves."""

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models

from core.fields import JsonTextField
from core.ids import PrefixedIdField
from core.models import TenantOwned
from records import keys
from records.fields import StoredJsonDecoder
from records.querysets import RecordQuerySet, RecordTypeQuerySet

SLUG_PATTERN = "[a-z][a-z0-9_]{0,62}"
SLUG = RegexValidator(
    rf"^{SLUG_PATTERN}\Z",
    "Use lower-case letters, digits and underscores, starting with a letter (at most 63).",
)


class RecordType(TenantOwned):
    """A kind of thing, such as Order, and what its data must look like.

    ``slug`` stands in URLs and in the names of events, so it never changes.
    """

    id = PrefixedIdField("rty", primary_key=True)
    slug = models.CharField(
        max_length=63,
        validators=[SLUG],
        help_text="Stands in URLs and event types (order.created); cannot be changed later.",
    )
    name = models.CharField(max_length=200, help_text="As people say it: Order.")
    description = models.CharField(max_length=500, blank=True)
    schema = JsonTextField(
        default=dict, blank=True, help_text="JSON Schema of the data; empty to accept any object."
    )
    rules = JsonTextField(
        default=list,
        blank=True,
        help_text='Validation rules, for example {"field": "email", "type": "email"}.',
    )
    key_field = models.CharField(
        max_length=200,
        blank=True,
        help_text="The field whose value no two records of this type share; empty for none.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = RecordTypeQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="record_type_once_per_tenant"),
        ]

    def __str__(self) -> str:
        return self.slug


class Record(TenantOwned):
    """One thing: its data as JSON, and how often it has changed.

    ``updated_at`` grows with every version of a record, so the order of its events is the order of
    its changes. ``key`` is the value of the type's key field, kept apart to be unique.
    """

    id = PrefixedIdField("rec", primary_key=True)
    type = models.ForeignKey(RecordType, on_delete=models.RESTRICT, related_name="records")
    key = models.CharField(max_length=keys.MAX_CHARACTERS, null=True, blank=True, editable=False)
    data = models.JSONField(default=dict, decoder=StoredJsonDecoder)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    objects: ClassVar[Any] = RecordQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["type", "key"], name="record_key_once_per_type"),
        ]
        indexes = [
            models.Index(fields=["tenant", "type", "updated_at", "id"], name="record_by_change"),
            models.Index(
                fields=["tenant", "updated_at", "id"], name="record_of_any_type_by_change"
            ),
        ]

    def __str__(self) -> str:
        return self.key or self.id
