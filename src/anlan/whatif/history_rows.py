"""Incidents and units of the past as the engine's calls and fleet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from django.utils import timezone

from anlan.dispatch.selectors.plans import plan_of, zone_of
from anlan.dispatch.selectors.ruling import reached_within_s
from anlan.engines.simulation import COMMUNITY, POLICE, Calls, Fleet, Need
from anlan.intake.models import Incident
from anlan.units.models import Shift, Unit
from anlan.whatif.history_times import Times

TRACKS = {"P": (Need(POLICE),), "J": (Need(POLICE), Need(COMMUNITY)), "C": (Need(COMMUNITY),)}
TRACK_OF = {"P": POLICE, "C": COMMUNITY}


def calls_told(
    rows: Sequence[Incident], zone: Any, days: tuple[date, ...], times: Times, start: datetime
) -> tuple[Calls, list[tuple[tuple[int, frozenset[str]], ...]]]:
    """The calls, and what each kind of them is answered with: (track, abilities) for each unit of the plan."""
    number = {day: place for place, day in enumerate(days)}
    known: dict[Any, int] = {}
    answers: list[tuple[tuple[int, frozenset[str]], ...]] = []
    answer = []
    for row in rows:
        key = (row.track, row.code, row.priority, tuple(sorted(row.danger)), row.setting, row.station_id)
        if key not in known:
            known[key] = len(answers)
            answers.append(_answer(row))
        answer.append(known[key])
    n = len(rows)
    calls = Calls(
        at_s=np.array([(row.received_at - start).total_seconds() for row in rows]),
        zone=np.asarray(zone, dtype=np.int64),
        priority=np.array([int(row.priority[1]) for row in rows]),
        scene_s=np.array([times.scene_s.get(row.code, times.usual_scene_s) for row in rows]),
        target_s=np.array([reached_within_s(row.code, row.priority, row.setting) for row in rows]),
        answer=np.array(answer),
        station=np.array([row.station_id or -1 for row in rows]),
        group=np.array([zone_of(row.station_id) or -1 for row in rows]),
        then_zone=np.full(n, -1),
        then_s=np.zeros(n),
        block=np.array([number[timezone.localdate(row.received_at)] for row in rows]),
    )
    return calls, answers


def _answer(row: Incident) -> tuple[tuple[int, frozenset[str]], ...]:
    """The first level of the matter's plan: police units with their abilities, a community team where the track
    asks."""
    first = TRACKS[row.track]
    if row.track == "C":
        return ((COMMUNITY, frozenset()),)
    needs = plan_of(row)[0].level(1).needs
    police = [
        (POLICE, frozenset([need.capability] if need.capability else [])) for need in needs for _ in range(need.count)
    ]
    town = [(COMMUNITY, frozenset[str]())] if any(need.track == COMMUNITY for need in first) else []
    return (*(police or [(POLICE, frozenset[str]())]), *town)


def _abilities(answers: Sequence[Sequence[tuple[int, frozenset[str]]]]) -> dict[str, int]:
    names = sorted({name for answer in answers for _track, able in answer for name in able})
    return {name: 1 << place for place, name in enumerate(names)}


def needs_of(answers: Sequence[Sequence[tuple[int, frozenset[str]]]]) -> tuple[tuple[Need, ...], ...]:
    bits = _abilities(answers)
    return tuple(tuple(Need(track, sum(bits[name] for name in able)) for track, able in answer) for answer in answers)


def fleet_told(
    units: Sequence[Unit], home: Any, answers: Sequence[Any], start: datetime, end: datetime
) -> tuple[Fleet, bool]:
    """The units with their shifts of those days; always on duty where no shift of these days is on record."""
    bits = _abilities(answers)
    spans: dict[int, list[tuple[float, float]]] = {}
    for unit_id, begins, ends in (
        Shift.objects.filter(unit__in=units, starts_at__lt=end, ends_at__gt=start)
        .order_by("starts_at")
        .values_list("unit_id", "starts_at", "ends_at")
    ):
        spans.setdefault(unit_id, []).append(((begins - start).total_seconds(), (ends - start).total_seconds()))
    shifts = tuple(tuple(spans.get(unit.pk, ())) for unit in units) if spans else None
    fleet = Fleet(
        np.asarray(home, dtype=np.int64),
        np.array([TRACK_OF[unit.track] for unit in units]),
        np.array([unit.organisation_id for unit in units]),
        np.array([zone_of(unit.organisation_id) or -1 for unit in units]),
        np.array([sum(bits.get(name, 0) for name in unit.capabilities) for unit in units]),
        tuple(unit.call_sign for unit in units),
        shifts,
    )
    return fleet, bool(spans)
