"""A directory that is asked at its door, where whatever an example does is undone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from core.models import Tenant
from scim.models import Directory
from tests.scim.asking import Asker, opened
from tests.scim.fuzzing.own_attributes import EXTENSION


def extended(tenant: Tenant) -> Asker:
    """Open a directory that knows attributes of every type."""
    ask = opened(tenant)
    Directory.objects.filter(tenant=tenant).update(extension=json.loads(EXTENSION))
    return ask


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
