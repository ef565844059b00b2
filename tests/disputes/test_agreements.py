"""What was agreed, what it promises, and what follows when it is not done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput, WrongState
from anlan.core.models import Event
from anlan.disputes.mediation_errors import (
    AgreementBeforeSession,
    AgreementIncomplete,
    AgreementNotDraft,
    ConfirmationTooLate,
    ConsentMissing,
    ExtendedAlready,
    LimitPassed,
    MediationRuns,
    NoSessionHeld,
    NotConfirmable,
    ObligationOver,
    ObligationTooEarly,
    ObligationWithoutDay,
    TermDoesNotPause,
)
from anlan.disputes.mediation_rules import band_of, fen_of, yuan
from anlan.disputes.mediation_terms import term_again
from anlan.disputes.models import FileIncident, JudicialConfirmation, Obligation
from anlan.disputes.selectors.mediation import performance_calendar, totals_of
from anlan.disputes.services.agreements import (
    agreement_change,
    agreement_conclude,
    agreement_draft,
    confirmation_apply,
    confirmation_decide,
    obligation_add,
)
from anlan.disputes.services.levels import file_weigh
from anlan.disputes.services.mediation import mediation_end, mediation_extend, mediation_pause, mediation_resume
from anlan.disputes.services.mediation_retention import mediation_words_erase
from anlan.disputes.services.obligations import (
    obligation_default,
    obligation_perform,
    obligation_waive,
    obligations_tick,
)
from anlan.notices.models import Notice
from disputes.quarrel import quarrel
from disputes.table import TEN, booked, held, sides, started, table_set
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")

NOON = TEN + timedelta(hours=2)


@pytest.fixture
def table(db):
    return table_set(build_world(units=False, roads=False))


def drafted(table, mediation, *dues, at=NOON):
    """A draft with an amount of 1,500.50 yuan for each day."""
    name = mediation.mediator.username
    by = table.actor(name, at)
    a, b = sides(mediation.file)
    agreement = agreement_draft(mediation=mediation, facts="楼上漏水", terms="甲方赔偿乙方", by=by, at=at)
    for due in dues:
        given = {"due_on": due} if isinstance(due, date) else due
        obligation_add(
            agreement=agreement,
            debtor=a,
            creditor=b,
            what="赔偿",
            way="transfer",
            amount_fen=150_050,
            by=by,
            at=at,
            **given,
        )
    return agreement


def agreed(table, *dues, method="people", at=NOON):
    """An agreement in force since noon of 2 March."""
    mediation = started(table, method=method)
    held(table, mediation)
    agreement = drafted(table, mediation, *dues, at=at)
    by = table.actor(mediation.mediator.username, at)
    return agreement_conclude(agreement=agreement, agreed_at=TEN, signed_at=at, by=by, at=at)


def test_an_agreement_binds_and_the_file_waits_for_the_first_day(table):
    agreement = agreed(table, date(2026, 3, 20), date(2026, 3, 10))
    assert (agreement.state, agreement.file.state, agreement.mediation.state) == ("in_force", "agreement", "agreed")
    assert agreement.file.due_kind == "performance"
    assert agreement.file.due_at.isoformat() == "2026-03-10T16:00:00+00:00"
    assert agreement.file.amount_band == "under_10k"
    assert totals_of(agreement).promised == 300_100
    assert performance_calendar(table.actor("nan"), until=date(2026, 3, 31))[0].due_on == date(2026, 3, 10)
    assert Obligation.objects.get(due_on=date(2026, 3, 20)).state == "open"


def test_an_agreement_is_not_dated_before_the_session(table):
    mediation = started(table)
    agreement = drafted(table, mediation)
    nan = table.actor("nan")
    with pytest.raises(NoSessionHeld):
        agreement_conclude(agreement=agreement, agreed_at=TEN, by=nan, at=NOON)
    held(table, mediation)
    with pytest.raises(AgreementBeforeSession):
        agreement_conclude(agreement=agreement, agreed_at=TEN - timedelta(minutes=1), by=nan, at=NOON)
    with pytest.raises(BadInput):
        agreement_conclude(agreement=agreement, agreed_at=NOON + timedelta(days=1), by=nan, at=NOON)


def test_a_promise_after_harvest_needs_a_day_on_which_somebody_looks(table):
    mediation = started(table)
    held(table, mediation)
    for vague in ({"condition": "秋收后"}, {"check_by": date(2026, 10, 1)}, {}):
        with pytest.raises(ObligationWithoutDay):
            drafted(table, mediation, vague)
    agreement = drafted(table, mediation, {"condition": "秋收后", "check_by": date(2026, 10, 31)})
    assert agreement.obligations.get().check_by == date(2026, 10, 31)


def test_a_promise_is_not_due_before_the_agreement(table):
    mediation = started(table)
    held(table, mediation)
    agreement = drafted(table, mediation, date(2026, 3, 1))
    with pytest.raises(ObligationTooEarly):
        agreement_conclude(agreement=agreement, agreed_at=TEN, by=table.actor("nan"), at=NOON)


def test_an_agreement_says_what_happened_and_what_was_agreed(table):
    mediation = started(table)
    held(table, mediation)
    nan = table.actor("nan")
    agreement = agreement_draft(mediation=mediation, by=nan, at=NOON)
    assert agreement_draft(mediation=mediation, by=nan, at=NOON) == agreement
    with pytest.raises(AgreementIncomplete):
        agreement_conclude(agreement=agreement, agreed_at=TEN, by=nan, at=NOON)


def test_what_was_signed_is_not_changed(table):
    signed = agreed(table, date(2026, 3, 10))
    with pytest.raises(AgreementNotDraft):
        agreement_change(agreement=signed, form="oral", facts="x", terms="y", by=table.actor("nan"), at=NOON)


def test_all_performed_is_the_end_of_the_matter(table):
    agreement = agreed(table, date(2026, 3, 10), date(2026, 3, 20))
    first, second = agreement.obligations.order_by("seq")
    at = NOON + timedelta(days=1)
    nan = table.actor("nan", at)
    with pytest.raises(BadInput):
        obligation_perform(obligation=first, performed_on=date(2026, 3, 9), evidence="receipt", by=nan, at=at)
    obligation_perform(obligation=first, performed_on=date(2026, 3, 3), evidence="receipt", by=nan, at=at)
    agreement.file.refresh_from_db()
    assert agreement.file.state == "agreement"
    assert agreement.file.due_at.isoformat() == "2026-03-20T16:00:00+00:00"
    obligation_waive(obligation=second, reason="乙方放弃", by=nan, at=at)
    agreement.refresh_from_db()
    assert (agreement.state, agreement.file.state, agreement.file.result) == (
        "performed",
        "performed",
        "agreement_performed",
    )
    with pytest.raises(ObligationOver):
        obligation_waive(obligation=first, reason="x", by=nan, at=at)


def test_what_is_done_on_the_spot_ends_the_matter_at_once(table):
    mediation = started(table)
    held(table, mediation)
    agreement = drafted(table, mediation)
    a, _b = sides(mediation.file)
    nan = table.actor("nan")
    obligation_add(
        agreement=agreement, debtor=a, what="当面道歉", way="at_once", due_on=date(2026, 3, 2), by=nan, at=NOON
    )
    agreement_conclude(agreement=agreement, agreed_at=TEN, by=nan, at=NOON)
    assert (agreement.state, agreement.file.state) == ("performed", "performed")


def test_a_promise_is_late_then_broken_and_the_file_takes_the_legal_path(table):
    agreement = agreed(table, date(2026, 3, 10))
    row = agreement.obligations.get()
    midnight = T0 - timedelta(hours=9) + timedelta(days=9)
    assert obligations_tick(at=midnight - timedelta(seconds=1)) == 0
    assert obligations_tick(at=midnight) == 1
    assert obligations_tick(at=midnight) == 0
    row.refresh_from_db()
    assert row.state == "late"
    assert Notice.objects.filter(message="disputes.obligation_late").count() == 1
    assert obligations_tick(at=midnight + timedelta(days=7)) == 1
    agreement.refresh_from_db()
    assert (agreement.state, agreement.file.state, agreement.legal_path) == ("defaulted", "defaulted", "court")
    at = midnight + timedelta(days=8)
    row.refresh_from_db()
    obligation_perform(
        obligation=row, performed_on=date(2026, 3, 18), evidence="transfer_slip", by=table.actor("nan", at), at=at
    )
    agreement.refresh_from_db()
    assert (agreement.state, agreement.file.state) == ("performed", "performed")


def test_a_broken_police_agreement_starts_the_clock_of_the_case(table):
    agreement = agreed(table, date(2026, 3, 10), method="police")
    at = NOON + timedelta(days=20)
    obligation_default(obligation=agreement.obligations.get(), reason="拒不履行", by=table.actor("pei", at), at=at)
    agreement.refresh_from_db()
    assert agreement.legal_path == "penalty"
    assert agreement.penalty_due_at.isoformat() == "2026-04-21T16:00:00+00:00"
    assert term_again(agreement.penalty_sum).due_at == agreement.penalty_due_at
    with pytest.raises(NotConfirmable):
        confirmation_apply(agreement=agreement, applied_at=at, by=table.actor("pei", at), at=at)


def test_the_court_is_asked_within_thirty_days(table):
    agreement = agreed(table, date(2026, 6, 10))
    row = JudicialConfirmation.objects.get()
    assert row.due_at.isoformat() == "2026-04-01T16:00:00+00:00"
    at = row.due_at - timedelta(days=9)
    assert obligations_tick(at=at) == 1
    assert obligations_tick(at=at) == 0
    assert Notice.objects.filter(message="disputes.confirmation_closing").count() == 1
    nan = table.actor("nan", at)
    late = row.due_at + timedelta(days=1)
    with pytest.raises(ConfirmationTooLate):
        confirmation_apply(agreement=agreement, applied_at=late, by=nan, at=late)
    confirmation_apply(agreement=agreement, applied_at=at, court_case_number="（2026）浙01司确1号", by=nan, at=at)
    confirmation_decide(agreement=agreement, confirmed=True, by=nan, at=at)
    obligation_default(obligation=agreement.obligations.get(), reason="拒不履行", by=nan, at=at)
    agreement.refresh_from_db()
    assert agreement.legal_path == "enforce"


def test_a_window_nobody_used_closes(table):
    agreed(table, date(2026, 6, 10))
    assert obligations_tick(at=NOON + timedelta(days=31)) == 1
    assert JudicialConfirmation.objects.get().state == "lapsed"


def test_the_month_stands_still_in_a_pause_and_grows_once_with_everybodys_consent(table):
    mediation = started(table)
    nan = table.actor("nan")
    a, b = sides(mediation.file)
    assert mediation.due_at.isoformat() == "2026-04-01T16:00:00+00:00"
    mediation_pause(mediation=mediation, reason="appraisal", by=nan, at=T0 + timedelta(days=1))
    assert mediation.due_at is None
    with pytest.raises(WrongState):
        mediation_pause(mediation=mediation, reason="appraisal", by=nan, at=T0 + timedelta(days=1))
    mediation_resume(mediation=mediation, by=nan, at=T0 + timedelta(days=4))
    assert mediation.due_at.isoformat() == "2026-04-04T16:00:00+00:00"
    at = T0 + timedelta(days=5)
    with pytest.raises(ConsentMissing) as told:
        mediation_extend(mediation=mediation, days=10, consents=[a.pk], by=nan, at=at)
    assert "1" in told.value.facts["missing"]
    mediation_extend(mediation=mediation, days=10, consents=[a.pk, b.pk], by=nan, at=at)
    assert mediation.due_at.isoformat() == "2026-04-14T16:00:00+00:00"
    assert term_again(mediation.due_sum).due_at == mediation.due_at
    with pytest.raises(ExtendedAlready):
        mediation_extend(mediation=mediation, days=10, consents=[a.pk, b.pk], by=nan, at=at)


def test_a_new_colour_while_the_month_stands_still_neither_starts_it_nor_loses_its_days(table):
    mediation, nan = started(table), table.actor("nan")
    incident = quarrel(table.world, danger=["weapon"])
    FileIncident.objects.create(file=mediation.file, incident=incident, kind="opening", made_at=T0)
    mediation_pause(mediation=mediation, reason="appraisal", by=nan, at=T0 + timedelta(days=1))
    assert file_weigh(file=mediation.file, by=SYSTEM, at=T0 + timedelta(days=2)) == "red"
    mediation.refresh_from_db()
    assert mediation.due_at is None
    mediation_resume(mediation=mediation, by=nan, at=T0 + timedelta(days=4))
    assert mediation.due_at.isoformat() == "2026-04-04T16:00:00+00:00"


def test_a_month_that_is_over_does_not_grow(table):
    mediation = started(table)
    a, b = sides(mediation.file)
    at = T0 + timedelta(days=40)
    with pytest.raises(LimitPassed):
        mediation_extend(mediation=mediation, days=5, consents=[a.pk, b.pk], by=table.actor("nan", at), at=at)


def test_the_terms_of_police_neither_pause_nor_grow(table):
    mediation = started(table, method="police")
    with pytest.raises(TermDoesNotPause):
        mediation_pause(mediation=mediation, reason="evidence", by=table.actor("pei"), at=T0)


def test_one_attempt_at_a_time_and_another_after_it_failed(table):
    mediation = started(table)
    session = booked(table, mediation)
    with pytest.raises(MediationRuns):
        started(table, file=mediation.file)
    mediation_end(mediation=mediation, by=table.actor("nan"), at=T0)
    session.refresh_from_db()
    assert (session.state, mediation.file.state) == ("cancelled", "no_agreement")
    assert started(table, file=mediation.file, at=NOON).round == 2


def test_the_words_go_with_the_words_of_the_file_and_the_figures_stay(table):
    agreement = agreed(table, {"condition": "秋收后", "check_by": date(2026, 10, 31)})
    assert mediation_words_erase(at=NOON) == 0
    type(agreement.file).objects.filter(pk=agreement.file_id).update(erased_at=NOON)
    assert mediation_words_erase(at=NOON) == 1
    assert mediation_words_erase(at=NOON) == 0
    agreement.refresh_from_db()
    row = agreement.obligations.get()
    assert (agreement.facts, agreement.terms, row.what, row.condition) == ("", "", "", "–")
    assert totals_of(agreement).promised == 150_050


def test_no_event_holds_a_word_of_it(table):
    agreed(table, date(2026, 3, 10))
    told = str(list(Event.objects.values_list("data", flat=True)))
    assert "漏水" not in told
    assert "赔偿" not in told


@given(st.integers(1, 10**13))
def test_an_amount_is_read_as_it_is_printed(fen):
    assert fen_of(yuan(fen)) == fen
    assert fen_of(f"¥ {yuan(fen)}元") == fen


@pytest.mark.parametrize("words", ["", "0", "-5", "1.234", "三千", "1e9", "nan", "12元5角", "99999999999999999"])
def test_an_amount_that_is_none_is_refused(words):
    with pytest.raises(ValueError, match=r".*"):
        fen_of(words)


def test_amounts_as_people_write_them():
    assert [fen_of(words) for words in ("１２０元", "1.2万", "3,500.5", "￥8")] == [12_000, 1_200_000, 350_050, 800]
    assert [band_of(fen) for fen in (0, 99_999, 100_000, 9_999_999, 10**7)] == [
        "none", "under_1k", "under_10k", "under_100k", "over_100k",
    ]  # fmt: skip
