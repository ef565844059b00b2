"""``anlan doctor``: is this machine fit to run a centre?"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
from django.conf import settings
from django.core import checks

LEAST_FREE_BYTES = 2 * 1024**3


@click.command()
def doctor() -> None:
    """Look at Python, the store, the disk, fonts, roads and message channels; exit 1 when something is wrong."""
    wrong = 0
    for label, fine, detail in (*_machine(), *_store(), _messages(), _platform()):
        click.echo(f"{'✓' if fine else '✗'} {label}: {detail}")
        wrong += not fine
    sys.exit(1 if wrong else 0)


def _machine() -> list[tuple[str, bool, str]]:
    home = Path(settings.HOME)
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    fonts = _chinese_fonts()
    return [
        ("Python", sys.version_info >= (3, 11), sys.version.split()[0]),
        ("SQLite", True, sqlite3.sqlite_version),
        ("磁盘 / disk", free >= LEAST_FREE_BYTES, f"{free / 1024**3:.1f} GiB free under {home}"),
        _files(),
        ("中文字体 / Chinese fonts", True, fonts or "none here: prints would lack Chinese; browsers bring their own"),
    ]


def _files() -> tuple[str, bool, str]:
    """Each screen that listens is an open file; where too few are allowed, screens fall back to asking."""
    from anlan.console.live_door import files_allowed, files_needed, streams_possible

    needed, allowed, streams = files_needed(), files_allowed(), settings.LIVE_STREAMS_MAX
    told = (
        f"{'any number' if allowed == sys.maxsize else allowed} allowed, {needed} needed for {streams} live streams"
    )
    if allowed < needed:
        fewer = streams_possible()
        told += (
            f"; no more than {fewer} screens could listen, the others would ask every 5 s. Allow more at the start "
            f"(systemd: LimitNOFILE={needed}; shell: ulimit -Hn {needed}) or set ANLAN_LIVE_STREAMS={fewer}"
        )
    return ("打开文件数 / open files", allowed >= needed, told)


def _chinese_fonts() -> str:
    lister = shutil.which("fc-list")
    if lister is None:
        return ""
    found = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, text=True, check=False).stdout
    return ", ".join(sorted({line.split(",")[0] for line in found.splitlines() if line})[:3])


def _store() -> list[tuple[str, bool, str]]:
    from django.db import DatabaseError

    from anlan.places.models import RoadNetwork

    found = checks.run_checks(databases=list(settings.DATABASES))
    serious = [message for message in found if message.is_serious()]
    shown = "; ".join(f"{m.id} {m.msg}" for m in serious) or ", ".join(settings.DATABASES)
    rows = [("数据库 / store", not serious, shown)]
    try:
        network = RoadNetwork.objects.filter(is_active=True).first()
        detail = f"{network.name}, {network.nodes} nodes" if network else "none yet: anlan import roads FILE.osm.pbf"
    except DatabaseError:
        detail = "no tables yet: anlan migrate"
    return [*rows, ("路网 / roads", True, detail)]


def _messages() -> tuple[str, bool, str]:
    """Which channels let messages out of the house; a setting that could reach nobody is wrong."""
    from anlan.integrations.messages.carrier import channel_told

    told, fine = [], True
    for name, target in settings.MESSAGE_CHANNELS.items():
        if target:
            try:
                told.append(f"{name} by {channel_told(target)}")
            except ValueError as problem:
                told.append(f"{name}: {problem}")
                fine = False
    return ("消息 / messages", fine, "; ".join(told) or "every channel is off: nothing leaves this machine")


def _platform() -> tuple[str, bool, str]:
    """Whether the town's platform is told, and that its keys can be read and belong to somebody."""
    from django.db import DatabaseError

    from anlan.accounts.models import Organisation
    from anlan.integrations.town_platform.signing import keys_read

    label = "镇街平台 / town platform"
    try:
        keys = keys_read(settings.TOWN_PLATFORM_KEYS)
        codes = {key.organisation for key in keys.values()}
        unknown = codes - set(Organisation.objects.filter(code__in=codes).values_list("code", flat=True))
    except ValueError as problem:
        return (label, False, str(problem))
    except DatabaseError:
        return (label, True, "no tables yet: anlan migrate")
    if unknown:
        return (label, False, f"no organisation {', '.join(sorted(unknown))}")
    told = f"told, {len(keys)} keys" if settings.TOWN_PLATFORM_URL else "off"
    return (label, bool(keys) or not settings.TOWN_PLATFORM_URL, told)
