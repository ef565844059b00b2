"""The living demo: the county's calls keep coming, in real time, and its units answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from anlan.accounts.models import Organisation
from anlan.core.actor import SYSTEM
from anlan.drills.fleet import Fleet
from anlan.drills.player import Player
from anlan.drills.stage import Stage
from anlan.engines.county.calls import call_stream
from anlan.engines.county.records import County, SyntheticCall
from anlan.intake.services import CallSheet
from anlan.places.selectors import road_graph
from anlan.units.models import Unit

WARM_UP = timedelta(minutes=75)
HORIZON = timedelta(hours=6)
REPORT_EVERY = timedelta(seconds=5)
REPORT_EVERY_WARMING = timedelta(seconds=60)
CHANNELS = {"alarm_device": "device", "transfer_12345": "partner"}
CALL_TYPES = {"9001": "silent", "9002": "prank", "9003": "test"}


class LivingDay:
    """Calls, dispatchers, units and reviewers of the demo county on one stage."""

    def __init__(self, county: County, *, rate_per_day: float, seed: int, starts_at: datetime) -> None:
        self.county, self.rate, self.seed = county, rate_per_day, seed
        self.stage = Stage()
        self.fleet = Fleet(roads=road_graph(), boot=f"demo-{int(starts_at.timestamp())}")
        for unit in Unit.objects.filter(is_active=True).order_by("pk"):
            if unit.base_lon is not None and unit.base_lat is not None:
                self.fleet.add(unit.pk, vehicle=unit.vehicle, lon=unit.base_lon, lat=unit.base_lat)
        partners = frozenset(Organisation.objects.filter(kind="partner").values_list("code", flat=True))
        self.player = Player(stage=self.stage, fleet=self.fleet, by=SYSTEM, seed=seed, partners=partners)
        self.planned_until = starts_at
        self.reports_at = starts_at
        self.warm = False

    def play_until(self, at: datetime, *, beat: Callable[[], None] = lambda: None) -> None:
        """Play everything up to ``at``: new calls, steps of those under way, positions."""
        while self.planned_until < at:
            self._plan_calls(min(self.planned_until + HORIZON, at + HORIZON))
        every = REPORT_EVERY if self.warm else REPORT_EVERY_WARMING
        while self.reports_at <= at:
            self.stage.play_until(self.reports_at)
            self.fleet.report(self.reports_at, by=SYSTEM)
            self.reports_at += every
            beat()
        self.stage.play_until(at)

    def _plan_calls(self, until: datetime) -> None:
        for call in self._calls(self.planned_until, until):
            sheet = sheet_of(call)
            self.stage.plan(call.called_at, partial(self.player.call, sheet))
        self.planned_until = until

    def _calls(self, start: datetime, end: datetime) -> Iterator[SyntheticCall]:
        return call_stream(self.county, start=start, end=end, rate_per_day=self.rate, seed=self.seed)


def sheet_of(call: SyntheticCall) -> CallSheet:
    """What the call taker would type. The hidden truth stays hidden, but for calls without a matter."""
    is_silent = call.truth.code == "9001"
    return CallSheet(
        narrative="" if is_silent else call.narrative,
        address_text="" if is_silent else call.place_phrase,
        lon=None if is_silent else call.lon,
        lat=None if is_silent else call.lat,
        radius_m=call.radius_m,
        channel=CHANNELS.get(call.channel, call.channel),
        call_type=CALL_TYPES.get(call.truth.code, "report"),
        reporter_name=call.caller,
        reporter_phone=call.phone,
        source="synthetic-live",
        external_id=call.call_id,
    )
