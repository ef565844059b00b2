"""What each figure counts, on worlds small enough for paper."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.engines.intervals import poisson_interval, wilson_interval
from reports.conftest import MIN, T0, WEEK, Desk, S

pytestmark = pytest.mark.django_db


def counts(figure):
    return figure.numerator, figure.denominator


def test_a_call_counts_as_answered_in_time_up_to_the_tenth_second(desk: Desk):
    desk.call(after=10 * S)
    desk.call(after=10 * S + timedelta(microseconds=1))
    desk.call(after=3 * S)
    desk.call(after=None)
    figure = desk.figures()["answer_10s"]
    assert counts(figure) == (2, 4)
    assert figure.value == 0.5
    assert (figure.low, figure.high) == wilson_interval(2, 4)


def test_ringing_is_timed_to_the_answer_and_to_the_sending(desk: Desk):
    for after in (2, 4, 9):
        desk.call(after=after * S)
    desk.call(after=None)
    desk.incident(sent=50 * S)  # told by somebody who walked in: nothing rang
    rang = desk.incident(sent=40 * S)
    rang.calls.update(ringing_at=T0 - 5 * S)
    figures = desk.figures()
    assert (figures["ring_answer_p50"].value, counts(figures["ring_answer_p50"])) == (4.0, (3, 4))
    assert figures["ring_answer_p90"].value == pytest.approx(8.0)  # rank 1.8 between 4 and 9
    assert (figures["ring_send_p50"].value, counts(figures["ring_send_p50"])) == (45.0, (1, 1))


def test_answer_to_sent_is_the_median_in_seconds(desk: Desk):
    for sent in (20, 40, 60, 90):
        desk.incident(sent=sent * S)
    desk.incident()  # not sent yet
    figure = desk.figures()["intake_s"]
    assert figure.value == 50.0  # half-way between 40 and 60
    assert counts(figure) == (4, 5)
    assert figure.n == 4
    assert figure.low is None  # four values can't hold a median with 95 %


def test_percentiles_are_interpolated_between_the_two_nearest_values(desk: Desk):
    for k in range(11):  # 0, 10, … 100 minutes: rank (11 - 1) * 0.9 = 9 is the tenth value
        desk.incident(sent=10 * k * MIN, arrived=(10 * k + 5) * MIN)
    figures = desk.figures()
    assert figures["dispatch_p50"].value == 50 * 60
    assert figures["dispatch_p90"].value == 90 * 60
    assert figures["dispatch_p95"].value == 95 * 60
    assert figures["response_p95"].value == 100 * 60


def test_what_officers_find_themselves_does_not_make_the_desk_look_fast(desk: Desk):
    desk.incident(sent=4 * MIN, arrived=9 * MIN, priority="P1")
    desk.incident(sent=0 * MIN, arrived=0 * MIN, priority="P1", origin="patrol")
    figures = desk.figures()
    assert figures["dispatch_p50"].value == 240
    assert figures["response_p50"].value == 540
    assert counts(figures["arrive_5"]) == (1, 1)
    assert figures["volume:origin-patrol"].value == 1


def test_signing_counts_up_to_the_thirtieth_second_and_never_signed_is_late(desk: Desk):
    incident = desk.incident()
    desk.sheet(incident, signed=30 * S)
    desk.sheet(incident, sent=10 * S, signed=41 * S)
    desk.sheet(incident)
    desk.sheet(incident, signed=5 * S, state="cancelled", end_reason="undo")  # as if never sent
    desk.sheet(incident, state="cancelled", end_reason="not needed")
    assert counts(desk.figures()["sign_30s"]) == (1, 4)


def test_five_minutes_are_told_from_sending_from_the_answer_and_by_position(desk: Desk):
    on_the_dot = desk.incident(priority="P1", sent=1 * MIN, arrived=6 * MIN)
    desk.sheet(on_the_dot, sent=1 * MIN, arrived=6 * MIN, inferred=8 * MIN)
    quick = desk.incident(priority="P1", sent=0 * MIN, arrived=3 * MIN)
    desk.sheet(quick, arrived=3 * MIN, inferred=3 * MIN)
    desk.incident(priority="P1", sent=0 * MIN, arrived=6 * MIN)
    desk.incident(priority="P1", sent=0 * MIN)  # nobody there yet
    desk.incident(priority="P1", sent=0 * MIN, arrived=1 * MIN, setting="rural")
    figures = desk.figures()
    assert counts(figures["arrive_5"]) == (2, 3)
    assert counts(figures["arrive_5_answered"]) == (1, 3)
    assert counts(figures["arrive_5_position"]) == (1, 2)
    assert counts(figures["button_early"]) == (1, 2)
    assert counts(figures["position_known"]) == (2, 2)


def test_each_priority_and_setting_has_its_own_target(desk: Desk):
    desk.incident(priority="P1", setting="suburb", sent=0 * MIN, arrived=10 * MIN)
    desk.incident(priority="P2", setting="town", sent=0 * MIN, arrived=11 * MIN)
    desk.incident(priority="P3", setting="rural", sent=0 * MIN, arrived=60 * MIN)
    desk.incident(priority="P4", setting="town", sent=0 * MIN, arrived=timedelta(hours=25))
    figures = desk.figures()
    assert counts(figures["arrive_target"]) == (2, 4)
    assert counts(figures["arrive_target:P1-suburb"]) == (1, 1)
    assert counts(figures["arrive_target:P2-town"]) == (0, 1)
    assert counts(figures["arrive_target:P3-rural"]) == (1, 1)
    assert counts(figures["arrive_target:P1-town"]) == (0, 0)
    assert figures["arrive_target:P1-town"].value is None


def test_an_arrival_before_the_sending_is_shown_and_counts_nowhere_else(desk: Desk):
    desk.incident(priority="P1", sent=5 * MIN, arrived=1 * MIN)
    desk.incident(priority="P1", sent=0 * MIN, arrived=1 * MIN)
    figures = desk.figures()
    assert counts(figures["backwards"]) == (1, 2)
    assert counts(figures["arrive_5"]) == (1, 1)
    assert counts(figures["arrive_target"]) == (1, 1)


def test_feedback_counts_half_an_hour_from_finishing(desk: Desk):
    incident = desk.incident()
    desk.sheet(incident, finished=10 * MIN, feedback=40 * MIN)
    desk.sheet(incident, finished=10 * MIN, feedback=41 * MIN)
    desk.sheet(incident, finished=10 * MIN)
    taken_over = desk.sheet(incident, finished=10 * MIN)
    desk.feedback(incident, 20 * MIN, assignment=taken_over)  # another system's sheet: the time is there only
    desk.sheet(incident)  # not finished
    desk.feedback(incident, review="returned")
    desk.feedback(incident, review="waiting")
    figures = desk.figures()
    assert counts(figures["feedback_30"]) == (2, 4)
    assert counts(figures["feedback_returned"]) == (1, 2)


def test_diverted_joint_and_settled_are_told_apart(desk: Desk):
    community = desk.incident(track="C")
    desk.sheet(community, "C-01", arrived=4 * MIN)
    desk.order(community, "closed", arrived_at=4 * MIN, result="mediated_agreement")
    joint = desk.incident(track="J")
    desk.sheet(joint, "P-01", arrived=3 * MIN)
    desk.sheet(joint, "C-01", arrived=5 * MIN)
    desk.order(joint, "escalated", arrived_at=5 * MIN, escalate_reason="a knife", result="settled_on_site")
    by_telephone = desk.incident(track="C")
    desk.order(by_telephone, "settled", result="settled_on_site")
    police = desk.incident()
    desk.sheet(police, "P-01", arrived=6 * MIN)
    moved_on = desk.incident(track="C")
    desk.sheet(moved_on, "C-01", arrived=4 * MIN)
    desk.order(moved_on, "moved_on", arrived_at=4 * MIN, result="to_mediation_centre")
    figures = desk.figures()
    assert counts(figures["divert_rate"]) == (3, 5)
    assert counts(figures["joint_rate"]) == (1, 5)
    assert counts(figures["onsite_rate"]) == (1, 3)
    assert counts(figures["diverted_escalated"]) == (1, 4)


def test_the_price_of_diverting_stands_beside_it(desk: Desk):
    hurt = desk.incident(track="C")
    desk.order(hurt, "settled")
    desk.feedback(hurt, injuries=2)
    wrong = desk.incident(track="C")
    desk.order(wrong, "settled")
    desk.feedback(wrong, injuries=1, review="returned")  # corrected since
    bounced = desk.incident(track="C")
    desk.order(bounced, "bounced", bounce_reason="not ours", state_since=7 * MIN)
    desk.order(bounced, "closed")
    figures = desk.figures()
    assert counts(figures["diverted_injured"]) == (1, 3)
    assert counts(figures["bounced"]) == (1, 4)
    assert figures["bounce_time"].value == 420
    assert set(figures["divert_rate"].counter) <= figures.keys()


def test_a_repeat_is_a_link_that_still_holds(desk: Desk):
    first, again, other = desk.incident(), desk.incident(), desk.incident()
    desk.repeat(again, first)
    desk.repeat(other, first, undone=True)
    assert counts(desk.figures()["repeat_rate"]) == (1, 3)


def test_a_matter_a_revisit_opened_again_stays_in_the_coverage(desk: Desk):
    closed = {"state": "closed", "closed_at": T0}
    desk.incident(**closed)
    desk.revisit(desk.incident(**closed), "satisfied", 5)
    desk.revisit(desk.incident(**closed), "not_reached")
    desk.revisit(desk.incident(), "not_satisfied", 2, rule="returned")
    desk.revisit(desk.incident(**closed), "declined")
    desk.incident()
    figures = desk.figures()
    assert counts(figures["revisit_cov"]) == (3, 5)
    assert counts(figures["satisfied"]) == (1, 2)
    assert counts(figures["satisfied:sample"]) == (1, 1)


def test_invalid_and_merged_are_no_incidents(desk: Desk):
    kept = desk.incident(code="0101", priority="P1")
    desk.incident(state="invalid", is_valid=False)
    desk.incident(code="9001", is_valid=False)
    desk.incident(state="merged", merged_into=kept)
    figures = desk.figures()
    assert figures["volume"].value == 1
    assert (figures["volume"].low, figures["volume"].high) == poisson_interval(1)
    assert counts(figures["volume:type-01"]) == (1, 1)
    assert counts(figures["volume:priority-P1"]) == (1, 1)
    assert counts(figures["repeat_rate"]) == (0, 1)


def test_the_parts_of_the_volume_add_up(desk: Desk):
    for code, track in (("0101", "P"), ("0401", "C"), ("0402", "J"), ("1101", "T"), ("9901", "P")):
        desk.incident(code=code, track=track)
    figures = desk.figures()
    for part in ("track", "priority", "origin", "type"):
        assert sum(f.value for key, f in figures.items() if key.startswith(f"volume:{part}-")) == 5


def test_what_the_data_do_not_allow_says_what_is_lacking(desk: Desk):
    desk.incident()
    for key in ("kit_ready", "cam_ok"):
        figure = desk.figures()[key]
        assert figure.value is None
        assert figure.text == "–"
        assert str(figure.lacking)


def test_a_period_holds_its_start_and_not_its_end(desk: Desk):
    start, end = WEEK
    for at in (start - S, start, end - S, end):
        desk.incident(at)
    assert desk.figures()["volume"].value == 2


def test_an_empty_period_has_figures_without_value_and_says_n_0(desk: Desk):
    figures = desk.figures()
    assert {f.value for f in figures.values() if f.kind in ("share", "percentile")} == {None}
    assert {f.n for f in figures.values()} == {0}


def test_one_source_can_be_looked_at_alone(desk: Desk):
    desk.incident(sent=1 * MIN)
    desk.incident(sent=9 * MIN, source="elsewhere")
    desk.call(after=1 * S)
    assert desk.figures(source="elsewhere")["dispatch_p50"].value == 540
    assert desk.figures(source="live")["dispatch_p50"].value == 60
    assert desk.figures(source="elsewhere")["answer_10s"].denominator == 0
    assert desk.figures(source="live")["answer_10s"].denominator == 1
