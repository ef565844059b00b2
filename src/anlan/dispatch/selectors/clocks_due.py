"""Which clocks have run out and weren't told yet: what a tick of the clocks touches, and nothing else.

One statement asks the store for the incidents of which some clock may have run out, each kind of clock by
the moment before which it must have started, alarms already raised left out. Where it names none, nothing
more is read. For the few it names the clocks themselves are worked out and decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection

from anlan.core.asking import ask
from anlan.dispatch.clocks import RunningClock
from anlan.dispatch.models import Assignment, ClockAlarm, Revisit, WorkOrder
from anlan.dispatch.rules import ARRIVE_ALLOWS, CLOCKS, ORDER_DONE, SEND_ALLOWS, arrival_allows
from anlan.dispatch.selectors.clocks import clocks_by_incident
from anlan.intake.models import Incident
from anlan.intake.selectors import OPEN_STATES
from anlan.tagging.selectors import incident_type, incident_types
from anlan.units.models import Unit

ClockKey = tuple[str, str, int, datetime]
AT_ONCE = 500


def clocks_due(*, at: datetime) -> list[tuple[Incident, RunningClock]]:
    """Every clock that has run out by ``at`` and of which no alarm was raised, with its incident.

    By incident, the most pressing first. One query when there is none.
    """
    ids = sorted(_suspects(at))
    found: list[tuple[Incident, RunningClock]] = []
    for start in range(0, len(ids), AT_ONCE):
        incidents = list(Incident.objects.filter(pk__in=ids[start : start + AT_ONCE]).order_by("pk"))
        told = _told(incidents)
        clocks = clocks_by_incident(incidents, at=at)
        found += [
            (incident, clock)
            for incident in incidents
            for clock in clocks[incident.pk]
            if clock.state == "red" and (clock.kind, clock.subject, clock.subject_id, clock.started_at) not in told
        ]
    return found


def _told(incidents: Sequence[Incident]) -> set[ClockKey]:
    rows = ClockAlarm.objects.filter(incident__in=incidents)
    return set(rows.values_list("kind", "subject_type", "subject_id", "started_at"))


def _suspects(at: datetime) -> set[int]:
    """Incidents that may have such a clock: all that have one, and hardly any other."""
    instant = connection.ops.adapt_datetimefield_value
    shortest = _shortest_arrival()
    values: list[Any] = []
    for watch in WATCHES:
        if watch.kind == "send":
            values += [instant(at - SEND_ALLOWS[priority]) for priority in ("P1", "P2", "P4", "P3")]
        else:
            values.append(instant(at - (shortest if watch.kind == "arrive" else watch.allows)))
    rows = ask(_statement(), values)
    return {row[0] for row in rows if row[1] != "arrive" or _is_late(at, *row[2:])}


def _shortest_arrival() -> timedelta:
    """No unit is late sooner than this, whatever it was sent to."""
    own = [
        timedelta(seconds=seconds)
        for kind in incident_types()
        for seconds in (kind.arrive_town_s, kind.arrive_suburb_s, kind.arrive_rural_s)
        if seconds is not None
    ]
    return min([*own, *(span for row in ARRIVE_ALLOWS.values() for span in row.values())])


def _is_late(at: datetime, started: datetime | str, priority: str, setting: str, code: str) -> bool:
    sent_at = datetime.fromisoformat(started) if isinstance(started, str) else started
    kind = incident_type(code)
    allows = arrival_allows(
        priority,
        setting,
        town_s=kind.arrive_town_s if kind else None,
        suburb_s=kind.arrive_suburb_s if kind else None,
        rural_s=kind.arrive_rural_s if kind else None,
    )
    return at - (sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)) >= allows


@dataclass(frozen=True, slots=True)
class _Watch:
    """One kind of clock as the store sees it: which rows it runs on, and since when."""

    kind: str
    subject: str
    running: str
    started: str

    @property
    def allows(self) -> timedelta:
        return timedelta(0) if self.kind == "revisit" else CLOCKS[self.kind].allows

    @property
    def before(self) -> str:
        """The moment at or before which it must have started to have run out."""
        if self.kind != "send":
            return "%s"
        return "CASE i.priority WHEN 'P1' THEN %s WHEN 'P2' THEN %s WHEN 'P4' THEN %s ELSE %s END"


def _in(states: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{state}'" for state in states) + ")"


# The conditions of the partial indexes are repeated word for word: SQLite uses such an index only then.
_OPEN = f"i.state IN {_in(OPEN_STATES)}"
_SENT = "NOT (s.state = 'closed') AND s.state"
_ORDER = f"NOT (s.state IN {_in(ORDER_DONE)})"
_UNSETTLED = f"{_ORDER} AND s.settled_at IS NULL"
_LAST_ORDER = (
    "(SELECT o.{column} FROM {order} o WHERE o.incident_id = i.id ORDER BY o.routed_at DESC, o.id DESC LIMIT 1)"
)
_POLICE_SENT = (
    "EXISTS (SELECT 1 FROM {assignment} p JOIN {unit} u ON u.id = p.unit_id WHERE p.incident_id = i.id "
    f"AND u.track = '{Unit.Track.POLICE.value}' "
    "AND (p.sent_at >= {since} OR p.finished_at IS NULL OR p.finished_at >= {since}) "
    "AND p.state NOT IN ('refused', 'reassigned', 'cancelled'))"
)
# Of a P1 whose first unit there has not told anything yet, that unit's row.
_NO_WORD = (
    "EXISTS (SELECT 1 FROM {incident} m WHERE m.id = s.incident_id AND m.priority = 'P1') "
    "AND NOT EXISTS (SELECT 1 FROM {assignment} o WHERE o.incident_id = s.incident_id AND (o.reported_at IS NOT NULL "
    "OR o.finished_at IS NOT NULL OR (o.state = 'arrived' AND (o.arrived_at < s.arrived_at OR "
    "(o.arrived_at = s.arrived_at AND o.id < s.id)))))"
)
_TABLES = {
    "incident": Incident._meta.db_table,
    "assignment": Assignment._meta.db_table,
    "order": WorkOrder._meta.db_table,
    "revisit": Revisit._meta.db_table,
    "unit": Unit._meta.db_table,
    "alarm": ClockAlarm._meta.db_table,
}
_ESCALATED_AT = _LAST_ORDER.format(column="state_since", **_TABLES)
_ORDER_STATE = _LAST_ORDER.format(column="state", **_TABLES)
_HANDED_OVER = f"{_OPEN} AND i.state <> 'transferred' AND {_ORDER_STATE} = 'escalated'"

WATCHES = (
    _Watch("sign", "assignment", f"{_SENT} = 'sent'", "s.sent_at"),
    _Watch("reassign", "assignment", f"{_SENT} = 'sent'", "s.sent_at"),
    _Watch(
        "move",
        "assignment",
        f"{_SENT} IN ('signed', 'en_route') AND s.moved_inferred_at IS NULL AND s.arrived_inferred_at IS NULL"
        " AND (s.state = 'signed' OR s.sent_lon IS NOT NULL)",
        "COALESCE(s.departed_at, s.signed_at)",
    ),
    _Watch("arrive", "assignment", f"{_SENT} IN ('sent', 'signed', 'en_route')", "s.sent_at"),
    _Watch(
        "feedback",
        "assignment",
        f"{_SENT} = 'finished'",
        "CASE WHEN s.feedback_at IS NULL THEN s.finished_at ELSE s.state_since END",
    ),
    _Watch(
        "feedback_limit",
        "assignment",
        f"{_SENT} = 'finished'",
        "CASE WHEN s.feedback_at IS NULL THEN s.finished_at ELSE s.state_since END",
    ),
    _Watch("report", "assignment", f"{_SENT} = 'arrived' AND {_NO_WORD.format(**_TABLES)}", "s.arrived_at"),
    _Watch("review", "assignment", f"{_SENT} = 'feedback_done'", "s.feedback_at"),
    _Watch("close", "assignment", f"{_SENT} = 'reviewed'", "s.reviewed_at"),
    _Watch(
        "send",
        "incident",
        f"{_OPEN} AND i.state = 'open' AND i.first_sent_at IS NULL"
        f" AND (i.track <> 'C' OR COALESCE({_ORDER_STATE}, 'closed') IN {_in(ORDER_DONE)})",
        "i.received_at",
    ),
    _Watch(
        "send",
        "incident",
        f"{_HANDED_OVER} AND NOT {_POLICE_SENT.format(since=_ESCALATED_AT, **_TABLES)}",
        _ESCALATED_AT,
    ),
    _Watch(
        "town_sign",
        "order",
        f"{_UNSETTLED} AND s.signed_at IS NULL AND s.contacted_at IS NULL AND s.arrived_at IS NULL",
        "s.routed_at",
    ),
    _Watch(
        "town_contact",
        "order",
        f"{_UNSETTLED} AND s.contacted_at IS NULL AND s.arrived_at IS NULL",
        "s.routed_at",
    ),
    _Watch("town_arrive", "order", f"{_UNSETTLED} AND s.arrived_at IS NULL", "s.routed_at"),
    _Watch("town_close", "order", _ORDER, "s.routed_at"),
    _Watch("revisit", "revisit", "s.done_at IS NULL", "s.due_at"),
)


@cache
def _statement() -> str:
    """The whole question. Only words of this file and names of our own tables are put into the text."""
    parts = []
    for watch in WATCHES:
        rows = f"{_TABLES['incident']} i" if watch.subject == "incident" else f"{_TABLES[watch.subject]} s"
        subject = "i" if watch.subject == "incident" else "s"
        facts = "CAST(NULL AS timestamp with time zone), '', '', ''"
        if watch.kind == "arrive":
            rows += f" JOIN {_TABLES['incident']} i ON i.id = s.incident_id"
            facts = f"{watch.started}, i.priority, i.setting, i.code"
        since = "s.created_at" if watch.kind == "revisit" else watch.started
        incident = "i.id" if watch.subject == "incident" else "s.incident_id"
        parts.append(
            f"SELECT {incident}, '{watch.kind}', {facts} FROM {rows} "
            f"WHERE {watch.running} AND {watch.started} <= {watch.before} AND NOT EXISTS (SELECT 1 FROM "
            f"{_TABLES['alarm']} t WHERE t.kind = '{watch.kind}' AND t.subject_type = '{watch.subject}' "
            f"AND t.subject_id = {subject}.id AND t.started_at = {since})"
        )
    return " UNION ALL ".join(parts)
