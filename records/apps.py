"""Records' registration with Django."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Records."""

    name = "records"
