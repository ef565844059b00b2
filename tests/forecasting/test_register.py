"""The register: a version is judged once, held back by a gate, signed by a person, taken back with a reason."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from anlan.core.actor import SYSTEM
from anlan.core.errors import NotPermitted
from anlan.engines.forecast.contract import Means
from anlan.engines.forecast.history import History
from anlan.forecasting import computing
from anlan.forecasting.errors import ReasonMissing, ReleaseNotYours, ReleaseOver
from anlan.forecasting.models import ForecastRelease, ForecastRun
from anlan.forecasting.rules import BAR
from anlan.forecasting.selectors import Span, held_back, register_rows, release_waiting, run_for, shift_told
from anlan.forecasting.selectors.model_card import facts_of
from anlan.forecasting.selectors.register import computed_by, shown_by
from anlan.forecasting.services import forecast_issue, release_approve, release_audit, release_withdraw
from anlan.forecasting.services.releasing import blocked_by
from anlan.notices.models import Notice
from forecasting.conftest import MORNING

pytestmark = pytest.mark.django_db

TODAY = MORNING.date()
DAY = timedelta(days=1)


class Sharper:
    """The mean of each cell by its own shift: right in a county where every day is the same."""

    name = "sharper"

    def fit(self, history: History, *, seed: int) -> Sharper:
        return self

    def means(self, history: History, day: int) -> Means:
        window = history.last_days(365)
        return {name: history.counts(name, int(window[0]), day) / len(window) + 1e-6 for name in history.categories}


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
    release_approve(release=release, by=gus, at=at)
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


def test_until_a_person_signs_a_version_the_bar_is_shown_and_the_model_runs_in_the_shadow(release, county, at):
    gus, span = county.actor("gus", at), Span(TODAY, 1)
    assert (shown_by(release)["theft"], computed_by(release)["theft"]) == (BAR, "stack")
    assert shift_told(gus, run_for(TODAY), "theft", span).model == BAR
    assert (register_rows()[0].state, held_back(release, "theft"), release_waiting()) == (
        "waiting",
        ["unsigned"],
        release,
    )
    release_approve(release=release, by=gus, at=at)
    assert shift_told(gus, run_for(TODAY), "theft", span).model == "stack"
    assert (register_rows()[0].state, release_waiting()) == ("passed", None)


def test_a_forecast_without_an_entry_in_the_register_is_told_by_the_bar(release, county, at):
    ForecastRun.objects.update(release=None)
    assert shift_told(county.actor("gus", at), run_for(TODAY), "theft", Span(TODAY, 1)).model == BAR


def test_a_signature_opens_no_gate(release, county, at):
    ForecastRelease.objects.update(blocked={"theft": ["bias"]})
    signed = release_approve(release=release, by=county.actor("gus", at), at=at)
    assert (held_back(signed, "theft"), shown_by(signed)["theft"]) == (["bias"], BAR)
    assert computed_by(signed)["theft"] == BAR


def test_the_bar_alone_needs_no_signature(release):
    ForecastRelease.objects.update(chosen=dict.fromkeys(release.chosen, BAR))
    assert (release_waiting(), register_rows()[0].state) == (None, "passed")


def test_those_who_may_sign_are_told_and_no_longer_once_somebody_did(past, county, at, monkeypatch):
    monkeypatch.setattr(computing, "candidates", lambda: (Sharper(),))
    past(70)
    forecast_issue(day=TODAY, by=SYSTEM, at=at)
    release, waits = ForecastRelease.objects.get(), Notice.objects.filter(message="forecasting.release_waits")
    assert release.chosen["theft"] == "sharper"
    sheet = ForecastRun.objects.get().sheets.get(family="theft", lead_days=0)
    assert (sheet.model, ForecastRun.objects.get().chosen["theft"]) == ("sharper", BAR)
    assert [notice.state for notice in waits] == ["sent"]
    release_approve(release=release, by=county.actor("gus", at), at=at)
    assert [notice.state for notice in waits.all()] == ["withdrawn"]


def test_the_card_tells_the_bar_and_which_model_waits(release, county, at):
    run = ForecastRun.objects.select_related("release").get()
    card = {**run.card, "theft": {**run.card["theft"], "best": "stack"}}
    card["theft"]["models"] = {**card["theft"]["models"], "stack": card["theft"]["models"][BAR]}
    ForecastRun.objects.update(card=card)

    def theft():
        run = ForecastRun.objects.select_related("release").get()
        return next(each for each in facts_of(run).families if each.family == "theft")

    assert (theft().shown, theft().waits) == (BAR, "stack")
    release_approve(release=release, by=county.actor("gus", at), at=at)
    assert (theft().shown, theft().waits) == ("stack", "")


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
