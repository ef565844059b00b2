"""Two years of the demo county's past, as if another system had kept them: incidents, dispatches, feedback."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from anlan.core.actor import SYSTEM
from anlan.core.models import ImportBatch
from anlan.core.services import import_finish, import_start
from anlan.dispatch.services.history import (
    HistoryAssignment,
    HistoryFeedback,
    assignments_import,
    feedback_import,
)
from anlan.engines.county.handling import RESULTS
from anlan.engines.county.history import History, history
from anlan.engines.county.records import County
from anlan.intake.models import Incident
from anlan.intake.services.history import HistoryIncident, history_import
from anlan.units.models import Unit

CHUNK = 4_000
SOURCE = "synthetic"
RESULT_OF = {
    "fast_settled": "accident_fast_settled",
    "mediation_centre": "to_mediation_centre",
    "transferred": "to_department",
}
CHANNEL_OF = {"alarm_device": "device", "transfer_12345": "partner"}
Progress = Callable[[int, int], None]


def county_history_load(
    county: County, *, until: datetime, days: int, seed: int, progress: Progress = lambda done, of: None
) -> int:
    """Put the past on the record, closed; returns how many incidents that are."""
    past = history(county, until=until, days=days, seed=seed)
    batch = import_start(kind="synthetic", source=f"county seed {seed}", mapping=SOURCE, by=SYSTEM, at=until)
    units = dict(Unit.objects.values_list("call_sign", "id"))
    total, taken = len(past.first_calls), 0
    for low in range(0, total, CHUNK):
        rows = range(low, min(low + CHUNK, total))
        taken += _chunk(county, past, rows, batch, units, until)
        progress(rows.stop, total)
    import_finish(batch=batch, accepted=taken, repeated=total - taken, quarantined=0, by=SYSTEM, at=until)
    return taken


def _chunk(
    county: County, past: History, rows: range, batch: ImportBatch, units: dict[str, int], until: datetime
) -> int:
    incidents = [_incident(past, k) for k in rows]
    taken = history_import(rows=incidents, batch=batch, by=SYSTEM, at=until).accepted
    names = [row.external_id for row in incidents]
    ids = dict(Incident.objects.filter(source=SOURCE, external_id__in=names).values_list("external_id", "id"))
    sent = [(k, row) for k, row in zip(rows, incidents, strict=True) if past.unit[k] >= 0]
    made = assignments_import(
        rows=[_assignment(county, past, k, row, ids, units) for k, row in sent], batch=batch, by=SYSTEM, at=until
    )
    feedback_import(
        rows=[_feedback(past, k, row, ids, assignment) for (k, row), assignment in zip(sent, made, strict=True)],
        batch=batch,
        by=SYSTEM,
        at=until,
    )
    return taken


def _moments(past: History, k: int) -> tuple[datetime, ...]:
    """Received, sent, signed, departed, arrived, finished, fed back."""
    call, ways = int(past.first_calls[k]), past.handling
    moment = datetime.fromtimestamp(int(past.calls.called_at_s[call]), UTC)
    steps = (ways.decide_s, ways.sign_s, ways.turnout_s, ways.travel_s, ways.on_scene_s, ways.feedback_s)
    found = [moment]
    for seconds in steps:
        moment += timedelta(seconds=float(seconds[k]))
        found.append(moment)
    return tuple(found)


def _incident(past: History, k: int) -> HistoryIncident:
    told = past.calls.row(int(past.first_calls[k]))
    received, sent, _, _, arrived, _, filed = _moments(past, k)
    attended = past.unit[k] >= 0
    return HistoryIncident(
        source=SOURCE,
        external_id=told.call_id,
        code=told.truth.code,
        received_at=received,
        closed_at=filed + timedelta(hours=2),
        narrative=told.narrative,
        address_text=told.place_phrase,
        lon=told.lon,
        lat=told.lat,
        channel=CHANNEL_OF.get(told.channel, told.channel),
        first_sent_at=sent if attended else None,
        first_arrived_at=arrived if attended else None,
        track=str(past.track[k]),
    )


def _assignment(
    county: County, past: History, k: int, row: HistoryIncident, ids: dict[str | None, int], units: dict[str, int]
) -> HistoryAssignment:
    _, sent, signed, departed, arrived, finished, _ = _moments(past, k)
    return HistoryAssignment(
        incident_id=ids[row.external_id],
        unit_id=units[county.units[int(past.unit[k])].call_sign],
        sent_at=sent,
        signed_at=signed,
        departed_at=departed,
        arrived_at=arrived,
        finished_at=finished,
    )


def _feedback(
    past: History, k: int, row: HistoryIncident, ids: dict[str | None, int], assignment: int
) -> HistoryFeedback:
    received, *_, finished, filed = _moments(past, k)
    theirs = RESULTS[int(past.handling.result[k])]
    return HistoryFeedback(
        incident_id=ids[row.external_id],
        assignment_id=assignment,
        code=row.code,
        priority="",
        result=RESULT_OF.get(theirs, theirs),
        filed_at=filed,
        occurred_from=received,
        occurred_to=finished,
    )
