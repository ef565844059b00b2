"""The same fixes from many sides at one instant: each is kept once, whoever comes first."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections

from anlan.core.actor import SYSTEM
from anlan.units.models import PositionFix, PositionStream
from anlan.units.services import PositionReport, PositionsTaken, positions_take
from world import T0, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SENDERS = 4
FIXES_EACH = 24


@pytest.fixture
def units():
    return sorted(unit.pk for unit in build_world().units.values())[:3]


def sent_by(sender: int, units: list[int]) -> list[list[PositionReport]]:
    """All fixes of all units in an order and in batches of this sender's own; the devices began again once."""
    fixes = [
        PositionReport(unit_id=unit, boot=boot, seq=seq, lon=120.07, lat=28.9, fixed_at=T0 + timedelta(seconds=seq))
        for unit in units
        for boot in ("monday", "tuesday")
        for seq in range(1, FIXES_EACH + 1)
    ]
    order = random.Random(sender)
    order.shuffle(fixes)
    # One overlaps the next, so that much comes twice from the same side too.
    return [fixes[start : start + 30] for start in range(0, len(fixes), 20)]


def at_once(units: list[int]) -> list[PositionsTaken]:
    gun, answers, failed = threading.Barrier(SENDERS), list[PositionsTaken](), list[Exception]()

    def send(sender: int) -> None:
        try:
            gun.wait(timeout=30)
            for batch in sent_by(sender, units):
                answers.append(positions_take(fixes=batch, by=SYSTEM, at=T0))
        except Exception as problem:
            failed.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not failed  # none waits for another who waits for it
    return answers


def test_of_what_four_send_at_once_in_any_order_each_fix_is_kept_once(units):
    answers = at_once(units)
    kept = Counter(PositionFix.objects.filter(boot__endswith="day").values_list("unit_id", "boot", "seq"))
    assert len(kept) == len(units) * 2 * FIXES_EACH
    assert set(kept.values()) == {1}
    assert sum(one.accepted for one in answers) == len(kept)
    streams = PositionStream.objects.filter(boot__endswith="day").values_list("upto", "beyond")
    assert list(streams) == [(FIXES_EACH, [])] * (len(units) * 2)


def test_a_batch_that_fails_halfway_leaves_nothing_behind_and_is_taken_when_it_comes_again(units, monkeypatch):
    batch = sent_by(0, units)[0]

    def fails(rows: object, alias: str) -> None:
        raise OSError("the store is gone")

    with monkeypatch.context() as broken:
        broken.setattr("anlan.units.services.positions.latest_put", fails)
        with pytest.raises(OSError, match="gone"):
            positions_take(fixes=batch, by=SYSTEM, at=T0)
    assert not PositionFix.objects.filter(boot__endswith="day").exists()
    assert not PositionStream.objects.filter(boot__endswith="day").exclude(upto=0, beyond=[]).exists()
    assert positions_take(fixes=batch, by=SYSTEM, at=T0).accepted == len(batch)
