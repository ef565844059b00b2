"""The records of dispute files a figure may count, and what can be asked of each.

A file belongs to the period in which it was opened, a push to that in which it was sent, a closing to that in which
it happened, a revisit and its answers to that in which it was drawn, a promise to that in which it falls due. Files
that turned out to be no dispute and files merged into others are left out everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from anlan.dispatch.models import Feedback
from anlan.disputes.models import (
    DisputeFile,
    FileClosing,
    FileRevisit,
    LevelChange,
    Obligation,
    Push,
    RevisitCall,
)
from anlan.disputes.selectors.revisits import REVISIT_ENDED
from anlan.reports.definitions.shape import Records
from anlan.reports.definitions.slices import ASKED, Base, Slice, asked_at, asked_on, in_period, within_orgs

ENDED_WELL = ("settled_written", "settled_oral", "settled_recorded", "settled")
OWNERS = ("station_id", "town_room_id", "holder_id", "mediating_id")
FILE_OF = {
    Records.FILE: "",
    Records.PUSH: "file__",
    Records.CLOSING: "file__",
    Records.PROMISE: "file__",
    Records.FILE_REVISIT: "file__",
    Records.ANSWER: "revisit__file__",
}
"""Where each of these records finds its file."""


def _of(part: Slice, to: str = "file__") -> Q:
    """Records of files that count, of the asked organisations and source."""
    found = Q(**{f"{to}merged_into": None}) & ~Q(**{f"{to}result": "not_a_dispute"})
    found &= within_orgs(part, *(f"{to}{owner}" for owner in OWNERS))
    return found & Q(**{f"{to}source": part.source}) if part.source else found


def files(part: Slice) -> QuerySet[Any]:
    """Files opened in the period."""
    return DisputeFile.objects.counted_for(part.actor).filter(in_period(part, "opened_at"), _of(part, ""))


def pushes(part: Slice) -> QuerySet[Any]:
    """Pushes sent in the period; one that another overtook was not to be acted on any more."""
    rows = Push.objects.counted_for(part.actor).filter(in_period(part, "pushed_at"), _of(part))
    found: QuerySet[Any] = rows.exclude(state="superseded").annotate(**{ASKED: asked_at(part)})
    return found


def closings(part: Slice) -> QuerySet[Any]:
    """Closings in the period, without those taken back as mistakes."""
    rows = FileClosing.objects.visible_to(part.actor).filter(in_period(part, "closed_at"), _of(part))
    return rows.exclude(end_kind="void")


def promises(part: Slice) -> QuerySet[Any]:
    """What an agreement that binds says is due in the period; what was waived is not due."""
    first, last = timezone.localtime(part.start).date(), timezone.localtime(part.end).date()
    rows = Obligation.objects.counted_for(part.actor).filter(_of(part), due_on__gte=first, due_on__lt=last)
    rows = rows.exclude(state="waived").exclude(agreement__state__in=("draft", "dropped"))
    found: QuerySet[Any] = rows.annotate(**{ASKED: asked_on(part)})
    return found


def revisits(part: Slice) -> QuerySet[Any]:
    """Revisits drawn in the period; who does not see everything sees those that are over only."""
    drawn = FileRevisit.objects.visible_to(part.actor).filter(in_period(part, "drawn_at"), _of(part))
    rows: QuerySet[Any] = drawn.annotate(**{ASKED: asked_at(part)})
    return rows if part.actor.sees_all else rows.filter(state__in=REVISIT_ENDED)


def answers(part: Slice) -> QuerySet[Any]:
    """What parties answered at revisits drawn in the period."""
    rows = RevisitCall.objects.visible_to(part.actor).filter(
        in_period(part, "revisit__drawn_at"), _of(part, "revisit__file__"), outcome="answered"
    )
    return rows if part.actor.sees_all else rows.filter(revisit__state__in=REVISIT_ENDED)


def _push(seq: int) -> QuerySet[Push]:
    return Push.objects.filter(file=OuterRef("pk"), seq=seq)


_injured = Feedback.objects.filter(incident=OuterRef("end_incident_id"), injuries__gt=0).exclude(review="returned")
_asked = FileRevisit.objects.filter(file=OuterRef("file_id"), closing=OuterRef("closed_at"), state="done")

FILE_DERIVED: Mapping[str, Any] = {
    **{f"pushed_{seq}": Exists(_push(seq)) for seq in (1, 2, 3)},
    **{f"settled_{seq}": Exists(_push(seq).filter(state="closed", outcome__in=ENDED_WELL)) for seq in (1, 2, 3)},
    "was_red": Exists(LevelChange.objects.filter(file=OuterRef("pk"), level="red")),
}
CLOSING_DERIVED: Mapping[str, Any] = {"was_asked": Exists(_asked), "back_injured": Exists(_injured)}

DISPUTE_BASES: dict[Records, Base] = {
    Records.FILE: Base(files, FILE_DERIVED, "opened_at"),
    Records.PUSH: Base(pushes, {}, "pushed_at", "due_at"),
    Records.CLOSING: Base(closings, CLOSING_DERIVED, "closed_at"),
    Records.PROMISE: Base(promises, {}, "agreement__effective_at", "due_on"),
    Records.FILE_REVISIT: Base(revisits, {}, "drawn_at", "due_at"),
    Records.ANSWER: Base(answers, {}, "revisit__drawn_at"),
}
