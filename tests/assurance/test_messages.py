"""The check behind mangled device messages: it counts what is lost, what came twice and what nobody may send."""

from __future__ import annotations

import pytest

from anlan.assurance.chaos.fault import Setting
from anlan.assurance.chaos.messages import FOREIGN, Mangled, _Told
from anlan.core.clock import now
from anlan.units.models import PositionFix

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def west(desk):
    """P-01 with its first two fixes of a run, as the harness numbers them."""
    desk.positions("run", seqs=(1, 2))
    return desk.world.units["P-01"].pk


def wrong(unit: int, seqs: set[int]) -> list[str]:
    told = _Told(valid={unit: seqs})
    Mangled()._kept(told)
    return told.wrong


def test_all_that_was_sent_and_nothing_else_is_sound(west):
    assert wrong(west, {1, 2}) == []


def test_a_lost_fix_and_one_that_nobody_sent_are_found(west):
    assert wrong(west, {1, 2, 3}) == [f"unit {west}: 1 fixes are lost, 0 are there that were not sent, or twice"]
    assert wrong(west, {1}) == [f"unit {west}: 0 fixes are lost, 1 are there that were not sent, or twice"]


def test_a_forged_fix_that_was_taken_is_found(west):
    fields = {"unit_id": west, "seq": 9, "lon": 0.0, "lat": 0.0, "fixed_at": now(), "received_at": now()}
    PositionFix.objects.create(boot=FOREIGN, **fields)
    assert wrong(west, {1, 2}) == ["1 forged fixes were taken"]


def test_a_bad_line_delivers_everything_in_the_end_and_much_of_it_twice(tmp_path):
    from random import Random

    centre = {"units": [1, 2], "box": (120.0, 28.8, 120.2, 29.0)}
    told = _Told()
    setting = Setting(home=tmp_path, centre=centre, seed=1, count=600)
    sent = [fix for batch in Mangled()._batches(setting, Random(1), told) for fix in batch]
    assert {(fix["unit_id"], fix["seq"]) for fix in sent} == {
        (unit, n) for unit, all_ in told.valid.items() for n in all_
    }
    assert len(sent) > 1.2 * 600
    assert [fix["seq"] for fix in sent if fix["unit_id"] == 1] != sorted(
        fix["seq"] for fix in sent if fix["unit_id"] == 1
    )
