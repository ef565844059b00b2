"""At a start: the standby is brought up to where this store is, or this machine learns that it was replaced."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils import timezone

from anlan.accounts.events import MACHINE_TOOK_OVER
from anlan.accounts.models import Organisation
from anlan.assurance.standby.copy import PRIMARY, STANDBY, role_of
from anlan.assurance.standby.kept import NotSound
from anlan.assurance.standby.postgres import server_fence
from anlan.assurance.standby.takeover import stores_take
from anlan.config.not_fit import NotFit
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.models import Event
from anlan.core.services import event_record
from anlan.core.sqlite_backend.base import WriterLock
from anlan.core.sqlite_backend.errors import Replaced
from anlan.core.sqlite_backend.notes import alone_note, replaced_note
from anlan.core.sqlite_backend.sealed import LineBroken
from anlan.core.sqlite_backend.second import alone_told, store_here
from anlan.core.sqlite_backend.stream import Stream


def standby_is_not_served() -> None:
    """Raises ``NotFit`` for a home that receives another machine's commits: it would part from it."""
    role = role_of(settings.HOME)
    if role is not None and role.role == STANDBY:
        raise NotFit(
            f"{settings.HOME} 是备机，尚未接管，不能在此启动接警。主机故障时请先执行 anlan takeover。/ "
            f"{settings.HOME} is a standby that has not taken over; nothing is served from it. Where the other "
            "machine has failed: anlan takeover."
        )


def partner_ask(*, at: datetime) -> bool:
    """On PostgreSQL: whether the other server has taken over; then that is noted, and nothing is saved any more."""
    del at
    if not (settings.PARTNER_DATABASE_URL and settings.DATABASE_URL):
        return False
    told = server_fence(settings.DATABASE_URL, partner=settings.PARTNER_DATABASE_URL)
    if told is not None:
        replaced_note(store_here()).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        sys.stderr.write(_attention(told["at"], told["by"]))
    return told is not None


def _attention(at_text: str, by: str) -> str:
    at = timezone.localtime(datetime.fromisoformat(at_text))
    return (
        f"注意：本机已于 {at:%Y-%m-%d %H:%M:%S} 由 {by} 接管替换，只能查看，不再保存任何内容。/ "
        f"ATTENTION: this machine was replaced at {at:%Y-%m-%d %H:%M:%S} by {by}; it shows what it has and saves "
        "nothing any more.\n"
    )


def takeover_record(at: datetime) -> bool:
    """Put the take-over that made this home the centre on record, once; whether it was put there now.

    The words (who and why) stand in the home's ``role.json``; the event holds their digest, and the ledger seals it.
    """
    role = role_of(settings.HOME)
    bureau = Organisation.objects.filter(parent=None).order_by("id").first()
    if role is None or role.taken is None or bureau is None:
        return False
    if Event.objects.filter(kind=MACHINE_TOOK_OVER, data__epoch=role.epoch).exists():
        return False
    told = json.dumps(role.taken, ensure_ascii=False, sort_keys=True)
    with transaction.atomic():
        event_record(
            MACHINE_TOOK_OVER,
            subject=bureau,
            by=SYSTEM,
            at=at,
            org_ids=[bureau.pk],
            epoch=role.epoch,
            took_over_at=role.taken["at"],
            told_sha256=hashlib.sha256(told.encode()).hexdigest(),
        )
    return True


def takeover_finish() -> None:
    """A take-over that was cut off after its fence stood is brought to its end, before anything is opened.

    Raises ``NotFit`` where the copy is not sound.
    """
    role = role_of(settings.HOME)
    if role is None or role.role != PRIMARY:
        return
    try:
        stores_take(settings.HOME, role.epoch)
    except NotSound as problem:
        raise NotFit(
            f"接管未完成：本机的副本不完好（{problem}）。请按操作预案“恢复”处理。/ The take-over "
            f"did not come to its end: the copy here is not sound ({problem}). Go on with “Restore” in the drills."
        ) from problem


def _epoch_agrees(line: Any, alias: str) -> None:
    """A store that was made anew since a take-over bears its home's epoch too: all of them go to one standby."""
    if alias == DEFAULT_DB_ALIAS:
        return
    with closing(sqlite3.connect(store_here())) as own:
        epoch = int(own.execute("PRAGMA user_version").fetchone()[0])
    if int(line.execute("PRAGMA user_version").fetchone()[0]) < epoch:
        line.execute(f"PRAGMA user_version={epoch}")


def standby_agreed() -> None:
    """A second machine that was agreed on and has no copy yet is given it at this start."""
    told = alone_told(store_here())
    if told is not None and told.get("until_filled"):
        alone_note(store_here()).unlink()


def standby_begin(alias: str) -> None:
    """Bring the standby of a store up to it, if it has one. Raises ``NotFit`` where that can't be done in sync mode.

    A machine that was replaced starts all the same: whoever still comes to it is told so.
    """
    if settings.PARTNER_DATABASE_URL:
        partner_ask(at=now())
    connection = connections[alias]
    stream = Stream.of(str(connection.settings_dict["NAME"]))
    if stream is None:
        return
    connection.ensure_connection()
    lock = WriterLock.of(stream.store)
    lock.acquire()
    try:
        _epoch_agrees(connection.connection, alias)
        stream.begin(connection.connection)
    except Replaced as told:
        sys.stderr.write(_attention(told.facts["at"].isoformat(), told.facts["by"]))
    except (LineBroken, OSError) as problem:
        where = ":".join(map(str, stream.address))
        if stream.is_sync:
            raise NotFit(
                f"备机 {where} 无法同步（{problem}）。请先启动备机；"
                "如确需单机运行，请执行 anlan standby alone --reason。/ "
                f"The second machine {where} can't be brought up to this one ({problem}). Start it first; to go on "
                "with one machine: anlan standby alone --reason."
            ) from problem
        sys.stderr.write(
            f"备机 {where} 未同步，本机单独运行。/ The second machine {where} is not in step: {problem}\n"
        )
    finally:
        lock.release()
