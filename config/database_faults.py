"""What a command says when its database is away, or has no tables yet."""

from django.db import DatabaseError, OperationalError, connection

# PostgreSQL's codes for a table and a column that are not there.
MISSING = frozenset({"42P01", "42703"})
MISSING_IN_SQLITE = ("no such table", "no such column")


def sentence_for(error: DatabaseError) -> str | None:
    """Return what to do about ``error``, or None when it is a fault of ours."""
    text = str(error).strip()
    if getattr(error.__cause__, "sqlstate", None) in MISSING or text.startswith(MISSING_IN_SQLITE):
        return "The database has no tables yet, or those of another version. Run: manage.py migrate"
    if isinstance(error, OperationalError):
        where = connection.settings_dict
        place = where["HOST"] or where["NAME"]
        return f"The database at {place} cannot be used; see DATABASE_URL. It says: {text}"
    return None
