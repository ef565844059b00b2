"""A worked-out plan as rows, not yet stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from anlan.engines.geo import cell_of
from anlan.engines.patrol_route import unmet, visits_of
from anlan.patrol.covering import cells_reached, curve_of
from anlan.patrol.ground import Spotted
from anlan.patrol.models import PatrolPlan, PatrolRoute, PatrolStop
from anlan.patrol.planning import Draft
from anlan.patrol.rules import CURVE_STEP_S, FIGURES, REACH_S


def plan_row(draft: Draft, **whose: Any) -> PatrolPlan:
    """The plan's own row."""
    return PatrolPlan(
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        settings=draft.settings.stored(),
        seed=draft.seed,
        demand=draft.ground.demand,
        travel=draft.travel,
        expected=draft.ground.expected,
        covered=draft.covered,
        wanted=[
            {
                "lon": round(spot.lon, 6),
                "lat": round(spot.lat, 6),
                "expected": spot.expected,
                "beat": spot.beat_code,
                "year": spot.why.get("year"),
            }
            for spot in draft.ground.spots
            if spot.kind == "cell"
        ],
        held=draft.held,
        cover=cover_told(draft),
        unmet=unmet_told(draft),
        **whose,
    )


def unmet_told(draft: Draft) -> list[dict[str, Any]]:
    """What the plan leaves out, as codes and the places it is about."""
    return [
        {
            "why": one.why.value,
            "stop": None if one.stop is None else _told(draft.spots[one.stop]),
            "others": [_told(draft.spots[other]) for other in one.others],
        }
        for one in unmet(draft.task, draft.plan)
    ]


def _told(spot: Spotted) -> dict[str, Any]:
    return {
        "kind": spot.kind,
        "name_zh": spot.name_zh,
        "name_en": spot.name_en,
        "lon": round(spot.lon, 5),
        "lat": round(spot.lat, 5),
    }


def route_rows(draft: Draft, plan: PatrolPlan, *, at: datetime) -> list[tuple[PatrolRoute, list[PatrolStop]]]:
    """A route with its stops for every unit, in driving order."""
    found = []
    for k, (duty, route) in enumerate(zip(draft.ground.units, draft.plan.routes, strict=True)):
        row = PatrolRoute(
            plan=plan,
            unit=duty.unit,
            starts_at=duty.starts_at,
            ends_at=duty.ends_at,
            state_since=at,
            travel_s=draft.task.route_travel_s(k, route),
        )
        found.append((row, stop_rows(draft, row, k, at=at)))
    return found


def _moment(draft: Draft, seconds: float) -> datetime | None:
    return draft.starts_at + timedelta(seconds=seconds) if isfinite(seconds) else None


def stop_rows(draft: Draft, row: PatrolRoute, unit: int, *, at: datetime, first: int = 1) -> list[PatrolStop]:
    """The stops of one unit's route from place ``first`` on."""
    rows = []
    for number, visit in enumerate(visits_of(draft.task, unit, draft.plan.routes[unit]), start=first):
        spot = draft.spots[visit.stop]
        begins_at = draft.starts_at + timedelta(seconds=visit.begin_s)
        asked = draft.task.stops[visit.stop]
        rows.append(
            PatrolStop(
                route=row,
                position=number,
                kind=spot.kind,
                name_zh=spot.name_zh,
                name_en=spot.name_en,
                lon=spot.lon,
                lat=spot.lat,
                cell=cell_of(spot.lon, spot.lat),
                beat_code=spot.beat_code,
                prize=draft.prize_of(visit.stop),
                chance=draft.chance if spot.kind == "random" else None,
                why=spot.why,
                arrives_at=begins_at,
                leaves_at=draft.starts_at + timedelta(seconds=visit.leave_s),
                opens_at=_moment(draft, asked.opens_s),
                closes_at=_moment(draft, asked.closes_s),
                is_locked=visit.stop in draft.locked,
                state_since=at,
            )
        )
    return rows


def cover_told(draft: Draft) -> dict[str, Any]:
    """The planned cover curve, as it is kept with the plan."""
    reach, demand = cells_reached(draft.ground, draft.task.travel_s)
    long_s = (draft.ends_at - draft.starts_at).total_seconds()
    planned = curve_of(draft.task, draft.plan, reach, demand, long_s=long_s)
    return {"planned": planned, "step_s": CURVE_STEP_S, "reach_s": REACH_S, "edition": FIGURES}
