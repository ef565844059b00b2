"""Whatever people, time and accident do to files: somebody has each live one, a clock runs, nothing is lost.

A dozen random histories in every run, as many as ``ANLAN_HISTORIES`` says (two thousand before a release is
tested). Each history is a chain of steps on three files of one small county, in any order, right or wrong.
"""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from anlan.core.actor import SYSTEM
from anlan.core.errors import DomainError
from anlan.disputes.due import due_again
from anlan.disputes.jobs import disputes_tick
from anlan.disputes.models import DisputeFile, FileIncident, LevelChange, PartyKey, Push
from anlan.disputes.rules import (
    LEVELS,
    LIVE,
    OUTCOMES_OF,
    PUSH_OPEN,
    PUSH_REASONS,
    RESULTS,
    SETTLED,
    SETTLED_OUTCOMES,
)
from anlan.disputes.selectors import pushes_open_of
from anlan.disputes.services import (
    file_accept,
    file_archive,
    file_assign,
    file_assignment_return,
    file_close,
    file_follow_up,
    file_move,
    file_open,
    file_reopen,
    file_settle_on_site,
    file_to_police,
    file_triage,
    files_merge,
    files_unmerge,
    incident_link,
    incident_unlink,
    party_add,
    push_act,
    push_close,
    push_receive,
    push_return,
    push_send,
)
from disputes.quarrel import later, people_come, quarrel
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
AT_TABLE = ("triaged", "mediating", "agreement", "no_agreement", "performed", "defaulted", "follow_up")
HISTORIES = int(os.environ.get("ANLAN_HISTORIES", "12"))
SHARES = 8 if HISTORIES > 100 else 1
"""Shared out among the workers where there are many."""
STEPS = 14


class History:
    """One random course: what may be pressed, and by whom, chosen by a seeded dice."""

    def __init__(self, world, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = world
        self.at: datetime = T0
        self.incidents = [quarrel(world) for _ in range(4)]
        self.files = [file_open(incident=incident, by=SYSTEM, at=T0) for incident in self.incidents[:3]]

    def one(self, choices):
        return self.dice.choice(list(choices))

    def step(self) -> str:
        """One press; refusals leave everything as it was. Returns what was pressed."""
        self.at += timedelta(minutes=self.one((0, 1, 7, 61, 600, 3000, 20000)))
        name = self.one([name for name in dir(self) if name.startswith("do_")])
        file = self.one(self.files)
        file.refresh_from_db()
        try:
            with transaction.atomic():
                getattr(self, name)(file)
        except DomainError as refusal:
            return f"{name}: {refusal.code}"
        return name

    def args(self):
        return {"by": SYSTEM, "at": self.at}

    def do_push(self, file):
        push_send(file=file, seq=self.one((1, 2, 3)), reason=self.one(PUSH_REASONS), **self.args())

    def do_receive(self, file):
        push_receive(push=self._running(file), **self.args())

    def do_act(self, file):
        push_act(push=self._running(file), action="走访", **self.args())

    def do_end(self, file):
        push = self._running(file)
        push_close(push=push, outcome=self.one(OUTCOMES_OF[push.seq]), **self.args())

    def do_send_back(self, file):
        push_return(push=self._running(file), reason="不属本辖区", **self.args())

    def _running(self, file):
        found = pushes_open_of(file.pk) or list(Push.objects.filter(file=file))
        if not found:
            return push_send(file=file, seq=2, reason="by_hand", **self.args())
        return self.one(found)

    def do_settle(self, file):
        file_settle_on_site(file=file, outcome=self.one(SETTLED_OUTCOMES), **self.args())

    def do_follow(self, file):
        file_follow_up(file=file, **self.args())

    def do_accept(self, file):
        file_accept(file=file, **self.args())

    def do_triage(self, file):
        file_triage(file=file, people_count=self.one((None, 2, 40)), **self.args())

    def do_assign(self, file):
        file_assign(file=file, mediating=self.world.orgs[self.one(("mediation", "town-east"))], **self.args())

    def do_hand_back(self, file):
        file_assignment_return(file=file, reason="无法调解", **self.args())

    def do_move(self, file):
        file_move(file=file, to=self.one(AT_TABLE), **self.args())

    def do_police(self, file):
        file_to_police(file=file, reason="danger", **self.args())

    def do_close(self, file):
        file_close(file=file, result=self.one([result for result in RESULTS if result]), **self.args())

    def do_archive(self, file):
        file_archive(file=file, **self.args())

    def do_reopen(self, file):
        file_reopen(file=file, reason="came_back", **self.args())

    def do_link(self, file):
        incident_link(file=file, incident=self.one(self.incidents), **self.args())

    def do_unlink(self, file):
        incident_unlink(file=file, incident=self.one(self.incidents), **self.args())

    def do_merge(self, file):
        files_merge(file=file, into=self.one(self.files), **self.args())

    def do_unmerge(self, file):
        files_unmerge(file=file, **self.args())

    def do_merge_and_think_better_of_it(self, file):
        into = self.one(self.files)
        before = stands(self.files)
        files_merge(file=file, into=into, **self.args())
        files_unmerge(file=file, **self.args())
        assert stands(self.files) == before

    def do_party(self, file):
        party_add(file=file, role="a", name=self.one(("张三", "李四")), phone="13800000000", **self.args())

    def do_nothing_but_wait(self, file):
        disputes_tick(at=self.at)
        assert disputes_tick(at=self.at) == 0


def stands(files):
    """Every column of these files and of all pushes, but for which notice told of them."""
    pks = [file.pk for file in files]
    pushes = Push.objects.filter(file_id__in=pks).order_by("pk").values()
    return (
        list(DisputeFile.objects.filter(pk__in=pks).order_by("pk").values()),
        [{name: value for name, value in row.items() if name != "notice_id"} for row in pushes],
        list(FileIncident.objects.filter(file_id__in=pks).order_by("pk").values()),
    )


def broken(files) -> list[str]:
    """What must never be, with the file it is wrong of."""
    found = []
    for file in DisputeFile.objects.filter(pk__in=[file.pk for file in files]):
        pushes = list(Push.objects.filter(file=file))
        running = [push.seq for push in pushes if push.state in PUSH_OPEN]
        is_live, is_over = file.state in LIVE, file.state in SETTLED
        checks = {
            "live without a holder": is_live and file.holder_id is None,
            "live without a deadline": is_live and file.due_at is None,
            "deadline that its sum doesn't give": is_live and due_again(file.due_sum) != file.due_at,
            "over with a deadline": is_over and file.due_at is not None,
            "over with a push that runs": not is_live and bool(running),
            "over and its parties can be told apart": is_over and PartyKey.objects.filter(file=file).exists(),
            "two pushes of one step": len(running) != len(set(running)),
            "a push ended without an outcome": any(p.state not in PUSH_OPEN and not p.outcome for p in pushes),
            "a push whose sum is another": any(due_again(p.due_sum) != p.due_at for p in pushes),
            "a colour nobody weighed": not LevelChange.objects.filter(file=file, level=file.level).exists(),
            "no colour": file.level not in LEVELS,
            "no report": is_live and not FileIncident.objects.filter(file=file, undone_at=None).exists(),
            "merged into nothing": (file.state == "merged") != (file.merged_into_id is not None),
            "at the beat with nobody told": file.state == "on_site_settled" and not running,
        }
        found += [f"{file.number} {file.state}: {what}" for what, is_so in checks.items() if is_so]
    return found


def counts_hold(files) -> bool:
    """Each file counts its own reports and those of the files merged into it, once."""
    rows = {file.pk: file for file in DisputeFile.objects.filter(pk__in=[file.pk for file in files])}

    def reports(pk: int) -> int:
        own = FileIncident.objects.filter(file_id=pk, undone_at=None).exclude(kind="criminal").count()
        return own + sum(reports(other.pk) for other in rows.values() if other.merged_into_id == pk)

    return all(file.reports == reports(file.pk) for file in rows.values())


@pytest.fixture
def west(world, taxonomy):
    return people_come(world)


def run(world, seed: int) -> None:
    """One history; it leaves nothing behind for the next."""
    history = History(world, seed)
    course = []
    for _ in range(STEPS):
        course.append(history.step())
        wrong = broken(history.files)
        assert not wrong, f"seed {seed}: {course} -> {wrong}"
        assert counts_hold(history.files), f"seed {seed}: {course}"


@pytest.mark.parametrize("share", range(SHARES))
def test_no_history_leaves_a_file_without_hands_or_clock(west, share):
    for seed in range(share, HISTORIES, SHARES):
        point = transaction.savepoint()
        run(west, seed)
        transaction.savepoint_rollback(point)


def test_ordinary_days_end(west):
    """A file nobody touches is told of once for each deadline, however often the worker looks."""
    file = file_open(incident=quarrel(west), by=SYSTEM, at=T0)
    file_follow_up(file=file, by=SYSTEM, at=T0)
    told = [disputes_tick(at=later(days=day)) for day in (1, 6, 8, 8, 9, 30)]
    assert [told[0], told[1], told[3], told[4], told[5]] == [0, 0, 0, 0, 0]
    assert told[2] == 2  # the push, and the file that waits for the same moment
