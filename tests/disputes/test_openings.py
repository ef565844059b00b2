"""The second report of noise at one place: the rule suggests a file and says why; a person decides."""

from __future__ import annotations

import pytest
from django.utils import translation

from anlan.core.errors import NotPermitted
from anlan.core.models import Event
from anlan.core.sentences import sentence_for
from anlan.disputes import events
from anlan.disputes.charge_errors import OpeningDecided
from anlan.disputes.handlers import disputes_follow
from anlan.disputes.models import DisputeFile, FileIncident, OpeningSuggestion
from anlan.disputes.opening_rules import SECOND_REPORT
from anlan.disputes.selectors.openings import openings_waiting
from anlan.disputes.services import file_open
from anlan.disputes.services.openings import opening_accept, opening_reject, opening_suggest
from anlan.engines.geo import cell_of
from anlan.intake.models import IncidentLink
from anlan.intake.services import incident_code_correct
from disputes.quarrel import later, people_come, quarrel
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def west(world, taxonomy):
    return people_come(world)


def noise(world, *, at=T0, lon=120.065, state="closed", **columns):
    """Noise at night, over by the time the next is reported."""
    cell = cell_of(lon, 28.90)
    closed_at = at if state == "closed" else None
    return quarrel(
        world, code="0410", received_at=at, lon=lon, cell=cell, state=state, closed_at=closed_at, **columns
    )


def again(world, **columns):
    """Noise four days later, some 20 m away."""
    return noise(world, at=later(days=4), lon=120.0652, state="open", address_text="安澜大道3号", **columns)


def suggested(incident):
    return opening_suggest(incident=incident, at=incident.received_at)


def test_the_second_report_suggests_a_file_and_shows_the_rule_with_its_bounds(west):
    first, second = noise(west), again(west)
    assert suggested(first) is None
    row = suggested(second)
    assert (row.earlier, row.rule, row.state) == (first, SECOND_REPORT, "suggested")
    (seen,) = row.facts["earlier"]
    assert (row.facts["within_days"], row.facts["within_m"]) == (30, 60.0)
    assert (seen["number"], seen["days"], seen["same_address"]) == (first.number, 4, False)
    assert 15 <= seen["metres"] <= 25
    with translation.override("en"):
        assert "from its second report" in sentence_for(Event.objects.get(kind=events.OPENING_SUGGESTED))
    assert DisputeFile.objects.count() == 0, "a person decides"


def test_read_a_second_time_it_suggests_once(west):
    noise(west)
    second = again(west)
    assert suggested(second) == suggested(second)
    assert Event.objects.filter(kind=events.OPENING_SUGGESTED).count() == 1


@pytest.mark.parametrize(
    "first",
    [{"lon": 120.067}, {"state": "open"}, {"at": later(days=-27)}, {"code": "0402"}],
    ids=["another place", "still handled", "31 days before", "another type"],
)
def test_what_the_rule_does_not_cover_suggests_nothing(west, first):
    code = first.pop("code", None)
    row = noise(west, **first)
    if code:
        type(row).objects.filter(pk=row.pk).update(code=code)
    assert suggested(again(west)) is None


def test_accepted_both_reports_are_in_one_file_and_the_repeat_is_noted(west):
    first, second = noise(west), again(west)
    row = suggested(second)
    file = opening_accept(suggestion=row, by=west.actor("dan"), at=later(days=4, hours=1))
    assert set(FileIncident.objects.values_list("file", "incident")) == {(file.pk, first.pk), (file.pk, second.pk)}
    assert IncidentLink.objects.get(kind="repeat").earlier == first
    assert file.reports == 2
    with pytest.raises(OpeningDecided):
        opening_reject(suggestion=row, by=west.actor("dan"), at=later(days=5))


def test_where_the_earlier_report_has_a_file_the_new_one_goes_into_it(west):
    first = noise(west)
    old = file_open(incident=first, by=west.actor("dan"), at=later(hours=1))
    row = suggested(again(west))
    assert opening_accept(suggestion=row, by=west.actor("dan"), at=later(days=4)) == old
    assert DisputeFile.objects.count() == 1


def test_rejected_nothing_is_opened_and_nobody_is_asked_again(west):
    noise(west)
    second = again(west)
    opening_reject(suggestion=suggested(second), by=west.actor("dan"), at=later(days=4))
    assert openings_waiting(west.actor("dan")) == []
    assert suggested(second).state == "rejected"
    assert DisputeFile.objects.count() == 0


def test_once_a_file_is_there_by_another_way_nobody_is_asked(west):
    noise(west)
    second = again(west)
    suggested(second)
    assert len(openings_waiting(west.actor("dan"))) == 1
    assert openings_waiting(west.actor("rui")) == []
    file_open(incident=second, by=west.actor("dan"), at=later(days=4))
    assert openings_waiting(west.actor("dan")) == []


def test_only_who_links_reports_decides(west):
    noise(west)
    with pytest.raises(NotPermitted):
        opening_accept(suggestion=suggested(again(west)), by=west.actor("finn"), at=later(days=4))
    assert OpeningSuggestion.objects.get().state == "suggested"


# Types put right only later


def corrected(west, incident, code, *, at):
    incident_code_correct(incident=incident, code=code, by=west.actor("ada"), at=at)
    disputes_follow(at=at)


@pytest.mark.usefixtures("seen_at_once")
def test_what_turns_out_to_be_noise_only_later_is_the_second_report_too(west):
    noise(west)
    second = again(west)
    type(second).objects.filter(pk=second.pk).update(code="0901")
    corrected(west, second, "0410", at=later(days=4, hours=1))
    assert OpeningSuggestion.objects.get().incident == second


@pytest.mark.usefixtures("seen_at_once")
def test_an_earlier_report_that_turns_out_to_be_noise_makes_the_next_one_the_second(west):
    first, second = noise(west), again(west)
    type(first).objects.filter(pk=first.pk).update(code="0901")
    corrected(west, first, "0410", at=later(days=5))
    row = OpeningSuggestion.objects.get()
    assert (row.incident, row.earlier) == (second, first)


@pytest.mark.usefixtures("seen_at_once")
def test_a_type_entered_again_as_it_was_asks_nobody(west):
    noise(west)
    second = again(west)
    corrected(west, second, "0410", at=later(days=5))
    assert not OpeningSuggestion.objects.exists()
