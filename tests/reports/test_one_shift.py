"""One matter through the services themselves: what the desk and the unit did is what the figures say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.dispatch.services import (
    assignment_arrive,
    assignment_depart,
    assignment_finish,
    assignment_sign,
    feedback_file,
    unit_assign,
)
from anlan.intake.services import CallSheet, call_receive
from anlan.reports.selectors import bulletin, kpi_all
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_matter_handled_at_the_desk_shows_in_every_figure_it_touches(world, taxonomy):
    ada, ben, eve, gus = (world.actor(name) for name in ("ada", "ben", "eve", "gus"))

    def after(seconds: int):
        return T0 + timedelta(seconds=seconds)

    sheet = CallSheet(narrative="有人持刀打架，快来", lon=120.07, lat=28.90)
    incident = call_receive(line=sheet, at=T0, by=ben).incident
    sent = unit_assign(incident=incident, unit=world.units["P-01"], by=ada, at=after(40))
    assignment_sign(assignment=sent, by=eve, at=after(60))
    assignment_depart(assignment=sent, by=eve, at=after(90))
    assignment_arrive(assignment=sent, by=eve, at=after(280))
    assignment_finish(assignment=sent, by=eve, at=after(900))
    feedback_file(incident=incident, result="settled_on_site", by=eve, at=after(2_000), assignment=sent)

    found = {f.key: f for f in kpi_all(gus, start=T0, end=T0 + timedelta(days=1))}
    assert incident.priority == "P1"
    assert found["volume:priority-P1"].value == 1
    assert (found["send_60"].value, found["sign_30s"].value, found["feedback_30"].value) == (1, 1, 1)
    assert (found["dispatch_p50"].value, found["response_p50"].value) == (40, 280)
    assert (found["arrive_5"].value, found["arrive_5_answered"].value) == (1, 1)
    assert found["divert_rate"].value == 0

    told = bulletin(gus, week_start=T0.date())
    first = {table.measure.key: table.rows[0].buckets[0].count for table in told.tables}
    assert first == {"sign": 1, "turn_out": 1, "arrival": 1, "feedback": 1}
    assert told.unfinished == ()
