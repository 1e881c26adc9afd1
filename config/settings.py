"""Every setting of the installation; what may vary comes from the environment.

The README documents each variable in one table. A ``.env`` file in the project's folder is read
first; a real environment variable always wins.
"""

from pathlib import Path
from typing import Any

import django_stubs_ext

from config.environment import Environment
from config.logging import logging_config
from config.navigation import UNFOLD as UNFOLD  # noqa: PLC0414  # a setting, by its name
from config.openapi import spectacular_settings

# Lets Django's generic classes be written with their types: models.UUIDField[str, str].
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = Environment()
env.read_file("ENV_FILE", default=BASE_DIR / ".env")

# --- the installation ---------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ENCRYPTION_KEYS: list[str] = env.list("ENCRYPTION_KEYS")
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=True)

INSTALLED_APPS = [
    # Without unfold's own site: ours takes its place.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "config.apps.AdminConfig",
    "config.startup.StartupConfig",
    "core",
    "records",
    "webhooks",
    "scim",
    "monitoring",
    "oauth2_provider",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
]
if env.bool("LINT_MIGRATIONS", default=False):
    INSTALLED_APPS += ["django_linear_migrations"]

MIDDLEWARE = [
    "core.middleware.RequestContextMiddleware",
    "config.security.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "monitoring.middleware.ApiCallMiddleware",
    "config.people.SessionForPeople",
    "core.middleware.HostMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.people.UserForPeople",
    "config.people.MessagesForPeople",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
APPEND_SLASH = False

# --- the database -------------------------------------------------------------------------------
SQLITE_OPTIONS: dict[str, Any] = {
    # Writers queue up for the lock at BEGIN instead of failing in the middle.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;",
}
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'patchbay.sqlite3'}")
}
DATABASE_MAX_AGE_SECONDS = env.int("DATABASE_MAX_AGE_SECONDS", default=60)
DATABASES["default"]["CONN_MAX_AGE"] = DATABASE_MAX_AGE_SECONDS
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_PREPARED_STATEMENTS = env.bool("DATABASE_PREPARED_STATEMENTS", default=True)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
else:
    DATABASES["default"]["ENGINE"] = "core.postgresql"
    if DATABASE_PREPARED_STATEMENTS:
        # Only what asks for it is prepared (core/sql.py): the cursors of Django's models never do.
        DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = 5
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people and credentials ---------------------------------------------------------------------
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "core.hashers.RandomSecretHasher",
]
LOGIN_URL = "admin:login"
# Where one is sent who wanted to go nowhere, or to another site.
LOGIN_REDIRECT_URL = "admin:index"

API_SCOPES = {
    "records:read": "Read records, record types and the feed of changes",
    "records:write": "Create, change and delete records",
    "record-types:write": "Define, change and delete record types",
    "events:read": "Read events and event types",
    "events:write": "Publish events",
    "webhooks:read": "Read webhook subscriptions, deliveries, endpoints and messages",
    "webhooks:write": "Create, change and delete webhook subscriptions and endpoints, send tests, replay",
    "scim:read": "Read users and groups of the directory over SCIM",
    "scim:write": "Create, change and delete users and groups of the directory over SCIM",
    "config:read": "List the names of configuration values",
    "config:write": "Set and delete configuration values",
    "api-keys:read": "List API keys",
    "api-keys:write": "Create, rotate and revoke API keys",
}
OAUTH2_PROVIDER_APPLICATION_MODEL = "core.ApiClient"
OAUTH2_PROVIDER = {
    "SCOPES": API_SCOPES,
    "SCOPES_BACKEND_CLASS": "core.oauth.ClientScopes",
    "OAUTH2_VALIDATOR_CLASS": "core.oauth.TenantOAuth2Validator",
    "CLIENT_SECRET_HASHER": "random_secret_sha256",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 3600,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "ALLOW_LOCALHOST_LOOPBACK": False,
    "PKCE_REQUIRED": True,
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "client_credentials", "refresh_token"],
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
}

# --- the API ------------------------------------------------------------------------------------
API_RATE_LIMIT_PER_MINUTE = env.int("API_RATE_LIMIT_PER_MINUTE", default=600)
# Identity providers send in bursts: Entra ID asks for 25 requests a second and more.
SCIM_RATE_LIMIT_PER_MINUTE = env.int("SCIM_RATE_LIMIT_PER_MINUTE", default=6000)
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", default=5 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.api.authentication.TenantAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttling.CredentialThrottle"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["core.api.filters.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.EnvelopeSchema",
    "EXCEPTION_HANDLER": "core.api.handler.handle",
    "UNAUTHENTICATED_USER": None,
    # ?format= is an unknown parameter like any other.
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = spectacular_settings(PUBLIC_URL, API_SCOPES)

# --- events and background work -----------------------------------------------------------------
# Who reacts to events, called in this order inside the dispatcher's transaction.
EVENT_CONSUMERS = ["webhooks.dispatch.consume"]
# How many rows each of them may write for one event of a type.
EVENT_FAN_OUTS = ["webhooks.dispatch.fan_out"]
# Who describes the event types that the product itself publishes for a tenant.
EVENT_TYPE_SOURCES = [
    "records.event_types.describe",
    "webhooks.event_types.describe",
    "scim.event_types.describe",
]
# Event types that only the product itself may publish, besides those of record types.
RESERVED_EVENT_PREFIXES = ["webhook.", "inbound.", "user.", "group."]
# Tasks that run every minute whether or not anything woke them: the safety net.
SAFETY_NET_TASKS = [
    "core.tasks.dispatch_events",
    "webhooks.tasks.deliver",
    "webhooks.tasks.process_messages",
    "webhooks.tasks.replay",
    "webhooks.tasks.erase_deleted",
    "webhooks.tasks.repair_lanes",
    "scim.tasks.settle_access",
]
# Tasks that run every hour.
HOURLY_TASKS = [
    "core.tasks.expire_requests",
    "webhooks.tasks.erase_expired",
    "scim.tasks.erase_expired",
]
Q_CLUSTER = {
    "name": "patchbay",
    "label": "Background work",
    "orm": "default",
    "workers": env.int("WORKER_PROCESSES", default=4),
    "timeout": 300,
    "retry": 360,
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": -1,
    "poll": 0.05,
    "queue_limit": 4,
    "catch_up": False,
    "max_rss": 512 * 1024,
}

# --- outbound HTTP ------------------------------------------------------------------------------
OUTBOUND_HTTPS_ONLY = env.bool("OUTBOUND_HTTPS_ONLY", default=True)
OUTBOUND_ALLOWED_NETWORKS: list[str] = env.list("OUTBOUND_ALLOWED_NETWORKS", default=[])
OUTBOUND_BLOCKED_NETWORKS: list[str] = env.list("OUTBOUND_BLOCKED_NETWORKS", default=[])
OUTBOUND_CA_BUNDLE = env.str("OUTBOUND_CA_BUNDLE", default="")
DELIVERY_TIMEOUT_SECONDS = env.int("DELIVERY_TIMEOUT_SECONDS", default=15)
DELIVERY_CONCURRENCY = env.int("DELIVERY_CONCURRENCY", default=256)
DELIVERY_PROCESSES = env.int("DELIVERY_PROCESSES", default=2)
DISABLE_FAILING_AFTER_HOURS = env.int("DISABLE_FAILING_AFTER_HOURS", default=120)

# --- pages, mail, logs --------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "UTC"
USE_TZ = True
EMAIL_CONFIG = env.mail("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="patchbay@localhost")
LOGGING = logging_config(
    level=env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"),
    style=env.choice("LOG_FORMAT", ("json", "console"), default="json"),
)
LOGGING_CONFIG = "logging.config.dictConfig"

# --- protection of the pages --------------------------------------------------------------------
# config.checks says the same of CSRF_TRUSTED_ORIGINS, and what to write instead.
SILENCED_SYSTEM_CHECKS = ["4_0.E001"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS_ONLY
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=[])
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
