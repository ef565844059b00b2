"""The east station's patrols: one to be signed, one that drives, one that is over; and a question that was answered.

Its two cars patrol on shifts of their own and are on no other desk's list: nothing here can be sent anywhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from anlan.core.actor import SYSTEM

ROAD = 28.901
SPOTS = (120.11, 120.12, 120.13, 120.14)
SHIFT = timedelta(hours=8)


def planned(world: Any, at: datetime) -> dict[str, str]:
    """Three plans and an answer; the marks name them."""
    _reports(world, at)
    _cars(world, at)
    over = _plan(world, at - timedelta(hours=14), seed=3)
    _driven(over, at - timedelta(hours=14), until=at - timedelta(hours=6))
    live = _plan(world, at - timedelta(hours=2), seed=4)
    _driven(live, at - timedelta(hours=2))
    return {
        "plan_over": str(over.pk),
        "plan_live": str(live.pk),
        "plan_new": str(_plan(world, at + timedelta(hours=10), seed=5, made_at=at).pk),
        "question": _answered(world, at),
    }


def _reports(world: Any, at: datetime) -> None:
    """A year of thefts along the road, before the weeks that other pages count."""
    from anlan.engines.geo import cell_of
    from anlan.intake.models import Incident

    rows = []
    for spot, times in zip(SPOTS, (40, 30, 20, 20), strict=True):
        for nth in range(times):
            taken = at - timedelta(days=100 + nth, hours=nth % 24)
            rows.append(
                Incident(
                    number=f"E{int(spot * 100)}{nth:04d}", code="0107", received_at=taken, state="closed",
                    state_since=taken, closed_at=taken + timedelta(hours=1), lon=spot, lat=ROAD,
                    cell=int(cell_of(spot, ROAD)), station=world.orgs["east"], holder=world.orgs["east"],
                    priority="P3", priority_rule="type", track="P", track_rule="type", origin="citizen",
                    is_valid=True,
                )
            )  # fmt: skip
    Incident.objects.bulk_create(rows)


def _cars(world: Any, at: datetime) -> None:
    """Two cars on shift, a patrol officer in the first of them, a school to be covered and a booth."""
    from anlan.accounts.services import person_add, role_grant
    from anlan.places.services import point_put
    from anlan.units.services import crew_join, shift_set, unit_add
    from world import PASSWORD

    then, east = at - timedelta(days=2), world.orgs["east"]
    world.people["pat"] = pat = person_add(
        username="pat", name="帕特", organisation=east, password=PASSWORD, by=SYSTEM, at=then
    )
    role_grant(person=pat, role="patrol", by=SYSTEM, at=then)
    for sign, lon in (("P-31", 120.12), ("P-32", 120.14)):
        car = unit_add(call_sign=sign, track="P", organisation=east, base_lon=lon, base_lat=ROAD, by=SYSTEM, at=then)
        shift_set(
            unit=car, starts_at=at - timedelta(hours=15), ends_at=at + timedelta(hours=24), by=SYSTEM, at=then
        )  # fmt: skip
        if sign == "P-31":
            crew_join(unit=car, person=pat, by=SYSTEM, at=then)
    for kind, code, name, lon in (("must_cover", "M31", "东湖小学", 120.125), ("booth", "B31", "东门岗亭", 120.135)):
        point_put(
            kind=kind, code=code, name_zh=name, lon=lon, lat=28.902, source="tests", organisation=east, by=SYSTEM,
            at=then,
        )  # fmt: skip


def _plan(world: Any, starts_at: datetime, *, seed: int, made_at: datetime | None = None) -> Any:
    from anlan.patrol.rules import Settings
    from anlan.patrol.services import patrol_plan_make, plan_draw

    east = world.orgs["east"]
    made_at = made_at or starts_at - timedelta(minutes=30)
    draft = plan_draw(
        organisation=east, starts_at=starts_at, ends_at=starts_at + SHIFT, settings=Settings(search_s=0), seed=seed,
        by=SYSTEM, at=made_at,
    )  # fmt: skip
    return patrol_plan_make(draft=draft, organisation=east, by=SYSTEM, at=made_at)


def _driven(plan: Any, at: datetime, *, until: datetime | None = None) -> None:
    """Signed, taken, some stops seen by position, one told by hand, one missed; over where ``until`` says so."""
    from anlan.patrol import services
    from anlan.patrol.models import PatrolStop

    services.patrol_plan_approve(plan=plan, by=SYSTEM, at=at)
    services.patrol_plan_publish(plan=plan, by=SYSTEM, at=at)
    for route in plan.routes.all():
        services.patrol_route_accept(route=route, by=SYSTEM, at=at)
    visits = list(PatrolStop.objects.filter(route__plan=plan).exclude(kind="meal").order_by("arrives_at"))
    for nth, stop in enumerate(visits[: len(visits) - 2 if until else 4]):
        if nth == 2:
            services.patrol_stop_miss(stop=stop, reason="weather", by=SYSTEM, at=at)
        else:
            reason = "nearby" if nth == 1 else ""
            services.patrol_stop_confirm(stop=stop, by=SYSTEM, at=stop.arrives_at, reason=reason)
    if until is not None:
        drawn = [None if share is None else 0.9 * share for share in plan.cover.get("planned", [])]
        services.patrol_plan_end(plan=plan, by=SYSTEM, at=until, done=drawn)


def _answered(world: Any, at: datetime) -> str:
    """What a car more would have done in two weeks of the east, which end before the calls of this day's work: soon
    after midnight these are yesterday's."""
    from unittest import mock

    from django.utils import timezone

    from anlan.whatif import jobs
    from anlan.whatif.services import question_ask

    today = timezone.localdate(at)
    asked = question_ask(
        organisation=world.orgs["east"], first_day=today - timedelta(days=15), last_day=today - timedelta(days=2),
        policies=("closest", "closest+units:1"), runs=2, seed=7, by=world.actor("jia", at), at=at,
    )  # fmt: skip
    with mock.patch.object(jobs, "BOUND_RUNS", 1):
        jobs.questions_work(clock=lambda: at)
    return str(asked.pk)
