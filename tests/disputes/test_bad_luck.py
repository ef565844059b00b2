"""What goes wrong in real offices: wrong parties, wrong places, offices abolished, files sent in circles."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anlan.accounts.models import Organisation
from anlan.accounts.services import role_end
from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput, NotFound, NotPermitted, WrongState
from anlan.core.models import Event
from anlan.disputes.due import due_after, due_again
from anlan.disputes.errors import (
    FileAlreadyMerged,
    FileOver,
    IdentityErased,
    IncidentInAnotherFile,
    LastLinkStays,
    MergeIntoOver,
    NotADispute,
    NotYetOver,
    OrganisationGone,
    PartyGone,
    PushNotReturnable,
    PushOver,
    ReasonMissing,
    ReturnedBefore,
    ReturnSpent,
    SameFile,
)
from anlan.disputes.jobs import dispute_words_expire, disputes_tick
from anlan.disputes.models import DisputeFile, FileIncident, LevelChange, Party, PartyIdentity, PartyKey, Push
from anlan.disputes.selectors import matches_for, push_open_of
from anlan.disputes.services import (
    file_accept,
    file_archive,
    file_assign,
    file_assignment_return,
    file_close,
    file_follow_up,
    file_move,
    file_open,
    file_reopen,
    file_triage,
    file_weigh,
    files_merge,
    files_unmerge,
    incident_link,
    incident_unlink,
    matches_suggest,
    parties_swap,
    party_add,
    party_correct,
    party_leave,
    party_reveal,
    push_act,
    push_close,
    push_receive,
    push_return,
    push_send,
)
from anlan.intake.models import Incident, IncidentTag
from anlan.notices.models import Addressee, Notice
from disputes.quarrel import at_town, later, opened, people_come, pushed, quarrel
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def west(world, taxonomy):
    return people_come(world)


def roles(file):
    return {(party.role, party.ordinal): party.pk for party in Party.objects.filter(file=file, left_at=None)}


def test_parties_entered_the_wrong_way_round_change_places_and_nothing_else_changes(west):
    file, lin = opened(west), west.actor("lin")
    first = party_add(file=file, role="a", name="张三", phone="13800000001", by=lin, at=T0)
    second = party_add(file=file, role="b", name="李四", phone="13800000002", by=lin, at=T0)
    parties_swap(first=first, second=second, by=lin, at=later(hours=1))
    assert roles(file) == {("b", 1): first.pk, ("a", 1): second.pk}
    assert party_reveal(party=first, purpose="visit", by=lin, at=later(hours=1)).name == "张三"
    party_correct(party=first, role="witness", is_minor=True, by=lin, at=later(hours=2))
    assert roles(file) == {("witness", 1): first.pk, ("a", 1): second.pk}
    with pytest.raises(BadInput):
        party_correct(party=first, role="suspect", by=lin, at=later(hours=2))
    with pytest.raises(BadInput):
        parties_swap(first=first, second=first, by=lin, at=later(hours=2))


def test_nobody_need_be_named_and_forty_may_be(west):
    file, lin = opened(west), west.actor("lin")
    nobody = party_add(file=file, role="a", by=lin, at=T0)
    with pytest.raises(IdentityErased):
        party_reveal(party=nobody, purpose="visit", by=lin, at=T0)
    for _ in range(40):
        party_add(file=file, role="more", by=lin, at=T0)
    assert Party.objects.filter(file=file).count() == 41
    assert not PartyKey.objects.exists()


def test_who_died_moved_away_or_was_never_in_it_leaves_and_their_keys_go_at_once(west):
    file, lin = opened(west), west.actor("lin")
    party = party_add(file=file, role="a", name="张三", phone="13800000001", by=lin, at=T0)
    wrong = party_add(file=file, role="b", name="王五", by=lin, at=T0)
    guardian = party_add(file=file, role="guardian", represents=party, by=lin, at=T0)
    party_leave(party=party, reason="died", by=lin, at=later(days=1))
    party_leave(party=wrong, reason="mistaken", by=lin, at=later(days=1))
    assert not PartyKey.objects.exists()
    assert list(PartyIdentity.objects.values_list("party_id", flat=True)) == [party.pk]
    with pytest.raises(PartyGone):
        party_correct(party=party, role="b", by=lin, at=later(days=2))
    assert roles(file) == {("guardian", 1): guardian.pk}
    with pytest.raises(BadInput):
        party_add(file=opened(west), role="guardian", represents=guardian, by=lin, at=T0)


def test_one_person_has_different_keys_in_different_files_and_none_once_they_are_closed(west):
    one, two, lin = opened(west), opened(west), west.actor("lin")
    for file in (one, two):
        party_add(file=file, role="a", name="张三", phone="+86 138-0000-0001", by=lin, at=T0)
    keys = [set(PartyKey.objects.filter(file=file).values_list("value", flat=True)) for file in (one, two)]
    assert len(keys[0]) == 3
    assert not keys[0] & keys[1]
    file_follow_up(file=one, by=SYSTEM, at=T0)
    file_close(file=one, result="withdrawn", by=lin, at=later(days=1))
    assert not PartyKey.objects.filter(file=one).exists()
    assert DisputeFile.objects.get(pk=one.pk).key_salt == ""
    file_reopen(file=one, reason="came_back", by=SYSTEM, at=later(days=2))
    again = set(PartyKey.objects.filter(file=one).values_list("value", flat=True))
    assert len(again) == 3
    assert not again & keys[0]


def test_names_go_half_a_year_after_the_archive_and_words_after_three_years(west):
    file, lin = opened(west), west.actor("lin")
    party_add(file=file, role="a", name="张三", by=lin, at=T0)
    file_follow_up(file=file, by=SYSTEM, at=T0)
    file_close(file=file, result="withdrawn", by=lin, at=later(days=1))
    night = {"at_any_hour": True}
    dispute_words_expire(at=later(days=80), **night)
    assert DisputeFile.objects.get().state == "closed"
    dispute_words_expire(at=later(days=92), **night)
    assert DisputeFile.objects.get().state == "archived"
    dispute_words_expire(at=later(days=92 + 179), **night)
    assert PartyIdentity.objects.exists()
    dispute_words_expire(at=later(days=92 + 180), **night)
    assert not PartyIdentity.objects.exists()
    assert DisputeFile.objects.get().address_text
    dispute_words_expire(at=later(days=92 + 3 * 365), **night)
    gone = DisputeFile.objects.get()
    assert (gone.address_text, gone.lon, gone.beat_code) == ("", None, "beat-west")


def test_it_refuses_a_file_for_what_is_no_quarrel(west):
    with pytest.raises(NotADispute) as refusal:
        file_open(incident=quarrel(west, code="0104"), by=SYSTEM, at=T0)
    assert "0104" in str(refusal.value)


def test_a_colour_that_rises_brings_the_visit_forward_and_one_that_falls_buys_no_time(west):
    file, incident = opened(west), Incident.objects.get()
    file_follow_up(file=file, by=SYSTEM, at=T0)
    Incident.objects.filter(pk=incident.pk).update(danger=["weapon"])
    assert file_weigh(file=file, by=SYSTEM, at=later(days=2)) == "red"
    assert push_open_of(file.pk, 2).due_at == file.due_at == later(days=3)
    assert due_again(file.due_sum) == file.due_at
    Incident.objects.filter(pk=incident.pk).update(danger=[])
    assert file_weigh(file=file, by=SYSTEM, at=later(days=2, hours=1)) == "blue"
    assert push_open_of(file.pk, 2).due_at == file.due_at == later(days=3)
    assert [row.level for row in LevelChange.objects.filter(file=file)] == ["blue", "red", "blue"]


def test_a_new_colour_leaves_the_month_of_a_mediation_alone(west):
    file = at_town(west, opened(west), at=T0)
    file_move(file=file, to="mediating", by=SYSTEM, at=later(days=1))
    month = file.due_at
    IncidentTag.objects.create(
        incident=Incident.objects.get(), dimension="conditions", value="alcohol", source="officer", set_at=T0
    )
    assert file_weigh(file=file, by=SYSTEM, at=later(days=3)) == "yellow"
    assert (file.due_at, file.due_kind, file.holder) == (month, "mediation", west.orgs["mediation"])


def test_an_abolished_office_leaves_its_files_to_who_stands_above_and_gets_none(west):
    file = at_town(west, opened(west), at=T0, to="accepted")
    Organisation.objects.filter(code__in=("town-west", "mediation")).update(is_active=False)
    file_triage(file=file, by=west.actor("dan"), at=T0)
    west.orgs["mediation"].refresh_from_db()
    with pytest.raises(OrganisationGone):
        file_assign(file=file, mediating=west.orgs["mediation"], by=west.actor("dan"), at=T0)
    assert disputes_tick(at=later(minutes=1)) == 1
    assert disputes_tick(at=later(minutes=1)) == 0
    file.refresh_from_db()
    assert file.holder == west.orgs["bureau"]
    other = opened(west)
    assert pushed(other, 3, at=T0).snapshot["why"] == "no_town_room"


def test_without_an_officer_of_the_beat_the_stations_room_gets_it_and_it_says_why(west):
    role_end(grant=west.people["lin"].grants.get(), by=SYSTEM, at=T0)
    push = pushed(opened(west), 2, at=later(minutes=1))
    assert (push.to_role, push.to_person, push.snapshot["why"]) == ("station_room", None, "no_beat_officer")
    push_receive(push=push, by=west.actor("ida"), at=later(minutes=5))


def test_what_was_sent_back_once_is_not_sent_round_in_circles(west):
    file, dan = opened(west), west.actor("dan")
    file_follow_up(file=file, by=SYSTEM, at=T0)
    second = push_return(push=push_open_of(file.pk, 2), reason="不是我的责任区", by=west.actor("lin"), at=T0)
    assert (second.to_role, second.to_person) == ("station_room", None)
    with pytest.raises(ReturnSpent):
        push_return(push=second, reason="还是不是", by=west.actor("ida"), at=later(hours=1))
    pushed(file, 3, at=later(hours=1))
    back = push_return(push=push_open_of(file.pk, 3), reason="属公安职责", by=dan, at=later(hours=2))
    file.refresh_from_db()
    assert (file.state, back.seq, file.holder) == ("follow_up", 2, west.orgs["bureau"])
    at_town(west, file, at=later(hours=3))
    file_assignment_return(file=file, reason="不属本中心", by=west.actor("mo"), at=later(hours=4))
    with pytest.raises(ReturnedBefore) as refusal:
        file_assign(file=file, mediating=west.orgs["mediation"], by=dan, at=later(hours=5))
    assert "Mediation centre" in refusal.value.detail("en")
    file_assign(file=file, mediating=west.orgs["mediation"], by=west.actor("jia"), at=later(hours=5))
    first = pushed(opened(west), 1, at=T0)
    with pytest.raises(PushNotReturnable):
        push_return(push=first, reason="x", by=west.actor("ida"), at=T0)


def test_a_merge_of_what_is_merged_already_is_refused_and_names_where_it_went(west):
    one, two, three = opened(west), opened(west), opened(west)
    files_merge(file=one, into=two, by=SYSTEM, at=T0)
    with pytest.raises(FileAlreadyMerged) as refusal:
        files_merge(file=one, into=three, by=SYSTEM, at=T0)
    assert two.number in str(refusal.value)
    with pytest.raises(SameFile):
        files_merge(file=two, into=one, by=SYSTEM, at=T0)
    with pytest.raises(FileAlreadyMerged):
        file_follow_up(file=one, by=SYSTEM, at=T0)
    # Where a merged file is named as the goal, the one that stands for it is meant.
    files_merge(file=three, into=one, by=SYSTEM, at=T0)
    three.refresh_from_db()
    two.refresh_from_db()
    assert (three.merged_into, two.reports) == (two, 3)
    files_unmerge(file=one, by=SYSTEM, at=later(hours=1))
    two.refresh_from_db()
    assert two.reports == 2
    over = opened(west)
    file_close(file=over, result="not_a_dispute", by=SYSTEM, at=T0)
    with pytest.raises(MergeIntoOver):
        files_merge(file=two, into=over, by=SYSTEM, at=T0)


def test_a_file_that_took_in_others_counts_no_report_that_left_them(west):
    one, two, three = opened(west), opened(west), opened(west)
    more = incident_link(file=two, incident=quarrel(west), by=SYSTEM, at=T0).incident
    files_merge(file=one, into=two, by=SYSTEM, at=later(hours=1))
    files_merge(file=two, into=three, by=SYSTEM, at=later(hours=2))
    assert counted(one, two, three) == [1, 3, 4]
    files_unmerge(file=one, by=SYSTEM, at=later(hours=3))
    assert counted(one, two, three) == [1, 2, 3]
    incident_unlink(file=two, incident=more, by=SYSTEM, at=later(hours=4))
    assert counted(one, two, three) == [1, 1, 2]
    files_unmerge(file=two, by=SYSTEM, at=later(hours=5))
    assert counted(one, two, three) == [1, 1, 1]


def test_a_file_keeps_a_report_of_its_own_whatever_was_merged_into_it(west):
    one, two = opened(west), opened(west)
    own = FileIncident.objects.get(file=two).incident
    files_merge(file=one, into=two, by=SYSTEM, at=later(hours=1))
    with pytest.raises(LastLinkStays):
        incident_unlink(file=two, incident=own, by=SYSTEM, at=later(hours=2))


def counted(*files):
    """How many reports each file counts."""
    return [DisputeFile.objects.get(pk=file.pk).reports for file in files]


def test_a_report_belongs_to_one_file_and_the_last_one_stays(west):
    one, two = opened(west), opened(west)
    incident = Incident.objects.first()
    with pytest.raises(IncidentInAnotherFile):
        incident_link(file=two, incident=incident, by=SYSTEM, at=T0)
    with pytest.raises(LastLinkStays):
        incident_unlink(file=one, incident=incident, by=SYSTEM, at=T0)


def test_what_is_over_is_over_and_only_the_receiver_acts(west):
    file, lin = opened(west), west.actor("lin")
    file_follow_up(file=file, by=SYSTEM, at=T0)
    push = push_open_of(file.pk, 2)
    with pytest.raises(NotFound):
        push_receive(push=push, by=west.actor("cleo"), at=T0)
    with pytest.raises(NotPermitted):
        push_receive(push=push, by=west.actor("gus"), at=T0)
    with pytest.raises(ReasonMissing):
        push_act(push=push, action="  ", by=lin, at=T0)
    with pytest.raises(BadInput):
        push_close(push=push, outcome="court_guide", by=lin, at=T0)
    pushed(file, 3, at=T0)
    with pytest.raises(NotFound):
        file_accept(file=file, by=west.actor("rui"), at=T0)
    with pytest.raises(WrongState):
        file_move(file=file, to="agreement", by=SYSTEM, at=T0)
    with pytest.raises(NotYetOver):
        file_archive(file=file, by=SYSTEM, at=T0)
    file_accept(file=file, by=west.actor("dan"), at=T0)
    file_close(file=file, result="withdrawn", by=west.actor("dan"), at=later(days=1))
    push.refresh_from_db()
    with pytest.raises((PushOver, FileOver)):
        push_close(push=push, outcome="settled", by=lin, at=later(days=2))
    with pytest.raises(FileOver):
        push_send(file=file, seq=2, reason="by_hand", by=SYSTEM, at=later(days=2))


def test_dialect_pictures_rare_signs_and_an_identity_number_stay_whole_with_the_push_and_out_of_the_record(west):
    file, lin = opened(west), west.actor("lin")
    file_follow_up(file=file, by=SYSTEM, at=T0)
    push, words = push_open_of(file.pk, 2), "阿婆讲：覅吵哉😡𠮷家“·”，证号33072319650101123X"
    push_act(push=push, action=words, by=lin, at=T0)
    push.refresh_from_db()
    assert push.action == words
    record = str(list(Event.objects.values_list("data", flat=True)))
    assert "覅吵" not in record
    assert "33072319650101123X" not in record


def test_who_watches_is_sent_again_until_it_is_settled_or_goes_up(west):
    file, lin = opened(west), west.actor("lin")
    file_follow_up(file=file, by=SYSTEM, at=T0)
    push_close(push=push_open_of(file.pk, 2), outcome="watching", by=lin, at=later(days=3))
    again = push_open_of(file.pk, 2)
    assert (again.to_person, again.due_at) == (west.people["lin"], later(days=10))
    push_close(push=again, outcome="up", by=lin, at=later(days=5))
    file.refresh_from_db()
    assert (file.state, push_open_of(file.pk, 3).reason) == ("pushed", "not_settled")


def test_nobody_is_silent_receiver_desk_and_leader_are_told_in_turn_and_none_twice(west):
    file = opened(west)
    file_follow_up(file=file, by=SYSTEM, at=T0)
    first = Notice.objects.get()
    steps = Addressee.objects.filter(notice=first).order_by("step").values_list("person_id", "role")
    assert list(steps) == [(west.people["lin"].pk, ""), (None, "station_room"), (None, "duty_leader")]
    push_receive(push=push_open_of(file.pk, 2), by=west.actor("lin"), at=later(minutes=9))
    first.refresh_from_db()
    assert first.state == "withdrawn"
    assert [disputes_tick(at=later(days=8)) for _ in "ab"] == [2, 0]
    assert Notice.objects.filter(state="sent").count() == 1


def test_the_matcher_suggests_the_old_file_of_the_same_door_and_nothing_for_a_far_one(west):
    told = "楼上半夜拖桌椅吵得睡不着，邻居又吵起来了"
    file = opened(west, narrative=told, address_text="安澜大道1号2幢301室")
    again = quarrel(west, narrative=told, address_text="安澜大道1号2幢301室", received_at=later(days=9))
    far = quarrel(
        west, narrative="欠钱不还", code="0405", lon=120.095, lat=28.85, address_text="", received_at=later(days=9)
    )
    (suggestion,) = matches_suggest(incident=again, at=later(days=9))
    assert (suggestion.file, matches_suggest(incident=again, at=later(days=9))) == (file, [suggestion])
    assert suggestion.evidence[0]["feature"]
    assert matches_for(far) == []
    assert Push.objects.count() == 0


def test_without_next_years_holidays_a_term_is_counted_provisionally_and_its_sum_says_so():
    opened_at = datetime(2027, 12, 20, 1, tzinfo=UTC)
    due = due_after("close", opened_at)
    assert due.total["is_provisional"]
    assert due.due_at == datetime(2028, 1, 10, 9, 30, tzinfo=UTC), "fifteen week days, and no holiday known"
    assert due_again(due.total) == due.due_at
    assert "暂定" in due.total["zh"]
    assert "PROVISIONAL" in due.total["en"]
    announced = due_after("close", datetime(2026, 3, 2, 1, tzinfo=UTC)).total
    assert not announced["is_provisional"]
    assert "暂定" not in announced["zh"]
