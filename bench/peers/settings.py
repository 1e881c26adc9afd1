"""Settings of a Django project that delivers webhooks with Celery, Redis and PostgreSQL."""

import os
from urllib.parse import unquote, urlsplit

_database = urlsplit(os.environ["PEER_DATABASE_URL"])

SECRET_KEY = "of-no-use-to-anybody-outside-of-this-benchmark"  # noqa: S105  # it guards nothing
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "bench.peers.plain",
    "bench.peers.packaged",
    "django_webhook",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _database.hostname,
        "PORT": _database.port,
        "USER": _database.username,
        "PASSWORD": unquote(_database.password or ""),
        "NAME": _database.path.lstrip("/"),
        # Kinder than the default, which connects anew for every task.
        "CONN_MAX_AGE": 60,
    }
}
DJANGO_WEBHOOK = {"MODELS": ["packaged.Order"]}

CELERY_BROKER_URL = os.environ["PEER_BROKER_URL"]
CELERY_TASK_DEFAULT_QUEUE = "deliveries"
