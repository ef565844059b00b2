"""Trials of extra visits: fixed and signed by two people first, lived by a job, judged by their own lot."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace
from uuid import uuid4

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone, translation

from anlan.core.errors import BadInput, DomainError, NotPermitted, WrongState
from anlan.engines.effects import EffectsRefused
from anlan.engines.forecast.grid import Grid
from anlan.forecasting.models import ForecastRun
from anlan.forecasting.packing import cells_packed
from anlan.intake.models import Incident
from anlan.notices.models import Notice
from anlan.patrol.ground import ground_read
from anlan.patrol.models import PatrolPlan, PatrolTrial, PatrolTrialDay
from anlan.patrol.trials import counting, drafting, jobs, pages
from anlan.patrol.trials import errors as refusals
from anlan.patrol.trials.drafting import Wish
from anlan.patrol.trials.selectors import extra_visits
from anlan.patrol.trials.services import (
    patrol_trial_approve,
    patrol_trial_drop,
    patrol_trial_make,
    patrol_trial_stop,
    trial_draw,
)
from anlan.patrol.trials.words import lot_told, verdict_told
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")
TODAY = timezone.localdate(T0)
FIRST = TODAY + timedelta(days=3)
GRID = Grid(500.0, 120.0, 28.85, 18, 10, 28.87)
CELLS = [k for k in range(18 * 10) if (k % 18) % 3 == 1 and (k // 18) % 3 == 1]
"""Every third cell of every third row, all west of the line: none touches another."""


def calls(day, cell, n, *, origin="citizen", hour=12):
    lon, lat = GRID.centre(np.array([cell], dtype=np.int32))
    held = Incident.objects.count()
    at = timezone.make_aware(timezone.datetime.combine(day, timezone.datetime.min.time())) + timedelta(hours=hour)
    return [
        Incident(
            number=f"X{held + k:07d}{origin[0]}{cell}-{(day - TODAY).days}"[:16],
            code="0107",
            received_at=at,
            state_since=at,
            lon=float(lon[0]),
            lat=float(lat[0]),
            priority="P3",
            priority_rule="test",
            track="P",
            track_rule="test",
            origin=origin,
        )
        for k in range(n)
    ]


@pytest.fixture
def west(db, monkeypatch):
    """The west station with a forecast's places, a plan of the shift from 10 to 18, and 80 days of calls."""
    world = build_world()
    monkeypatch.setattr(drafting, "RUNS", 20)
    # Calls are a handful here: what counts as a hole in the record is tested where forecasts are.
    monkeypatch.setattr(counting, "days_on_record", _whole_record(gaps := set()))
    used = CELLS[:8]
    dice = np.random.default_rng(5)
    rows = []
    for back in range(1, 81):
        for k, cell in enumerate(used):
            rows += calls(TODAY - timedelta(days=back), cell, int(dice.poisson(1.6 - 0.1 * k)))
    for k, row in enumerate(rows):
        row.number = f"X{k:07d}"
    Incident.objects.bulk_create(rows)
    ForecastRun.objects.create(
        day=TODAY, issued_at=T0, model_version="test", record_sha256="0" * 64, seed=1, cell_m=500.0,
        grid=asdict(GRID), cells=cells_packed(used), stations=[], chosen={}, card={}, facts={},
    )  # fmt: skip
    plan = PatrolPlan.objects.create(
        organisation=world.orgs["west"], starts_at=T0 + timedelta(hours=1), ends_at=T0 + timedelta(hours=9),
        state_since=T0, made_at=T0, settings={}, seed=1, demand="year", travel="line", expected=1.0, covered=0.0,
    )  # fmt: skip

    def draft(by="ida", **more):
        wish = Wish(**{**WISH, **more})
        actor = world.actor(by)
        return patrol_trial_make(
            plan=plan, protocol=trial_draw(plan=plan, wish=wish, seed=7, nonce="n", by=actor, at=T0), by=actor, at=T0
        )

    def approved(**more):
        trial = draft(**more)
        patrol_trial_approve(trial=trial, by=world.actor("jia"), at=T0)
        return trial

    def live(trial, *, extra=1, usual=1, days=None, scatter=0, **more):
        """So many calls daily in each block of a side, and the job the night after."""
        for number in range(days or trial.protocol["days"]):
            day = trial.first_day + timedelta(days=number)
            jobs.trials_tick(at=_night(day))
            row = PatrolTrialDay.objects.filter(trial=trial, day=day).first()
            if row is None:
                break
            told = []
            for block in trial.protocol["blocks"]:
                n = extra if block["number"] in row.extra else usual
                n += scatter * ((number * block["number"] + number) % 3 - 1)
                told += calls(day, block["cells"][0], n, **more)
            for k, one in enumerate(told):
                one.number = f"L{(day - FIRST).days:03d}{k:05d}{more.get('origin', 'c')[:1]}"
            Incident.objects.bulk_create(told)
            jobs.trials_tick(at=_night(day + timedelta(days=1)))
        trial.refresh_from_db()

    return SimpleNamespace(world=world, plan=plan, draft=draft, approved=approved, live=live, gaps=gaps)


WISH = {
    "design": "switchback", "family": "calls", "first_day": FIRST, "days": 14, "blocks": 8, "visits": 2,
}  # fmt: skip


def _night(day):
    """Twenty minutes past local midnight."""
    return timezone.make_aware(timezone.datetime.combine(day, timezone.datetime.min.time())) + timedelta(minutes=20)


def _whole_record(gaps):
    def known(first, days, *, end):
        every = [first + timedelta(days=k) for k in range(days)]
        return np.array([end - timedelta(days=80) <= day < end and day not in gaps for day in every])

    return known


def test_everything_is_fixed_and_its_power_told_before_anybody_signs(west):
    trial = west.draft()
    fixed = trial.protocol
    assert (trial.state, len(trial.protocol_sha256)) == ("draft", 64)
    assert (len(fixed["blocks"]), fixed["days"], fixed["start_minute"], fixed["minutes"]) == (8, 14, 600, 480)
    assert fixed["harm"]["alpha"] == 0.05
    assert 0 < fixed["power"]["fall"] < 1
    assert fixed["power"]["alarms"]["runs"] == 20
    assert all(not set(block["ring"]) & set(block["cells"]) for block in fixed["blocks"])
    assert Notice.objects.filter(message="patrol.trial_waits").count() == 1
    # What the register tells of the lot before the start says nothing; with seed and number anybody can check it.
    assert "seed" not in lot_told(trial)
    assert lot_told(trial)["sha256"] == sha256(f"7:{fixed['lot']['nonce']}".encode()).hexdigest()


def test_a_second_person_signs_before_the_first_day_and_the_register_has_it(west):
    trial = west.draft(by="jia")
    with pytest.raises(refusals.SamePerson):
        patrol_trial_approve(trial=trial, by=west.world.actor("jia"), at=T0)
    with pytest.raises(NotPermitted):
        patrol_trial_approve(trial=trial, by=west.world.actor("ida"), at=T0)
    with pytest.raises(refusals.ApprovedTooLate):
        patrol_trial_approve(trial=trial, by=west.world.actor("gus"), at=_night(FIRST))
    patrol_trial_approve(trial=trial, by=west.world.actor("gus"), at=T0)
    assert (trial.state, trial.register_number) == ("approved", f"T-{trial.pk:04d}")
    with pytest.raises(WrongState):
        patrol_trial_approve(trial=trial, by=west.world.actor("gus"), at=T0)


UNFIXED = [
    {"state": "running"},
    {"state": "running", "approved_at": T0, "approved_on": FIRST, "register_number": "T1", "approved": "gus"},
    {"approved": "ida"},
    {"state": "stopped", "approved_at": T0, "approved_on": TODAY, "register_number": "T1", "approved": "gus"},
]
"""Unsigned, signed on the first day, signed by its drafter, stopped without a reason."""


def test_the_store_itself_refuses_a_trial_that_was_not_fixed_first(west):
    trial = west.draft(by="ida")
    for wrong in UNFIXED:
        columns = {name: value for name, value in wrong.items() if name != "approved"}
        if who := wrong.get("approved"):
            columns["approved_by"] = west.world.people[who]
        with pytest.raises(IntegrityError), transaction.atomic():
            PatrolTrial.objects.filter(pk=trial.pk).update(**columns)


def test_what_was_signed_cannot_be_changed_unseen(west):
    trial = west.approved()
    PatrolTrial.objects.filter(pk=trial.pk).update(protocol={**trial.protocol, "visits": 4})
    jobs.trials_tick(at=_night(FIRST))
    trial.refresh_from_db()
    assert (trial.state, trial.days.count()) == ("approved", 0)


def test_the_job_tells_a_day_the_evening_before_and_the_planner_takes_it(west):
    trial = west.approved()
    jobs.trials_tick(at=_night(FIRST - timedelta(days=2)))
    assert not trial.days.exists()
    jobs.trials_tick(at=_night(FIRST - timedelta(days=1)))
    jobs.trials_tick(at=_night(FIRST - timedelta(days=1)))
    row = trial.days.get()
    assert (row.day, len(row.extra)) == (FIRST, 4)
    begin = T0 + timedelta(days=3, hours=1)
    shift = {"starts_at": begin, "ends_at": begin + timedelta(hours=8)}
    ground = ground_read(west.world.actor("jia"), west.world.orgs["west"], at=T0, **shift)
    visits = [spot for spot in ground.spots if "trial" in spot.why]
    assert len(visits) == 4 * 2
    assert {spot.kind for spot in visits} == {"must"}
    assert sorted({spot.why["block"] for spot in visits}) == row.extra
    night = {"starts_at": begin + timedelta(hours=9), "ends_at": begin + timedelta(hours=14)}
    assert not extra_visits(frozenset({west.world.orgs["west"].pk}), **night)
    assert not extra_visits(frozenset({west.world.orgs["east"].pk}), **shift)


def test_no_effect_is_seen_and_the_result_says_what_is_excluded(west):
    trial = west.approved()
    west.live(trial, scatter=1)
    assert trial.state == "analysed"
    found = trial.result
    assert found["verdict"] == "none"
    assert (
        found["blocks"]["extra"] + found["blocks"]["usual"] == Incident.objects.filter(number__startswith="L").count()
    )
    assert found["blocks"]["block_days"] == 56
    assert found["blocks"]["low"] < 1 < found["blocks"]["high"]
    assert found["ring"]["extra"] == 0
    assert found["visits"]["undriven"] == 14
    with translation.override("en"):
        told = verdict_told(trial)
    lot = lot_told(trial)
    assert (lot["seed"], lot["nonce"], len(lot["throws"])) == (7, "n", 4)
    thrown = np.random.default_rng(7).integers(0, 2, (4, 7))
    assert lot["throws"] == ["".join("+" if one else "−" for one in pair) for pair in thrown]
    assert told.startswith("No effect seen. Effects larger than these are excluded (95 %): falls of more than")


def test_stops_and_what_officers_find_change_no_bit(west, settings):
    trial = west.approved()
    settings.DEBUG = False
    flood = []
    for number in range(14):
        for block in trial.protocol["blocks"]:
            flood += calls(FIRST + timedelta(days=number), block["cells"][0], 3, origin="officer")
    for k, row in enumerate(flood):
        row.number = f"O{k:07d}"
    Incident.objects.bulk_create(flood)
    west.live(trial)
    assert (trial.result["blocks"]["extra"], trial.result["blocks"]["usual"]) == (56, 56)


def test_more_calls_on_extra_visits_stop_the_trial_and_leaders_are_told(west):
    trial = west.approved()
    west.live(trial, extra=3, usual=1)
    assert trial.stopped_reason == "harm"
    assert trial.state == "analysed"
    assert trial.stopped_day < trial.last_day
    assert trial.result["verdict"] == "more"
    assert Notice.objects.filter(message="patrol.trial_stopped").count() == 1
    assert not extra_visits(
        frozenset({west.world.orgs["west"].pk}), starts_at=T0 + timedelta(days=15), ends_at=T0 + timedelta(days=16)
    )


@pytest.mark.release
def test_a_day_off_the_record_leaves_with_its_partner_and_both_are_told(west):
    trial = west.approved()
    west.gaps.add(FIRST + timedelta(days=4))
    west.live(trial)
    assert trial.days.get(day=FIRST + timedelta(days=4)).is_known is False
    assert trial.result["left_out"] == [(FIRST + timedelta(days=k)).isoformat() for k in (4, 5)]
    assert trial.result["blocks"]["block_days"] == 48


@pytest.mark.release
def test_a_person_stops_a_trial_with_a_reason_only(west):
    trial = west.approved()
    west.live(trial, days=4)
    jia = west.world.actor("jia")
    for wrong in ("", "harm", "because"):
        with pytest.raises(refusals.StopReasonUnknown):
            patrol_trial_stop(trial=trial, reason=wrong, by=jia, at=_night(FIRST + timedelta(days=4)))
    patrol_trial_stop(trial=trial, reason="units", by=jia, at=_night(FIRST + timedelta(days=4)))
    jobs.trials_tick(at=_night(FIRST + timedelta(days=5)))
    trial.refresh_from_db()
    assert (trial.state, trial.result["blocks"]["block_days"]) == ("analysed", 16)


REFUSED = [
    ({"blocks": 1}, refusals.SettingWrong),
    ({"days": 500}, refusals.SettingWrong),
    ({"days": 100}, refusals.HistoryTooShort),
    ({"family": "moods"}, refusals.FamilyUnknown),
    ({"family": "fraud"}, refusals.NoBlocks),
    ({"design": "wish"}, BadInput),
    ({"design": "crossover"}, refusals.TooFewCoins),
    ({"washout_days": 1}, refusals.WashoutTooLong),
    ({"first_day": TODAY}, refusals.DaysWrong),
]


def test_what_cannot_be_tried_is_refused_by_name(west):
    for more, refused in REFUSED:
        with pytest.raises(refused) as told:
            west.draft(**more)
        assert "{" not in told.value.detail("zh-hans")
    assert not PatrolTrial.objects.exists()


def test_without_a_forecast_or_with_a_dropped_plan_there_is_no_trial(west):
    ForecastRun.objects.all().delete()
    with pytest.raises(refusals.NoForecast):
        west.draft()
    PatrolPlan.objects.update(state="dropped")
    west.plan.refresh_from_db()
    with pytest.raises(refusals.PlanGone):
        west.draft()


@pytest.mark.release
def test_a_plan_dropped_meanwhile_and_a_second_trial_there_are_not_signed(west):
    west.approved()
    second = west.draft()
    with pytest.raises(refusals.TrialsOverlap):
        patrol_trial_approve(trial=second, by=west.world.actor("jia"), at=T0)
    PatrolPlan.objects.update(state="dropped")
    with pytest.raises(refusals.PlanGone):
        patrol_trial_approve(trial=second, by=west.world.actor("jia"), at=T0)
    patrol_trial_drop(trial=second, by=west.world.actor("ida"), at=T0)
    assert second.state == "dropped"


@pytest.mark.release
def test_a_new_grid_of_the_forecast_changes_nothing_of_a_trial_that_runs(west):
    trial = west.approved()
    other = Grid(500.0, 119.99, 28.84, 20, 12, 28.87)
    ForecastRun.objects.update(grid=asdict(other), cells=cells_packed([3, 9]))
    west.live(trial)
    assert trial.result["blocks"]["extra"] == 56


@pytest.fixture
def as_(west, monkeypatch):
    monkeypatch.setattr(pages, "now", lambda: T0)
    monkeypatch.setattr("anlan.core.pages.now", lambda: T0)

    def sign_in(name=""):
        client = Client()
        client.cookies["anlan_language"] = "en"
        if name:
            client.force_login(west.world.people[name])
        return client

    return sign_in


def post(client, url, **data):
    return client.post(url, {**data, "idempotency_key": str(uuid4())})


FORM = {
    "design": "switchback",
    "family": "calls",
    "first_day": FIRST.isoformat(),
    "days": 14,
    "blocks": 8,
    "visits": 2,
}


@pytest.mark.release
def test_from_the_form_to_the_public_register(as_, west):
    ida, jia, anybody = as_("ida"), as_("jia"), as_()
    made = post(ida, "/patrol/trials/new", plan=west.plan.pk, **FORM)
    trial = PatrolTrial.objects.get()
    assert made.url == f"/patrol/trials/{trial.pk}"
    page = ida.get(made.url).content.decode()
    assert "would be found with 80 %" in page
    assert "Approve and enter" not in page
    assert "No trial has been approved yet" in anybody.get("/register/trials").content.decode()
    assert post(jia, f"/patrol/trials/{trial.pk}/do/approve").status_code == 302
    west.live(trial, usual=2)
    trial.refresh_from_db()
    page = jia.get(made.url).content.decode()
    assert "Fewer citizens" in page
    listed = jia.get(f"/patrol/trials/{trial.pk}/calls?arm=usual").content.decode()
    assert listed.count("/console/incidents/L") == 112
    assert "gap in the record" not in jia.get(f"/patrol/trials/{trial.pk}/days").content.decode()
    entry = anybody.get(f"/register/trials/{trial.register_number}").content.decode()
    assert trial.protocol_sha256 in entry
    assert "Middle of its calls" not in entry
    assert anybody.get("/register/trials/T-9999").status_code == 404
    assert as_("cleo").get(made.url).status_code == 404
    assert as_("ben").get("/patrol/trials").status_code == 403


@pytest.mark.release
@pytest.mark.parametrize(
    "wrong", [{"days": "two"}, {"plan": "9" * 30}, {"first_day": "2026-99-99"}, {"blocks": ""}, {"visits": "-1"}]
)
def test_what_can_not_be_read_is_told_and_nothing_is_kept(as_, west, wrong):
    answer = post(as_("ida"), "/patrol/trials/new", **{"plan": west.plan.pk, **FORM, **wrong})
    assert answer.status_code == 422
    assert not PatrolTrial.objects.exists()
    assert issubclass(EffectsRefused, ValueError)
    assert issubclass(refusals.NoBlocks, DomainError)
