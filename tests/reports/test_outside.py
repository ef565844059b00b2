"""Counts for outside: what two exports betray when they are written plainly, and don't through the one door."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse

from anlan.config.commands.export import export
from anlan.core.actor import SYSTEM
from anlan.core.errors import NotPermitted
from anlan.core.models import Event
from anlan.intake.models import Incident
from anlan.reports.errors import AxisUnknown, MonthOpen
from anlan.reports.models import ReleasedCell
from anlan.reports.rules import OUTSIDE_LEAST, OUTSIDE_STEP
from anlan.reports.selectors.outside import month_bounds, months_between
from anlan.reports.services import export_outside, month_release

pytestmark = pytest.mark.django_db(databases="__all__")
JANUARY = datetime(2026, 1, 15, 4, tzinfo=UTC)
LATER = datetime(2026, 3, 20, tzinfo=UTC)


def matters(world, station, code, count, at=JANUARY, first=0):
    Incident.objects.bulk_create(
        Incident(
            number=f"{station}-{code}-{at:%m}-{first + nth}",
            code=code,
            priority="P3",
            priority_rule="type",
            track="J",
            track_rule="type",
            state_since=at,
            received_at=at,
            station=world.orgs[station],
            holder=world.orgs[station],
        )
        for nth in range(count)
    )


def told(*axes, first="2026-01", last="2026-01"):
    sheet = export_outside(first=first, last=last, axes=axes, by=SYSTEM, at=LATER)
    return {tuple(row[: len(axes)]): row[len(axes)] for row in sheet.rows}


def plainly(*axes):
    """The export one would write without thinking: counts of at least k, by whatever is asked for."""
    columns = {"area": "station__code", "family": "code"}
    rows = {}
    for _pk, *values in Incident.objects.values_list("pk", *(columns[axis] for axis in axes)):
        rows[tuple(values)] = rows.get(tuple(values), 0) + 1
    return {name: count for name, count in rows.items() if count >= OUTSIDE_LEAST}


def test_two_plain_exports_give_away_the_three_at_one_station(world):
    matters(world, "west", "0402", 40)
    matters(world, "east", "0402", 3)
    assert ("east",) not in plainly("area")
    assert plainly()[()] - plainly("area")[("west",)] == 3  # the adversary's subtraction works


def test_two_exports_through_the_door_give_away_nothing(world):
    matters(world, "west", "0402", 40)
    matters(world, "east", "0402", 3)
    assert told()[()] - told("area")[("west",)] == 0
    assert told("area")[("east",)] == 0
    assert told("area", "family")[("east", "04")] == 0
    assert told() == {(): told("area")[("west",)]}
    held = ReleasedCell.objects.filter(area="east", told=None).count()
    assert held == ReleasedCell.objects.filter(area="east").count() > 5


def test_what_was_released_stays_whatever_is_found_afterwards(world):
    """Two exports on either side of one matter more would betray it."""
    matters(world, "west", "0402", 12)
    before = told("area")
    matters(world, "west", "0402", 30, first=100)
    Incident.objects.filter(number="west-0402-01-0").delete()
    assert told("area") == before
    assert Event.objects.filter(kind="reports.month_released").count() == 1
    assert Event.objects.filter(kind="reports.exported_outside").count() == 2


def test_counts_come_in_steps_and_months_are_local(world):
    matters(world, "west", "0402", 13)
    # At 00:30 on 1 February in Shanghai it is still January by UTC.
    matters(world, "west", "0402", 20, at=datetime(2026, 1, 31, 16, 30, tzinfo=UTC), first=50)
    found = told("month", last="2026-02")
    assert found[("2026-02",)] == 20
    assert found[("2026-01",)] in (10, 15)
    assert not [count for count in found.values() if count % OUTSIDE_STEP]
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]


def test_types_that_measure_where_officers_look_never_leave(world):
    matters(world, "west", "1201", 50)
    matters(world, "west", "0109", 50)
    matters(world, "west", "", 50)
    assert told()[()] == 0
    assert not ReleasedCell.objects.filter(family="12").exists()


def test_a_month_that_is_not_over_stays_inside(world):
    end = month_bounds("2026-03")[1]
    with pytest.raises(MonthOpen):
        month_release(month="2026-03", by=SYSTEM, at=end + timedelta(days=6))
    assert month_release(month="2026-03", by=SYSTEM, at=end + timedelta(days=7)).month == "2026-03"


def test_who_may_not_take_it_out_does_not(world):
    with pytest.raises(NotPermitted):
        export_outside(first="2026-01", last="2026-01", axes=("area",), by=world.actor("ben"), at=LATER)
    with pytest.raises(AxisUnknown):
        export_outside(first="2026-01", last="2026-01", axes=("area", "area"), by=SYSTEM, at=LATER)
    assert export_outside(first="2026-01", last="2026-01", axes=(), by=world.actor("gus"), at=LATER).rows


def test_an_operator_writes_it_to_a_file(world, tmp_path):
    matters(world, "west", "0402", 40)
    out = tmp_path / "counts.csv"
    done = CliRunner().invoke(export, ["2026-01", "2026-01", "--by", "area", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "west,40" in out.read_text(encoding="utf-8-sig")
    assert CliRunner().invoke(export, ["2026-13", "2026-01", "--out", str(out)]).exit_code == 2


# The page


def signed_in(world, name):
    client = Client()
    client.cookies["anlan_language"] = "en"
    client.force_login(world.people[name])
    return client


def take_out(client, **more):
    told = {"first": "2026-01", "last": "2026-01", "by": ["area"], **more}
    return client.post(reverse("reports:outside_csv"), told)


def test_the_page_gives_what_the_command_gives_and_puts_it_on_the_record(world):
    matters(world, "west", "0402", 40)
    matters(world, "east", "0402", 3)
    gus = signed_in(world, "gus")
    assert "No month has been released" in gus.get(reverse("reports:outside")).content.decode()
    answer = take_out(gus)
    assert answer["Content-Disposition"] == 'attachment; filename="outside-2026-01-2026-01.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[1] for row in rows if row and row[0] == "east"] == ["0"]
    assert [int(row[1]) % OUTSIDE_STEP for row in rows if row and row[0] == "west"] == [0]
    event = Event.objects.get(kind="reports.exported_outside")
    assert (event.actor_id, event.data["first"], event.data["axes"]) == (world.people["gus"].pk, "2026-01", "area")
    assert "2026-01" in gus.get(reverse("reports:outside")).content.decode()


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"first": "January"}, 422),
        ({"last": "2025-12"}, 422),
        ({"first": "1900-01"}, 422),
        ({"by": ["person"]}, 422),
        ({"first": "2199-01", "last": "2199-01"}, 422),
    ],
)
def test_what_can_not_be_told_is_refused_with_what_was_typed(world, more, status):
    answer = take_out(signed_in(world, "gus"), **more)
    assert answer.status_code == status
    assert 'role="alert"' in answer.content.decode()
    assert not ReleasedCell.objects.exists()


def test_who_may_not_take_counts_outside_sees_no_such_page(world):
    for name in ("ada", "ida", "hua"):
        client = signed_in(world, name)
        assert client.get(reverse("reports:outside")).status_code == 403
        assert take_out(client).status_code == 403
