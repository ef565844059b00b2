"""What the day of ``town.py`` leaves out, so that no page of the product is empty: mediation, papers, past weeks.

Everything lies far from where other tests work, at desks they don't sit at. ``marks`` are the names by which a
browser finds what no list leads to.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from anlan.core.actor import SYSTEM
from browser.town_door import door_set
from browser.town_plans import planned
from browser.town_store import stored

LAT, LON = 28.86, 120.18
PAST_DAYS = 63
MORE_PEOPLE = [
    ("qin", "琴", "mediation", "mediation_desk"),
    ("noa", "诺亚", "bureau", "analyst"),
    ("tai", "泰", "bureau", "admin"),
    ("una", "尤娜", "east", ""),
    ("pia", "皮娅", "east", ""),
    ("uma", "乌玛", "east", ""),
    ("leo", "里奥", "bureau", "security_admin"),
]


def more(world: Any, at: datetime) -> dict[str, str]:
    """Fill what is empty; what was made, by name."""
    from anlan.accounts.services import person_add, role_grant
    from world import PASSWORD

    for name, shown, org, role in MORE_PEOPLE:
        world.people[name] = person = person_add(
            username=name, name=shown, organisation=world.orgs[org], password=PASSWORD, by=SYSTEM, at=at
        )
        if role:
            role_grant(person=person, role=role, by=SYSTEM, at=at)
    _proven_twice(world, at)
    _beyond(world, at)
    _past(world, at)
    marks = _at_the_table(world, at) | _asked_again(world, at) | _citizens(world, at) | _desks(world, at)
    _forecast(at)
    _weather(at)
    _sealed(at)
    return marks | _tried(world, at) | stored(world, at) | planned(world, at) | door_set(world, at)


def _tried(world: Any, at: datetime) -> dict[str, str]:
    """A trial of extra visits that is over, with its entry in the register and a day of it."""
    from anlan.patrol.models import PatrolPlan, PatrolTrial, PatrolTrialDay
    from anlan.patrol.trials.rules import protocol_hash
    from permissions.county import TRIAL

    first = (at - timedelta(days=35)).date()
    times = {"starts_at": at - timedelta(days=40), "ends_at": at - timedelta(days=40) + timedelta(hours=8)}
    plan = PatrolPlan.objects.create(
        organisation=world.orgs["west"], state="ended", state_since=at, made_at=times["starts_at"], settings={},
        seed=1, demand="year", travel="line", expected=1.0, covered=0.0, **times,
    )  # fmt: skip
    effect = {
        "extra": 24,
        "usual": 31,
        "block_days": 28,
        "coins": 14,
        "ratio": 0.7742,
        "low": 0.44,
        "high": 1.33,
        "p": 0.4,
    }
    sums = {"planned": 60, "paid": 48, "block_days": 28}
    trial = PatrolTrial.objects.create(
        organisation=world.orgs["west"], plan=plan, design="switchback", family="calls", first_day=first,
        last_day=first + timedelta(days=27), state="analysed", state_since=at, seed=1, protocol=TRIAL,
        protocol_sha256=protocol_hash(TRIAL), drafted_at=times["starts_at"], drafted_by=world.people["jia"],
        approved_at=times["starts_at"], approved_on=first - timedelta(days=3), approved_by=world.people["gus"],
        register_number="T-0001",
        result={
            "edition": 1, "verdict": "none", "blocks": effect, "ring": effect, "left_out": [],
            "visits": {"extra": sums, "usual": {**sums, "planned": 20, "paid": 19}, "undriven": 1},
        },
    )  # fmt: skip
    PatrolTrialDay.objects.create(
        trial=trial, day=first, assigned_at=times["starts_at"], extra=[1], counted_at=at, is_known=True,
        counts={"blocks": [1, 0], "ring": [0, 2]}, visits={"plans": 1, "planned": [2, 1], "paid": [2, 0]},
        look={"excess": 1, "bound": None, "spent": 0.0, "harm": False},
    )  # fmt: skip
    return {"trial": str(trial.pk)}


def _weather(at: datetime) -> None:
    """Measured four hours ago, and not since: what is old must be readable, too."""
    from anlan.places.services import Reading, weather_take

    then = at - timedelta(hours=4)
    row = Reading(valid_at=then, temperature_c=19.5, rain_mm_h=3.0, wind_mps=4.0, visibility_m=1800.0)
    weather_take(source="met", readings=[row], warnings=[], by=SYSTEM, at=then)


def _proven_twice(world: Any, at: datetime) -> None:
    """Pia has a second proof."""
    from anlan.accounts.rules import app_of
    from anlan.accounts.services import factor_begin, factor_set

    pia = world.people["pia"]
    code = app_of(factor_begin(person=pia, by=SYSTEM, at=at)).generate(int(at.timestamp())).decode()
    factor_set(person=pia, code=code, by=SYSTEM, at=at)


def _beyond(world: Any, at: datetime) -> None:
    """Uma's password is the administrator's. Somebody of the east looked into the west, and it waits to be judged."""
    from anlan.accounts.models import Person
    from anlan.accounts.services import glass_break

    Person.objects.filter(username="uma").update(password_is_first=True, password_set_at=at)
    then = at - timedelta(hours=2)
    why = "一名走失儿童最后出现在河西，核对附近警情"
    glass_break(organisation=world.orgs["west"], reason=why, by=world.actor("cleo", at), at=then)


def _take(world: Any, words: str, *, at: datetime, code: str = "0402", **fields: Any) -> Any:
    from anlan.intake.services import CallSheet, call_receive

    sheet = CallSheet(narrative=words, address_text="望江路6号", lon=LON, lat=LAT, code=code, **fields)
    return call_receive(line=sheet, at=at, by=world.actor("ben", at))


def _at_the_table(world: Any, at: datetime) -> dict[str, str]:
    """A quarrel that was talked over and agreed, and one that is to be talked over."""
    from anlan.disputes import services as disputes
    from anlan.disputes.models import Session
    from anlan.disputes.selectors import push_open_of
    from anlan.disputes.selectors.mediation import free_starts
    from anlan.disputes.services import agreements, mediation, mediation_bodies, mediation_desk, sessions

    org, mei = world.orgs["mediation"], world.people["mei"]
    body = mediation_bodies.body_put(organisation=org, type="county_centre", windows=2, by=SYSTEM, at=at)
    room = mediation_bodies.mediation_room_put(body=body, name_zh="第一调解室", name_en="Room 1", by=SYSTEM, at=at)
    mediation_bodies.mediator_add(body=body, person=mei, by=SYSTEM, at=at)
    begun = []
    for words in ("合伙开店散伙，货款怎么分争执不下", "借款三万元到期不还，双方各执一词"):
        then = at - timedelta(hours=3)
        incident = _take(world, words, at=then).incident
        file = disputes.file_open(incident=incident, by=SYSTEM, at=then)
        disputes.file_follow_up(file=file, by=SYSTEM, at=then)
        disputes.push_close(push=push_open_of(file.pk, 2), outcome="up", by=SYSTEM, at=then)
        file.refresh_from_db()
        disputes.file_accept(file=file, by=SYSTEM, at=then)
        for role, name in (("a", "张三"), ("b", "李四")):
            disputes.party_add(file=file, role=role, name=name, phone="13900001111", by=SYSTEM, at=then)
        disputes.file_triage(file=file, method="people", relation="landlord_tenant", by=SYSTEM, at=then)
        disputes.file_assign(file=file, mediating=org, by=SYSTEM, at=then)
        begun.append(
            mediation.mediation_start(file=file, body=body, method="people", mediator=mei, by=SYSTEM, at=then)
        )
    done, waits = begun
    then = at - timedelta(hours=2)
    session = Session.objects.create(
        mediation=done, file=done.file, ordinal=1, mediator=mei, room=room, starts_at=then,
        ends_at=then + timedelta(minutes=30), state_since=then, booked_at=then,
    )  # fmt: skip
    a, b = done.file.parties.order_by("role")
    sessions.session_hold(
        session=session, attendance={a.pk: "came", b.pk: "came"}, outcome="agreement",
        minutes="双方同意分三次付清。", by=SYSTEM, at=at - timedelta(hours=1),
    )  # fmt: skip
    paper = agreements.agreement_draft(
        mediation=done, facts="合伙散伙后货款未结清。", terms="李四分三次付清货款。", by=SYSTEM, at=at
    )
    agreements.obligation_add(
        agreement=paper, debtor=b, creditor=a, what="付第一期货款", way="transfer", amount_fen=300_000,
        due_on=(at + timedelta(days=20)).date(), by=SYSTEM, at=at,
    )  # fmt: skip
    agreements.agreement_conclude(agreement=paper, agreed_at=at - timedelta(minutes=50), by=SYSTEM, at=at)
    start = free_starts(body, room, None, 2, at + timedelta(days=1))[0]
    sessions.session_book(mediation=waits, starts_at=start, slots=2, mediator=mei, room=room, by=SYSTEM, at=at)
    mediation_desk.ticket_draw(body=body, file=waits.file, by=SYSTEM, at=at)
    return {"table": done.file.number, "booked": waits.file.number}


def _asked_again(world: Any, at: datetime) -> dict[str, str]:
    """A settled quarrel whose parties are to be asked whether it is."""
    from anlan.disputes import services as disputes
    from anlan.disputes.closing_handlers import file_closings_follow
    from anlan.disputes.models import FileRevisit, LevelChange
    from anlan.disputes.services.revisits import revisit_assign

    then = at - timedelta(minutes=40)
    file = disputes.file_open(incident=_take(world, "广告牌挡窗，两店主争吵", at=then).incident, by=SYSTEM, at=then)
    for role, name in (("a", "周五"), ("b", "吴六")):
        disputes.party_add(file=file, role=role, name=name, phone="13900002222", by=SYSTEM, at=then)
    LevelChange.objects.create(file=file, at=then, level="red", version="seen")
    disputes.file_follow_up(file=file, by=SYSTEM, at=then)
    disputes.file_close(file=file, result="settled_follow_up", by=SYSTEM, at=at - timedelta(minutes=30))
    while file_closings_follow(at=at):
        pass
    revisit = FileRevisit.objects.get(file=file)
    revisit_assign(revisit=revisit, person=world.people["noa"], by=world.actor("gus", at), at=at)
    return {"revisit": str(revisit.pk), "settled": file.number}


def _citizens(world: Any, at: datetime) -> dict[str, str]:
    """One who asks for something, and one who is asked how it went."""
    from django.test import override_settings

    from anlan.citizen.selectors import CITIZEN, rating_token
    from anlan.citizen.services import rating_ask, request_make
    from anlan.dispatch.services import incident_close
    from anlan.intake.selectors import tracking_code

    then = at - timedelta(minutes=35)
    waiting = _take(world, "楼道杂物堵了门", at=then, code="0410", reporter_phone="13800001234")
    request_make(call=waiting.call, kind="withdrawal", text="邻居已经搬走了", by=CITIZEN, at=at)
    over = _take(world, "夜间施工噪声", at=then, code="0410", reporter_phone="13800005678")
    incident_close(incident=over.incident, by=world.actor("jia", at), at=at, reason="已停工")
    channel = {"sms": "json://127.0.0.1:9/?:to={address}"}
    with override_settings(MESSAGE_CHANNELS=channel, PUBLIC_URL="http://127.0.0.1"):
        invite = rating_ask(incident=over.incident, by=SYSTEM, at=at)
    return {"tracking": tracking_code(waiting.call), "rating": rating_token(invite) if invite else ""}


def _desks(world: Any, at: datetime) -> dict[str, str]:
    """A handover signed and not yet taken, a matter with a partner, a call not written down, a message to read."""
    from anlan.dispatch.services.broadcasts import broadcast_send
    from anlan.dispatch.services.handovers import handover_note, handover_open, handover_sign
    from anlan.intake.services import call_answer, call_ring, transfer_offer

    cleo = world.actor("cleo", at)
    incident = _take(world, "有人想不开，家属求助", at=at - timedelta(minutes=15), code="0501").incident
    handover = handover_open(organisation=world.orgs["east"], by=cleo, at=at)
    handover_note(handover=handover, incident=incident, note="家属晚上八点再来电", by=cleo, at=at)
    handover_sign(handover=handover, by=cleo, at=at)
    pipes = _take(world, "路面水管漏水，没有纠纷", at=at - timedelta(minutes=12), code="0410").incident
    transfer_offer(incident=pipes, partner="12345", reason="市政管网", by=world.actor("ada", at), at=at)
    broadcast_send(text="望江路积水，绕行", organisation=world.orgs["east"], by=cleo, at=at)
    call = call_ring(line="110-9", by=SYSTEM, at=at - timedelta(minutes=6), phone="13800009999")
    call_answer(call=call, by=world.actor("ben", at), at=at - timedelta(minutes=6), seat="9")
    return {"handover": str(handover.pk), "loose": call.number, "east": incident.number}


def _past(world: Any, at: datetime) -> None:
    """Nine weeks of closed reports, so that figures and forecasts have something to count."""
    from django.utils import timezone

    from anlan.engines.geo import cell_of
    from anlan.intake.models import Incident

    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = []
    for day in range(PAST_DAYS, 0, -1):
        usual = [(2, "0410"), (9, "0107"), (12, "0410"), (17, "0107"), (22, "0410")]
        # Of late more is stolen there than ever: this stands out of the area's own normal.
        for nth, (hour, code) in enumerate(usual + [(10, "0107")] * (12 if day <= 7 else 0)):
            taken = midnight - timedelta(days=day) + timedelta(hours=hour)
            rows.append(
                Incident(
                    number=f"{taken:%y%m%d}-8{nth:04d}", code=code, received_at=taken, state="closed",
                    state_since=taken, closed_at=taken + timedelta(hours=2), lon=LON, lat=LAT,
                    cell=int(cell_of(LON, LAT)), station=world.orgs["east"], holder=world.orgs["east"],
                    priority="P3", priority_rule="type", track="P", track_rule="type",
                )
            )  # fmt: skip
    Incident.objects.bulk_create(rows)


def _forecast(at: datetime) -> None:
    """Today's forecast and its register, by the plain yearly mean: judging others takes longer than a test may."""
    from anlan.forecasting import computing
    from anlan.forecasting.jobs import forecasts_tick

    computing.candidates = tuple  # type: ignore[assignment]
    forecasts_tick(at=at)


def _sealed(at: datetime) -> None:
    from anlan.ledger.services import checkpoint_sign, rows_append

    while rows_append(at=at):
        pass
    checkpoint_sign(at=at)
