"""A past moment drawn again equals what the live screen showed then: every row, every age, every desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import router, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.console.selectors.island import day_figures, snapshot
from anlan.console.selectors.past import past_snapshot, past_window
from anlan.console.selectors.past_day import figures_between
from anlan.console.selectors.past_load import world_load
from anlan.console.selectors.surroundings import weather
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.errors import DomainError
from anlan.core.models import Event, ViewLog
from anlan.core.permissions import permitted
from anlan.dispatch import services as dispatch
from anlan.dispatch.handlers import merges_follow
from anlan.dispatch.jobs import clocks_tick, positions_watch
from anlan.dispatch.models import Assignment, Feedback, Revisit, WorkOrder
from anlan.dispatch.services import broadcast_send
from anlan.drills.dataset import DrillCall
from anlan.drills.replay import ReplayPlan
from anlan.drills.replay import replay as drill
from anlan.drills.stage import Stage
from anlan.intake import services as intake
from anlan.intake.models import Call, CallBack, Incident, Transfer
from anlan.intake.services import CallSheet, call_receive
from anlan.places.services import Reading, WarningTold, weather_take
from anlan.units.models import PositionFix, Unit
from anlan.units.services import PositionReport, crew_join, crew_leave, positions_take, unit_state_set
from console.conftest import press
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")
POSITIONS = router.db_for_write(PositionFix)
WORDS = [
    ("有人拿刀追人", "0101"),
    ("邻里噪音", "0410"),
    ("两车追尾", "0302"),
    ("夫妻吵架动手", "0403"),
    ("电动车被偷", "0107"),
]


class Centre:
    """A small county whose clock goes forward with every deed, and the screens seen on the way."""

    def __init__(self, town: Any) -> None:
        self.town = town
        self.at = T0 + timedelta(minutes=1)
        self.seq = 1
        self.seen: list[tuple[str, datetime, dict[str, Any]]] = []
        self.figures: list[tuple[str, datetime, list[dict[str, Any]]]] = []

    def by(self, name: str) -> Any:
        return self.town.actor(name, self.at)

    def look(self, *names: str) -> None:
        for name in names:
            self.seen.append((name, self.at, as_told(snapshot(self.by(name), at=self.at))))
            if permitted(self.by(name), "reports.view"):
                self.figures.append((name, self.at, day_figures(self.by(name), at=self.at)))

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def call(self, kind: int, lon: float, **fields: Any) -> Any:
        words, code = WORDS[kind % len(WORDS)]
        fields = {"code": code, **fields}
        sheet = CallSheet(narrative=words, address_text=f"安澜大道{kind}号", lon=lon, lat=28.9, **fields)
        return call_receive(line=sheet, at=self.at, by=self.by("ben"))

    def fix(self, unit: Unit, lon: float, late_s: float = 0.0) -> None:
        self.seq += 1
        fixed_at = self.at - timedelta(seconds=late_s)
        report = PositionReport(unit.pk, "t", self.seq, lon, 28.9, fixed_at, speed_mps=8.0, heading_deg=90.0)
        positions_take(fixes=[report], by=SYSTEM, at=self.at)

    def again(self) -> None:
        """Every screen seen on the way, drawn again from events, is the same to the last age."""
        assert self.seen
        for name, at, then in self.seen:
            assert as_told(past_snapshot(self.by(name), at=at, today=self.at)) == then, (name, at)
        for name, at, cells in self.figures:
            assert figures_between(self.by(name), start=at, end=at)[-1][1] == cells, (name, at)


def as_told(picture: dict[str, Any]) -> dict[str, Any]:
    """As the browser gets it."""
    return dict(json.loads(json.dumps(picture)))


@pytest.fixture
def centre(db, taxonomy) -> Centre:
    return Centre(build_world())


def deed(centre: Centre, kind: int, which: int, more: int) -> None:
    """One deed out of the whole work of a centre, on whatever row is at hand; refusals are part of the day."""
    c, at = centre, centre.at

    def pick(rows: Any) -> Any:
        found = list(rows)
        return found[which % len(found)] if found else None

    incident = pick(Incident.objects.order_by("-id")[:6])
    other = pick(Incident.objects.order_by("id")[:6])
    assignment = pick(Assignment.objects.select_related("unit", "incident").order_by("-id")[:6])
    order = pick(WorkOrder.objects.select_related("incident", "town_room").order_by("-id")[:4])
    call = pick(Call.objects.order_by("-id")[:6])
    unit = pick(Unit.objects.order_by("id"))
    desk, room = c.by("jia"), c.by("dan")
    sheet = pick(Feedback.objects.order_by("-id")[:4])
    transfer = pick(Transfer.objects.order_by("-id")[:3])
    back = pick(CallBack.objects.order_by("-id")[:4])
    revisit = pick(Revisit.objects.order_by("-id")[:4])
    lon = 120.05 + 0.01 * (more % 10)

    def on(*states: str) -> Any:
        return pick(
            Assignment.objects.select_related("unit", "incident").filter(state__in=states).order_by("-id")[:4]
        )

    def at_room(*states: str) -> Any:
        rows = WorkOrder.objects.select_related("incident", "town_room").filter(state__in=states)
        return pick(rows.order_by("-id")[:4])

    free = pick(Unit.objects.filter(state="available").order_by("id"))
    waiting = pick(Feedback.objects.filter(review="waiting").order_by("-id")[:3]) or sheet
    done = on("finished")
    deeds: list[Callable[[], Any]] = [
        lambda: c.call(more, lon),
        lambda: c.call(more, lon),
        lambda: intake.call_ring(line=f"L{more % 3}", by=desk, at=at, lon=lon, lat=28.9),
        lambda: intake.call_answer(call=call, by=desk, at=at),
        lambda: intake.call_hang_up(call=call, by=desk, at=at),
        lambda: c.call(more, lon, call_id=call.pk),
        lambda: c.call(more, lon, call_type="silent", code="", call_id=call.pk if more % 2 else None),
        lambda: intake.call_back_done(
            call_back=back, outcome=["no_answer", "reached", "danger"][more % 3], by=desk, at=at
        ),
        lambda: intake.call_mark_invalid(call=call, kind="prank", by=desk, at=at, reason="听过录音"),
        lambda: intake.call_reopen(call=call, reason="再听", by=desk, at=at),
        lambda: intake.call_link(call=call, incident=other, by=desk, at=at),
        lambda: intake.call_unlink(call=call, by=desk, at=at),
        lambda: intake.incident_merge(incident=incident, into=other, by=desk, at=at),
        lambda: intake.incident_unmerge(incident=other, by=desk, at=at),
        lambda: intake.repeat_link(incident=incident, earlier=other, by=desk, at=at),
        lambda: intake.incident_track_override(
            incident=incident, track="CJPT"[more % 4], reason="核实", by=desk, at=at
        ),
        lambda: intake.incident_priority_set(
            incident=incident, priority=f"P{1 + more % 4}", reason="核实", by=desk, at=at
        ),
        lambda: intake.incident_code_correct(incident=incident, code=WORDS[more % 5][1], by=desk, at=at),
        lambda: intake.incident_danger_set(
            incident=incident, danger=[["weapon"], [], ["fire"]][more % 3], reason="核实", by=desk, at=at
        ),
        lambda: intake.transfer_offer(incident=incident, partner="12345", by=desk, at=at, reason="不属警务"),
        lambda: intake.transfer_accept(transfer=transfer, by=c.by("kai"), at=at),
        lambda: intake.transfer_return(transfer=transfer, reason="不属我们", by=c.by("kai"), at=at),
        lambda: dispatch.unit_assign(incident=incident, unit=free, by=desk, at=at),
        lambda: dispatch.unit_assign(incident=incident, unit=unit, by=desk, at=at),
        lambda: dispatch.joint_send(incident=incident, unit=unit, by=desk, at=at),
        lambda: dispatch.assignment_sign(assignment=on("sent"), by=desk, at=at),
        lambda: dispatch.assignment_depart(assignment=on("sent", "signed"), by=desk, at=at),
        lambda: dispatch.assignment_arrive(assignment=on("signed", "en_route"), by=desk, at=at),
        lambda: dispatch.assignment_finish(
            assignment=on("arrived"), by=desk, at=at, unit_to=["available", "busy"][more % 2]
        ),
        lambda: dispatch.assignment_refuse(assignment=assignment, reason="车坏", by=desk, at=at),
        lambda: dispatch.assignment_cancel(assignment=assignment, reason=["undo", "不需"][more % 2], by=desk, at=at),
        lambda: dispatch.unit_reassign(assignment=assignment, unit=unit, reason="更近", by=desk, at=at),
        lambda: dispatch.feedback_file(incident=done.incident, result="settled_on_site", by=desk, at=at),
        lambda: dispatch.feedback_file(
            incident=assignment.incident, result="helped", by=desk, at=at, assignment=assignment
        ),
        lambda: dispatch.feedback_review(feedback=waiting, by=desk, at=at),
        lambda: dispatch.feedback_return(feedback=waiting, reason="补充", by=desk, at=at),
        lambda: dispatch.incident_close(incident=incident, by=desk, at=at, reason="电话办结"),
        lambda: dispatch.revisit_record(revisit=revisit, outcome="not_satisfied", by=desk, at=at),
        lambda: dispatch.order_route(incident=incident, by=desk, at=at),
        lambda: dispatch.order_sign(order=at_room("routed"), by=room, at=at),
        lambda: dispatch.order_contact(order=at_room("signed"), by=room, at=at),
        lambda: dispatch.order_assign(order=at_room("signed", "contacted"), unit=free, by=room, at=at),
        lambda: dispatch.order_settle(order=at_room("contacted", "on_site"), by=room, at=at),
        lambda: dispatch.order_move_on(order=at_room("contacted", "on_site"), moved_on_to="调解中心", by=room, at=at),
        lambda: dispatch.order_close(order=at_room("settled", "moved_on"), by=room, at=at),
        lambda: dispatch.order_bounce(order=order, reason="不属本街道", by=room, at=at),
        lambda: dispatch.order_escalate(order=order, reason="打起来了", by=room, at=at),
        lambda: unit_state_set(
            unit=unit, to=["available", "busy", "off", "out_of_service"][more % 4], by=desk, at=at
        ),
        lambda: crew_leave(person=c.town.people["eve"], by=desk, at=at),
        lambda: crew_join(unit=unit, person=c.town.people["eve"], by=desk, at=at),
        lambda: c.fix(unit, lon, late_s=float(more % 4) * 20),
        lambda: clocks_tick(at=at),
        lambda: positions_watch(at=at),
        lambda: merges_follow(at=at),
    ]
    try:
        with transaction.atomic():
            deeds[kind % len(deeds)]()
    except DomainError:
        # Refused, as often in a day.
        pass
    except AttributeError as nothing:
        # There was no such row yet to do it to.
        if "NoneType" not in str(nothing):
            raise


def a_matter(c: Centre) -> Any:
    """A fight from ring to closing, a town room's matter beside it, and the screens of three desks on the way."""
    ringing = intake.call_ring(line="L1", by=c.by("ben"), at=c.at, lon=120.06, lat=28.9)
    c.look("jia", "gus")
    c.pass_(4.25)
    intake.call_answer(call=ringing, by=c.by("ben"), at=c.at)
    c.look("jia")
    c.pass_(40)
    incident = c.call(0, 120.06, call_id=ringing.pk).incident
    c.look("jia", "cleo", "dan")
    c.pass_(15.5)
    sent = dispatch.unit_assign(incident=incident, unit=c.town.units["P-01"], by=c.by("ada"), at=c.at)
    c.look("jia", "ida")
    c.pass_(61)
    clocks_tick(at=c.at)
    c.look("jia")
    c.pass_(9)
    for act in (dispatch.assignment_sign, dispatch.assignment_depart, dispatch.assignment_arrive):
        c.fix(c.town.units["P-01"], 120.061)
        act(assignment=sent, by=c.by("ada"), at=c.at)
        c.look("jia", "ida")
        c.pass_(75)
    noise = c.call(1, 120.07).incident
    order = dispatch.order_route(incident=noise, by=c.by("ada"), at=c.at)
    c.look("dan", "jia")
    c.pass_(20)
    dispatch.order_sign(order=order, by=c.by("dan"), at=c.at)
    dispatch.assignment_finish(assignment=sent, by=c.by("ada"), at=c.at)
    c.look("dan", "jia")
    c.pass_(300)
    sheet = dispatch.feedback_file(
        incident=incident, result="settled_on_site", by=c.by("jia"), at=c.at, assignment=sent
    )
    c.look("jia")
    c.pass_(30)
    dispatch.feedback_review(feedback=sheet, by=c.by("ida"), at=c.at)
    c.pass_(2)
    c.look("jia")
    c.pass_(2)
    dispatch.incident_close(incident=incident, by=c.by("jia"), at=c.at)
    c.look("jia", "dan")
    return incident


def test_every_screen_of_a_matter_is_drawn_again_from_events_exactly(centre):
    a_matter(centre)
    assert {group["key"] for _, _, then in centre.seen for group in then["groups"] if group["rows"]} >= {
        "unsent", "unsigned", "moving", "on_scene", "feedback", "review", "town"
    }  # fmt: skip
    centre.pass_(3600)
    centre.again()


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(0, 53), st.integers(0, 3), st.integers(0, 11), st.sampled_from([0.001, 5, 65, 130])),
        min_size=20,
        max_size=30,
    )
)
def test_whatever_is_done_in_whatever_order_the_past_looks_as_it_looked(centre, day):
    with transaction.atomic(), transaction.atomic(using=POSITIONS):
        c = Centre(centre.town)
        a_few_calls = [(0, 0, n, 5) for n in range(3)]
        for n, (kind, which, more, seconds) in enumerate([*a_few_calls, *day]):
            c.pass_(seconds)
            deed(c, kind, which, more)
            if n % 3 == 0:
                c.look("jia", *(["dan"] if n % 2 else []))
        c.again()
        transaction.set_rollback(True)
        transaction.set_rollback(True, using=POSITIONS)


def test_a_simulated_hour_is_drawn_again_as_the_screens_showed_it(db, monkeypatch):
    calls = [
        DrillCall(
            T0 + timedelta(minutes=3 * n), CallSheet(narrative=f"来电{n}", code=code, lon=120.05 + n / 500, lat=28.9)
        )
        for n, code in enumerate(["0201", "0410", "0107", "0302", "0402"])
    ]
    end = T0 + timedelta(minutes=25)
    seen: dict[datetime, dict[str, Any]] = {}

    def watch(stage: Stage, **_more: Any) -> int:
        acts = 0
        while stage.next_at is not None and (at := stage.next_at) <= end:
            acts += stage.play_until(at)
            seen[at] = as_told(snapshot(SYSTEM, at=at))
        return acts

    monkeypatch.setattr(Stage, "play_all", watch)
    drill(ReplayPlan(calls=calls, units=4, seed=7, start=T0, end=end))
    assert len(seen) > 25
    assert any(row["sent"] for then in seen.values() for group in then["groups"] for row in group["rows"])
    for at, then in list(seen.items())[::3]:
        assert as_told(past_snapshot(SYSTEM, at=at, today=end)) == then, at


def played(window: dict[str, Any], until_ms: int) -> dict[str, Any]:
    """What the browser makes of a window at a moment: the start, and every change put in."""
    picture = window["start"]
    rows = {row["id"]: row for group in picture["groups"] for row in group["rows"]}
    units = {unit["id"]: unit for unit in picture["units"]}
    for frame in window["frames"]:
        if frame["at"] > until_ms:
            break
        rows |= {row["id"]: row for row in frame.get("rows", ())}
        units |= {unit["id"]: unit for unit in frame.get("units", ())}
        heads = {group["key"]: group for group in picture["groups"]}
        order = frame.get("groups") or [[g["key"], g["total"], [r["id"] for r in g["rows"]]] for g in heads.values()]
        groups = [{**heads[key], "total": total, "rows": [rows[pk] for pk in ids]} for key, total, ids in order]
        rest = {name: frame.get(name, picture[name]) for name in ("calls", "call_backs", "strip")}
        picture = {"groups": groups, "units": list(units.values()), **rest}
    return picture


def without_places(picture: dict[str, Any]) -> dict[str, Any]:
    return {**picture, "units": [{**unit, "seen": None} for unit in picture["units"]]}


def test_playing_a_stretch_shows_at_every_moment_what_the_screen_showed(centre):
    a_matter(centre)
    window = as_told(past_window(centre.by("jia"), start=T0 + timedelta(seconds=30), end=centre.at, today=centre.at))
    for name, at, then in centre.seen:
        if name == "jia":
            assert without_places(played(window, int(at.timestamp() * 1000))) == without_places(then), at
    told = [line["text"] for line in window["told"]]
    assert any("P-01" in text for text in told)
    assert [fix[1] for fix in window["positions"]].count(centre.town.units["P-01"].pk) == 3


def test_positions_on_the_way_are_thinned_evenly_and_said_to_be(centre, monkeypatch):
    from anlan.console.selectors import past

    monkeypatch.setattr(past, "FIXES_AT_MOST", 10)
    for n in range(40):
        centre.pass_(1)
        centre.fix(centre.town.units["P-01"], 120.06 + n / 10_000)
    window = past_window(centre.by("jia"), start=T0 + timedelta(seconds=30), end=centre.at, today=centre.at)
    assert window["tracks"]["one_in"] == 4
    assert len(window["positions"]) == 10


def test_another_station_is_shown_none_of_it(centre):
    a_matter(centre)
    window = past_window(centre.by("cleo"), start=T0, end=centre.at, today=centre.at)
    assert not any(group["rows"] for group in window["start"]["groups"])
    assert not any(frame.get("rows") for frame in window["frames"])
    assert {unit["sign"] for unit in window["start"]["units"]} <= {"P-03"}
    assert not window["told"] or all("P-01" not in line["text"] for line in window["told"])


def test_expired_tracks_are_said_to_be_expired_and_states_stay(centre):
    a_matter(centre)
    later = centre.at + timedelta(days=31)
    _name, at, then = next(seen for seen in centre.seen if seen[0] == "jia")
    window = as_told(past_window(centre.by("jia"), start=at, end=at + timedelta(minutes=10), today=later))
    assert window["tracks"]["expired"]
    assert window["positions"] == []
    assert without_places(window["start"]) == without_places(then)
    moved = centre.town.units["P-01"].pk
    assert next(unit for unit in window["start"]["units"] if unit["id"] == moved)["seen"] is None


def test_events_written_before_they_told_everything_are_still_played(centre):
    a_matter(centre)
    for event in Event.objects.filter(schema__gt=1):
        for name in ("assignments", "first_sent_at", "first_arrived_at", "station", "danger", "opened"):
            event.data.pop(name, None)
        Event.objects.filter(pk=event.pk).update(schema=1, data=event.data)
    centre.again()


# Two of them ask what a rule shuts to somebody for a while, one whether somebody reaches farther for half an hour.
# Where positions have no store of their own, their two questions go to the one there is.
QUERIES = 30 if POSITIONS != "default" else 32


def test_a_moment_costs_the_same_however_much_has_happened_since(centre, django_assert_num_queries, settings):
    settings.SNAPSHOT_MAX_AGE_S = 0.0  # what reference data cost is counted each time
    a_matter(centre)
    at, end = centre.seen[3][1], centre.at
    held = set(world_load(at, at, today=end)[0].incidents)
    for _ in range(2):
        with django_assert_num_queries(QUERIES, using="default"):
            past_snapshot(centre.by("jia"), at=at, today=end)
        centre.pass_(60)
        for n in range(4):
            centre.call(n, 120.06)
    assert set(world_load(at, at, today=centre.at)[0].incidents) == held
    # The matter has ended by now: of a later moment it is no part.
    assert not held & set(world_load(centre.at, centre.at, today=centre.at)[0].incidents)


# --- the page ---------------------------------------------------------------------------------------------------


def local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M:%S}"


def open_replay(client: Any, begin: datetime, **fields: str) -> Any:
    asked = {"start": local(begin), "hours": "1", "purpose": "review", "words": "复盘持刀警情", **fields}
    return press(client, reverse("console:replay"), **asked)


def grant_of(answer: Any) -> str:
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.url).query)["grant"][0]


def window_for(client: Any, grant: str, at: datetime) -> Any:
    return client.get(reverse("console:replay_window"), {"grant": grant, "at": int(at.timestamp() * 1000)})


def test_a_replay_is_opened_for_a_purpose_and_stands_in_the_record(desk, take):
    incident = take("有人拿刀追人", code="0101")
    start = now() - timedelta(minutes=30)
    grant = grant_of(open_replay(desk("jia"), start, incident=incident.number))
    looked = ViewLog.objects.get(purpose="replay:review")
    assert (looked.note, looked.incident_id) == ("复盘持刀警情", incident.pk)
    assert "复盘持刀警情" in desk("hua").get(reverse("console:replay")).content.decode()
    timeline = desk("ada").get(reverse("console:incident", args=[incident.number])).content.decode()
    assert "replayed to review a matter or a shift" in timeline
    told = window_for(desk("jia"), grant, start + timedelta(minutes=22)).json()["told"]
    assert incident.number in {line["number"] for line in told}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"purpose": ""}, 422),
        ({"purpose": "curiosity"}, 422),
        ({"words": " "}, 422),
        ({"start": "soon"}, 422),
        ({"hours": "9000"}, 422),
        ({"start": "2126-01-01T00:00:00"}, 422),
        ({"incident": "990101-00001"}, 404),
    ],
)
def test_it_refuses_a_replay_without_a_purpose_or_of_no_past_stretch(desk, fields, status):
    assert open_replay(desk("jia"), now() - timedelta(hours=1), **fields).status_code == status
    assert not ViewLog.objects.exists()


def test_who_may_not_replay_is_refused_and_nothing_is_shown(desk):
    client = desk("eve")
    assert client.get(reverse("console:replay")).status_code == 403
    assert window_for(client, "x", now()).status_code == 403


def test_a_replay_is_nobody_elses_and_for_no_other_stretch(desk):
    start = now() - timedelta(hours=3)
    grant = grant_of(open_replay(desk("jia"), start))
    assert window_for(desk("jia"), grant, start + timedelta(minutes=20)).status_code == 200
    assert window_for(desk("gus"), grant, start).status_code == 403
    assert window_for(desk("jia"), grant, start + timedelta(hours=2)).status_code == 403
    assert window_for(desk("jia"), grant, start - timedelta(minutes=5)).status_code == 403
    assert window_for(desk("jia"), grant[:-2] + "xx", start).status_code == 403


def test_a_matters_page_leads_to_its_own_stretch(desk, take):
    incident = take("两车追尾", minutes=4, code="0302")
    page = desk("jia").get(reverse("console:replay"), {"incident": incident.number}).content.decode()
    assert local(incident.received_at - timedelta(minutes=2)) in page
    other = desk("cleo").get(reverse("console:replay"), {"incident": incident.number})
    assert other.status_code == 404


def test_the_days_figures_are_played_as_the_strip_showed_them(centre):
    a_matter(centre)
    shown = [cells for _name, _at, cells in centre.figures]
    assert {cells[0]["part"] for cells in shown} == {"0/0", "1/1"}
    window = past_window(centre.by("jia"), start=T0 + timedelta(seconds=30), end=centre.at, today=centre.at)
    assert window["figures"][0][1][0]["part"] == "0/0"
    assert window["figures"][-1][1] == day_figures(centre.by("jia"), at=centre.at)
    assert past_window(centre.by("ben"), start=T0, end=centre.at, today=centre.at)["figures"] == []


def test_the_weather_is_played_as_it_was_known_then_with_the_level_of_then(centre):
    def told(level: str, minutes: int, rain: float) -> dict[str, Any]:
        at = T0 + timedelta(minutes=minutes)
        ends = T0 + timedelta(hours=3)
        storm = WarningTold(number="1", kind="rainstorm", level=level, issued_at=T0, ends_at=ends)
        reading = Reading(valid_at=at, rain_mm_h=rain)
        weather_take(source="met", readings=[reading], warnings=[storm], by=SYSTEM, at=at)
        return as_told(weather(at=at))

    shown = [(minutes, told(level, minutes, rain)) for minutes, level, rain in ((1, "blue", 2.0), (9, "red", 30.0))]
    window = as_told(past_window(centre.by("jia"), start=T0, end=T0 + timedelta(minutes=20), today=centre.at))
    skies = dict(window["sky"])
    for minutes, then in shown:
        assert skies[int((T0 + timedelta(minutes=minutes)).timestamp() * 1000)] == then
    assert not window["sky"][0][1]["fed"]


def test_a_broadcast_is_played_with_its_words_to_those_who_could_read_them(centre):
    broadcast_send(text="东门集合", organisation=centre.town.orgs["west"], by=centre.by("ada"), at=centre.at)
    end = centre.at + timedelta(minutes=1)

    def lines(name: str) -> str:
        window = past_window(centre.by(name), start=T0, end=end, today=end)
        return " ".join(line["text"] for line in window["told"])

    assert "东门集合" in lines("jia")
    assert "东门集合" not in lines("cleo")
