"""Questions about trials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.patrol.models import PatrolTrial, PatrolTrialDay
from anlan.patrol.trials.protocol import layout_of

RUNS = ("approved", "running")


def trials_for(actor: Actor, *, limit: int = 50) -> list[PatrolTrial]:
    """The newest trials in the actor's reach."""
    rows = PatrolTrial.objects.visible_to(actor).select_related("organisation")
    return list(rows.order_by("-first_day", "-id")[:limit])


def trial_for(actor: Actor, trial_id: int) -> PatrolTrial:
    """The trial, or ``NotFound``."""
    rows = PatrolTrial.objects.select_related("organisation", "plan", "drafted_by", "approved_by")
    trial: PatrolTrial = rows.one_for(actor, pk=trial_id)
    return trial


def days_of(trial: PatrolTrial) -> list[PatrolTrialDay]:
    """Its days so far, in order."""
    return list(PatrolTrialDay.objects.filter(trial=trial).order_by("day"))


def register_public() -> list[PatrolTrial]:
    """What the public register shows: every trial that was ever approved, newest first."""
    rows = PatrolTrial.objects.exclude(register_number=None).select_related("organisation", "approved_by")
    return list(rows.order_by("-approved_on", "-id")[:200])


def register_entry(number: str) -> PatrolTrial:
    """One entry of the public register, or ``NotFound``."""
    rows = PatrolTrial.objects.select_related("organisation", "approved_by").filter(register_number=number[:16])
    trial = rows.first()
    if trial is None:
        raise NotFound
    return trial


@dataclass(frozen=True, slots=True)
class ExtraVisit:
    """A visit a trial asks for in a shift: where, to which block, and in which part of the shift of so many."""

    trial_id: int
    register_number: str
    block: int
    lon: float
    lat: float
    part: int
    parts: int


def extra_visits(organisations: frozenset[int], *, starts_at: datetime, ends_at: datetime) -> list[ExtraVisit]:
    """The extra visits of trials here whose hours touch a shift, from the day's stored assignment."""
    near = (starts_at - timedelta(days=2)).date(), (ends_at + timedelta(days=1)).date()
    rows = PatrolTrialDay.objects.filter(
        trial__organisation_id__in=organisations, trial__state__in=RUNS, day__range=near
    ).select_related("trial")
    found: list[ExtraVisit] = []
    for row in rows.order_by("trial_id", "day"):
        layout = layout_of(row.trial)
        begin, end = layout.span((row.day - row.trial.first_day).days)
        if begin < ends_at and end > starts_at:
            found += _visits(row)
    return found


def _visits(row: PatrolTrialDay) -> list[ExtraVisit]:
    protocol, number = row.trial.protocol, row.trial.register_number or ""
    blocks = {block["number"]: block for block in protocol["blocks"]}
    return [
        ExtraVisit(row.trial_id, number, block, blocks[block]["lon"], blocks[block]["lat"], part, protocol["visits"])
        for block in row.extra
        for part in range(protocol["visits"])
    ]
