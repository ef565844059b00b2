"""Arrival times are learned from closed assignments, used by the next recommendation, and held to account."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from anlan.core.models import Event
from anlan.dispatch.models import Assignment
from anlan.dispatch.selectors import recommend
from anlan.dispatch.selectors.arrivals import arrival_shares, arrivals_between, trips_over
from anlan.dispatch.services.arrivals import arrivals_learn
from anlan.engines.arrival.paces import Drove, paces_learn
from anlan.places.models import RoadPace
from dispatch.scene import incident_of
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def past(world, count, *, seed=1, factor=2.0, turn_s=90.0, p90_s=None, station="west"):
    """Trips of the weeks before: turn-out of 90 s and driving twice as long as the map says, give or take a fifth."""
    rng = np.random.default_rng(seed)
    incident = incident_of(world, station=world.orgs[station])
    for k in range(count):
        sent = T0 - timedelta(days=1 + k % 28)
        travel = float(rng.uniform(100, 600))
        left = sent + timedelta(seconds=turn_s * float(np.exp(rng.normal(0, 0.2))))
        there = left + timedelta(seconds=travel * factor * float(np.exp(rng.normal(0, 0.2))))
        Assignment.objects.create(
            incident=incident,
            unit=world.units["P-01"],
            state="closed",
            state_since=there,
            sent_at=sent,
            departed_at=left,
            arrived_at=there,
            travel_s=travel,
            eta_s=travel + 30,
            eta_p90_s=p90_s or (travel + 30) * 1.35,
            eta_source="road",
            fix_age_s=5.0,
        )


def test_a_handful_teaches_nothing(world):
    past(world, 20)
    assert arrivals_learn(at=T0) is None


def test_what_was_learned_is_in_the_next_recommendation(world):
    incident = incident_of(world, lon=120.10)
    before = recommend(incident, at=T0).ranked[0]
    past(world, 200)
    row = arrivals_learn(at=T0)
    assert row.trips == 200
    after = recommend(incident, at=T0).ranked[0]
    assert after.travel_s == before.travel_s
    assert after.eta_s == pytest.approx(90 + 2 * after.travel_s, rel=0.15)
    assert after.eta_p90_s > after.eta_s > before.eta_s
    assert Event.objects.filter(kind="dispatch.arrivals_learned").count() == 1


def test_it_is_learned_once_a_day_and_from_the_past_alone(world):
    past(world, 60)
    assert arrivals_learn(at=T0) is not None
    assert arrivals_learn(at=T0 + timedelta(hours=1)) is None
    assert arrivals_learn(at=T0 + timedelta(days=1)) is not None
    assert len(trips_over(at=T0 - timedelta(days=10))[0]) < 60


def test_trips_of_before_are_told_as_they_would_be_reckoned_since_roads_were_learned(world):
    past(world, 3)
    before = trips_over(at=T0)[0].travel_s
    fit = paces_learn([Drove("car", mode, "primary", "workday_day", 2.0) for mode in ("normal", "emergency")] * 500)
    row = RoadPace.objects.create(learned_at=T0, drives=500, first_at=T0, last_at=T0, content=fit.content())
    after = trips_over(at=T0 + timedelta(minutes=1))[0].travel_s
    assert after == pytest.approx(2.0 * before, rel=0.15)
    RoadPace.objects.filter(pk=row.pk).update(learned_at=T0 - timedelta(days=200))
    assert trips_over(at=T0)[0].travel_s == pytest.approx(before), "these were reckoned by it already"


def test_positions_stand_before_buttons(world):
    past(world, 1)
    row = Assignment.objects.get()
    Assignment.objects.update(arrived_inferred_at=row.sent_at + timedelta(seconds=77))
    assert trips_over(at=T0)[0].actual_s.tolist() == [77.0]


def test_the_share_kept_is_counted_by_zone_and_hours_in_the_askers_reach(world):
    past(world, 4, p90_s=5000.0)
    past(world, 6, p90_s=1.0, station="east")
    period = {"start": T0 - timedelta(days=60), "end": T0}
    trips = arrivals_between(world.actor("gus"), **period)
    whole, *others = arrival_shares(trips)
    assert (whole.kept.inside, whole.kept.n) == (4, 10)
    assert whole.kept.low < 0.4 < whole.kept.high
    assert {(share.kind, share.kept.n) for share in others} == {("zone", 10), ("band", 10)}
    assert len(arrivals_between(world.actor("ida"), **period)) == 10  # P-01 is the west's own
    assert len(arrivals_between(world.actor("cleo"), **period)) == 6
