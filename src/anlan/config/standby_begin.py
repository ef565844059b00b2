"""At a start: the standby is brought up to where this store is, or this machine learns that it was replaced."""

from __future__ import annotations

import sys

from django.conf import settings
from django.db import connections
from django.utils import timezone

from anlan.assurance.standby.copy import STANDBY, role_of
from anlan.config.not_fit import NotFit
from anlan.core.sqlite_backend.base import WriterLock
from anlan.core.sqlite_backend.errors import Replaced
from anlan.core.sqlite_backend.sealed import LineBroken
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


def standby_begin(alias: str) -> None:
    """Bring the standby of a store up to it, if it has one. Raises ``NotFit`` where that can't be done in sync mode.

    A machine that was replaced starts all the same: whoever still comes to it is told so.
    """
    connection = connections[alias]
    stream = Stream.of(str(connection.settings_dict["NAME"]))
    if stream is None:
        return
    connection.ensure_connection()
    lock = WriterLock.of(stream.store)
    lock.acquire()
    try:
        stream.begin(connection.connection)
    except Replaced as told:
        at = timezone.localtime(told.facts["at"])
        sys.stderr.write(
            f"注意：本机已于 {at:%Y-%m-%d %H:%M:%S} 由 {told.facts['by']} 接管替换，只能查看，不再保存任何内容。/ "
            f"ATTENTION: this machine was replaced at {at:%Y-%m-%d %H:%M:%S} by {told.facts['by']}; it shows what "
            "it has and saves nothing any more.\n"
        )
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
