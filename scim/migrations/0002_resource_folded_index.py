"""Index what users hold, so that a filter on any attribute need not read every user."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def create(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    # SQLite has no index of this kind; it reads the users of the tenant.
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "CREATE INDEX resource_folded ON scim_resource USING gin (folded jsonb_path_ops)"
        )


def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX resource_folded")


class Migration(migrations.Migration):
    dependencies = [("scim", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
