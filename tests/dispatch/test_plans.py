"""Response plans: which one counts, who fills it, what is said aloud, and its versions."""

from __future__ import annotations

import pytest
from django.utils import translation

from anlan.core.actor import SYSTEM
from anlan.core.errors import NotPermitted
from anlan.core.models import Event
from anlan.dispatch.errors import LevelUnknown, PlanUnreadable
from anlan.dispatch.models import ResponseLevel, ResponsePlan
from anlan.dispatch.plan_rules import Matter, plan_choose, plan_content, plan_read, plans_packaged
from anlan.dispatch.selectors import plan_of, plans_in_force, recommend, response_propose
from anlan.dispatch.services import plan_set, response_level_set
from anlan.equipment.services import fault_report, item_add, loan_issue, model_add
from anlan.units.selectors import capability_labels
from anlan.units.services import crew_leave, unit_capabilities_set, unit_load_set, unit_state_set
from dispatch.scene import incident_of, later, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")

ABLE = frozenset(capability_labels())


def plan(key="mine", **more):
    usual = {"key": key, "name_zh": "本局预案", "name_en": "Ours", "levels": [{"needs": [{"count": 1}]}]}
    return {**usual, **more}


def response(incident, at=T0):
    return response_propose(incident, recommend(incident, at=at))


def signs(found):
    return [place.sent or (place.choice.unit.call_sign if place.choice else "") for place in found.places]


def test_every_plan_that_comes_with_the_program_can_be_read_and_one_fits_everything():
    packaged = plans_packaged(ABLE)
    assert len({each.key for each in packaged}) == len(packaged)
    assert all(plan_read(plan_content(each), capabilities=ABLE) == each for each in packaged)
    assert plan_choose(packaged, Matter(code="9901", priority="P3"))[0].key == "default"


def test_danger_counts_before_the_type_and_other_dangers_are_added():
    packaged = plans_packaged(ABLE)
    fight = Matter(code="0202", priority="P1")
    assert plan_choose(packaged, fight)[0].key == "group-fight"
    armed = Matter(code="0202", priority="P1", danger=("weapon", "gas"))
    chosen, beside = plan_choose(packaged, armed)
    assert (chosen.key, [each.key for each in beside]) == ("weapon", ["gas"])


def test_a_plan_for_an_area_counts_before_the_general_one():
    rows = [plan_read(plan("a"), capabilities=ABLE), plan_read(plan("b", areas=["west"]), capabilities=ABLE)]
    assert plan_choose(rows, Matter("0402", "P3", station="west"))[0].key == "b"
    assert plan_choose(rows, Matter("0402", "P3", station="east"))[0].key == "a"


def test_the_places_are_filled_by_the_soonest_and_what_is_missing_is_said(world):
    incident = incident_of(world, danger=["self_harm"])  # two units and a negotiator
    found = response(incident)
    assert signs(found) == ["P-01", "P-02", ""]
    with translation.override("en"):
        assert [row.words for row in found.shortfalls] == [
            "1 of 1 missing: negotiator. Nobody on duty has it: ask the neighbour or the partner desk."
        ]
    assert [row.code for row in found.partners] == ["119", "120"]
    unit_capabilities_set(unit=world.units["P-01"], capabilities=["negotiator"], by=SYSTEM, at=T0)
    assert signs(response(incident)) == ["P-02", "P-03", "P-01"]


def test_who_could_but_is_busy_is_named(world):
    unit_capabilities_set(unit=world.units["P-02"], capabilities=["negotiator"], by=SYSTEM, at=T0)
    other = incident_of(world)
    send(world, other, "P-02")
    found = response(incident_of(world, danger=["self_harm"]))
    with translation.override("en"):
        assert f"P-02: Busy with {other.number} since 09:00: assigned." in found.shortfalls[0].words


def test_units_on_it_already_count_and_the_rest_is_proposed(world):
    incident = incident_of(world)  # any P1: two units
    send(world, incident, "P-03")
    found = response(incident)
    assert signs(found) == ["P-03", "P-01"]
    assert found.next_unit.unit.call_sign == "P-01"


def test_home_goes_first_only_within_its_seconds_and_never_at_a_p1(world):
    # P-03 of the east stands beside the place; the nearest of the west is ten minutes away at 36 km/h.
    unit_state_set(unit=world.units["P-01"], to="off", by=SYSTEM, at=T0)
    where = {"lon": 120.14, "station": world.orgs["west"]}
    plain = incident_of(world, priority="P3", code="0106", **where)
    assert signs(response(plain)) == ["P-03"]
    plan_set(content=plan("theft", codes=["0106"], home_first_s=1200), by=SYSTEM, at=T0)
    found = response(plain)
    assert signs(found) == ["P-02"]
    assert found.places[0].is_home_first
    assert not found.borrowed
    urgent = incident_of(world, priority="P1", code="0106", **where)
    assert signs(response(urgent)) == ["P-03"]


def test_who_lends_and_what_is_left_there_is_said(world):
    found = response(incident_of(world, lon=120.14, code="0106", priority="P3"))
    lender = found.lenders[0]
    assert (lender.organisation_id, lender.is_home, lender.is_zone) == (world.orgs["east"].pk, False, True)
    assert (lender.taken, lender.left, lender.on_duty) == (("P-03",), 0, 1)


def test_a_higher_level_asks_for_more_and_is_on_the_record(world):
    incident = incident_of(world)
    row = response_level_set(incident=incident, level=2, by=world.actor("ada"), at=T0)
    assert (row.level, row.plan, row.plan_version) == (2, "default-p1", 1)
    assert len(response(incident).places) == 4
    response_level_set(incident=incident, level=1, by=world.actor("ada"), at=later(minutes=1))
    assert len(response(incident).places) == 2
    told = Event.objects.filter(kind="dispatch.response_level_set", incident_id=incident.pk)
    assert [event.data["level"] for event in told.order_by("pk")] == [2, 1]
    with pytest.raises(LevelUnknown):
        response_level_set(incident=incident, level=9, by=world.actor("ada"), at=T0)
    assert ResponseLevel.objects.get().level == 1


def test_a_plan_gets_a_version_and_the_one_before_ends(world):
    first = plan_set(content=plan(codes=["0106"]), by=SYSTEM, at=T0)
    assert (first.version, plan_of(incident_of(world, code="0106", priority="P3"))[0].key) == (2, "mine")
    assert plan_set(content=plan(codes=["0106"]), by=SYSTEM, at=later(minutes=1)).pk == first.pk
    second = plan_set(content=plan(codes=["0107"]), by=SYSTEM, at=later(minutes=2))
    first.refresh_from_db()
    assert (second.version, first.valid_to) == (3, later(minutes=2))
    assert ResponsePlan.objects.filter(valid_to=None).count() == 1
    assert "mine" in {each.key for each in plans_in_force()}


def test_one_person_alone_sets_no_plan(world):
    for alone in ("jia", "ada"):
        with pytest.raises(NotPermitted):
            plan_set(content=plan(), by=world.actor(alone), at=T0)
    assert not ResponsePlan.objects.exists()


@pytest.mark.parametrize("key", ["new", "Ours", "a/b", "本局", "a b", "-"])
def test_a_key_that_is_no_address_is_refused(world, key):
    with pytest.raises(PlanUnreadable) as refused:
        plan_set(content=plan(key), by=SYSTEM, at=T0)
    assert refused.value.facts["field"] == "key"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"levels": []}, "levels"),
        ({"levels": [{"needs": [{"count": 0}]}]}, "count"),
        ({"levels": [{"needs": [{"count": 30}]}]}, "count"),
        ({"levels": [{"needs": [{"capability": "wings"}]}]}, "capability"),
        ({"home_first_s": -1}, "home_first_s"),
        ({"priorities": ["P9"]}, "priorities"),
        ({"name_zh": " "}, "name_zh"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_by_field(world, wrong, field):
    with pytest.raises(PlanUnreadable) as refused:
        plan_set(content=plan(**wrong), by=SYSTEM, at=T0)
    assert field in refused.value.facts["field"]
    assert not ResponsePlan.objects.exists()


def test_it_costs_a_fixed_number_of_questions(world, settings, django_assert_max_num_queries):
    settings.SNAPSHOT_MAX_AGE_S = 60.0
    incident = incident_of(world)
    found = recommend(incident, at=T0)
    response_propose(incident, found)
    with django_assert_max_num_queries(4):
        response_propose(incident, found)


def test_of_a_kind_that_the_register_keeps_only_what_crews_have_on_loan_counts(world):
    model = model_add(code="fcb", name="防刺背心", measure_word="件", load_kind="stab_vest", by=SYSTEM, at=T0)
    vests = [
        item_add(number=f"FC-{nth}", model=model, owner=world.orgs["east"], by=SYSTEM, at=T0) for nth in range(5)
    ]
    unit_load_set(unit=world.units["P-01"], load={"stab_vest": 6}, by=SYSTEM, at=T0)
    incident = incident_of(world, danger=["weapon"])  # six vests for three units

    def vest():
        return next(row for row in response(incident).equipment if row.thing.kind == "stab_vest")

    told = vest()
    assert (told.have, told.missing, told.stated) == ((), 6, ("P-01",))
    with translation.override("en"):
        assert told.words == (
            "6 of 6 missing: stab vests. No unit has it. Ready in the store: East station × 5. "
            "Stated to carry more than its crew has on loan: P-01."
        )
    loans = [loan_issue(item=one, holder=world.people["eve"], by=SYSTEM, at=T0) for one in vests[:2]]
    told = vest()
    assert (told.have, told.missing) == ((("P-01", 2),), 4)
    assert [(str(name), count) for name, count in told.stores] == [("城东派出所", 3)]
    # What its holder has told a fault of is no vest to count on.
    fault_report(loan=loans[0], words="拉链坏", by=world.actor("eve"), at=T0)
    assert vest().have == (("P-01", 1),)
    # Whoever left the car took theirs along.
    crew_leave(person=world.people["eve"], by=SYSTEM, at=T0)
    assert vest().have == ()


def test_what_is_short_is_said_with_the_nearest_who_have_it(world):
    incident = incident_of(world, danger=["weapon"])  # three units, six vests, two shields, one fork
    asked = {row.thing.kind: row for row in response(incident).equipment}
    assert {row.missing for row in asked.values()} == {None}  # nobody has said what units carry: nothing is short
    unit_state_set(unit=world.units["P-03"], to="busy", by=SYSTEM, at=T0)
    unit_load_set(unit=world.units["P-01"], load={"stab_vest": 2, "shield": 2}, by=SYSTEM, at=T0)
    unit_load_set(unit=world.units["P-03"], load={"stab_vest": 4}, by=SYSTEM, at=T0)
    found = response(incident)
    asked = {row.thing.kind: row for row in found.equipment}
    assert (asked["stab_vest"].have, asked["stab_vest"].missing) == ((("P-01", 2),), 4)
    assert (asked["shield"].missing, asked["long_fork"].missing) == (0, 1)
    with translation.override("en"):
        assert [row.words for row in found.equipment] == [
            "4 of 6 missing: stab vests. Nearest who have it: P-03 × 4 (busy with other work).",
            "",
            "1 of 1 missing: long forks. No unit carries it: ask the store or the partner desk.",
        ]
    with translation.override("zh-hans"):
        assert asked["stab_vest"].words == "防刺背心需 6 件，缺 4 件；最近有的：P-03 × 4 (忙于其他勤务)。"
    assert found.carried["P-01"]


def test_of_a_kind_two_dangers_ask_for_the_larger_count_is_brought():
    things = [{"kind": "shield", "count": 2}, {"kind": "shield", "count": 5}, {"zh": "喇叭", "en": "horn"}]
    read = plan_read(plan(levels=[{"needs": [{"count": 1}], "equipment": things}]), capabilities=ABLE)
    assert [(each.kind, each.count, each.en) for each in read.levels[0].equipment] == [
        ("shield", 5, "shields"),
        ("", 0, "horn"),
    ]
    assert plan_read(plan_content(read), capabilities=ABLE) == read


@pytest.mark.parametrize(
    "thing", [{"kind": "cannon"}, {"kind": "shield", "count": 0}, {"kind": "shield", "count": "2"}]
)
def test_a_plan_asking_for_equipment_that_cannot_be_is_refused(world, thing):
    with pytest.raises(PlanUnreadable):
        plan_set(content=plan(levels=[{"needs": [{"count": 1}], "equipment": [thing]}]), by=SYSTEM, at=T0)
