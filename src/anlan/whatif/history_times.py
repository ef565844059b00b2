"""What the past says of times no policy changes: on the spot, turning out, until sending, on the roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from anlan.dispatch.models import Assignment
from anlan.intake.models import Incident

LEAST_SEEN = 20
"""From so many times on a median is taken from the past; below it the usual stands."""
USUAL_SCENE_S, USUAL_TURNOUT_S, USUAL_DELAY_S = 1200.0, 30.0, 60.0


@dataclass(frozen=True)
class Times:
    """What the past says of times, by code where there is enough of it."""

    scene_s: dict[str, float]
    usual_scene_s: float
    turnout_s: float
    delay_s: float
    pace: float
    seen: int


def times_of(rows: Sequence[Incident]) -> Times:
    """Medians of what units did at these matters: what no policy changes."""
    ids = [row.pk for row in rows]
    code_of = {row.pk: row.code for row in rows}
    scene: dict[str, list[float]] = {}
    turnout: list[float] = []
    paces: list[float] = []
    for begin in range(0, len(ids), 500):
        told = Assignment.objects.filter(incident_id__in=ids[begin : begin + 500], part="lead").values_list(
            "incident_id", "sent_at", "departed_at", "arrived_at", "finished_at", "travel_s"
        )
        for incident, sent, left, there, done, travel_s in told:
            if there and done and done > there:
                scene.setdefault(code_of[incident], []).append((done - there).total_seconds())
            if left and left >= sent:
                turnout.append((left - sent).total_seconds())
            if left and there and there > left and travel_s and travel_s > 30.0:
                paces.append((there - left).total_seconds() / travel_s)
    every = [value for values in scene.values() for value in values]
    delays = [(row.first_sent_at - row.received_at).total_seconds() for row in rows if row.first_sent_at]
    return Times(
        {code: median(values) for code, values in scene.items() if len(values) >= LEAST_SEEN},
        _middle(every, USUAL_SCENE_S),
        _middle(turnout, USUAL_TURNOUT_S),
        max(_middle(delays, USUAL_DELAY_S), 0.0),
        _middle(paces, 1.0),
        len(every),
    )


def _middle(values: Sequence[float], usual: float) -> float:
    return median(values) if len(values) >= LEAST_SEEN else usual
