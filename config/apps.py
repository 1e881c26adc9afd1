"""The admin site as an app of its own, so that it can be replaced."""

from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    """Django's admin, served by our site."""

    default_site = "config.admin.PatchbaySite"
