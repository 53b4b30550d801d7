"""Settings, read from the environment. With nothing set, everything runs embedded on loopback.

The variables are described for the operator in docs/operator.md.
"""

from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from csp.constants import NONCE, NONE, SELF

from glossary import environment as env
from glossary.servers import embedded

django_stubs_ext.monkeypatch()  # Django's generic classes take their types at run time as well

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("LEXISPACE_VAR", str(BASE_DIR / "var"))).resolve()

# The address: what this process binds, and what readers see.
HOST = env.text("HOST", "127.0.0.1")
PORT = int(env.text("PORT", "8000"))
LEXISPACE_URL = env.text("LEXISPACE_URL", f"http://{HOST}:{PORT}").rstrip("/")
# Loopback names always count, so that health checks from inside need not know the public one.
ALLOWED_HOSTS = sorted(
    {*env.words("ALLOWED_HOSTS"), *env.LOOPBACK, "[::1]", env.host_of(LEXISPACE_URL)}
    - {"0.0.0.0", "::"}  # noqa: S104 - never a name
)
CSRF_TRUSTED_ORIGINS = [LEXISPACE_URL]
CSRF_FAILURE_VIEW = "terms.views.unsent.csrf_failure"

DEBUG = False
SECRET_KEY = env.secret_key(VAR)
HTTPS = LEXISPACE_URL.startswith("https://")
BACKUP_RECORD = Path(env.text("LEXISPACE_BACKUP_RECORD", str(VAR / "last-backup")))
STARTER = env.flag("LEXISPACE_STARTER", default=True)
PRIVATE = env.flag("LEXISPACE_PRIVATE", default=False)
PROPOSALS_OPEN = env.choice("LEXISPACE_PROPOSALS", "accounts", "open") == "open"
PROXIES = env.number("LEXISPACE_PROXIES", default=0)

INSTALLED_APPS = [
    "glossary",
    "terms",
    "embeddings",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pghistory",
    "pgtrigger",
    "rest_framework",
]

# The header in which a proxy names who has logged in there; without one nobody is believed.
SSO_HEADER = env.text("LEXISPACE_SSO_HEADER").upper().replace("-", "_")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "glossary.middleware.permissions_policy",
    "glossary.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "glossary.middleware.speaks_language_of_path",
    "glossary.middleware.DatabaseOutage",
    "glossary.middleware.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    *(["glossary.middleware.SingleSignOn"] if SSO_HEADER else []),
    *(["glossary.middleware.LogInToRead"] if PRIVATE else []),
    "pghistory.middleware.HistoryMiddleware",
    "glossary.validators.ConditionalReaderPages",
    "django.contrib.messages.middleware.MessageMiddleware",
]

# Only requests that may write have a user to record; asking for one would make every page vary.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

ROOT_URLCONF = "glossary.urls"
WSGI_APPLICATION = "glossary.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "terms.views.context.glossary",
            ],
            # Every page speaks the reader's language: no template has to say that it does.
            "builtins": ["django.templatetags.i18n", "terms.templatetags.interface"],
        },
    },
]

# Storage. Without DATABASE_URL and REDIS_URL, `manage.py up` runs both itself, on sockets in VAR.
DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
DATABASES: dict[str, Any] = {
    "default": (dj_database_url.parse(DATABASE_URL) if DATABASE_URL else embedded.database(VAR))
    | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
}
DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 2

RATES_URL = REDIS_URL or embedded.redis_url(VAR)
CELERY_BROKER_URL = REDIS_URL or embedded.broker_url(VAR)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A message is only a doorbell: acknowledged late, without result, and given up at once by a
# publisher that finds no broker.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5,
    "visibility_timeout": 60,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_POOL = "prefork"
CELERY_WORKER_CONCURRENCY = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 2
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = False
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 3_000_000  # KiB
# Tuning takes minutes: it has a queue and a worker of its own, and embedding never waits for it.
TUNING_QUEUE = "tuning"
CELERY_TASK_ROUTES = {"embeddings.tune": {"queue": TUNING_QUEUE}}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
# What beat rings for: the task, how often in seconds, and how long, at the most, a ring counts.
HOUR = 3600
ROUNDS = {
    "doorbell": ("embeddings.embed_due", 5),
    "rolling check": ("embeddings.check_texts", 20),
    "indexes": ("embeddings.build_indexes", 300),
    "map": ("embeddings.lay_out", 60),
    "survey": ("embeddings.survey", 20),
    "backdrop of the lab": ("embeddings.set_backdrop", 30),
    "graph of the lab": ("embeddings.set_graph", 30),
    "tuning": ("embeddings.tune", 30),
    "planned publications": ("terms.publish_due", 30),
    "coverage by topic": ("terms.count_coverage", 120),
    "outcomes of proposals": ("terms.tell_proposers", 60),
    "imports that wait": ("terms.import_waiting", 30),
    "forget old uploads": ("terms.forget_uploads", HOUR),
    "forget old misses": ("terms.forget_misses", 24 * HOUR),
    "forget old drafts of forms": ("terms.forget_drafts", 24 * HOUR),
    "forget old answers": ("terms.forget_answers", HOUR),
}
CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": float(every), "options": {"expires": min(every, HOUR)}}
    for name, (task, every) in ROUNDS.items()
}

# The space that a new glossary starts with, and how encoders are found.
ENCODERS = {
    "sentence_transformers": "embeddings.encoders.transformer.SentenceTransformersEncoder",
    "onnx": "embeddings.encoders.onnx.OnnxEncoder",
    "folder": "embeddings.encoders.folder.FolderEncoder",
    "folder_onnx": "embeddings.encoders.folder.FolderOnnxEncoder",
    "openai_compatible": "embeddings.encoders.openai_compatible.OpenAICompatibleEncoder",
    "openai_question": "embeddings.encoders.openai_compatible.QuestionEncoder",
    "tuned": "embeddings.encoders.tuned.TunedEncoder",
    "tuned_onnx": "embeddings.encoders.tuned_onnx.TunedOnnxEncoder",
    "hashing": "embeddings.encoders.hashing.HashingEncoder",
}
# The web process never imports torch and waits for no server: a query is encoded by these instead.
QUERY_ENCODERS = {
    "sentence_transformers": "onnx",
    "folder": "folder_onnx",
    "openai_compatible": "openai_question",
    "tuned": "tuned_onnx",
}
DEFAULT_ENCODER = env.text("LEXISPACE_ENCODER", "sentence_transformers")
MODELS = Path(env.text("LEXISPACE_MODELS", str(VAR / "own-models")))
MODEL_DIR = env.text("LEXISPACE_MODEL_DIR")
REMOTE_URL = env.text("LEXISPACE_REMOTE_URL")
REMOTE_MODEL = env.text("LEXISPACE_REMOTE_MODEL")
REMOTE_DIMENSIONS = env.number("LEXISPACE_REMOTE_DIMENSIONS", default=0)
REMOTE_LANGUAGES = env.words("LEXISPACE_REMOTE_LANGUAGES")
REMOTE_KEY = env.text("LEXISPACE_REMOTE_KEY")
REMOTE_PRICE = env.amount("LEXISPACE_REMOTE_PRICE")  # of a million tokens
REMOTE_BATCH = env.number("LEXISPACE_REMOTE_BATCH", default=32)  # texts a request
REMOTE_CHARACTERS = env.number("LEXISPACE_REMOTE_CHARACTERS", default=60_000)  # a request

# Text of the interface, time, static files. A language is here when locale/ has all of its texts.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "German"), ("es", "Spanish"), ("ar", "Arabic")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["glossary.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("LEXISPACE_STATIC", str(VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "glossary.staticfiles.JoinedStaticFilesStorage"},
}

# Accounts. There is no default password: the first start prints a one-time link.
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    *(["django.contrib.auth.backends.RemoteUserBackend"] if SSO_HEADER else []),
]

# E-mail. Without a host nothing is sent, and an administrator hands out one-time links.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"
EMAIL_SECURITY = env.choice("EMAIL_SECURITY", "starttls", "tls", "none")
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_PORT = env.number("EMAIL_PORT", default={"starttls": 587, "tls": 465}.get(EMAIL_SECURITY, 25))
EMAIL_HOST_USER = env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f"lexispace@{env.host_of(LEXISPACE_URL)}")

# Headers. Reader pages carry no inline script or style, so that they can be cached.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
CSP_NONCE = NONCE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "lexispace-session"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "lexispace-csrf"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
CORS_ALLOW_ALL_ORIGINS = not PRIVATE
CORS_URLS_REGEX = r"^/api/v1/"
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_EXPOSE_HEADERS = ["ETag", "Link"]

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "terms.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["terms.api.authentication.HasScope"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "glossary.api.CursorPagination",
    "EXCEPTION_HANDLER": "glossary.api.problem_details",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lexispace",
    "DESCRIPTION": "A glossary that is read like a dictionary and searched by meaning.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": {
        "AliasKindEnum": "terms.models.Alias.Kind",
        "RelationKindEnum": "terms.entry_json.KINDS",
        "ProposalStateEnum": "terms.models.Proposal.State",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"},
    },
    "filters": {"client fault": {"()": "glossary.logs.ClientFault"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LEXISPACE_LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "django.security.DisallowedHost": {"filters": ["client fault"]},
    },
}
