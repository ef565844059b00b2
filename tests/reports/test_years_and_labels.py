"""A year ago beside now, and what people made of the labels that were suggested."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from anlan.engines.intervals import wilson_interval
from anlan.intake.models import IncidentTag
from anlan.reports.definitions import CATALOGUE, Kind
from anlan.reports.definitions.slices import Slice, years_before
from anlan.reports.selectors import kpi_records
from reports.conftest import MIN, T0, WEEK, Desk

pytestmark = pytest.mark.django_db

YEAR_AGO = T0.replace(year=T0.year - 1)
LOCKED = ["per_10k", "hit@2", "pai@2", "alert_precision", "cover_5"]
LOCKED += ["fast_48", "quick_30", "kit_ready", "cam_ok", "did_effect"]


def counts(figure):
    return figure.numerator, figure.denominator


def subjects(desk, key, part):
    rows = kpi_records(desk.actor("gus"), key, part=part, start=WEEK[0], end=WEEK[1]).rows
    return {row.subject for row in rows}


def test_the_repeat_share_of_a_year_ago_stands_beside_this_years(desk: Desk):
    first, again, before, before_again = desk.incident(), desk.incident(), *(desk.incident(YEAR_AGO) for _ in "ab")
    third = desk.incident(YEAR_AGO)
    desk.repeat(again, first)
    desk.repeat(before_again, before)
    desk.incident(YEAR_AGO - 60 * MIN)  # an hour before the period began
    figures = desk.figures()
    assert counts(figures["repeat_rate"]) == (1, 2)
    then = figures["repeat_rate_year_ago"]
    assert counts(then) == (1, 3)
    assert (then.low, then.high) == wilson_interval(1, 3)
    assert subjects(desk, "repeat_rate_year_ago", "numerator") == {before_again.number}
    assert subjects(desk, "repeat_rate_year_ago", "missed") == {before.number, third.number}


def test_valid_incidents_are_told_as_a_share_of_a_year_ago(desk: Desk):
    now = {desk.incident().number for _ in range(3)}
    then = {desk.incident(YEAR_AGO).number for _ in range(4)}
    desk.incident(YEAR_AGO, state="invalid")
    figure = desk.figures()["volume_year"]
    assert counts(figure) == (3, 4)
    assert (figure.value, figure.text, figure.unit, figure.fraction, figure.n) == (0.75, "75.0", "%", "3/4", 7)
    low, high = wilson_interval(3, 7)
    assert (figure.low, figure.high) == pytest.approx((low / (1 - low), high / (1 - high)))
    assert figure.low < 0.75 < figure.high
    assert subjects(desk, "volume_year", "numerator") == now
    assert subjects(desk, "volume_year", "denominator") == then
    assert subjects(desk, "volume_year", "missed") == set()


def test_without_records_of_a_year_ago_there_is_no_figure_and_it_says_why(desk: Desk):
    desk.incident()
    figures = desk.figures()
    for key in ("volume_year", "repeat_rate_year_ago"):
        assert (figures[key].text, figures[key].value, figures[key].spread, figures[key].n) == ("–", None, "", 0)
        with translation.override("en"):
            assert "ithout incidents on record from then there is none" in str(figures[key].formula)


def test_the_29th_of_february_is_compared_with_the_28th(desk: Desk):
    day = datetime(2028, 2, 29, 1, tzinfo=UTC)
    desk.incident(datetime(2027, 2, 28, 2, tzinfo=UTC))
    desk.incident(day)
    figure = desk.figures(start=day, end=day + 60 * 24 * MIN)["volume_year"]
    assert counts(figure) == (1, 1)


def label(incident, value, *, dimension="cause", state="suggested", source="model", by=None):
    row = IncidentTag.objects.create(
        incident=incident, dimension=dimension, value=value, state=state, source=source, set_at=T0
    )
    if by is not None:
        IncidentTag.objects.filter(pk=row.pk).update(superseded_by=by)
    return row


def said(incident, value, **more):
    return label(incident, value, state=more.pop("state", "confirmed"), source="officer", **more)


def test_suggested_labels_are_held_against_what_people_said(desk: Desk):
    incident = desk.incident()
    label(incident, "noise", by=said(incident, "noise"))
    label(incident, "debt", by=said(incident, "noise", state="corrected"))
    label(incident, "knife", dimension="means", by=said(incident, "", dimension="means", state="corrected"))
    label(incident, "wage")  # nobody has answered
    figures = desk.figures()
    assert counts(figures["tag_agreed"]) == (1, 3)
    assert counts(figures["tag_corrected"]) == (2, 3)
    assert counts(figures["tag_agreed:cause"]) == (1, 2)
    assert counts(figures["tag_corrected:means"]) == (1, 1)
    assert subjects(desk, "tag_corrected", "numerator") == {incident.number}


def test_officer_and_reviewer_are_compared_beyond_chance(desk: Desk):
    incident = desk.incident()
    pairs = [("noise", "noise"), ("noise", "noise"), ("pet", "pet"), ("pet", "noise")]
    for officer, reviewer in pairs:
        final = label(incident, reviewer, state="audited", source="reviewer")
        said(incident, officer, by=final)
    figure = desk.figures()["tag_kappa_cause"]
    # Agreed 3 of 4; by chance (2 * 3 + 2 * 1) / 16 = 1/2; (3/4 - 1/2) / (1 - 1/2) = 1/2.
    assert (figure.value, figure.text, figure.unit, figure.n) == (0.5, "0.50", "", 4)
    assert counts(figure) == (3, 4)
    assert desk.figures()["tag_kappa_means"].text == "–"


def test_labels_next_door_are_not_counted(desk: Desk):
    west = desk.incident()
    label(west, "noise", by=said(west, "noise"))
    assert counts(desk.figures("cleo")["tag_agreed"]) == (0, 0)


@pytest.mark.parametrize("key", LOCKED)
def test_what_can_not_be_computed_says_what_it_lacks(key):
    kpi = next(kpi for kpi in CATALOGUE if kpi.key == key)
    assert kpi.kind == Kind.MISSING
    for language, word in (("en", "Needs"), ("zh-hans", "需要")):
        with translation.override(language):
            assert str(kpi.lacking).startswith(word)


@pytest.mark.parametrize(
    "first", ["0001-01-01T00:00:00+00:00", "0001-01-09T17:00:09+00:00", "0002-01-01T00:00:00+08:00"]
)
def test_a_period_that_has_no_year_before_it_in_the_calendar_has_nothing_beside_it(first):
    part = Slice(actor=None, start=datetime.fromisoformat(first), end=T0)
    assert years_before(part, 1).start.astimezone(UTC).year >= 1
    assert years_before(part, 1).end.year == T0.year - 1
