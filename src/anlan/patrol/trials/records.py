"""The records behind a trial's figures: the calls it counts, those in the reader's own reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anlan.core.actor import Actor
from anlan.intake.models import Incident
from anlan.patrol.models import PatrolTrial
from anlan.patrol.trials.analysing import known_days
from anlan.patrol.trials.counting import calls_of_trial
from anlan.patrol.trials.protocol import layout_of
from anlan.patrol.trials.selectors import days_of

MOST = 500


@dataclass(frozen=True)
class Counted:
    """A call that is counted: its row, the day and block (or the block its ring is around), and whether it counts."""

    incident: Incident
    day: int
    block: int


def records_of(actor: Actor, trial: PatrolTrial, arm: str) -> tuple[list[Counted], int]:
    """The calls of one side, oldest first, at most 500 of those in reach; and how many it counts in all."""
    layout = layout_of(trial)
    known = known_days(layout, days_of(trial))
    used = layout.design.counted & known & known[layout.design.partner]
    calls, place = calls_of_trial(layout, trial.family, days=layout.design.days)
    is_ring, wanted = arm.startswith("ring"), 1 if arm.endswith("extra") else 0
    block = np.where(is_ring, place - layout.blocks, place)
    inside = (block >= 0) & (block < layout.blocks)
    mine = inside & used[calls.day] & (layout.arms[np.where(inside, block, 0), calls.day] == wanted)
    found = zip(calls.ids[mine].tolist(), calls.day[mine].tolist(), block[mine].tolist(), strict=True)
    where = {pk: (day, k) for pk, day, k in found}
    listed = list(where)[:MOST]
    rows = Incident.objects.visible_to(actor).filter(pk__in=listed).order_by("received_at", "id")
    return [Counted(row, where[row.pk][0] + 1, where[row.pk][1] + 1) for row in rows], len(where)
