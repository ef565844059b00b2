"""Nobody sits where somebody else sits already, and nobody sits across from whom they must be kept from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.errors import BadInput, NotFound, NotPermitted, WrongState
from anlan.core.models import Event, ViewLog
from anlan.disputes.mediation_errors import (
    ApartOnOneDay,
    GuardianMissing,
    MediationBarred,
    MinutesGone,
    NeverTogether,
    NobodyCame,
    NotAMediator,
    OffTheGrid,
    OutsideHours,
    PartyOfAnotherFile,
    SecondSessionTooLate,
    SessionAfterLimit,
    SessionNotYet,
    SessionsUsedUp,
    SlotTaken,
)
from anlan.disputes.mediation_rules import APART
from anlan.disputes.models import Session, SlotHold
from anlan.disputes.selectors.mediation import day_calendar, free_starts
from anlan.disputes.services.mediation import exclusion_set, mediation_start
from anlan.disputes.services.parties import party_add
from anlan.disputes.services.sessions import minutes_read, session_cancel, session_hold, session_miss
from anlan.disputes.services.town import file_triage
from disputes.table import TEN, assigned_file, booked, held, sides, started, table_set
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def table(db):
    return table_set(build_world(units=False, roads=False))


def test_a_session_takes_its_room_its_mediator_and_its_file(table):
    session = booked(table, started(table))
    assert session.ordinal == 1
    assert SlotHold.objects.filter(session=session).count() == 6
    calendar = day_calendar(table.centre, TEN.date())
    (row,) = [row for row in calendar.rooms if row.of == table.rooms[0]]
    assert [start for start, there in row.cells if there == session] == [TEN, TEN + timedelta(minutes=30)]
    assert [(there, count) for _at, there, count in row.blocks if there] == [(session, 2)]


def test_the_second_is_told_who_has_the_room_and_the_next_free_times(table):
    first = booked(table, started(table))
    with pytest.raises(SlotTaken) as told:
        booked(table, started(table), TEN + timedelta(minutes=30), mediator=table.person("oda"))
    facts = told.value.facts
    assert (facts["what"], facts["file"], facts["who"]) == ("第一调解室", first.file.number, "莫")
    assert facts["free"] == "03-02 11:00, 03-02 14:00, 03-02 14:30"


def test_a_mediator_is_in_one_place_only(table):
    booked(table, started(table))
    with pytest.raises(SlotTaken) as told:
        booked(table, started(table), room=table.rooms[1])
    assert told.value.facts["what"] == "南"


def test_a_file_sits_once_at_a_time(table):
    mediation = started(table)
    booked(table, mediation)
    with pytest.raises(SlotTaken) as told:
        booked(table, mediation, room=table.rooms[1], mediator=table.person("oda"))
    assert told.value.facts["what"] == mediation.file.number


def test_a_cancelled_session_gives_its_half_hours_back(table):
    first = booked(table, started(table))
    session_cancel(session=first, reason="一方住院", by=table.actor("mo"), at=T0)
    assert booked(table, started(table)).state == "booked"
    with pytest.raises(WrongState):
        session_cancel(session=first, reason="again", by=table.actor("mo"), at=T0)


@pytest.mark.parametrize(
    ("minutes", "slots"),
    [(10, 2), (-120, 2), (0, 0), (0, 9)],
    ids=["between half hours", "in the past", "no time", "longer than half a day"],
)
def test_a_session_stands_on_the_half_hour(table, minutes, slots):
    with pytest.raises(OffTheGrid):
        booked(table, started(table), TEN + timedelta(minutes=minutes), slots=slots)


@pytest.mark.parametrize(
    "starts_at",
    [
        TEN + timedelta(hours=1, minutes=30),
        TEN + timedelta(hours=10),
        TEN + timedelta(days=5),
        TEN + timedelta(days=34),
    ],
    ids=["over noon", "at night", "on Saturday", "on the feast of tombs"],
)
def test_a_session_lies_inside_the_hours_of_the_body(table, starts_at):
    with pytest.raises((OutsideHours, SessionAfterLimit)) as told:
        booked(table, started(table, at=T0), starts_at)
    assert told.value.detail("zh-hans") != told.value.detail("en")


@pytest.mark.parametrize("exclusion", APART)
def test_parties_kept_apart_are_never_booked_to_sit_together(table, exclusion):
    mediation = started(table, exclusion=exclusion)
    with pytest.raises(NeverTogether):
        booked(table, mediation)
    assert not Session.objects.exists()


def test_parties_kept_apart_come_on_different_days(table):
    mediation = started(table, exclusion="domestic_violence")
    a, b = sides(mediation.file)
    booked(table, mediation, sitting="separate", only_party=a)
    with pytest.raises(ApartOnOneDay):
        booked(table, mediation, TEN + timedelta(hours=5), sitting="separate", only_party=b)
    assert booked(table, mediation, TEN + timedelta(days=1), sitting="separate", only_party=b)
    assert booked(table, mediation, TEN + timedelta(hours=5), sitting="separate", only_party=a)


def test_what_comes_out_later_cancels_the_session_together(table):
    mediation = started(table)
    session = booked(table, mediation)
    told = exclusion_set(file=mediation.file, exclusion="protection_order", by=table.actor("nan"), at=T0)
    session.refresh_from_db()
    assert (told, session.state) == ({"cancelled": 1, "ended": False}, "cancelled")
    assert not SlotHold.objects.exists()


def test_violence_learned_of_at_triage_cancels_the_session_together_too(table):
    mediation = started(table)
    session = booked(table, mediation)
    file_triage(file=mediation.file, exclusion="domestic_violence", by=table.actor("jia"), at=T0)
    session.refresh_from_db()
    assert session.state == "cancelled"


def test_no_session_together_is_held_once_the_parties_must_be_kept_apart(table):
    mediation = started(table)
    session = booked(table, mediation)
    a, b = sides(mediation.file)
    type(mediation.file).objects.filter(pk=mediation.file_id).update(exclusion="protection_order")
    with pytest.raises(NeverTogether):
        session_hold(
            session=session,
            attendance={a.pk: "came", b.pk: "came"},
            outcome="again",
            by=table.actor("nan"),
            at=TEN,
        )


@pytest.mark.parametrize(
    "bar", ["hired_violence", "gang_fight", "repeated_acts", "refused", "new_act", "suspect_ran", "crime"]
)
def test_police_may_not_mediate_behind_a_bar_and_say_what_now(table, bar):
    with pytest.raises(MediationBarred) as told:
        started(table, method="police", exclusion=bar)
    assert "{" not in told.value.detail("zh-hans")
    assert str(told.value.facts["next"])


def test_a_bar_that_comes_up_ends_the_police_mediation_and_starts_the_clock_of_the_case(table):
    mediation = started(table, method="police")
    assert mediation.penalty_due_at is None
    at = T0 + timedelta(days=2)
    told = exclusion_set(file=mediation.file, exclusion="new_act", by=table.actor("pei", at), at=at)
    mediation.refresh_from_db()
    assert told["ended"]
    assert (mediation.state, mediation.end_reason, mediation.file.state) == ("failed", "new_act", "no_agreement")
    assert mediation.penalty_sum["start"] == at.isoformat()


def test_the_second_police_session_is_within_seven_working_days_and_there_is_no_third(table):
    mediation = started(table, method="police")
    held(table, mediation, outcome="again")
    mediation.refresh_from_db()
    assert mediation.due_sum["kind"] == "second_session"
    with pytest.raises(SecondSessionTooLate):
        booked(table, mediation, TEN + timedelta(days=10))
    booked(table, mediation, TEN + timedelta(days=9))
    with pytest.raises(SessionsUsedUp):
        booked(table, mediation, TEN + timedelta(days=1))


def test_a_session_is_written_up_once_it_has_begun_with_both_sides_there(table):
    mediation = started(table)
    session, nan = booked(table, mediation), table.actor("nan")
    a, b = sides(mediation.file)
    both = {a.pk: "came", b.pk: "represented"}
    with pytest.raises(SessionNotYet):
        session_hold(session=session, attendance=both, outcome="again", by=nan, at=T0)
    with pytest.raises(NobodyCame):
        session_hold(session=session, attendance={a.pk: "came", b.pk: "absent"}, outcome="again", by=nan, at=TEN)
    stranger, _ = sides(assigned_file(table.world))
    with pytest.raises(PartyOfAnotherFile):
        session_hold(session=session, attendance={stranger.pk: "came"}, outcome="again", by=nan, at=TEN)
    session_hold(session=session, attendance=both, outcome="again", by=nan, at=TEN)
    assert session.state == "held"


def test_a_minor_sits_there_with_a_guardian_or_not_at_all(table):
    mediation = started(table)
    session, nan = booked(table, mediation), table.actor("nan")
    a, b = sides(mediation.file)
    type(a).objects.filter(pk=a.pk).update(is_minor=True)
    both = {a.pk: "came", b.pk: "came"}
    with pytest.raises(GuardianMissing):
        session_hold(session=session, attendance=both, outcome="again", by=nan, at=TEN)
    guardian = party_add(file=mediation.file, role="guardian", represents=a, by=table.actor("mo"), at=T0)
    session_hold(session=session, attendance={**both, guardian.pk: "came"}, outcome="again", by=nan, at=TEN)


def test_somebody_who_stays_away_is_written_down(table):
    mediation = started(table)
    session = booked(table, mediation)
    a, b = sides(mediation.file)
    session_miss(session=session, attendance={a.pk: "came", b.pk: "absent"}, by=table.actor("nan"), at=TEN)
    assert (session.state, session.attendance.count()) == ("no_show", 2)


def test_minutes_are_read_for_a_purpose_and_the_look_is_logged(table):
    session = held(table, started(table), minutes="甲方称楼上漏水三次。🙂")
    with pytest.raises(BadInput):
        minutes_read(session=session, purpose=" ", by=table.actor("nan"), at=TEN)
    assert "漏水" in minutes_read(session=session, purpose="起草协议", by=table.actor("nan"), at=TEN)
    assert ViewLog.objects.get().note == "起草协议"
    assert "漏水" not in str(list(Event.objects.values_list("data", flat=True)))
    with pytest.raises(NotPermitted):
        minutes_read(session=session, purpose="看看", by=table.actor("gus"), at=TEN)
    with pytest.raises(MinutesGone):
        minutes_read(
            session=booked(table, started(table), TEN + timedelta(days=1)), purpose="x", by=table.actor("nan"), at=TEN
        )


def test_only_its_own_mediators_sit_for_a_body(table):
    with pytest.raises(NotAMediator):
        booked(table, started(table), mediator=table.person("pei"))
    with pytest.raises(NotFound):
        mediation_start(
            file=assigned_file(table.world),
            body=table.centre,
            method="people",
            mediator=table.person("nan"),
            by=table.actor("cleo"),
            at=T0,
        )


def test_the_free_times_offered_can_be_booked(table):
    booked(table, started(table))
    free = free_starts(table.centre, table.rooms[0], table.person("nan"), 3, T0)
    assert TEN not in free
    assert booked(table, started(table), free[0], slots=3).state == "booked"
