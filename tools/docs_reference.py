"""Write ``docs/reference.md`` from the code: settings, commands, permissions, events, addresses.

``python tools/docs_reference.py [--check]``
"""

from __future__ import annotations

import ast
import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "anlan"
PAGE = ROOT / "docs" / "reference.md"

# What each environment variable is for; one that is read and not told here fails the checks.
SETTINGS = {
    "ANLAN_HOME": ("`var` beneath the current folder", "folder of the databases, keys, road graphs and uploads"),
    "ANLAN_HOSTS": ("this machine only", "host names under which the site answers, separated by commas"),
    "ANLAN_TLS": ("off", "`on` where browsers come by https, through a proxy (docs/tls.md)"),
    "ANLAN_PROXIES": ("0", "how many proxies of the house stand before the centre; whose address it is, they say"),
    "ANLAN_PARTNER_DATABASE_URL": ("", "PostgreSQL: the other server of the pair, asked whether it has taken over"),
    "ANLAN_PROFILE": (
        "`gb`",
        "rules for passwords, sessions and administrators: `gb` or `asvs` (docs/security)",
    ),
    "ANLAN_IDLE_MINUTES": ("the profile's", "after how long without anything done a session ends; 0 for never"),
    "ANLAN_IDLE_DESKS": ("off", "`on` where desks on duty and phones of units end so too"),
    "ANLAN_OIDC_ISSUER": ("off", "address of the bureau's sign-in service (docs/single-sign-on.md)"),
    "ANLAN_OIDC_CLIENT": ("`anlan`", "the centre's name at the sign-in service"),
    "ANLAN_OIDC_SECRET_FILE": ("none", "file with the centre's secret at the sign-in service"),
    "ANLAN_OIDC_CLAIM": ("`preferred_username`", "which claim of the sign-in service is the user name here"),
    "ANLAN_OIDC_SCOPE": ("`openid profile`", "what the sign-in service is asked for"),
    "ANLAN_OIDC_LABEL": ("its host name", "what the button calls the sign-in service"),
    "ANLAN_OIDC_FACTORS": ("none", "marks of a second proof there that count here, such as `amr:otp acr:gold`"),
    "ANLAN_OIDC_ADMIT": ("none", "organisation at which accounts are made for whoever the service knows"),
    "ANLAN_SECRET_KEY": ("made on first start, kept in the home folder", "signs sessions and forms"),
    "ANLAN_EVENT_HASH_KEY": ("made on first start, kept in the home folder", "keys the hashes that stand in events"),
    "ANLAN_LEDGER_KEY_FILE": ("`secrets/ledger_key` in the home folder", "signs the ledger; made on first use"),
    "ANLAN_LEDGER_HASH": ("`sha256`", "hash of a ledger that is begun: `sha256` or `sm3` (docs/rooms/ledger.md)"),
    "ANLAN_LEDGER_WITNESS": ("none", "file elsewhere, or `run:COMMAND`, that gets each checkpoint of the ledger"),
    "ANLAN_ARRIVAL_BY_POSITION": (
        "suggest",
        "`set` notes a unit that has signed as arrived where its track says so; else crew and desk are asked",
    ),
    "ANLAN_DATABASE_URL": (
        "SQLite in the home folder",
        "`postgresql://user:password@host:port/name` for PostgreSQL 15+",
    ),
    "ANLAN_KEEP_DAYS": ("the rule", "days a class of matter keeps its words: `void=30,police=730` (docs/feeds.md)"),
    **{
        f"ANLAN_MESSAGES_{name}": ("off", f"where messages by {told} leave the house (docs/messages.md)")
        for name, told in (
            ("SMS", "text message"),
            ("WECOM", "WeCom"),
            ("DINGTALK", "DingTalk"),
            ("FEISHU", "Feishu"),
            ("EMAIL", "e-mail"),
        )
    },
    "ANLAN_PLATFORM_URL": ("off", "address at which the town's platform is told (docs/town-platform.md)"),
    "ANLAN_PLATFORM_KEYS": ("none", "`name:organisation:secret` for each key of a town platform, parted by blanks"),
    "ANLAN_PUBLIC_URL": ("none: no link is sent", "address of the site as citizens reach it, for links in messages"),
    "ANLAN_FORECASTS": ("on", "`off`: this centre makes no forecasts at night"),
    "ANLAN_LIVE_STREAMS": ("4096", "browsers that may listen at once; each is an open file (`anlan doctor`)"),
    "ANLAN_LIVE_URL": ("same host, next port", "address of the live stream as browsers reach it, behind a proxy"),
    "ANLAN_LOG_LEVEL": ("`WARNING`", "how much is written to the log: `DEBUG`, `INFO`, `WARNING`, `ERROR`"),
    "ANLAN_TOKEN_DAYS": ("180", "after how many days a program's token opens nothing more; 0: never"),
    "ANLAN_DEMO": ("off", "`1` marks every page as a demonstration; set by `anlan demo`"),
}


def settings_read() -> set[str]:
    """Environment variables the settings read."""
    tree = ast.parse((PACKAGE / "config" / "settings.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "get" and str(node.args[0].value).startswith("ANLAN_"):
            found.add(str(node.args[0].value))
        elif name == "_secret":
            found.add(f"ANLAN_{str(node.args[0].value).upper()}")
    return found


def events() -> Iterator[tuple[str, str]]:
    """``(room, kind)`` of everything that can happen."""
    for path in sorted(PACKAGE.glob("*/events.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                yield path.parent.name, str(node.value.value)


def permissions() -> list[dict[str, str]]:
    """Rows of the permission sheets."""
    sheets = sorted((PACKAGE / "core" / "data" / "permissions.d").glob("*.csv"))
    return [row for sheet in sheets for row in csv.DictReader(sheet.open(encoding="utf-8"))]


def commands() -> Iterator[tuple[str, str]]:
    """``(words, first line of its help)`` of each command and sub-command."""
    import click

    from anlan.config.cli import main

    def walk(command: click.Command, words: str) -> Iterator[tuple[str, str]]:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                if inner is not None and not inner.hidden:
                    yield from walk(inner, f"{words} {name}")
        else:
            yield words, command.get_short_help_str(limit=200)

    return walk(main, "anlan")


def addresses() -> Iterator[tuple[str, str, str]]:
    """``(verb, address, summary)`` of the JSON interface."""
    from anlan.api.root import api

    for path, verbs in sorted(api.get_openapi_schema()["paths"].items()):
        for verb, details in verbs.items():
            yield verb.upper(), path, details.get("summary", "")


def page() -> str:
    """The whole page."""
    parts = [
        "# Reference",
        "Made from the code by `make docs`; a check fails when it is out of date.",
        "## Settings",
        "Environment variables; a bare machine needs none of them.",
        _table(("name", "default", "what for"), [(f"`{n}`", *SETTINGS[n]) for n in sorted(settings_read())]),
        "## Commands",
        _table(("command", "what it does"), [(f"`{words}`", text) for words, text in commands()]),
        "## Permissions",
        "An action nobody is named for is nobody's. Rows of other organisations stay hidden whatever the role.",
        _table(
            ("action", "中文", "English", "roles"),
            [(f"`{row['action']}`", row["zh"], row["en"], row["roles"].replace(" ", ", ")) for row in permissions()],
        ),
        "## Events",
        "One row per change, written in its transaction. Each carries ids, codes, times and keyed hashes only.",
        *(_events_of(room) for room in sorted({room for room, _ in events()})),
        "## Interface",
        "JSON under `/api/`; the machine-readable description is at `/api/openapi.json`. Commands take an "
        "`Idempotency-Key` header. Refusals have the shape `{code, detail, detail_i18n, facts}`.",
        _table(("verb", "address", "what it does"), [(v, f"`{a}`", text) for v, a, text in addresses()]),
    ]
    return "\n\n".join(parts) + "\n"


def _events_of(room: str) -> str:
    return f"**{room}**: " + ", ".join(f"`{kind}`" for owner, kind in events() if owner == room)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    import django

    django.setup()
    text = page()
    fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    if "--check" in sys.argv:
        print("docs/reference.md is up to date" if fresh else "docs/reference.md is stale: run make docs")
        return int(not fresh)
    if not fresh:
        PAGE.write_text(text, encoding="utf-8")
        print("written docs/reference.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
