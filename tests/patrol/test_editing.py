"""A plan changed by hand: what moves, what is checked anew, what is refused, and how it is undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from anlan.core.errors import BadInput, NotFound, NotPermitted, WrongState
from anlan.core.models import Event
from anlan.patrol import jobs
from anlan.patrol.adding import Wish, offers_of
from anlan.patrol.editing import Deed, edit_draw
from anlan.patrol.errors import (
    NothingToUndo,
    PlanBreaksRules,
    PlanCantBeDriven,
    PlanChanged,
    ReasonUnknown,
    SettingOutOfRange,
    StopLocked,
    StopOutside,
    StopStays,
    UnitsTaken,
)
from anlan.patrol.figures import area_times, summary_of, unevenness
from anlan.patrol.models import PatrolQuarter, PatrolStop
from anlan.patrol.selectors import routes_of, stops_of
from anlan.patrol.services import (
    patrol_plan_approve,
    patrol_plan_drop,
    patrol_plan_edit,
    patrol_plan_publish,
    patrol_plan_search,
    patrol_plan_settle,
    patrol_plan_told,
)
from anlan.patrol.sheet import sheet_read
from patrol.conftest import PLAIN, SHIFT
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def sheet(patrol):
    """A drawn plan; ``sheet.change("move", stop=…)`` works a change out and keeps it, as Jia."""
    patrol.kept = patrol.plan()

    def change(kind, *, by=patrol.jia, **asked):
        patrol.kept.refresh_from_db()
        edited = edit_draw(patrol.kept, Deed(kind, **asked), at=T0)
        patrol_plan_edit(plan=patrol.kept, edited=edited, by=by, at=T0)
        return edited

    patrol.change = change
    return patrol


def order(plan):
    return {route.unit.call_sign: [stop.pk for stop in route.stops.all()] for route in routes_of(plan)}


def both(plan):
    one, other = routes_of(plan)
    return one, other, [stop for stop in one.stops.all() if stop.kind == "cell"]


def test_a_stop_goes_to_another_unit_where_it_breaks_least_and_the_times_are_reckoned_anew(sheet):
    one, other, _cells = both(sheet.kept)
    stop = next(stop for stop in one.stops.all() if stop.kind in ("must", "random", "booth", "cell"))
    sheet.change("move", stop=stop.pk, route=other.pk)
    stop.refresh_from_db()
    assert stop.route_id == other.pk
    for route in routes_of(sheet.kept):
        stops = list(route.stops.all())
        assert [row.position for row in stops] == list(range(1, len(stops) + 1))
        assert all(a.leaves_at <= b.arrives_at for a, b in pairwise(stops))
    told = Event.objects.get(kind="patrol.plan_edited").data
    assert (told["deed"], told["stops"]) == ("move", [stop.pk])


def test_the_checker_says_what_no_longer_holds_and_a_leader_answers_for_it(sheet):
    one, _other, _cells = both(sheet.kept)
    window = next(stop for stop in one.stops.all() if stop.closes_at and stop.kind == "cell")
    sheet.change("move", stop=window.pk, route=one.pk, place=99 if window.position < 3 else 1)
    sheet.kept.refresh_from_db()
    late = [fault for fault in sheet.kept.faults if fault["broken"] == "too_late"]
    assert late
    assert {fault["call_sign"] for fault in late} == {one.unit.call_sign}
    if any(fault["broken"] == "past_end" for fault in sheet.kept.faults):
        with pytest.raises(PlanCantBeDriven):
            patrol_plan_approve(plan=sheet.kept, by=sheet.jia, at=T0, reason="order")
        sheet.kept.faults = late
        sheet.kept.save()
    with pytest.raises(PlanBreaksRules):
        patrol_plan_approve(plan=sheet.kept, by=sheet.jia, at=T0)
    patrol_plan_approve(plan=sheet.kept, by=sheet.jia, at=T0, reason="order")
    sheet.kept.refresh_from_db()
    assert (sheet.kept.state, sheet.kept.approved_reason) == ("approved", "order")


def test_a_plan_that_ends_after_the_shift_is_signed_by_nobody(sheet):
    one, other, _cells = both(sheet.kept)
    for stop in [stop for stop in one.stops.all() if stop.kind != "meal"]:
        sheet.change("move", stop=stop.pk, route=other.pk, place=1)
    sheet.kept.refresh_from_db()
    assert "past_end" in {fault["broken"] for fault in sheet.kept.faults}
    with pytest.raises(PlanCantBeDriven) as told:
        patrol_plan_approve(plan=sheet.kept, by=sheet.jia, at=T0, reason="order")
    assert other.unit.call_sign in told.value.detail("en")


def test_undo_brings_back_what_was_and_once_more_what_was_before_that(sheet):
    before = order(sheet.kept)
    one, other, cells = both(sheet.kept)
    sheet.change("move", stop=cells[0].pk, route=other.pk)
    between = order(sheet.kept)
    sheet.change("swap", route=one.pk, other=other.pk)
    assert order(sheet.kept) != between
    sheet.change("undo")
    assert order(sheet.kept) == between
    sheet.change("undo")
    assert order(sheet.kept) == before
    assert sheet.kept.faults == []
    with pytest.raises(NothingToUndo):
        sheet.change("undo")


def test_two_units_swap_their_stops_and_keep_their_breaks(sheet):
    one, other, _cells = both(sheet.kept)
    before = order(sheet.kept)
    meals = {stop.pk: stop.route_id for stop in stops_of(sheet.kept) if stop.kind == "meal"}
    sheet.change("swap", route=one.pk, other=other.pk)
    after = order(sheet.kept)
    assert {*after["P-01"]} - {*meals} == {*before["P-02"]} - {*meals}
    assert {stop.pk: stop.route_id for stop in stops_of(sheet.kept) if stop.kind == "meal"} == meals


def test_a_locked_stop_stays_and_a_break_stays_with_its_unit(sheet):
    one, other, cells = both(sheet.kept)
    sheet.change("lock", stop=cells[0].pk)
    with pytest.raises(StopLocked):
        sheet.change("move", stop=cells[0].pk, route=other.pk)
    with pytest.raises(StopLocked):
        sheet.change("swap", route=one.pk, other=other.pk)
    meal = one.stops.get(kind="meal")
    with pytest.raises(StopStays):
        sheet.change("move", stop=meal.pk, route=other.pk)
    sheet.change("unlock", stop=cells[0].pk)
    sheet.change("move", stop=cells[0].pk, route=other.pk)


def test_better_routes_are_looked_for_around_what_is_locked(sheet):
    _one, other, cells = both(sheet.kept)
    sheet.change("move", stop=cells[0].pk, route=other.pk)
    sheet.change("lock", stop=cells[0].pk)
    held = PatrolStop.objects.select_related("route").get(pk=cells[0].pk)
    patrol_plan_search(plan=sheet.kept, by=sheet.jia, at=T0)
    ticks = iter(range(100))
    assert jobs.plans_better(at=T0, clock=lambda: next(ticks)) == 1
    sheet.kept.refresh_from_db()
    (locked,) = [stop for stop in stops_of(sheet.kept) if stop.is_locked]
    assert (locked.lon, locked.lat, locked.route.unit_id) == (held.lon, held.lat, held.route.unit_id)
    assert abs(locked.arrives_at - held.arrives_at) <= timedelta(minutes=15)
    assert (sheet.kept.faults, sheet.kept.edits.filter(is_open=True).count()) == ([], 0)
    assert sheet.kept.progress["rounds"] >= 1


def test_a_change_of_a_sheet_that_is_out_of_date_is_refused(sheet):
    one, other, cells = both(sheet.kept)
    stale = edit_draw(sheet.kept, Deed("lock", stop=cells[0].pk), at=T0)
    sheet.change("lock", stop=one.stops.get(kind="meal").pk)
    with pytest.raises(PlanChanged):
        patrol_plan_edit(plan=sheet.kept, edited=stale, by=sheet.jia, at=T0)
    with pytest.raises(PlanChanged):
        sheet.change("move", stop=cells[0].pk, route=other.pk, edition=0)


def test_only_drawn_plans_and_only_planners(sheet):
    _one, _other, cells = both(sheet.kept)
    with pytest.raises(NotPermitted):
        sheet.change("lock", stop=cells[0].pk, by=sheet.world.actor("eve"))
    with pytest.raises(NotFound):
        sheet.change("lock", stop=cells[0].pk + 10_000)
    patrol_plan_approve(plan=sheet.kept, by=sheet.jia, at=T0)
    with pytest.raises(PlanChanged):
        sheet.change("lock", stop=cells[0].pk)
    with pytest.raises(PlanChanged):
        patrol_plan_search(plan=sheet.kept, by=sheet.jia, at=T0)


def test_the_sheet_is_the_plan_the_engine_made(sheet):
    read = sheet_read(sheet.kept, at=T0)
    edited = edit_draw(sheet.kept, Deed("lock", stop=read.stops[0].pk), at=T0)
    assert edited.faults == []
    assert edited.cover["planned"] == sheet.kept.cover["planned"]
    assert {s.pk: s.arrives_at for s in edited.stops} == {s.pk: s.arrives_at for s in stops_of(sheet.kept)}


def test_no_unit_drives_two_published_patrols_at_one_time(patrol):
    first, second = patrol.plan(), patrol.plan(seed=8)
    later = patrol.plan(shift=(SHIFT[1], SHIFT[1] + timedelta(hours=4)))
    for plan in (first, second, later):
        patrol_plan_approve(plan=plan, by=patrol.jia, at=T0)
    patrol_plan_publish(plan=first, by=patrol.jia, at=T0)
    assert PatrolQuarter.objects.filter(route__plan=first).count() == 2 * 8 * 4
    with pytest.raises(UnitsTaken) as told:
        patrol_plan_publish(plan=second, by=patrol.jia, at=T0)
    assert "P-0" in told.value.detail("en")
    second.refresh_from_db()
    assert second.state == "approved"
    patrol_plan_publish(plan=later, by=patrol.jia, at=T0)


def test_of_two_who_publish_in_the_same_instant_the_store_lets_one_through(patrol, monkeypatch):
    from anlan.patrol.services import signing

    first, second = patrol.plan(), patrol.plan(seed=8)
    for plan in (first, second):
        patrol_plan_approve(plan=plan, by=patrol.jia, at=T0)
    patrol_plan_publish(plan=first, by=patrol.jia, at=T0)
    monkeypatch.setattr(signing, "OPEN_ROUTES", ())  # the other's routes are not yet seen
    with pytest.raises(UnitsTaken):
        patrol_plan_publish(plan=second, by=patrol.jia, at=T0)


def test_a_dropped_plan_is_changed_by_nobody_and_ends_once(sheet):
    patrol_plan_drop(plan=sheet.kept, by=sheet.jia, at=T0)
    with pytest.raises(WrongState):
        patrol_plan_approve(plan=sheet.kept, by=sheet.jia, at=T0)


def test_a_search_that_is_stopped_keeps_the_best_it_has_found(patrol):
    plan = patrol.plan(settings=replace(PLAIN, search_s=60))
    assert patrol_plan_told(plan=plan, progress={"rounds": 1})
    assert patrol_plan_settle(plan=plan, by=patrol.jia, at=T0)
    plan.refresh_from_db()
    assert plan.is_searching
    assert not patrol_plan_told(plan=plan, progress={"rounds": 2})
    assert jobs.plans_better(at=T0) == 1
    plan.refresh_from_db()
    assert (plan.is_searching, plan.stop_asked_at) == (False, None)


def test_two_plans_are_compared_by_what_they_collect_drive_and_keep_in_reach(sheet):
    a, b = sheet.kept, sheet.plan(seed=9)
    one, other = summary_of(a), summary_of(b)
    assert one.metres is not None
    assert one.metres > 0
    assert one.covered == pytest.approx(other.covered)
    assert 0 < one.cover_least <= one.cover_mean <= 1
    assert one.faults == 0
    assert summary_of(a, with_metres=False).metres is None


def test_an_area_without_visits_still_stands_beside_its_need(sheet):
    sheet.kept.wanted = [*sheet.kept.wanted, {"lon": 120.2, "lat": 28.9, "expected": 0.05, "beat": "far", "year": 20}]
    areas = area_times(sheet.kept, stops_of(sheet.kept), done=False)
    far = next(area for area in areas if area.beat_code == "far")
    assert (far.stops, far.ratio, far.reports) == (0, 0.0, 20)
    assert far.is_out
    assert unevenness(areas) == pytest.approx(far.need_share)


def test_a_stop_is_added_where_it_costs_least_and_what_no_longer_fits_is_named(sheet):
    had = stops_of(sheet.kept)
    sheet.kept.held = {**sheet.kept.held, "caps": {"beat-west": sum(stop.kind == "cell" for stop in had)}}
    sheet.kept.save()
    wish = Wish(lon=120.085, lat=28.902, minutes=60, reason="event")
    sheet.change("add", wish=wish)
    added = PatrolStop.objects.get(route__plan=sheet.kept, kind="hand")
    assert ((added.leaves_at - added.arrives_at), added.beat_code) == (timedelta(minutes=60), "beat-west")
    assert len(stops_of(sheet.kept)) == len(had) + 1
    assert Event.objects.get(kind="patrol.plan_edited").data["stops"] == [added.pk]
    sheet.kept.refresh_from_db()
    # By hand counts as well: an area gets no more than its share without somebody who answers for it.
    assert {fault["broken"] for fault in sheet.kept.faults} == {"group_over"}
    for _ in range(7):
        sheet.change("add", wish=wish, route=added.route_id)
    sheet.kept.refresh_from_db()
    assert "past_end" in {fault["broken"] for fault in sheet.kept.faults}
    with pytest.raises(PlanCantBeDriven):
        patrol_plan_approve(plan=sheet.kept, by=sheet.jia, at=T0, reason="order")


def test_a_stop_taken_out_comes_back_with_undo_and_one_added_goes(sheet):
    before = order(sheet.kept)
    _one, other, cells = both(sheet.kept)
    sheet.change("remove", stop=cells[0].pk)
    assert not PatrolStop.objects.filter(pk=cells[0].pk).exists()
    sheet.change("add", wish=Wish(lon=120.085, lat=28.902, reason="asked"), route=other.pk, place=1)
    moved = next(stop for stop in other.stops.all() if stop.kind != "meal")
    sheet.change("move", stop=moved.pk, route=other.pk, place=99)
    for _ in range(3):
        sheet.change("undo")
    assert order(sheet.kept) == before
    back = PatrolStop.objects.get(pk=cells[0].pk)
    fields = ("prize", "why", "arrives_at", "leaves_at", "opens_at", "closes_at", "lon", "chance")
    assert [getattr(back, name) for name in fields] == [getattr(cells[0], name) for name in fields]
    sheet.kept.refresh_from_db()
    assert (sheet.kept.faults, sheet.kept.held.get("out", [])) == ([], [])


def test_what_must_be_covered_is_missed_by_name_when_it_is_taken_out_and_offered_again(sheet):
    must = next(stop for stop in stops_of(sheet.kept) if stop.kind == "must")
    lot = next(stop for stop in stops_of(sheet.kept) if stop.kind == "random")
    sheet.change("remove", stop=must.pk)
    sheet.change("remove", stop=lot.pk)
    sheet.kept.refresh_from_db()
    assert [fault["broken"] for fault in sheet.kept.faults] == ["must_out", "lot_out"]
    with pytest.raises(PlanBreaksRules):
        patrol_plan_approve(plan=sheet.kept, by=sheet.jia, at=T0)
    offers = offers_of(sheet.kept, stops_of(sheet.kept))
    assert [offer.record["kind"] for offer in offers if offer.group == "out"] == ["must", "random"]
    sheet.change("add", wish=Wish(spot="out:0"))
    sheet.change("add", wish=Wish(spot="out:0"))
    sheet.kept.refresh_from_db()
    assert sheet.kept.faults == []
    again = next(stop for stop in stops_of(sheet.kept) if stop.kind == "random")
    assert (again.chance, again.lon) == (lot.chance, lot.lon)


@pytest.mark.release
def test_a_search_keeps_what_was_added_and_leaves_out_what_was_taken_out(sheet):
    must = next(stop for stop in stops_of(sheet.kept) if stop.kind == "must")
    sheet.change("remove", stop=must.pk)
    sheet.change("add", wish=Wish(lon=120.085, lat=28.902, minutes=25, reason="event"))
    patrol_plan_search(plan=sheet.kept, by=sheet.jia, at=T0)
    ticks = iter(range(100))
    assert jobs.plans_better(at=T0, clock=lambda: next(ticks)) == 1
    sheet.kept.refresh_from_db()
    kinds = {stop.kind: stop for stop in stops_of(sheet.kept)}
    assert "must" not in kinds
    assert kinds["hand"].leaves_at - kinds["hand"].arrives_at == timedelta(minutes=25)
    assert [fault["broken"] for fault in sheet.kept.faults] == ["must_out"]


def test_a_stop_that_can_not_be_added_or_taken_out_is_refused_in_words(sheet):
    one, other, cells = both(sheet.kept)
    sheet.change("lock", stop=cells[0].pk)
    for refusal, asked in (
        (StopLocked, {"kind": "remove", "stop": cells[0].pk}),
        (StopStays, {"kind": "remove", "stop": one.stops.get(kind="meal").pk}),
        (StopOutside, {"kind": "add", "wish": Wish(lon=120.085, lat=38.0, reason="event")}),
        (ReasonUnknown, {"kind": "add", "wish": Wish(lon=120.085, lat=28.902)}),
        (SettingOutOfRange, {"kind": "add", "wish": Wish(lon=120.085, lat=28.902, minutes=2, reason="event")}),
        (BadInput, {"kind": "add", "wish": Wish(lon=float("nan"), lat=28.9, reason="event")}),
        (NotFound, {"kind": "add", "wish": Wish(spot="out:7")}),
    ):
        with pytest.raises(refusal) as told:
            edit_draw(sheet.kept, Deed(**asked), at=T0)
        assert "{" not in told.value.detail("zh-hans")
    assert other.stops.exists()
