"""All settings. A bare machine needs none of the environment variables named here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

HOME = Path(os.environ.get("ANLAN_HOME", "var")).resolve()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("ANLAN_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _secret(name: str) -> str:
    """A key kept in a file only its owner can read, made on first use."""
    if value := os.environ.get(f"ANLAN_{name.upper()}"):
        return value
    path = HOME / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = _secret("secret_key")
EVENT_HASH_KEY = _secret("event_hash_key")
# The ledger's signing key (made when the first row is sealed), its hash, and who sees its checkpoints outside: a file
# on another machine, or run:COMMAND (docs/rooms/ledger.md).
LEDGER_KEY_FILE = Path(os.environ.get("ANLAN_LEDGER_KEY_FILE", HOME / "secrets" / "ledger_key"))
LEDGER_HASH = os.environ.get("ANLAN_LEDGER_HASH", "sha256")
LEDGER_WITNESS = os.environ.get("ANLAN_LEDGER_WITNESS", "")
# The second machine that holds every commit: `anlan standby use` writes where it is (docs/decisions/standby.md).
STANDBY_FILE = HOME / "standby.json"
STANDBY_KEY_FILE = HOME / "secrets" / "standby_key"
# The same for a centre on PostgreSQL, whose servers stream by themselves: the other server, asked at the start and
# every five seconds whether it has taken over.
PARTNER_DATABASE_URL = os.environ.get("ANLAN_PARTNER_DATABASE_URL", "")
# What a machine that may have been replaced still takes, where the house has said so: calls, and people who sign in.
DOORS_OF_CALLS = (
    "/sign-",
    "/language",
    "/theme",
    "/console/map/call",
    "/console/calls/",
    "/console/ringing/",
    "/api/calls",
    "/api/telephony/",
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "anlan.core",
    "anlan.ledger",
    "anlan.accounts",
    "anlan.places",
    "anlan.notices",
    "anlan.tagging",
    "anlan.units",
    "anlan.equipment",
    "anlan.intake",
    "anlan.dispatch",
    "anlan.disputes",
    "anlan.forecasting",
    "anlan.patrol",
    "anlan.whatif",
    "anlan.citizen",
    "anlan.reports",
    "anlan.console",
    "anlan.integrations",
    "anlan.drills",
]
AUTH_USER_MODEL = "accounts.Person"
# Signing in at the bureau's own service, by OpenID Connect; off without an issuer (docs/single-sign-on.md).
_OIDC_SECRET_FILE = os.environ.get("ANLAN_OIDC_SECRET_FILE", "")
OIDC = {
    "issuer": os.environ.get("ANLAN_OIDC_ISSUER", ""),
    "client": os.environ.get("ANLAN_OIDC_CLIENT", "anlan"),
    "secret": Path(_OIDC_SECRET_FILE).read_text(encoding="utf-8").strip() if _OIDC_SECRET_FILE else "",
    "claim": os.environ.get("ANLAN_OIDC_CLAIM", "preferred_username"),
    "scope": os.environ.get("ANLAN_OIDC_SCOPE", "openid profile"),
    "label": os.environ.get("ANLAN_OIDC_LABEL", ""),
    "factors": os.environ.get("ANLAN_OIDC_FACTORS", ""),
    "admit": os.environ.get("ANLAN_OIDC_ADMIT", ""),
}
# What passwords, sessions and administrators must be like: gb (GB/T 22239-2019, level 3) or asvs (OWASP ASVS 5.0);
# how many minutes nothing may be done (0: for ever; usually the profile's), and whether emergency desks end too.
SECURITY_PROFILE = os.environ.get("ANLAN_PROFILE", "gb")
IDLE_MINUTES = int(os.environ["ANLAN_IDLE_MINUTES"]) if os.environ.get("ANLAN_IDLE_MINUTES") else None
IDLE_DESKS = os.environ.get("ANLAN_IDLE_DESKS", "") == "on"
# After how many days a program's token opens nothing more (0: never).
TOKEN_DAYS = int(os.environ.get("ANLAN_TOKEN_DAYS", "180"))
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "anlan.config.static.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "anlan.core.middleware.ContentSecurityPolicy",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "anlan.accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "anlan.core.middleware.SecondMachine",
    "anlan.core.middleware.RefusalPages",
]
ROOT_URLCONF = "anlan.config.urls"
WSGI_APPLICATION = "anlan.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "anlan.core.context.page_shell",
            ],
            "builtins": [
                "anlan.core.templatetags.anlan",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
        },
    }
]

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous={sync}; PRAGMA foreign_keys=ON; PRAGMA mmap_size=0;"
    "PRAGMA cache_size=-65536; PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"
    "PRAGMA secure_delete=ON;"
)


def _sqlite(path: Path, *, sync: str, more: str = "") -> dict[str, object]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "anlan.core.sqlite_backend",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": SQLITE_PRAGMAS.format(sync=sync) + more,
        },
        "TEST": {"NAME": str(path.with_name(f"test-{path.name}"))},
    }


def _postgres(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


if DATABASE_URL := os.environ.get("ANLAN_DATABASE_URL", ""):
    DATABASES = {"default": _postgres(DATABASE_URL)}
else:
    DATABASES = {
        "default": _sqlite(HOME / "anlan.sqlite3", sync="FULL"),
        # Replaceable rows (the latest position) don't queue behind the calls.
        # Each batch changes the same few hundred pages: a dozen batches are gathered before they are put in place.
        "positions": _sqlite(HOME / "positions.sqlite3", sync="NORMAL", more="PRAGMA wal_autocheckpoint=4000;"),
    }
DATABASE_ROUTERS = ["anlan.core.routers.PositionsRouter"]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "anlan_language"
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = HOME / "media"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
# Browsers come by https, through a proxy that holds the certificate and says so (docs/tls.md): cookies travel under
# TLS alone, and a browser that has been here by https never comes without it. Off, where there is no certificate.
TLS = os.environ.get("ANLAN_TLS", "") == "on"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
# With the prefix a browser takes them from this very host alone and under TLS: none beside it can put one in.
COOKIE_PREFIX = "__Host-" if TLS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}anlan_session", f"{COOKIE_PREFIX}anlan_csrf"
# So many proxies of the house stand before the centre: the address of whoever asks is what the outermost of them saw.
PROXIES = int(os.environ.get("ANLAN_PROXIES", "0"))
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if TLS else 0
# Else anybody could say so; without it a form sent by https would be taken for one of another site.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TLS else None
CSRF_FAILURE_VIEW = "anlan.core.middleware.form_stale"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# A form sends each Chinese character as nine bytes: a narrative of a million of them must come through.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

# Days for which each class of matter keeps its words and exact place after its end, where they differ from
# the rule: ANLAN_KEEP_DAYS="void=30,police=730". Classes: void, transfer, community, police, grave.
KEEP_DAYS = {
    key.strip(): int(days)
    for key, _equals, days in (
        part.partition("=") for part in os.environ.get("ANLAN_KEEP_DAYS", "").split(",") if part
    )
}
# Where messages leave the house, by channel: an address of the message library with {address} where the receiver
# stands. Empty is off, and all are off unless the operator writes one (docs/messages.md).
MESSAGE_CHANNELS = {
    "sms": os.environ.get("ANLAN_MESSAGES_SMS", ""),
    "wecom": os.environ.get("ANLAN_MESSAGES_WECOM", ""),
    "dingtalk": os.environ.get("ANLAN_MESSAGES_DINGTALK", ""),
    "feishu": os.environ.get("ANLAN_MESSAGES_FEISHU", ""),
    "email": os.environ.get("ANLAN_MESSAGES_EMAIL", ""),
}
# How citizens reach this site from outside, for the links in messages; without it no link is sent.
PUBLIC_URL = os.environ.get("ANLAN_PUBLIC_URL", "")
# The town's governance platform: where it is told, and its keys (docs/town-platform.md).
TOWN_PLATFORM_URL = os.environ.get("ANLAN_PLATFORM_URL", "")
TOWN_PLATFORM_KEYS = os.environ.get("ANLAN_PLATFORM_KEYS", "")
# What a unit's track on the roads says of its arrival: "suggest" asks crew and desk, "set" notes it for them.
ARRIVAL_BY_POSITION = os.environ.get("ANLAN_ARRIVAL_BY_POSITION", "suggest")
SNAPSHOT_MAX_AGE_S = 5.0
DEMO = os.environ.get("ANLAN_DEMO", "") == "1"
ROADS_DIR = HOME / "roads"
LIVE_PORT_OFFSET = 1
LIVE_URL = os.environ.get("ANLAN_LIVE_URL", "")
# The night's forecasts; "off" where nobody wants any.
FORECASTS = os.environ.get("ANLAN_FORECASTS", "on") != "off"
# Browsers that may listen to the live stream at once. Each is an open file; `anlan doctor` tells whether that holds.
LIVE_STREAMS_MAX = int(os.environ.get("ANLAN_LIVE_STREAMS", "4096"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # A page that isn't there is the asker's slip, not the centre's.
    "loggers": {
        "django.request": {"level": "ERROR"},
        # Its lines may hold addresses; what went wrong is kept with the message.
        "apprise": {"level": "CRITICAL", "propagate": False},
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("ANLAN_LOG_LEVEL", "WARNING")},
}
