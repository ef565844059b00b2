"""A past for measuring is a real one: nothing dangling, nothing open, each incident further back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from click.testing import CliRunner
from django.db import connection

from anlan.config.commands.bench import group as bench
from anlan.core.models import Event
from anlan.drills.bench.figures import growth
from anlan.drills.bench.past import BLOCK, STEP, past_build
from anlan.drills.bench.store import small_centre
from anlan.intake.models import Call, Incident, IncidentTag

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SIZE = 2 * BLOCK + 7


def indexes() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''")
        return set(cursor.fetchall())


@pytest.fixture
def past(db):
    small_centre(at=AT)
    before = indexes()
    past_build(SIZE, until=AT)
    assert indexes() == before, "what was taken away for copying is there again"


@pytest.mark.sqlite
def test_the_past_has_the_size_asked_for_and_each_incident_its_call_labels_and_events(past):
    assert Incident.objects.count() == Call.objects.count() == SIZE
    assert IncidentTag.objects.count() == 2 * SIZE
    assert Event.objects.filter(incident_id__isnull=False).count() == 2 * SIZE
    connection.check_constraints()


@pytest.mark.sqlite
def test_each_incident_lies_one_step_further_back_and_nothing_is_open(past):
    received = list(Incident.objects.order_by("-received_at").values_list("received_at", flat=True))
    assert all(abs((a - b) - STEP) < timedelta(milliseconds=2) for a, b in pairwise(received))
    assert set(Incident.objects.values_list("state", flat=True)) == {"closed"}


@pytest.mark.sqlite
def test_a_copied_incident_has_its_own_call_and_events_at_its_own_time(past):
    oldest = Incident.objects.order_by("received_at").first()
    assert oldest is not None
    call = Call.objects.get(filed_under=oldest)
    assert (call.incident_id, call.recorded_at) == (oldest.pk, oldest.received_at)
    opened, closed = Event.objects.filter(incident_id=oldest.pk).order_by("at")
    assert (opened.subject_id, opened.at, closed.at) == (oldest.pk, oldest.received_at, oldest.closed_at)


@pytest.mark.sqlite
def test_a_store_with_incidents_gets_no_second_past(past):
    with pytest.raises(ValueError, match="a store that has none"):
        past_build(SIZE, until=AT)


def test_growth_is_the_largest_past_over_the_smallest_case_by_case():
    def line(case, value):
        return {"bench": "intake", "case": case, "metric": "p50", "value": value, "unit": "ms", "n": 5}

    told = growth(
        [line("queue, past=500/clients=1", 4.0), line("queue, past=9000/clients=1", 5.0), line("past=500", 1.0)],
        low=500,
        high=9000,
    )
    assert [(each.case, each.metric, each.value) for each in told] == [
        ("queue, past=500→9000/clients=1", "p50_growth", 1.25)
    ]


def test_a_store_that_was_not_built_for_this_bench_is_not_looked_at(tmp_path):
    said = CliRunner().invoke(bench, ["disputes", "--home", str(tmp_path)])
    assert said.exit_code == 2
    assert "no store of this bench" in said.output
    assert list(tmp_path.iterdir()) == []
