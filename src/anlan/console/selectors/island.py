"""What the live console draws, as plain values: the queue, the units, the areas and the figures under it.

Everything is read through the rooms' own selectors, so that each desk gets its own organisation's rows and
nothing else. Times are milliseconds since 1970; the browser turns them into ages by the server's clock.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.accounts.models import Organisation
from anlan.console.selectors.calls import call_backs_due, calls_waiting
from anlan.console.selectors.queue import Filled, Row, queue_for, strip_of
from anlan.core.actor import Actor
from anlan.core.permissions import permitted
from anlan.core.state_machine import REGISTRY
from anlan.core.templatetags.anlan import BADGES
from anlan.intake.models import Incident
from anlan.intake.selectors import CALL_BACK_REASONS, standing_whole
from anlan.places.selectors import areas_in_force
from anlan.reports.selectors import Figure, kpi_one
from anlan.units.selectors import UnitOnBoard, position_ages, units_for_board

AREA_KINDS = ("beat", "station", "zone")
DAY_FIGURES = ("arrive_5", "divert_rate")
ON_DUTY_LAST = ("off", "out_of_service")
MICRO = 1_000_000


def snapshot(actor: Actor, *, at: datetime) -> dict[str, Any]:
    """Queue, waiting calls, units and strip as ``actor`` may see them at ``at``; a fixed number of queries."""
    takes_calls = permitted(actor, "console.call")
    calls = calls_waiting(actor) if takes_calls else []
    groups = queue_for(actor, at=at)
    units = units_for_board(actor, at=at) if permitted(actor, "units.view") else []
    return {
        "groups": [group_out(filled) for filled in groups],
        "calls": [call_out(call) for call in calls],
        "call_backs": [call_back_out(task) for task in call_backs_due(actor)] if takes_calls else [],
        "units": [unit_out(unit) for unit in units],
        "strip": strip_out(groups, len(calls), units),
    }


def _ms(at: datetime | None) -> int | None:
    return int(at.timestamp() * 1000) if at else None


def _micro(value: float | None) -> int | None:
    return round(value * MICRO) if value is not None else None


def _badge(key: str, state: str) -> list[str]:
    """``[shape, tone, word]`` of a state, the same on every screen."""
    shape, tone = BADGES.get(key, {}).get(state, ("ring", "slate"))
    return [shape, tone, str(REGISTRY[key].labels.get(state, state))]


def group_out(filled: Filled) -> dict[str, Any]:
    """One heading of the queue with its rows."""
    return {
        "key": filled.group.key,
        "title": str(filled.group.title),
        "order": str(filled.group.order),
        "total": filled.total,
        "rows": [row_out(row, is_unsent=filled.group.key == "unsent") for row in filled.rows],
    }


def row_out(row: Row, *, is_unsent: bool) -> dict[str, Any]:
    """One incident of the queue."""
    incident: Incident = row.incident
    clock = row.clock
    return {
        "id": incident.pk,
        "number": incident.number,
        "priority": incident.priority,
        "kind": row.kind.name(get_language() or "zh-hans"),
        "place": incident.address_text,
        "at": [_micro(incident.lon), _micro(incident.lat)] if incident.lon is not None else None,
        "since": _ms(row.since),
        "amber_s": row.amber_s,
        "red_s": row.red_s,
        "due": _ms(clock.due_at) if clock and not is_unsent else None,
        "warn_s": row.warn_s,
        "clock": f"{clock.label}: {clock.total}" if clock else "",
        "track": "" if incident.track == "P" else str(incident.get_track_display()),
        "major": incident.is_major,
        "danger": row.danger_words,
        "alarms": [str(alarm) for alarm in row.alarms],
        "why": row.why,
        # Without the row before it: that one may leave, and this row is not told anew for it.
        "why_whole": standing_whole(row.standing, at=row.at),
        "headline": getattr(incident, "headline", "") if is_unsent else "",
        "sent": [
            [a.pk, a.unit_id, a.unit.call_sign, a.state, *_badge("dispatch.assignment", a.state)]
            for a in row.assignments
        ],
        "order": (
            [row.order.town_room.name_zh, *_badge("dispatch.work_order", row.order.state)] if row.order else None
        ),
    }


def call_out(call: Any) -> dict[str, Any]:
    """A call that waits for somebody."""
    return {
        "id": call.pk,
        "number": call.number,
        "line": call.line or call.number,
        "state": call.state,
        "badge": _badge("intake.call", call.state),
        "since": _ms(call.state_since),
    }


def call_back_out(task: Any) -> dict[str, Any]:
    """A caller to be called back."""
    why = str(CALL_BACK_REASONS.get(task.reason, task.reason))
    return {"id": task.pk, "number": task.call.number, "reason": why, "due": _ms(task.due_at)}


def unit_out(unit: UnitOnBoard) -> dict[str, Any]:
    """A unit with its state and where it was last seen."""
    seen = unit.seen
    return {
        "id": unit.id,
        "sign": unit.call_sign,
        "track": unit.track,
        "vehicle": unit.vehicle,
        "org": unit.organisation,
        "state": unit.state,
        "badge": _badge("units.status", unit.state),
        "since": _ms(unit.state_since),
        "incident": unit.incident_id,
        "incident_number": unit.incident_number,
        "crew": list(unit.crew),
        "off": unit.state in ON_DUTY_LAST,
        "seen": [
            unit.id,
            _micro(seen.lon),
            _micro(seen.lat),
            _tenths(seen.speed_mps),
            _degrees(seen.heading_deg),
            int(seen.fixed_at.timestamp()),
        ]
        if seen
        else None,
    }


def _tenths(value: float | None) -> int | None:
    return round(value * 10) if value is not None else None


def _degrees(value: float | None) -> int | None:
    return round(value) % 360 if value is not None else None


def strip_out(groups: list[Filled], waiting_calls: int, units: Iterable[UnitOnBoard]) -> list[dict[str, Any]]:
    """The figures at the foot; each says which list it opens."""
    strip = strip_of(groups, waiting_calls)
    cells: list[dict[str, Any]] = [
        {"key": "unsent", "label": _("Not sent"), "value": strip.unsent, "hot": bool(strip.unsent)},
        {"key": "oldest", "label": _("Oldest not sent"), "since": _ms(strip.oldest), "amber_s": 60, "red_s": 180},
        {"key": "unsigned", "label": _("Waiting for signature"), "value": strip.unsigned},
        {"key": "on_scene", "label": _("On scene"), "value": strip.on_scene},
        {"key": "calls", "label": _("Calls waiting"), "value": waiting_calls, "hot": bool(waiting_calls)},
    ]
    for track, name in (("P", _("police")), ("C", _("community"))):
        duty = [unit for unit in units if unit.track == track and unit.state not in ON_DUTY_LAST]
        if duty:
            free = sum(unit.state == "available" for unit in duty)
            label = _("Free · {name}").format(name=name)
            cells.append({"key": f"free-{track}", "label": label, "value": free, "of": len(duty)})
    return cells


def day_figures(actor: Actor, *, at: datetime) -> list[dict[str, Any]]:
    """Today's arrival within five minutes and diversion: value, counts, and the page with their records."""
    start = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    end = start + timedelta(days=1)
    return [day_cell(kpi_one(actor, key, start=start, end=end), start) for key in DAY_FIGURES]


def day_cell(figure: Figure, midnight: datetime) -> dict[str, Any]:
    """One figure of the day that began at ``midnight`` as the strip draws it."""
    day = f"{timezone.localtime(midnight):%Y-%m-%d}"
    return {
        "key": figure.key,
        "label": str(figure.name),
        "value": f"{figure.text} {figure.unit}".strip(),
        "part": f"{figure.numerator}/{figure.denominator}",
        "href": f"{reverse('console:kpi_records', args=[figure.key])}?from={day}&to={day}",
    }


def areas(actor: Actor) -> dict[str, Any]:
    """Beats, station areas and zones as GeoJSON, each with its name in the page's language.

    Where the borders run is no secret inside the bureau: a desk sees its neighbours' too, to ask the right one.
    """
    english = (get_language() or "").startswith("en")
    features = []
    for kind in AREA_KINDS:
        for area in areas_in_force(kind):
            name = (area.name_en if english else "") or area.name_zh
            mine = actor.sees_all or area.organisation_id in actor.org_ids
            properties = {"kind": kind, "name": name, "code": area.code, "mine": mine, "org": area.organisation_id}
            features.append({"type": "Feature", "geometry": area.polygon, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def partners() -> list[dict[str, str]]:
    """Desks a matter may be handed to, for the command bar."""
    english = (get_language() or "").startswith("en")
    rows = Organisation.objects.filter(kind="partner", is_active=True).order_by("code")
    return [{"code": row.code, "name": (row.name_en if english else "") or row.name_zh} for row in rows]


def ages() -> dict[str, float]:
    """From how many seconds on a position is stale, and from how many it is lost."""
    stale, lost = position_ages()
    return {"stale_s": stale.total_seconds(), "lost_s": lost.total_seconds()}


def reach_key(actor: Actor) -> Hashable:
    """Two desks with the same key see the same rows: what is read for one can be told to the other."""
    orgs = None if actor.sees_all else frozenset(actor.org_ids)
    return orgs, permitted(actor, "console.call"), permitted(actor, "units.view"), get_language()
