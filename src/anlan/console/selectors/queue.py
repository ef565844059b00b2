"""The queue as the dispatcher reads it: what is open, in which hands, how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Substr
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.console.words import danger_words
from anlan.core.actor import Actor
from anlan.dispatch.models import Assignment, WorkOrder
from anlan.dispatch.selectors import RunningClock, clocks_by_incident, most_pressing
from anlan.intake.models import Incident
from anlan.intake.selectors import Standing, standing_short, standing_whole
from anlan.tagging.selectors import incident_type

ROWS_A_GROUP = 80
HEADLINE_CHARS = 40
SENT_NO_MORE = ("refused", "reassigned", "cancelled", "closed")
ORDER_ENDED = ("closed", "escalated", "bounced")
OPEN_STATES = ("open", "dispatched", "on_scene", "feedback_due", "in_review", "transferred")
# Spelt out and not as parameters: a partial index is used only where the planner can read its condition.
IS_OPEN = '"intake_incident"."state" IN ({})'.format(", ".join(f"'{state}'" for state in OPEN_STATES))


@dataclass(frozen=True, slots=True)
class Group:
    """One heading of the queue: what belongs under it, and why the rows stand in this order."""

    key: str
    title: str | Promise
    order: str | Promise
    state: str


BY_PRIORITY_RECEIVED = _("By priority, then by how long ago the call came: longest wait first.")
BY_PRIORITY_SINCE = _("By priority, then by how long it has been in this state: longest first.")

GROUPS = (
    Group("unsent", _("Not sent"), BY_PRIORITY_RECEIVED, "open"),
    Group("unsigned", _("Waiting for signature"), BY_PRIORITY_SINCE, "dispatched"),
    Group("town", _("With a town room"), BY_PRIORITY_RECEIVED, "open"),
    Group("moving", _("On the way"), BY_PRIORITY_SINCE, "dispatched"),
    Group("on_scene", _("On scene"), BY_PRIORITY_SINCE, "on_scene"),
    Group("feedback", _("Feedback due"), BY_PRIORITY_SINCE, "feedback_due"),
    Group("review", _("To be reviewed"), BY_PRIORITY_SINCE, "in_review"),
    Group("partner", _("With a partner desk"), BY_PRIORITY_SINCE, "transferred"),
)


@dataclass(slots=True)
class Row:
    """One incident in the queue as it stands at ``at``, who is on it, what is wrong, and behind whom it stands."""

    incident: Incident
    kind: Any
    since: datetime
    at: datetime
    assignments: list[Assignment] = field(default_factory=list)
    order: WorkOrder | None = None
    clock: RunningClock | None = None
    behind: Standing | None = None

    @property
    def standing(self) -> Standing:
        """What the row is ordered by: an unsent one since it was told, another since its state."""
        of = self.incident
        is_received = of.state == "open"
        since = of.received_at if is_received else of.state_since
        return Standing(of.pk, of.number, of.priority, of.priority_rule, since, is_received)

    @property
    def why(self) -> str:
        """Why it stands there, in a phrase."""
        return standing_short(self.standing, at=self.at)

    @property
    def why_whole(self) -> str:
        """The same in sentences, with what puts the row before it first."""
        return standing_whole(self.standing, at=self.at, behind=self.behind)

    @property
    def amber_s(self) -> float | None:
        """From when on the age is amber: two thirds of what the most pressing clock allows."""
        return self.clock.allows.total_seconds() * 2 / 3 if self.clock else None

    @property
    def red_s(self) -> float | None:
        return self.clock.allows.total_seconds() if self.clock else None

    @property
    def warn_s(self) -> float:
        """How long before its end the most pressing clock turns amber."""
        return self.clock.allows.total_seconds() / 3 if self.clock else 0.0

    @property
    def tone(self) -> str:
        return self.incident.priority.lower()

    @property
    def short_number(self) -> str:
        return self.incident.number[-5:]

    @property
    def danger_words(self) -> list[str]:
        return danger_words(self.incident.danger)

    @property
    def is_with_town_room(self) -> bool:
        """Whether a town room has taken it on, so that the desk need not send."""
        return self.incident.state == "open" and self.order is not None

    @property
    def is_unsigned(self) -> bool:
        """Whether nobody who was sent has answered yet."""
        states = {assignment.state for assignment in self.assignments}
        if states:
            return states <= {"sent"}
        return self.order is not None and self.order.state == "routed"

    @property
    def alarms(self) -> list[str | Promise]:
        found: list[str | Promise] = []
        for assignment in self.assignments:
            if assignment.state == "sent" and assignment.reassign_proposed_at:
                found.append(_("not signed, reassign?"))
            elif assignment.state == "sent" and assignment.alarmed_at:
                found.append(_("not signed"))
            elif assignment.state in ("signed", "en_route") and assignment.alarmed_at:
                found.append(_("signed but not moving"))
        return found


@dataclass(slots=True)
class Filled:
    """A heading with its rows; ``total`` counts those beyond the first ``ROWS_A_GROUP`` too."""

    group: Group
    rows: list[Row]
    total: int

    @property
    def more(self) -> int:
        return max(0, self.total - len(self.rows))


def open_incidents(actor: Actor) -> QuerySet[Incident]:
    """Everything not yet closed in the actor's reach, read through the index of open incidents."""
    rows: QuerySet[Incident] = Incident.objects.counted_for(actor).extra(where=[IS_OPEN])
    return rows


def queue_for(actor: Actor, *, at: datetime) -> list[Filled]:
    """The queue under its headings; a fixed number of queries, whatever the number of incidents."""
    counts = {
        row["state"]: row["n"] for row in open_incidents(actor).values("state").order_by().annotate(n=Count("id"))
    }
    rows: dict[str, list[Row]] = {}
    for state in OPEN_STATES:
        rows[state] = _rows(open_incidents(actor).filter(state=state), state, at=at) if counts.get(state) else []
    everything = [row for found in rows.values() for row in found]
    _attach(everything)
    clocks = clocks_by_incident([row.incident for row in everything], at=at) if everything else {}
    for row in everything:
        row.clock = most_pressing(clocks.get(row.incident.pk, ()))
    return under_headings(rows, counts)


def under_headings(rows: dict[str, list[Row]], counts: dict[str, int]) -> list[Filled]:
    """Rows by their incident's state, in order and at most ``ROWS_A_GROUP`` of each, under the queue's headings."""
    filled = [_filled(group, rows, counts) for group in GROUPS]
    for group in filled:
        for before, row in pairwise(group.rows):
            row.behind = before.standing
    return filled


def _filled(group: Group, rows: dict[str, list[Row]], counts: dict[str, int]) -> Filled:
    """The rows of one heading. A state that is split over two headings is counted by the rows read."""
    found, total = rows[group.state], counts.get(group.state, 0)
    if group.state == "dispatched":
        found = [row for row in found if row.is_unsigned is (group.key == "unsigned")]
    elif group.state == "open":
        found = [row for row in found if row.is_with_town_room is (group.key == "town")]
    else:
        return Filled(group, found, total)
    beyond = total - len(rows[group.state]) if group.key in ("unsent", "moving") else 0
    return Filled(group, found, len(found) + beyond)


def _rows(incidents: QuerySet[Incident], state: str, *, at: datetime) -> list[Row]:
    by = "received_at" if state == "open" else "state_since"
    # A narrative may be long; the queue reads only its beginning.
    found = incidents.annotate(headline=Substr("narrative", 1, HEADLINE_CHARS)).defer("narrative")
    ordered = found.order_by("priority", by, "id")[:ROWS_A_GROUP]
    return [Row(incident, incident_type(incident.code), getattr(incident, by), at) for incident in ordered]


def _attach(rows: Iterable[Row]) -> None:
    """Put units and community orders to their rows."""
    by_id = {row.incident.pk: row for row in rows}
    if not by_id:
        return
    sent = Assignment.objects.filter(incident_id__in=by_id).exclude(state__in=SENT_NO_MORE).select_related("unit")
    for assignment in sent.order_by("sent_at", "id"):
        by_id[assignment.incident_id].assignments.append(assignment)
    orders = WorkOrder.objects.filter(incident_id__in=by_id).exclude(state__in=ORDER_ENDED)
    for order in orders.select_related("town_room"):
        by_id[order.incident_id].order = order
    for row in by_id.values():
        if row.incident.state == "dispatched":
            row.since = hands_since(row)


def hands_since(row: Row) -> datetime:
    """Since when the present hands have it: the earliest sending, or when the order was routed."""
    times = [assignment.state_since for assignment in row.assignments]
    if row.order is not None and not times:
        times = [row.order.state_since]
    return min(times, default=row.incident.state_since)


@dataclass(frozen=True, slots=True)
class Strip:
    """The few figures under the queue."""

    unsent: int
    oldest: datetime | None
    unsigned: int
    on_scene: int
    waiting_calls: int


def strip_of(groups: list[Filled], waiting_calls: int) -> Strip:
    """The strip from the queue already read."""
    by_key = {filled.group.key: filled for filled in groups}
    unsent = by_key["unsent"]
    oldest = min((row.since for row in unsent.rows), default=None)
    return Strip(unsent.total, oldest, by_key["unsigned"].total, by_key["on_scene"].total, waiting_calls)
