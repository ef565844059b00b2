"""What time alone brings: late pushes are told, files nobody has are given to somebody, old ones are archived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from anlan.accounts.models import Organisation
from anlan.core.actor import SYSTEM, Actor
from anlan.core.retention import deletion_certify
from anlan.core.row_changes import row_change, row_reread
from anlan.disputes import events
from anlan.disputes.models import DisputeFile, FileIncident, FileKey, MatchSuggestion, Push
from anlan.disputes.rules import ARCHIVE_AFTER, CONTENT_KEPT_FOR, PUSH_OPEN, UNOWNED_AT_MOST
from anlan.disputes.selectors.files import files_live, pushes_running
from anlan.disputes.selectors.receivers import organisation_acting
from anlan.disputes.services.files import file_archive
from anlan.disputes.services.parts import file_change, file_hold, step, tell
from anlan.disputes.services.reacting import file_inherit
from anlan.disputes.services.sending import push_on
from anlan.disputes.services.steps import push_tell
from anlan.disputes.services.telling import file_late, file_unowned, push_late

AT_ONCE = 200
WAITING_FOR_HANDS = ("open", "on_site_settled", "follow_up", "pushed", "with_police")
"""Between two acceptances: here a push must be running."""


@step
def pushes_remind(*, at: datetime, by: Actor = SYSTEM, limit: int = AT_ONCE) -> int:
    """Tell the receivers of pushes that ran out, once for each deadline; returns how many."""
    due = pushes_running(Push.objects.filter(due_at__lte=at, ladder=0))
    told = 0
    for push in due.select_related("file", "to_organisation", "to_person").order_by("due_at", "id")[:limit]:
        if not row_change(push, {"ladder": 1, "reminded_at": at}, where={"ladder": 0, "state": push.state}):
            continue
        row_reread(push)
        push_tell(events.PUSH_OVERDUE, push, by=by, at=at, due_at=push.due_at.isoformat())
        push_late(push, by=by, at=at)
        told += 1
    return told


@step
def files_remind(*, at: datetime, by: Actor = SYSTEM, limit: int = AT_ONCE) -> int:
    """Tell who holds a file that its own deadline has passed, once for each deadline; returns how many.

    Where a push waits for the same moment, its own reminder is enough.
    """
    untold = Q(told_due_at=None) | ~Q(told_due_at=F("due_at"))
    due = files_live(DisputeFile.objects.filter(untold, due_at__lte=at))
    told = 0
    for file in due.select_related("holder").order_by("due_at", "id")[:limit]:
        if not file_change(file, {"told_due_at": file.due_at}, where={"due_at": file.due_at, "state": file.state}):
            continue
        tell(events.FILE_OVERDUE, file, by=by, at=at, state=file.state, due_kind=file.due_kind)
        told += 1
        same = Push.objects.filter(file=file, state__in=PUSH_OPEN, due_at=F("file__due_at"))
        if not same.exists():
            file_late(file, by=by, at=at)
    return told


@step
def files_own(*, at: datetime, by: Actor = SYSTEM, limit: int = AT_ONCE) -> int:
    """No live file without somebody who acts: returns how many were given to somebody or told of.

    Where the holder was abolished, who stands above it holds the file. Where no push runs for an hour though one
    should, it is sent again; a file that waits for a first unit is told to the desk and the duty leader.
    """
    done = 0
    gone = list(Organisation.objects.filter(is_active=False).values_list("pk", flat=True))
    orphans = files_live(DisputeFile.objects.filter(holder__in=gone)).select_related("holder__parent")
    for file in orphans.order_by("due_at", "id")[:limit]:
        heir = organisation_acting(file.holder)
        done += heir is not None and file_inherit(file=file, heir=heir, by=by, at=at)
    running = Push.objects.filter(file=OuterRef("pk"), state__in=PUSH_OPEN)
    waiting = DisputeFile.objects.filter(state__in=WAITING_FOR_HANDS, state_since__lte=at - UNOWNED_AT_MOST)
    unwarned = Q(warned_at=None) | Q(warned_at__lt=F("state_since"))
    idle = files_live(waiting.filter(unwarned, ~Exists(running)))
    for file in idle.order_by("due_at", "id")[:limit]:
        done += _hand_on(file_hold(file), by=by, at=at)
    return done


def _hand_on(file: DisputeFile, *, by: Actor, at: datetime) -> bool:
    file_change(file, {"warned_at": at})
    holder = organisation_acting(file.holder)
    if holder is None:
        return False
    tell(events.FILE_UNOWNED, file, by=by, at=at, state=file.state)
    if file.state in ("on_site_settled", "follow_up"):
        push_on(file, 2, "by_hand", by=by, at=at)
    elif file.state == "pushed":
        push_on(file, 3, "by_hand", by=by, at=at)
    else:
        file_unowned(file, holder, since=file.state_since, by=by, at=at)
    return True


def files_archive_old(*, at: datetime, by: Actor = SYSTEM, limit: int = AT_ONCE) -> int:
    """Closed files nobody archived in ninety days go to the archive, so that the term of names begins to run."""
    rows = DisputeFile.objects.filter(
        state__in=("closed", "revisited", "rated"), closed_at__lte=at - ARCHIVE_AFTER
    ).order_by("closed_at", "id")
    done = 0
    for file in rows[:limit]:
        file_archive(file=file, by=by, at=at)
        done += 1
    return done


@step
def contents_erase(
    *, at: datetime, by: Actor = SYSTEM, kept_for: timedelta = CONTENT_KEPT_FOR, limit: int = AT_ONCE
) -> int:
    """Erase words and exact place of files archived long enough ago; returns how many. What stays are the figures."""
    rows: Sequence[DisputeFile] = list(
        DisputeFile.objects.filter(state="archived", erased_at=None, archived_at__lte=at - kept_for).order_by(
            "archived_at", "id"
        )[:limit]
    )
    ids = [row.pk for row in rows]
    merged = list(DisputeFile.objects.filter(merged_into_id__in=ids).values_list("pk", flat=True))
    every = [*ids, *merged]
    Push.objects.filter(file_id__in=every).update(action="")
    MatchSuggestion.objects.filter(file_id__in=every).update(evidence=[])
    FileIncident.objects.filter(file_id__in=every).update(evidence=[])
    FileKey.objects.filter(file_id__in=every).delete()
    DisputeFile.objects.filter(pk__in=every).update(claim="", address_text="", lon=None, lat=None, erased_at=at)
    told = ("claim", "address_text", "lon", "lat", "push.action", "evidence")
    deletion_certify(rule="matter_term", model=DisputeFile, columns=told, ids=every, by=by, at=at)
    for file in rows:
        tell(events.CONTENT_ERASED, file, by=by, at=at, days=kept_for.days)
    return len(rows)
