"""The register: a version is judged once, held back by a gate, signed by a person, taken back with a reason."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from anlan.core.actor import SYSTEM
from anlan.core.errors import NotPermitted
from anlan.forecasting.errors import ReasonMissing, ReleaseNotYours, ReleaseOver
from anlan.forecasting.models import ForecastRelease, ForecastRun
from anlan.forecasting.rules import BAR
from anlan.forecasting.selectors import Span, held_back, register_rows, run_for, shift_told
from anlan.forecasting.services import forecast_issue, release_approve, release_audit, release_withdraw
from anlan.forecasting.services.releasing import blocked_by
from forecasting.conftest import MORNING

pytestmark = pytest.mark.django_db

TODAY = MORNING.date()
DAY = timedelta(days=1)


@pytest.fixture
def release(past, at) -> ForecastRelease:
    """The version of a run; its theft model is called "stack", as a better one would be."""
    past(70)
    forecast_issue(day=TODAY, by=SYSTEM, at=at)
    found = ForecastRelease.objects.get()
    ForecastRelease.objects.update(chosen={**found.chosen, "theft": "stack"})
    ForecastRun.objects.get().sheets.filter(family="theft").update(model="stack")
    found.refresh_from_db()
    return found


def test_the_models_are_judged_once_for_many_nights(past, at):
    past(80)
    for day in (TODAY - 2 * DAY, TODAY - DAY, TODAY):
        forecast_issue(day=day, by=SYSTEM, at=at)
    release = ForecastRelease.objects.get()
    assert release.judged_on == TODAY - 2 * DAY
    assert {run.release_id for run in ForecastRun.objects.all()} == {release.pk}


def test_a_version_names_its_record_and_what_the_gates_found(release):
    run = ForecastRun.objects.get()
    assert release.record_sha256 == run.record_sha256
    assert release.audit["loop"]["passes"] is True
    assert {"failed", "error_ratio", "tau"} <= set(release.audit["tested"]["theft"])


def test_a_failed_gate_holds_back_the_family_it_concerns():
    audit = {"loop": {"passes": True}, "tested": {"theft": {"failed": ["bias"]}, "fraud": {"failed": ["bias"]}}}
    assert blocked_by({"theft": "stack", "fraud": BAR}, audit) == {"theft": ["bias"]}


def test_a_runaway_loop_holds_back_everything_but_the_bar():
    assert blocked_by({"theft": "stack", "fraud": BAR}, {"loop": {"passes": False}}) == {"theft": ["loop"]}


def test_a_version_held_back_after_it_spoke_is_told_by_the_bar(release, county, at):
    gus, span = county.actor("gus", at), Span(TODAY, 1)
    assert shift_told(gus, run_for(TODAY), "theft", span).model == "stack"
    ForecastRelease.objects.update(blocked={"theft": ["bias"]})
    run = run_for(TODAY)
    assert shift_told(gus, run, "theft", span).model == BAR
    assert held_back(run.release, "theft") == ["bias"]


def test_the_monthly_audit_waits_for_a_fortnight_of_scores(release, at):
    assert release_audit(release=release, by=SYSTEM, at=at + 40 * DAY) is False


def test_a_person_signs_and_another_takes_back(release, county, at):
    gus = county.actor("gus", at)
    signed = release_approve(release=release, by=gus, at=at)
    assert (signed.approved_by_id, signed.approved_at) == (gus.id, at)
    assert release_approve(release=release, by=gus, at=at + DAY).approved_at == at
    with pytest.raises(ReasonMissing):
        release_withdraw(release=release, reason="  ", by=gus, at=at)
    gone = release_withdraw(release=release, reason="Roads closed for months.", by=gus, at=at)
    (row,) = register_rows()
    assert (row.state, {family.shown for family in row.families}) == ("withdrawn", {BAR})
    with pytest.raises(ReleaseOver):
        release_approve(release=gone, by=gus, at=at)


def test_neither_a_clock_nor_a_dispatcher_signs(release, county, at):
    with pytest.raises(ReleaseNotYours):
        release_approve(release=release, by=SYSTEM, at=at)
    with pytest.raises(NotPermitted):
        release_approve(release=release, by=county.actor("ada", at), at=at)


@pytest.fixture
def chief(release, county, monkeypatch, at) -> Client:
    monkeypatch.setattr("anlan.forecasting.api.now", lambda: at)
    client = Client()
    client.force_login(county.people["gus"])
    return client


def test_the_coming_shifts_are_told_with_interval_and_reasons(chief):
    told = chief.get("/api/forecast/shifts?family=theft").json()
    assert told["run"]["release"] == ForecastRelease.objects.get().version
    first = told["shifts"][0]
    assert first["low_80"] <= first["expected"] <= first["high_80"] + 1
    place = next(row for row in first["places"] if row["kind"] == "place")
    assert place["reasons"][0]["key"] == "history"
    assert place["rings"]


@pytest.mark.parametrize("door", ["shifts", "scores", "card", "strip", "register"])
def test_every_answer_says_what_it_may_be_used_for(chief, door):
    answer = chief.get(f"/api/forecast/{door}")
    assert answer.status_code == 200
    assert answer.json()["permitted_use"]


def test_an_officer_on_patrol_gets_no_forecast(release, county):
    client = Client()
    client.force_login(county.people["eve"])
    assert client.get("/api/forecast/shifts").status_code == 403


def test_a_version_is_taken_back_over_the_interface(chief, release):
    url = f"/api/forecast/register/{release.version}/withdraw"
    answer = chief.post(
        url, {"reason": "Wrong roads."}, content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
    )
    assert answer.json()["state"] == "withdrawn"
