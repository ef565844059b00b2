"""The living demo: the county's calls keep coming, in real time, and its units answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings

from anlan.accounts.models import Organisation
from anlan.console.prompter import prompts_clear
from anlan.core.actor import SYSTEM
from anlan.core.errors import DomainError
from anlan.drills.desks import crews_answer
from anlan.drills.fleet import Fleet
from anlan.drills.newcomers import Newcomers
from anlan.drills.player import Player
from anlan.drills.quarrels import GO_ON_EVERY as QUARRELS_EVERY
from anlan.drills.quarrels import quarrels_go_on
from anlan.drills.sheets import sheet_of
from anlan.drills.stage import Stage
from anlan.drills.takers import LEFT_FOR, Desk
from anlan.drills.weather import EVERY as WEATHER_EVERY
from anlan.drills.weather import weather_report
from anlan.engines.county.calls import call_stream
from anlan.engines.county.records import County, SyntheticCall
from anlan.intake.services import switch_report
from anlan.integrations.telephony.simulator import CallSimulator
from anlan.places.selectors import road_graph
from anlan.units.models import Unit

WARM_UP = timedelta(minutes=75)
HORIZON = timedelta(hours=6)
REPORT_EVERY = timedelta(seconds=5)
REPORT_EVERY_WARMING = timedelta(seconds=60)
LOOK_EVERY = timedelta(seconds=1)
TELL_EVERY = timedelta(seconds=20)
BY_TELEPHONE = "phone"
SWITCH = "110"
LINE_DOWN = "line-down"


class LivingDay:
    """Calls, dispatchers, units and reviewers of the demo county on one stage."""

    def __init__(
        self,
        county: County,
        *,
        rate_per_day: float,
        seed: int,
        starts_at: datetime,
        left_for: timedelta = LEFT_FOR,
    ) -> None:
        self.county, self.rate, self.seed = county, rate_per_day, seed
        self.stage = Stage(forgives=(DomainError,))
        self.fleet = Fleet(roads=road_graph(), boot=f"demo-{int(starts_at.timestamp())}")
        for unit in Unit.objects.filter(is_active=True).order_by("pk"):
            if unit.base_lon is not None and unit.base_lat is not None:
                self.fleet.add(unit.pk, vehicle=unit.vehicle, lon=unit.base_lon, lat=unit.base_lat)
        partners = frozenset(Organisation.objects.filter(kind="partner").values_list("code", flat=True))
        self.player = Player(stage=self.stage, fleet=self.fleet, by=SYSTEM, seed=seed, partners=partners)
        self.desk = Desk(self.stage, self.player, CallSimulator(seed), SYSTEM, left_for=left_for)
        self.newcomers: Newcomers | None = None
        self.planned_until = self.looks_at = self.tells_at = self.quarrels_at = starts_at
        self.switch_told: bool | None = None
        self.reports_at = self.weather_at = starts_at
        self.warm = False

    def open_doors(self) -> None:
        """From now on it is real time, and persons may sit at the screens."""
        prompts_clear()
        self.newcomers = Newcomers(self.county, self.desk, self.player, self.seed)
        self.desk.is_attended = self.newcomers.is_there
        self.warm = True

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
        if at >= self.weather_at:
            self.weather_at = at.replace(minute=0, second=0, microsecond=0) + WEATHER_EVERY
            weather_report(self.seed, at)
        if self.newcomers is not None and at >= self.looks_at:
            self.looks_at = at + LOOK_EVERY
            self.newcomers.watch(at)
            self._look_at_lines(at)
            crews_answer(at)
            if at >= self.quarrels_at:
                self.quarrels_at = at + QUARRELS_EVERY
                quarrels_go_on(at)

    def _look_at_lines(self, at: datetime) -> None:
        """Whether somebody told the switch to fail (``anlan line down``); the desk hears of it every look."""
        is_wanted_up = not (Path(settings.HOME) / LINE_DOWN).exists()
        switch = self.desk.switch
        if switch.is_up and not is_wanted_up:
            self.desk.lines_fail(at)
        elif is_wanted_up and not switch.is_up:
            self.desk.lines_return(at)
        if switch.is_up != self.switch_told or at >= self.tells_at:
            self.switch_told, self.tells_at = switch.is_up, at + TELL_EVERY
            switch_report(name=SWITCH, is_up=switch.is_up, by=SYSTEM, at=at)

    def _plan_calls(self, until: datetime) -> None:
        for call in self._calls(self.planned_until, until):
            if call.channel == BY_TELEPHONE:
                self.desk.expect(call)
            else:
                self.stage.plan(call.called_at, partial(self.player.call, sheet_of(call)))
        self.planned_until = until

    def _calls(self, start: datetime, end: datetime) -> Iterator[SyntheticCall]:
        return call_stream(self.county, start=start, end=end, rate_per_day=self.rate, seed=self.seed)
