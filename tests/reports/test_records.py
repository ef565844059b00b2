"""Every figure opens to its records, and nobody sees what isn't theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from anlan.core.errors import BadInput
from anlan.intake.models import IncidentTag
from anlan.intake.selectors import TAGS_BY_HAND
from anlan.reports.errors import FigureUnknown, PeriodRefused, PeriodTooFine
from anlan.reports.selectors import kpi_all, kpi_one, kpi_records, kpi_series
from reports.conftest import MIN, T0, WEEK, Desk, S
from reports.quarrels import quarrel_told

pytestmark = pytest.mark.django_db
PERIOD = {"start": WEEK[0], "end": WEEK[1]}


def listed(actor, key, part, *, limit=2, **asked):
    """All records behind a figure, in pages of two unless asked for longer ones."""
    rows, after = [], None
    while after != "":
        page = kpi_records(actor, key, part=part, after=after, limit=limit, **PERIOD | asked)
        rows += page.rows
        after = page.after
    assert len({(row.records, row.id) for row in rows}) == len(rows)
    return rows


def busy_week(desk: Desk) -> None:
    """Something for every figure, some of it in the east."""
    for k, side in enumerate(("west", "east", "west", "east", "west")):
        incident = desk.incident(
            T0 + k // 2 * MIN,  # two of one minute: paging must not lose one
            side=side,
            priority="P1",
            track="PCJ"[k % 3],
            sent=k * MIN,
            arrived=(8 - k) * MIN,
            state="closed",
            closed_at=T0,
        )
        unit = "P-01" if side == "west" else "P-03"
        sheet = desk.sheet(incident, unit, signed=20 * k * S, arrived=k * MIN, inferred=5 * MIN, finished=9 * MIN)
        desk.sheet(incident, "C-01" if side == "west" else "C-02", arrived=(k + k % 2) * MIN)
        desk.feedback(incident, 20 * k * MIN, assignment=sheet, injuries=k % 2, review=("agreed", "returned")[k % 2])
        desk.order(incident, "bounced", bounce_reason="x", state_since=k * MIN)
        desk.order(incident, ("closed", "escalated")[k % 2], arrived_at=MIN, result="helped")
        desk.revisit(incident, ("satisfied", "not_satisfied", "not_reached")[k % 3], k % 5 + 1)
        desk.call(rang=T0 + k * MIN, after=None if k == 3 else 5 * k * S, station=incident.station)
        incident.calls.update(ringing_at=incident.received_at - 5 * S)
        reviewed_labels(incident, agreed=k % 2 == 0)
        desk.incident(incident.received_at.replace(year=T0.year - 1), side=side)
        quarrel_told(desk, k, incident)


def reviewed_labels(incident, *, agreed: bool) -> None:
    """In every dimension a suggestion, an officer's word on it and a reviewer's."""
    for dimension in TAGS_BY_HAND:
        values = ("other", "audited", "reviewer"), ("other" if agreed else "x", "confirmed", "officer")
        final = None
        for value, state, source in (*values, ("other", "suggested", "model")):
            final = IncidentTag.objects.create(
                incident=incident,
                dimension=dimension,
                value=value,
                state=state,
                source=source,
                set_at=T0,
                superseded_by=final,
            )


def test_a_figure_opens_to_exactly_the_records_it_counts(desk: Desk):
    busy_week(desk)
    # The widest look goes by pages of two; what others see of the same rows comes in one.
    for name, limit in (("gus", 2), ("cleo", 50), ("dan", 50)):
        actor = desk.actor(name)
        for figure in kpi_all(actor, **PERIOD):
            key = figure.key
            counted = listed(actor, key, "numerator", limit=limit)
            looked_at = listed(actor, key, "denominator", limit=limit)
            missed = listed(actor, key, "missed", limit=limit)
            assert len(counted) == figure.numerator, (name, key)
            assert len(looked_at) == figure.denominator, (name, key)
            if figure.kind == "ratio":  # this period's records over those of a year ago: none is in both
                assert not missed
                assert not {r.id for r in counted} & {r.id for r in looked_at}
                continue
            assert {r.id for r in counted} | {r.id for r in missed} == {r.id for r in looked_at}, (name, key)
            assert not {r.id for r in counted} & {r.id for r in missed}, (name, key)


def test_every_kind_of_figure_had_something_to_count_in_that_week(desk: Desk):
    busy_week(desk)
    empty = {f.key for f in kpi_all(desk.actor("gus"), **PERIOD) if f.kind != "missing" and not f.denominator}
    assert {key for key in empty if ":" not in key} == set()


def test_records_come_newest_first_with_what_they_took(desk: Desk):
    early = desk.incident(T0, sent=3 * MIN)
    late = desk.incident(T0 + 5 * MIN, sent=1 * MIN)
    rows = listed(desk.actor("gus"), "dispatch_p50", "numerator")
    assert [(row.subject, row.duration_s) for row in rows] == [(late.number, 60.0), (early.number, 180.0)]


def test_cleo_sees_the_figures_of_her_own_station_only(desk: Desk):
    desk.incident(side="west", sent=9 * MIN)
    mine = desk.incident(side="east", sent=2 * MIN)
    figures = desk.figures("cleo")
    assert figures["volume"].value == 1
    assert figures["dispatch_p50"].value == 120
    assert [row.subject for row in listed(desk.actor("cleo"), "volume", "numerator")] == [mine.number]


def test_gus_can_look_at_one_organisation_and_all_beneath(desk: Desk):
    desk.incident(side="west")
    desk.incident(side="east")
    assert desk.figures(organisation=desk.org("east"))["volume"].value == 1
    assert desk.figures(organisation=desk.org("zone"))["volume"].value == 2
    assert desk.figures("cleo", organisation=desk.org("west"))["volume"].value == 0


def test_one_figure_is_the_same_alone_and_on_the_page(desk: Desk):
    busy_week(desk)
    actor = desk.actor("gus")
    for figure in kpi_all(actor, **PERIOD):
        assert kpi_one(actor, figure.key, **PERIOD) == figure


def test_a_trend_goes_by_local_days_and_its_counts_add_up(desk: Desk):
    # T0 is Monday 09:00 in Shanghai; the local day ends 15 hours later.
    for hours in (0, 14, 15, 40):
        desk.incident(T0 + timedelta(hours=hours))
    steps = kpi_series(desk.actor("gus"), "volume", start=T0, end=T0 + timedelta(days=2))
    assert [step.figure.value for step in steps] == [2, 1, 1]
    assert steps[0].start == T0
    assert steps[1].start == T0 + timedelta(hours=15)
    assert steps[-1].end == T0 + timedelta(days=2)
    weeks = kpi_series(desk.actor("gus"), "volume", start=T0, end=T0 + timedelta(days=8), step="week")
    assert [step.figure.value for step in weeks] == [4, 0]


def test_it_refuses_what_it_does_not_know(desk: Desk):
    gus = desk.actor("gus")
    for key, told in (
        ("clearance", "answer_10s"),
        ("volume:nothing", "volume:track-P"),
        ("loop_close:x", "loop_close"),
    ):
        with pytest.raises(FigureUnknown) as refusal:
            kpi_one(gus, key, **PERIOD)
        assert told in str(refusal.value)
    with pytest.raises(PeriodRefused):
        kpi_all(gus, start=T0, end=T0)
    with pytest.raises(PeriodRefused):
        kpi_all(gus, start=T0.replace(tzinfo=None), end=T0.replace(tzinfo=None) + MIN)
    with pytest.raises(PeriodTooFine):
        kpi_series(gus, "volume", start=T0, end=T0 + timedelta(days=500))
    for bad in ({"part": "all"}, {"after": "x"}, {"after": "2026-13-45T00:00:00+00:00|1"}, {"after": "|"}):
        with pytest.raises(BadInput):
            kpi_records(gus, "volume", **PERIOD, **bad)


class DrillDown(TestCase):
    """Whatever the times: what is counted is what is listed."""

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["citizen", "patrol"]),
                st.sampled_from(["P1", "P2", "P4"]),
                st.none() | st.integers(0, 30),
                st.none() | st.integers(0, 30),
            ),
            max_size=6,
        )
    )
    def test_numerator_denominator_and_missed_fit_together(self, week):
        from anlan.core.actor import SYSTEM
        from anlan.intake.models import Incident

        for number, (origin, priority, sent, arrived) in enumerate(week):
            Incident.objects.create(
                number=f"H{number}",
                code="0401",
                priority=priority,
                track="P",
                state_since=T0,
                received_at=T0,
                origin=origin,
                first_sent_at=None if sent is None else T0 + sent * MIN,
                first_arrived_at=None if arrived is None else T0 + arrived * MIN,
            )
        for key in ("arrive_5", "arrive_target", "backwards", "dispatch_p90", "response_p50", "volume:priority-P1"):
            figure = kpi_one(SYSTEM, key, **PERIOD)
            parts = {part: listed(SYSTEM, key, part) for part in ("numerator", "denominator", "missed")}
            assert len(parts["numerator"]) == figure.numerator
            assert len(parts["denominator"]) == figure.denominator
            assert len(parts["missed"]) == figure.denominator - figure.numerator


def test_a_figure_of_disputes_opens_to_files_by_their_number(desk: Desk):
    busy_week(desk)
    figures = desk.figures()
    assert (figures["push_1"].numerator, figures["push_1"].denominator) == (5, 5)
    assert {key: figures[key].fraction for key in ("back_30", "back_90", "civ_to_crim", "revisit_disagree")} == {
        "back_30": "3/5",
        "back_90": "3/5",
        "civ_to_crim": "1/5",
        "revisit_disagree": "1/4",
    }
    assert figures["file_settled:push-1"].fraction == "1/2"  # the fourth is watched long-term: not settled
    assert figures["promise_on_time"].fraction == "3/5"
    assert figures["settle_time_p50"].value == timedelta(days=1).total_seconds()
    row = listed(desk.actor("gus"), "civ_to_crim", "numerator")[0]
    assert (row.subject, row.file, row.code) == ("Q1", "Q1", "0402")
