"""The Django app of directories."""

from django.apps import AppConfig


class ScimConfig(AppConfig):
    """Users and groups that identity providers keep in step over SCIM 2.0 (RFC 7643, RFC 7644)."""

    name = "scim"
    verbose_name = "Directory"
