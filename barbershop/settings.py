"""Settings, all from the environment (see ``env.py`` and ``.env.example``)."""

from csp.constants import NONE, SELF

from barbershop import env, env_values

BASE_DIR = env.BASE_DIR
VAR_DIR = env.VAR_DIR
VAR_DIR.mkdir(exist_ok=True)

# --- what kind of process this is
DEBUG = env.boolean("DEBUG")
DEMO = env.boolean("DEMO")
OWN_SECRETS = DEBUG or DEMO

SECRET_KEY = env.secret("SECRET_KEY", own=OWN_SECRETS, shortest=32)
ADDRESS_PEPPER = env.secret("ADDRESS_PEPPER", own=OWN_SECRETS, shortest=16)
LINK_SIGNING_KEYS = env.secret_list("LINK_SIGNING_KEYS", own=OWN_SECRETS, shortest=16)
FIELD_ENCRYPTION_KEYS = env.secret_list(
    "FIELD_ENCRYPTION_KEYS", own=OWN_SECRETS, check=env_values.fernet_key
)

PUBLIC_BASE_URL = env.url("PUBLIC_BASE_URL", default="http://127.0.0.1:8000", bare=True)
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", check=env_values.host) or (
    ["localhost", "127.0.0.1", "[::1]"] if OWN_SECRETS else []
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]
SECURE_SSL = env.boolean("SECURE_SSL", default=not OWN_SECRETS)

# --- the house
INSTALLED_APPS = [
    "barbershop.apps.BarbershopConfig",
    "customers.apps.CustomersConfig",
    "communications.apps.CommunicationsConfig",
    "campaigns.apps.CampaignsConfig",
    "analytics.apps.AnalyticsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "anymail",
    "django_htmx",
    "csp",
    "axes",
]
AUTH_USER_MODEL = "barbershop.User"
ROOT_URLCONF = "barbershop.urls"
WSGI_APPLICATION = "barbershop.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "communications.webhooks.counts.CountWebhooks",
    "barbershop.api.body_limit.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "barbershop.tenancy.ShopMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

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
                "barbershop.tenancy.shop_context",
            ]
        },
    }
]

# --- database: SQLite without any service, PostgreSQL at scale (docs/adr/0002)
DATABASES = {"default": env.database(default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock at BEGIN: read-then-write never fails with "locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;"
        ),
    }
else:
    DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    # Compiling a count takes longer than counting: 894 ms became 586 with it off.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")

# --- queue: tasks are hints, the database is the queue (docs/adr/0003)
REDIS_URL = env.text("REDIS_URL", check=env_values.redis)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 200
CELERY_TASK_TIME_LIMIT = 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_CRON_STARTING_DEADLINE = 300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_DB_REUSE_MAX = 1000
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900}
else:
    BROKER_DIR = VAR_DIR / "broker"
    for folder in ("messages", "control", "processed"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "store_processed": False,
        "polling_interval": 0.02,
    }

# --- providers
EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
# Anymail warns that its SendGrid support is community-kept. The provider is a setting and the
# docs name a supported alternative, so exactly this one check is silenced.
SILENCED_SYSTEM_CHECKS = ["anymail.W003"]
SENDGRID_API_KEY = env.text("SENDGRID_API_KEY")
SENDGRID_FROM_EMAIL = env.text("SENDGRID_FROM_EMAIL", check=env_values.email_address)
SENDGRID_FROM_NAME = env.text("SENDGRID_FROM_NAME")
SENDGRID_API_URL = env.provider(
    "SENDGRID_API_URL", default="https://api.sendgrid.com/v3/", ends_with="/v3/", demo=DEMO
)
SENDGRID_WEBHOOK_PUBLIC_KEYS = env.items(
    "SENDGRID_WEBHOOK_PUBLIC_KEYS", check=env_values.webhook_key
)
SENDGRID_INBOUND_DOMAIN = env.text("SENDGRID_INBOUND_DOMAIN", check=env_values.mail_domain)
SENDGRID_INBOUND_SECRET = env.text("SENDGRID_INBOUND_SECRET", check=env_values.url_secret)
SENDGRID_MESSAGES_PER_SECOND = env.per_second("SENDGRID_MESSAGES_PER_SECOND")
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN")
TWILIO_PHONE_NUMBER = env.text("TWILIO_PHONE_NUMBER", check=env_values.phone_number)
TWILIO_REGISTRATION = env.text("TWILIO_REGISTRATION", check=env_values.registration)
TWILIO_BASE_URL = env.provider(
    "TWILIO_BASE_URL", default="https://api.twilio.com", bare=True, demo=DEMO
)
TWILIO_MESSAGES_PER_SECOND = env.per_second("TWILIO_MESSAGES_PER_SECOND")
SHOP_TEST_MESSAGES_PER_DAY = env.per_day("SHOP_TEST_MESSAGES_PER_DAY", default=100)
ANYMAIL = {
    "SENDGRID_API_KEY": SENDGRID_API_KEY,
    "SENDGRID_API_URL": SENDGRID_API_URL,
    # Our own ids travel as custom arguments; anymail's generated ones would be one per call.
    "SENDGRID_GENERATE_MESSAGE_ID": False,
    "REQUESTS_TIMEOUT": (5, 20),
}
DEFAULT_FROM_EMAIL = SENDGRID_FROM_EMAIL or "noreply@localhost"

# --- sign-in
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"  # what the form calls it, whatever the model does
AXES_VERBOSE = False  # no line in the log of every command

# --- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "barbershop.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["barbershop.api.permissions.ShopAccess"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["barbershop.api.parsers.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "barbershop.api.pagination.PageNumberPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "barbershop.api.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Barbershop campaign manager",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "barbershop.api.schema.document",
    ],
}
API_BODY_LIMIT = 5 * 1024 * 1024  # bytes; CSV uploads have their own limit
CSV_BODY_LIMIT = 64 * 1024 * 1024
WEBHOOK_BODY_LIMIT = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = API_BODY_LIMIT

# --- static files, languages, time
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = OWN_SECRETS
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("fr", "Français")]

# --- browser security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = SECURE_SSL
SESSION_COOKIE_SECURE = SECURE_SSL
CSRF_COOKIE_SECURE = SECURE_SSL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_SSL
SECURE_HSTS_PRELOAD = SECURE_SSL
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics/?$"]

# --- observing
METRICS_TOKEN = env.text("METRICS_TOKEN", check=env_values.bearer_token)
COUNTS_DIR = VAR_DIR  # on a disk that all processes of one web server share
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Twilio's client logs whole requests, numbers and texts included, at INFO.
    "loggers": {"twilio.http_client": {"level": "WARNING"}},
}
SENTRY_DSN = env.text("SENTRY_DSN", check=env_values.sentry)
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False)
