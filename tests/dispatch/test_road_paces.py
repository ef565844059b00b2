"""Drives to matters are what roads' paces are learned from: in the night, from kept positions, without a name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.dispatch.models import Assignment
from anlan.dispatch.services.road_paces import MOST_DRIVES, drives_kept, road_paces_nightly
from anlan.units.models import PositionFix
from dispatch.scene import incident_of
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
NIGHT = T0 + timedelta(hours=18)  # 03:00 in Shanghai


def sent(world, *, hours_ago=20, unit="P-01", drove_s=300.0, every_s=15.0, late_s=1.0):
    """A closed trip with positions along the road of the county; the first fix belongs to the turn-out."""
    row = world.units[unit]
    begin = NIGHT - timedelta(hours=hours_ago)
    there = begin + timedelta(seconds=60 + drove_s)
    Assignment.objects.create(
        incident=incident_of(world), unit=row, state="closed", state_since=there, sent_at=begin,
        moved_inferred_at=begin + timedelta(seconds=60), arrived_at=there + timedelta(minutes=2),
        arrived_inferred_at=there, travel_s=200.0, eta_source="road",
    )  # fmt: skip
    for k in range(int((60 + drove_s) / every_s) + 10):
        at = begin + timedelta(seconds=k * every_s)
        lon = 120.055 + 0.0001 * max(k * every_s - 60, 0)
        PositionFix.objects.create(
            unit_id=row.pk, boot="t", seq=k + int(begin.timestamp()), lon=lon, lat=28.90, fixed_at=at,
            received_at=at + timedelta(seconds=late_s),
        )  # fmt: skip


def test_a_drive_is_what_lies_between_setting_off_and_being_there_by_positions(world):
    sent(world, late_s=600.0)
    (drive,) = drives_kept(at=NIGHT)
    assert (drive.vehicle, drive.is_urgent) == ("car", True)
    seconds = [second for _lon, _lat, second in drive.fixes]
    assert (seconds[0], seconds[-1]) == (0.0, 300.0)
    assert seconds == sorted(seconds)
    assert not hasattr(drive, "unit_id")


def test_walkers_too_short_and_too_old_drives_are_left_out(world):
    sent(world, drove_s=20.0)
    sent(world, hours_ago=24 * 40)
    world.units["P-01"].__class__.objects.update(vehicle="foot")
    sent(world, hours_ago=10)
    assert list(drives_kept(at=NIGHT)) == []


def test_it_is_learned_in_the_night_alone_and_only_from_enough(world, monkeypatch):
    handed = []
    sent(world)
    monkeypatch.setattr(
        "anlan.dispatch.services.road_paces.road_paces_learn", lambda **told: handed.append(list(told["drives"]))
    )
    assert road_paces_nightly(at=T0) is None
    assert handed == []
    road_paces_nightly(at=NIGHT)
    assert [len(each) for each in handed] == [1]
    assert MOST_DRIVES >= 50
