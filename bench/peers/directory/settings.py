"""Settings of a Django project whose users an identity provider manages over SCIM."""

import os
from urllib.parse import unquote, urlsplit

_database = urlsplit(os.environ["PEER_DATABASE_URL"])

SECRET_KEY = "of-no-use-to-anybody-outside-of-this-benchmark"  # noqa: S105  # it guards nothing
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "bench.peers.directory.urls"
AUTH_USER_MODEL = "directory.User"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "bench.peers.directory",
    "django_scim",
]
MIDDLEWARE = ["bench.peers.directory.callers.recognition"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _database.hostname,
        "PORT": _database.port,
        "USER": _database.username,
        "PASSWORD": unquote(_database.password or ""),
        "NAME": _database.path.lstrip("/"),
        # Kinder than the default, which connects anew for every request.
        "CONN_MAX_AGE": 60,
    }
}
LOGGING = {"version": 1, "root": {"level": "WARNING"}}

DIRECTORY_TOKEN = os.environ["PEER_TOKEN"]
SCIM_SERVICE_PROVIDER = {
    "SCHEME": "http",
    "NETLOC": os.environ.get("PEER_ADDRESS", "127.0.0.1"),
    "AUTHENTICATION_SCHEMES": [
        {"type": "oauthbearertoken", "name": "Bearer token", "description": "One for all."}
    ],
    "GROUP_MODEL": "bench.peers.directory.models.Group",
    "USER_ADAPTER": "bench.peers.directory.adapters.UserAdapter",
    "USER_FILTER_PARSER": "bench.peers.directory.filters.UserFilter",
    "GROUP_FILTER_PARSER": "bench.peers.directory.filters.GroupFilter",
}
