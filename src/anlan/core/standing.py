"""Whether this machine is the centre, as far as it can know, and whether it has room: what every page says on top."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.core.disk import RESERVE_BYTES, SHARE_OF_DISK, reserve_path
from anlan.core.errors import DomainError
from anlan.core.files import FREE_ENOUGH, FREE_SHARE
from anlan.core.sentences import sentence_filled
from anlan.core.sqlite_backend.errors import CutOff, Replaced
from anlan.core.sqlite_backend.second import INTAKE, Second, replaced_told, second_seen, store_here

CRY_AFTER_S = 10.0
"""Two greetings without an answer: a second machine that is started again is back before."""

REPLACED = _(
    "This machine was replaced at {at} by {by}. It shows what it had and saves nothing any more. Open the centre's "
    "address on the new machine."
)
SYNC_SILENT = _(
    "The second machine has not answered since {at}, and nothing is kept on one machine alone: what is saved now is "
    "refused. Keep your page and tell the administrator now."
)
ASYNC_SILENT = _(
    "The second machine has not answered since {at}. This one goes on alone: {kb} kB are here and nowhere else. "
    "Tell the administrator."
)
PAST_LEASE = _(
    "Cut off from the second machine since {at}: it may have taken over. Ask the duty leader which machine is the "
    "centre; what is saved here ({kb} kB so far) may have to be entered again there."
)
PAST_LEASE_INTAKE = _(
    "Cut off from the second machine since {at}: it may have taken over. Only new calls are taken here, until the "
    "line is back or the administrator says that this machine is the centre."
)
ALONE = _("This centre runs on one machine alone since {at}, by {by}: {reason}")
DISK_LOW = _(
    "The server's disk has only {mb} MB left. Calls and steps go through; photos and voice notes are refused. Tell "
    "the administrator now."
)
RESERVE_OUT = _(
    "The server's disk was full and its reserve is in use: it lasts for some hours of calls, {mb} MB are left. Tell "
    "the administrator now."
)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence on top of every page; ``is_grave`` where work may be lost or done twice."""

    text: str
    is_grave: bool = True


def standing_told(at: datetime) -> list[Told]:
    """What is to be said now; empty where all is as it should be. Reads some small files and asks no store."""
    store = store_here()
    replaced = replaced_told(store)
    if replaced is not None:
        blanks = {"at": _time(datetime.fromisoformat(replaced["at"])), "by": replaced["by"]}
        return [Told(sentence_filled(REPLACED, blanks))]
    second = second_seen(store)
    return [*(_of_second(second, at) if second else ()), *_of_disk()]


def _of_second(second: Second, at: datetime) -> list[Told]:
    if second.alone is not None:
        blanks = {"at": _time(datetime.fromisoformat(second.alone["at"])), **_words(second.alone)}
        return [Told(sentence_filled(ALONE, blanks), is_grave=False)]
    if second.since is None or second.silent_s(at) < CRY_AFTER_S:
        return []
    blanks = {"at": _time(second.since), "kb": str(-(-second.behind_bytes // 1024))}
    return [Told(sentence_filled(_sentence(second, at), blanks))]


def _sentence(second: Second, at: datetime) -> str | Promise:
    if second.terms.is_sync:
        return SYNC_SILENT
    if not second.is_past_lease(at):
        return ASYNC_SILENT
    return PAST_LEASE_INTAKE if second.terms.when_cut == INTAKE else PAST_LEASE


def _words(told: dict[str, str]) -> dict[str, str]:
    return {"by": told["by"], "reason": told["reason"]}


def _of_disk() -> list[Told]:
    try:
        disk = shutil.disk_usage(settings.HOME)
    except OSError:
        return []
    if reserve_path().exists():
        sentence, least = DISK_LOW, min(FREE_SHARE * disk.total, FREE_ENOUGH)
    else:
        # Given free, and there is no room yet to put it back.
        sentence, least = RESERVE_OUT, 3 * min(RESERVE_BYTES, SHARE_OF_DISK * disk.total)
    if disk.free >= least:
        return []
    return [Told(sentence_filled(sentence, {"mb": str(disk.free // 1024**2)}))]


def _time(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local:%H:%M:%S}" if local.date() == timezone.localdate() else f"{local:%Y-%m-%d %H:%M:%S}"


def change_refusal(path: str, *, at: datetime) -> DomainError | None:
    """Why nothing may be changed at ``path`` now; None where it may."""
    store = store_here()
    told = replaced_told(store)
    if told is not None:
        return Replaced(at=datetime.fromisoformat(told["at"]), by=told["by"])
    second = second_seen(store)
    if second is None or second.terms.is_sync or second.terms.when_cut != INTAKE or not second.is_past_lease(at):
        return None
    return None if path.startswith(tuple(settings.DOORS_OF_CALLS)) else CutOff(since=second.since)
