"""Two leaders approve two trials of one area in the same instant: one is approved, the other hears of it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections

from anlan.patrol.models import PatrolPlan, PatrolTrial
from anlan.patrol.trials import services
from anlan.patrol.trials.errors import TrialsOverlap
from anlan.patrol.trials.rules import protocol_hash
from world import T0, build_world

# SQLite writes one at a time anyway.
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True, databases="__all__")]


def drafted(world, plan):
    first = (T0 + timedelta(days=5)).date()
    return PatrolTrial.objects.create(
        organisation=world.orgs["west"], plan=plan, design="switchback", family="calls", first_day=first,
        last_day=first + timedelta(days=13), state_since=T0, seed=1, protocol={}, protocol_sha256=protocol_hash({}),
        drafted_at=T0, drafted_by=world.people["ida"],
    )  # fmt: skip


def test_of_two_approvals_in_one_instant_the_second_waits_and_sees_the_first(monkeypatch):
    world = build_world()
    plan = PatrolPlan.objects.create(
        organisation=world.orgs["west"], starts_at=T0, ends_at=T0 + timedelta(hours=8), state_since=T0, made_at=T0,
        settings={}, seed=1, demand="year", travel="line", expected=1.0, covered=0.0,
    )  # fmt: skip
    trials, jia = [drafted(world, plan) for _ in range(2)], world.actor("jia")
    gun, answers = threading.Barrier(2), list[str]()
    looked = services._must_be_alone

    def slowly(trial):
        looked(trial)
        threading.Event().wait(0.3)  # without a lock the other looks meanwhile, and sees nobody

    monkeypatch.setattr(services, "_must_be_alone", slowly)

    def approve(trial):
        try:
            gun.wait(timeout=30)
            services.patrol_trial_approve(trial=trial, by=jia, at=T0)
            answers.append("approved")
        except TrialsOverlap:
            answers.append("overlaps")
        except Exception as problem:
            answers.append(repr(problem))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=approve, args=(trial,)) for trial in trials]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == ["approved", "overlaps"]
    assert sorted(PatrolTrial.objects.values_list("state", flat=True)) == ["approved", "draft"]
