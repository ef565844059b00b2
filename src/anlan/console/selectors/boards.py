"""The station room's lists of what is not right yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.console.selectors.open_work import open_sheets, unsent
from anlan.core.actor import Actor
from anlan.dispatch.models import Assignment, Feedback, Revisit
from anlan.dispatch.selectors import CLOCKS as CLOCK_RULES
from anlan.dispatch.selectors import TRAVELLING, RunningClock, arrival_target, clocks_by_incident
from anlan.intake.models import Incident, Transfer
from anlan.tagging.selectors import incident_type

NARRATIVE_CHARS = 300
ORDERS_SHOWN = 60
ROWS_SHOWN = 50
FEEDBACK_WAITS = '"dispatch_feedback"."review" = \'waiting\''


@dataclass(frozen=True, slots=True)
class Wanting:
    """A list of the station board: what is not right yet, and what to do. Each line has its clock.

    ``rows`` are the first ``ROWS_SHOWN`` of the ``total`` the store has.
    """

    key: str
    title: str | Promise
    todo: str | Promise
    kinds: tuple[str, ...]
    rows: list[Any]
    total: int
    clocks: dict[int, list[RunningClock]]

    @property
    def shown(self) -> list[tuple[Any, Incident, RunningClock | None]]:
        """``(row, incident, clock)`` of each line; the clock is the one this list is about."""
        found: list[tuple[Any, Incident, RunningClock | None]] = []
        for row in self.rows:
            incident = _incident_of(row)
            mine = [c for c in self.clocks.get(incident.pk, ()) if c.kind in self.kinds and _is_of(c, row)]
            # Where a later limit has run out as well, that is what the line is about.
            over = [c for c in mine if c.state == "red"]
            clock = over[-1] if over else next(iter(mine), None)
            found.append((row, incident, clock))
        return found


def _incident_of(row: Any) -> Incident:
    found: Incident = row if isinstance(row, Incident) else row.incident
    return found


def _is_of(clock: RunningClock, row: Any) -> bool:
    """A unit's line has that unit's clock, not another's who was sent to the same matter."""
    return not isinstance(row, Assignment) or (clock.subject, clock.subject_id) == ("assignment", row.pk)


def first_of(rows: QuerySet[Any]) -> tuple[list[Any], int]:
    """The first rows and how many there are in all; the store counts only where there are more."""
    found = list(rows[: ROWS_SHOWN + 1])
    return found[:ROWS_SHOWN], len(found) if len(found) <= ROWS_SHOWN else rows.order_by().count()


def station_lists(actor: Actor, *, at: datetime) -> list[Wanting]:
    """The seven lists of the station room, each longest waiting first.

    Eleven queries, one more for a list cut short.
    """
    lists: list[tuple[str, Any, Any, tuple[str, ...], QuerySet[Any]]] = [
        ("unsent", _("Not sent"), _("Send, or ask the desk."), ("send",), _unsent(actor)),
        ("unsigned", _("Not signed"), _("Ring the unit, or send another."), ("sign",), _unsigned(actor)),
        ("late", _("Late to arrive"), _("Ask where they are; send support."), ("arrive",), _late(actor, at)),
        (
            "unheard",
            _("No word from the spot"),
            _("Ask what they found; send support."),
            ("report",),
            _unheard(actor, at),
        ),
        ("due", _("Feedback overdue"), _("Remind the unit."), ("feedback", "feedback_limit"), _due(actor, at)),
        ("review", _("Feedback to review"), _("Read, agree or return."), ("review",), _waiting(actor)),
        ("correct", _("Returned, not yet corrected"), _("Chase."), ("feedback",), _returned(actor)),
    ]
    read = [(*words, *first_of(rows)) for *words, rows in lists]
    incidents = {_incident_of(row).pk: _incident_of(row) for *_words, rows, _total in read for row in rows}
    clocks = clocks_by_incident(list(incidents.values()), at=at) if incidents else {}
    return [Wanting(key, title, todo, kinds, rows, total, clocks) for key, title, todo, kinds, rows, total in read]


def _unsent(actor: Actor) -> QuerySet[Incident]:
    return unsent(actor).defer("narrative").order_by("priority", "received_at")


def _unsigned(actor: Actor) -> QuerySet[Assignment]:
    return open_sheets(actor).filter(state="sent").order_by("sent_at")


def _late(actor: Actor, at: datetime) -> QuerySet[Assignment]:
    """Not there though their arrival clock has run out, signed or not: the same targets, asked of the store."""
    rows = open_sheets(actor).filter(state__in=TRAVELLING)
    kinds: dict[tuple[timedelta, str, str], list[str]] = {}
    facts = rows.order_by().values_list("incident__priority", "incident__setting", "incident__code").distinct()
    for priority, setting, code in facts:
        matter = Incident(priority=priority, setting=setting, code=code)
        kinds.setdefault((arrival_target(matter, incident_type(code)), priority, setting), []).append(code)
    late = Q(pk__in=())
    for (allowed, priority, setting), codes in kinds.items():
        alike = Q(incident__priority=priority, incident__setting=setting, incident__code__in=codes)
        late |= alike & Q(sent_at__lte=at - allowed)
    return rows.filter(late).order_by("sent_at")


def _unheard(actor: Actor, at: datetime) -> QuerySet[Assignment]:
    """At a P1, first there for longer than a first report may take, and nobody there has told anything."""
    until = at - CLOCK_RULES["report"].allows
    rows = open_sheets(actor).filter(state="arrived", incident__priority="P1", arrived_at__lte=until)
    others = Assignment.objects.filter(incident_id=OuterRef("incident_id"))
    told = others.filter(Q(reported_at__isnull=False) | Q(finished_at__isnull=False))
    earlier = others.filter(state="arrived").filter(
        Q(arrived_at__lt=OuterRef("arrived_at")) | Q(arrived_at=OuterRef("arrived_at"), pk__lt=OuterRef("pk"))
    )
    return rows.filter(~Exists(told), ~Exists(earlier)).order_by("arrived_at")


def _due(actor: Actor, at: datetime) -> QuerySet[Assignment]:
    """Finished for longer than a report may take, and none filed. One sent back is with the returned."""
    until = at - CLOCK_RULES["feedback"].allows
    rows = open_sheets(actor).filter(state="finished", feedback_at=None, finished_at__lte=until)
    return rows.order_by("finished_at")


def _waiting(actor: Actor) -> QuerySet[Feedback]:
    rows: QuerySet[Feedback] = Feedback.objects.visible_to(actor).extra(where=[FEEDBACK_WAITS])
    return rows.select_related("incident").defer("incident__narrative").order_by("filed_at")


def _returned(actor: Actor) -> QuerySet[Feedback]:
    """Returned sheets in whose place no better one was filed."""
    owing = Assignment.objects.filter(sheet_id=OuterRef("pk"), state="finished")
    rows: QuerySet[Feedback] = Feedback.objects.visible_to(actor).filter(Exists(owing), review="returned")
    return rows.select_related("incident").defer("incident__narrative").order_by("reviewed_at")


def revisits_due(actor: Actor) -> tuple[list[Revisit], int]:
    """Callers to be asked again, next due first, and how many in all."""
    rows = Revisit.objects.visible_to(actor).filter(done_at=None).select_related("incident")
    return first_of(rows.defer("incident__narrative").order_by("due_at"))


def transfers_open(actor: Actor) -> list[tuple[Transfer, Any]]:
    """What was offered to the actor's desk and what it has, unanswered first, longest waiting on top."""
    rows = Transfer.objects.filter(partner_id__in=actor.org_ids, state__in=("offered", "accepted"))
    rows = rows.annotate(said=Substr("incident__narrative", 1, NARRATIVE_CHARS)).defer("incident__narrative")
    open_ones = rows.exclude(incident__state="closed").select_related("incident", "partner")
    found = open_ones.order_by("-state", "offered_at")[:ORDERS_SHOWN]
    return [(row, incident_type(row.incident.code)) for row in found]
