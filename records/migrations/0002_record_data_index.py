"""Index what records hold, so that ``?data.status=paid`` need not read every record."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def create(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    # SQLite has no index of this kind; it reads the records of the type.
    if editor.connection.vendor == "postgresql":
        editor.execute("CREATE INDEX record_data ON records_record USING gin (data jsonb_path_ops)")


def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX record_data")


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
