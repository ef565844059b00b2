"""F10: the server's clock jumps in the middle of work, forward and back; devices' clocks stand anywhere.

Steps of one matter on both sides of a jump bear times that go back; ``anlan verify`` names each, and nothing is
made up in their stead. The clock is changed as the program reads it (its own and Django's); what runs beside wall
time, the monotonic clock, does not jump in a machine either.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from anlan.accounts.models import RoleGrant
from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.chaos.inside import Inside, inside
from anlan.assurance.chaos.steps import free_unit
from anlan.assurance.findings import Look
from anlan.assurance.verify import broken, store_verify
from anlan.core import clock
from anlan.core.models import Event
from anlan.drills.invariants import times_backwards
from anlan.units.models import PositionFix

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
JUMPS = (HOUR, -HOUR, DAY, -DAY, 10 * YEAR, -10 * YEAR, timedelta(seconds=1), timedelta(seconds=-90))
EDGE = datetime(2038, 1, 19, 3, 14, 6, tzinfo=UTC)
"""One second before signed 32-bit seconds end."""
PLANT = "rights that begin in the clock's future"
BACKWARDS = "times_backwards"
"""Steps of one matter across a jump bear times that go back. They are named and stay as they were told."""
STEPS = ("sign", "depart", "arrive", "finish")


class _Clock:
    """Stands for ``datetime`` where only the present is asked of it."""

    offset = timedelta(0)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return datetime.now(tz) + cls.offset


class ClockJumps(Fault):
    """A call is taken, a unit sent, and between two steps the clock jumps; then it jumps back."""

    id, title = "F10", "clock of the server jumps between two steps, clocks of devices stand anywhere"
    plants = (PLANT,)

    def run(self, setting: Setting) -> Outcome:
        outcome, random = Outcome(), Random(setting.seed)
        figures = dict.fromkeys(("jumps forward", "jumps back", "device fixes off by up to a year"), 0)
        figures["matters named for times that go back"] = 0
        with inside(setting) as centre, _clock_held():
            if setting.plant != PLANT:
                # The made centre is minutes old; people of a real one have held their roles for long.
                _rights_since(clock.now() - 20 * YEAR)
            for trial in range(1, setting.count + 1):
                jump = random.choice([*JUMPS, EDGE - datetime.now(UTC)])
                figures["jumps forward" if jump > timedelta(0) else "jumps back"] += 1
                also = self._trial(centre, random, jump)
                also += _devices(centre, random)
                figures["device fixes off by up to a year"] += 3
                lines = [
                    f"{finding.invariant.id} {line}"
                    for finding in broken(store_verify(Look(at=clock.now(), history=centre.history)))
                    for line in finding.verdict.broken
                ]
                also += [line for line in lines if BACKWARDS not in line]
                figures["matters named for times that go back"] = times_backwards()
                outcome.trials += 1
                if also:
                    outcome.failed += 1
                    outcome.examples.append(f"jump by {jump}: " + "; ".join(also))
                setting.on_trial(trial)
        outcome.figures = figures
        return outcome

    def _trial(self, centre: Inside, random: Random, jump: timedelta) -> list[str]:
        before = Event.objects.order_by("-id").values_list("id", flat=True)[0]
        jumps_at = random.randrange(len(STEPS) + 2)
        _Clock.offset = timedelta(0)
        incident, assignment = 0, 0
        answers: list[tuple[str, int]] = []
        for number, name in enumerate(("call", "send", *STEPS)):
            if number == jumps_at:
                _Clock.offset = jump
            if name == "call":
                command = centre.call()
            elif name == "send":
                command = centre.sending(incident, free_unit(centre))
            else:
                command = centre.step(f"/api/assignments/{assignment}/{name}")
            status, told = centre.send(command)
            answers.append((name, status))
            if status >= 300:
                break
            incident = told["incident"]["id"] if name == "call" else incident
            assignment = told["id"] if name == "send" else assignment
        _Clock.offset = timedelta(0)
        wrong = [f"{name} was answered with {status}" for name, status in answers if status >= 300]
        told_of = Event.objects.filter(id__gt=before, incident_id=incident).order_by("id")
        kinds = list(told_of.values_list("kind", flat=True))
        if kinds and kinds[0] != "intake.incident_opened" and "intake.incident_opened" in kinds[1:]:
            wrong.append("the record is not in the order in which it happened")
        return wrong


def _rights_since(at: datetime) -> None:
    """All roles are held since then, past every service: it is a drill's store."""
    moment = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {RoleGrant._meta.db_table} SET valid_from = %s", [moment])


def _devices(centre: Inside, random: Random) -> list[str]:
    """Positions of devices whose clocks stand anywhere: each is kept or put aside, none is lost."""
    unit, boot = random.choice(centre.units), uuid4().hex
    west, south = centre.traffic.box[:2]
    fixes = [
        {
            "unit_id": unit,
            "boot": boot,
            "seq": seq,
            "lon": west + 0.01,
            "lat": south + 0.01,
            "fixed_at": (clock.now() + random.uniform(-1, 1) * YEAR).isoformat(),
        }
        for seq in (1, 2, 3)
    ]
    status, told = centre.feed("/api/positions", {"fixes": fixes})
    kept = PositionFix.objects.filter(unit_id=unit, boot=boot).count()
    # One from the future is put aside with its reason; none is lost.
    if status == 200 and told["accepted"] == kept and kept + told["quarantined"] == len(fixes):
        return []
    return [f"of three fixes {kept} are kept, told was {status} {told}"]


@contextmanager
def _clock_held() -> Iterator[None]:
    """The program reads the clock that jumps."""
    with (
        patch.object(clock, "datetime", _Clock),
        patch.object(timezone, "now", lambda: datetime.now(UTC) + _Clock.offset),
    ):
        try:
            yield
        finally:
            _Clock.offset = timedelta(0)
