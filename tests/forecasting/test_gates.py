"""Gates that can fail: the loop learns from whom the record does; few calls are judged together or said to be few."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import numpy as np
import pytest

from anlan.core.actor import SYSTEM
from anlan.engines.forecast.loop import loop_simulate
from anlan.engines.forecast.rolling import Here
from anlan.forecasting import rules
from anlan.forecasting.auditing import TOGETHER, AreaTables, audited
from anlan.forecasting.computing import judge, seasons_of
from anlan.forecasting.models import ForecastRelease, ForecastRun
from anlan.forecasting.selectors import unjudged
from anlan.forecasting.selectors.model_card import facts_of, line_of
from anlan.forecasting.selectors.record import record_kept
from anlan.forecasting.selectors.register import AreaOutside, areas_outside
from anlan.forecasting.services import forecast_issue, releasing
from anlan.forecasting.services.releasing import SEED, blocked_by, learns_from, loop_gate
from forecasting.conftest import EAST, MORNING, WEST, local

TODAY = MORNING.date()


@pytest.fixture
def short_loop(monkeypatch):
    monkeypatch.setattr(releasing, "loop_simulate", partial(loop_simulate, runs=8, steps=400))
    releasing._looped.cache_clear()
    yield
    releasing._looped.cache_clear()


@pytest.mark.django_db
def test_a_record_that_learnt_from_patrols_too_would_change_and_would_fail_the_loop(
    past, report, at, monkeypatch, short_loop
):
    past(20)
    report("0107", local(3, 9), 50, origin="patrol")
    before = record_kept(end=TODAY, heard_at=at).sha256
    assert loop_gate(seed=1)["passes"]
    monkeypatch.setattr(rules, "LEARNT_ORIGINS", ("citizen", "patrol"))
    assert record_kept(end=TODAY, heard_at=at).sha256 != before
    found = loop_gate(seed=1)
    assert (found["learns_from"], found["passes"]) == ("both", False)
    assert blocked_by({"theft": "stack"}, {"loop": found}) == {"theft": ["loop"]}


def test_the_stream_of_the_simulation_is_that_of_the_record():
    assert learns_from(rules.LEARNT_ORIGINS) == "citizens"
    assert learns_from(("patrol",)) == "patrols"


def tables(mean, *, wrong=1.0, seed=1):
    told = np.array(mean, dtype=float)[:, None] * np.ones(28)
    calls = np.random.default_rng(seed).poisson(told * np.array([[1.0], [1.0], [wrong], [wrong]])).astype(float)
    return AreaTables(calls, told, calls.sum(axis=1))


GROUPS = ["town", "town", "rural", "rural"]


def test_families_too_small_to_judge_are_judged_together_and_held_back_together():
    small = {f"f{k}": tables([2.0, 1.5, 1.2, 1.0], wrong=1.6, seed=k) for k in range(6)}
    found = audited([*"abcd"], GROUPS, small, seed=1)
    stored = {name: {"failed": [], "unjudged": list(each.unjudged)} for name, each in found.items()}
    assert not found[TOGETHER].groups[1].within  # six times as many calls: a third too few is no chance any more
    stored[TOGETHER]["failed"] = ["bias"]
    stored["f0"]["unjudged"] = ["bias"]
    stored["f1"]["unjudged"] = []
    held = blocked_by({"f0": "stack", "f1": "stack"}, {"loop": {"passes": True}, "tested": stored})
    assert held == {"f0": ["bias"]}


def by_share(calls, share):
    """A family's tables with a thousand flags given out by ``share``."""
    came = np.array(calls, dtype=float)[:, None]
    return AreaTables(came, came, 1000.0 * np.array(share))


def test_flags_right_in_every_family_are_right_together_though_families_are_called_about_unequally():
    # Half of the few thefts and a tenth of the many quarrels are in b; each family is flagged a thousand times.
    right = {"theft": by_share([20, 20], [0.5, 0.5]), "dispute": by_share([1800, 200], [0.9, 0.1])}
    found = audited(["a", "b"], ["town", "town"], right, seed=1)[TOGETHER]
    assert not found.outside
    assert found.allocation == pytest.approx((1.0, 1.0))
    wrong = {"theft": right["theft"], "dispute": by_share([1800, 200], [0.98, 0.02])}
    assert audited(["a", "b"], ["town", "town"], wrong, seed=1)[TOGETHER].outside == ("b",)


def test_what_even_all_together_cannot_judge_is_said_and_not_passed_over():
    release = ForecastRelease(
        audit={"tested": {"theft": {"unjudged": ["error", "bias"]}, TOGETHER: {"unjudged": ["error"]}}}
    )
    assert unjudged(release, "theft") == (["error", "bias"], ["error"])
    assert unjudged(None, "theft") == ([], [])


def test_the_register_names_the_area_that_holds_a_model_back_and_by_whose_calls():
    few = {"failed": [], "unjudged": ["allocation"], "areas": ["A", "B"], "allocation": [1.1, 0.9], "outside": []}
    every = {"failed": ["allocation"], "areas": ["A", "B"], "allocation": [1.1, 0.58], "outside": ["B"]}
    own = {"failed": ["allocation"], "areas": ["A", "B"], "allocation": [1.7, 0.9], "outside": ["A"]}
    release = ForecastRelease(audit={"tested": {"theft": few, "help": own, TOGETHER: every}})
    assert areas_outside(release, "theft") == (AreaOutside("B", 0.58, True),)
    assert areas_outside(release, "help") == (AreaOutside("A", 1.7, False),)
    assert areas_outside(ForecastRelease(audit={}), "theft") == ()


@pytest.mark.django_db
def test_the_cards_numbers_are_those_of_a_fresh_evaluation_of_the_same_record(past, at):
    """The build fails where what is shown differs from what comes out when everything is judged again."""
    past(80)
    run = forecast_issue(day=TODAY, by=SYSTEM, at=at)
    again = judge(record_kept(end=TODAY, heard_at=at), seed=SEED, pool=Here())
    release = ForecastRelease.objects.get()
    assert dict(again.card) == release.card
    shown = [line_of(family) for family in facts_of(run).families]
    run.card = {name: {**found, "best": found["shown"], "held_back": []} for name, found in again.card.items()}
    assert [line_of(family) for family in facts_of(run).families] == shown
    run.card["theft"]["models"]["yearly_mean"]["capture_5"] += 0.01
    assert [line_of(family) for family in facts_of(run).families] != shown  # the check itself sees a difference


@pytest.mark.django_db
def test_a_default_address_and_a_jump_of_the_level_are_told_with_the_forecast(past, report, at):
    past(80)
    # Everything nobody could place was put on one point, in the county's own mixture of theft and noise.
    for day in range(80, 0, -1):
        report("0410", local(day, 13), 3, place=(120.1, 28.87))
        report("0107", local(day, 13), 2, place=(120.1, 28.87))
    for day in range(28, 0, -1):
        report("0107", local(day, 15), 9, place=EAST)
    forecast_issue(day=TODAY, by=SYSTEM, at=at)
    signs = ForecastRun.objects.get().facts["signs"]
    assert (120.1, 28.87) in {(row["lon"], row["lat"]) for row in signs if row["note"] == "geocoding_lump"}
    (jump,) = [row for row in signs if row["note"] == "level_shift" and row["category"] == "theft"]
    assert jump["to_per_day"] > 1.5 * jump["from_per_day"]


@pytest.mark.django_db
def test_a_season_is_told_from_the_same_weeks_a_year_ago_and_never_from_the_last_ones(report, at):
    for day in range(390, 0, -1):
        report("0107", local(day, 9), 6 if 365 - 28 <= day <= 365 else 2, place=WEST)
    kept = record_kept(end=TODAY, heard_at=at)
    assert seasons_of(kept.record.history)["theft"] > 1.5
    report("0107", local(5, 9), 200, place=WEST)
    again = seasons_of(record_kept(end=TODAY, heard_at=at).record.history)
    assert again["theft"] > 1.5
    assert again["fraud"] == 1.0
    young = record_kept(end=TODAY - timedelta(days=200), heard_at=at).record.history
    assert seasons_of(young) == {}
