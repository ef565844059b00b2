"""A station asks what another policy would have done with its own past."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from anlan.core.actor import SYSTEM
from anlan.core.errors import WrongState
from anlan.core.models import Event
from anlan.units.models import Unit
from anlan.whatif.errors import PoliciesAlike, PolicyUnreadable, RunsOutOfRange, SpanUnreadable
from anlan.whatif.jobs import questions_open, questions_work
from anlan.whatif.models import Question
from anlan.whatif.services import question_ask, question_begin, question_drop
from whatif.conftest import DAYS, calls
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
TODAY = timezone.localdate(T0)


def ask(world, policies=("closest", "closest+units:1"), *, first=DAYS, last=1, runs=2, station="west"):
    return question_ask(
        organisation=world.orgs[station],
        first_day=TODAY - timedelta(days=first),
        last_day=TODAY - timedelta(days=last),
        policies=policies,
        runs=runs,
        seed=7,
        by=SYSTEM,
        at=T0,
    )


def work(question):
    questions_work(clock=lambda: T0)
    question.refresh_from_db()
    return question


def test_an_answer_has_figures_differences_and_days_and_says_what_it_was_read_from(county, monkeypatch):
    monkeypatch.setattr("anlan.whatif.jobs.BOUND_RUNS", 1)
    row = work(ask(county))
    assert row.state == "done", row.refusal
    answer = row.answer
    assert (answer["runs"], answer["blocks"], answer["calls"]) == (2, DAYS, 8.0 * DAYS)
    assert answer["failed"] == {}
    value, low, high = answer["difference"]["mean_s"]
    assert low <= value <= high
    assert answer["figures"]["a"]["late"][0] >= answer["figures"]["b"]["late"][0]
    assert [day["calls"] for day in answer["by_day"]] == [8.0] * DAYS
    assert row.facts["calls"] == 8 * DAYS
    assert row.facts["roads"] is True
    assert (row.runs_done, answer["bound"]["runs"]) == (2, 1)
    best, left = (answer["bound"][part]["late"][0] for part in ("best", "left"))
    assert min(best, left) >= 0.0
    assert not questions_open()
    kinds = set(Event.objects.filter(kind__startswith="whatif.").values_list("kind", flat=True))
    assert kinds == {f"whatif.question_{word}" for word in ("asked", "begun", "answered")}


def test_the_same_question_and_seed_have_the_same_answer(county):
    assert work(ask(county, ("closest", "cover"))).answer == work(ask(county, ("closest", "cover"))).answer


def test_live_plans_zones_moves_and_patrols_can_be_asked_for(county):
    for policies in (("plans:180/60", "zones:180/60+moveup"), ("home:180+post", "closest+patrol+divert:off")):
        row = work(ask(county, policies, runs=1))
        assert (row.state, row.answer.get("failed")) == ("done", {}), row.refusal


def test_days_with_hardly_any_calls_are_named_and_nothing_is_claimed(county):
    calls(county, days=range(DAYS + 3, DAYS + 6))
    row = work(ask(county, first=DAYS + 5))
    assert row.state == "refused"
    assert row.answer == {}
    gaps = sorted(str(TODAY - timedelta(days=DAYS + k)) for k in (1, 2))
    for language in ("zh-hans", "en"):
        assert all(day in row.refusal["detail_i18n"][language] for day in gaps)


def test_without_calls_or_units_a_question_is_refused_and_the_next_goes_on(county):
    early = ask(county, first=400, last=390)
    east = ask(county, station="east")
    good = ask(county)
    assert work(early).refusal["code"] == "whatif_no_calls"
    east.refresh_from_db()
    good.refresh_from_db()
    assert east.refusal["code"] == "whatif_no_calls"
    assert good.state == "done"
    Unit.objects.update(base_lon=None, base_lat=None)
    assert work(ask(county)).refusal["code"] == "whatif_no_units"


def test_a_policy_that_cannot_be_run_is_named_and_the_other_has_its_figures(county):
    row = work(ask(county, ("closest", "closest+units:-10")))
    assert row.state == "done"
    assert "taken away" in row.answer["failed"]["b"]
    assert "late" in row.answer["figures"]["a"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"policies": ("closest", "closest")}, PoliciesAlike),
        ({"policies": ("closest", "nearest")}, PolicyUnreadable),
        ({"policies": ("closest", "cover+units:x")}, PolicyUnreadable),
        ({"runs": 0}, RunsOutOfRange),
        ({"runs": 100_000}, RunsOutOfRange),
        ({"first": 1, "last": 2}, SpanUnreadable),
        ({"last": 0}, SpanUnreadable),
        ({"first": 500}, SpanUnreadable),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(county, wrong, error):
    with pytest.raises(error):
        ask(county, **wrong)
    assert not Question.objects.exists()


def test_a_question_can_be_given_up_until_it_is_answered_and_one_left_behind_is_begun_anew(county):
    row = ask(county)
    question_drop(question=row, by=SYSTEM, at=T0)
    assert work(row).state == "dropped"
    left = ask(county)
    question_begin(question=left, by=SYSTEM, at=T0)
    assert work(left).state == "done"
    with pytest.raises(WrongState):
        question_drop(question=left, by=SYSTEM, at=T0)


def test_the_work_shows_how_far_it_is_and_ends_when_the_question_is_given_up(county):
    from anlan.whatif.services import question_told

    row = ask(county, runs=3)
    seen = []

    def given_up_after_the_first(*, question, runs_done):
        going_on = question_told(question=question, runs_done=runs_done)
        if going_on:
            seen.append(Question.objects.get().runs_done)
            question_drop(question=Question.objects.get(), by=SYSTEM, at=T0)
        return going_on

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("anlan.whatif.jobs.question_told", given_up_after_the_first)
        assert (work(row).state, row.answer) == ("dropped", {})
    assert seen == [1]


def test_the_numbers_are_those_the_live_rooms_advise_by():
    from anlan.dispatch.selectors.ruling import ruling_in_force
    from anlan.engines.simulation import CoverAware, Rules

    ruling = ruling_in_force()
    assert CoverAware() == CoverAware(ruling.cover_cap_s, ruling.cover_least)
    assert Rules().divert_least_s == ruling.divert_least_s
    assert Rules().community_target_s == ruling.town_within_s


def test_the_command_asks_the_store_the_same(county):
    import json

    from click.testing import CliRunner

    from anlan.config.commands.simulate import simulate

    span = ["--from", str(TODAY - timedelta(days=DAYS)), "--to", str(TODAY - timedelta(days=1)), "--runs", "1"]
    words = [*span, "--policy", "closest", "--policy", "cover", "--json", "--jobs", "1"]
    for more in ([], ["--organisation", "west", "--fitted", "--days", "1"]):
        done = CliRunner().invoke(simulate, [*words, *more])
        assert done.exit_code == 0, done.output
        world, *policies = (json.loads(line) for line in done.output.splitlines())
        assert world["world"]["calls"] == 8 * DAYS
        assert [row["policy"] for row in policies] == ["closest", "cover"]
    refused = CliRunner().invoke(simulate, [*words, "--organisation", "nowhere"])
    assert "nowhere" in refused.output
    assert refused.exit_code == 1
