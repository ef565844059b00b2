"""Random courses of dispute files through the store: what may be pressed, and what must never be afterwards."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from functools import cache

from django.db import DatabaseError, transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import SYSTEM
from anlan.core.errors import DomainError
from anlan.core.row_changes import row_reread, rows_read
from anlan.disputes.due import due_again
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
from anlan.disputes.services.ticking import files_own, files_remind, pushes_remind
from disputes.quarrel import quarrel
from world import T0

AT_TABLE = ("triaged", "mediating", "agreement", "no_agreement", "performed", "defaulted", "follow_up")
STEPS = 14


class History:
    """One random course: what may be pressed, and by whom, chosen by a seeded dice."""

    def __init__(self, world, start, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = world
        self.at: datetime = T0
        self.incidents, self.files = start

    def one(self, choices):
        return self.dice.choice(list(choices))

    def step(self) -> str:
        """One press; refusals leave everything as it was. Returns what was pressed."""
        self.at += timedelta(minutes=self.one((0, 1, 7, 61, 600, 3000, 20000)))
        name = self.one([name for name in dir(self) if name.startswith("do_")])
        file = self.one(self.files)
        file._state.fields_cache.clear()  # each press loads what it needs
        row_reread(file)
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
        time_passes(self.at)
        assert time_passes(self.at) == 0
        gone = [org.pk for org in self.world.orgs.values() if not org.is_active]
        idle = DisputeFile.objects.filter(pk__in=[file.pk for file in self.files], holder__in=gone, state__in=LIVE)
        assert not idle.exists(), "held by who is no more"

    def do_abolish(self, file):
        """Now and then an organisation is closed; it opens again with the next throw, so that courses go on."""
        office = self.world.orgs[self.one(("mediation", "town-west", "west"))]
        office.is_active = not office.is_active
        Organisation.objects.filter(pk=office.pk).update(is_active=office.is_active)


def time_passes(at) -> int:
    """The worker's look at pushes and files; there are no agreements here that it could look at."""
    return pushes_remind(at=at) + files_remind(at=at) + files_own(at=at)


def stands(files):
    """Every column of these files and of all pushes, but for which notice told of them."""
    pks = [file.pk for file in files]
    pushes = Push.objects.filter(file_id__in=pks).order_by("pk").values()
    return (
        list(DisputeFile.objects.filter(pk__in=pks).order_by("pk").values()),
        [{name: value for name, value in row.items() if name != "notice_id"} for row in pushes],
        list(FileIncident.objects.filter(file_id__in=pks).order_by("pk").values()),
    )


@cache
def counted_again(unit: str, amount: int, start: str) -> datetime:
    """The moment a sum leads to; sums recur."""
    return due_again({"unit": unit, "amount": amount, "start": start})


def led_to(row: DisputeFile | Push) -> datetime:
    """The moment the kept sum of a file or push leads to."""
    return counted_again(row.due_sum["unit"], row.due_sum["amount"], row.due_sum["start"])


def broken(files) -> list[str]:
    """What must never be, with the file it is wrong of; six questions to the store."""
    pks = tuple(file.pk for file in files)
    rows = rows_read(DisputeFile, id=pks)
    pushes: dict[int, list[Push]] = defaultdict(list)
    for push in rows_read(Push, file_id=pks):
        pushes[push.file_id].append(push)
    weighed = {(row.file_id, row.level) for row in rows_read(LevelChange, file_id=pks)}
    links = rows_read(FileIncident, file_id=pks, undone_at=None)
    known = {row.file_id for row in rows_read(PartyKey, file_id=pks)}
    found = []
    for file in rows:
        wrong = wrong_with(file, pushes[file.pk])
        is_live = file.state in LIVE
        wrong |= {
            "over and its parties can be told apart": file.state in SETTLED and file.pk in known,
            "a colour nobody weighed": (file.pk, file.level) not in weighed,
            "no report": is_live and file.pk not in {link.file_id for link in links},
        }
        found += [f"{file.number} {file.state}: {what}" for what, is_so in wrong.items() if is_so]
    return found + [f"{file.number}: counts {file.reports} reports" for file in miscounted(rows, links)]


def wrong_with(file: DisputeFile, pushes: list[Push]) -> dict[str, bool]:
    """What is wrong with a file and its pushes: whose it is, its clocks, and whether each push has an end."""
    running = [push.seq for push in pushes if push.state in PUSH_OPEN]
    is_live, is_over = file.state in LIVE, file.state in SETTLED
    return {
        "live without a holder": is_live and file.holder_id is None,
        "live without a deadline": is_live and file.due_at is None,
        "deadline that its sum doesn't give": is_live and led_to(file) != file.due_at,
        "over with a deadline": is_over and file.due_at is not None,
        "over with a push that runs": not is_live and bool(running),
        "two pushes of one step": len(running) != len(set(running)),
        "a push ended without an outcome": any(p.state not in PUSH_OPEN and not p.outcome for p in pushes),
        "a push whose sum is another": any(led_to(p) != p.due_at for p in pushes),
        "no colour": file.level not in LEVELS,
        "merged into nothing": (file.state == "merged") != (file.merged_into_id is not None),
        "at the beat with nobody told": file.state == "on_site_settled" and not running,
    }


def miscounted(rows: list[DisputeFile], links: list[FileIncident]) -> list[DisputeFile]:
    """Each file counts its own reports and those of the files merged into it, once; these don't."""
    own = Counter(link.file_id for link in links if link.kind != "criminal")

    def reports(pk: int) -> int:
        return own[pk] + sum(reports(other.pk) for other in rows if other.merged_into_id == pk)

    return [file for file in rows if file.reports != reports(file.pk)]


def beginning(world):
    """Four reports, and the files of three of them: where each course begins."""
    incidents = [quarrel(world) for _ in range(4)]
    return incidents, [file_open(incident=incident, by=SYSTEM, at=T0) for incident in incidents[:3]]


def run(world, start, seed: int) -> list[str]:
    """One history; it leaves nothing behind for the next. Returns what was pressed."""
    _incidents, files = start
    kept = [dict(file.__dict__) for file in files]
    history, course = History(world, start, seed), []
    try:
        with transaction.atomic():
            for _ in range(STEPS):
                course.append(history.step())
                if ":" not in course[-1]:  # a refusal is rolled back: what stood was looked at before
                    wrong = broken(files)
                    assert not wrong, f"seed {seed}: {course} -> {wrong}"
            transaction.set_rollback(True)
        return course
    except DatabaseError as refusal:
        raise AssertionError(f"seed {seed}: {course}, and the store refused: {refusal}") from refusal
    finally:
        for file, columns in zip(files, kept, strict=True):
            file.__dict__.update(columns)
            file._state.fields_cache.clear()
        for office in world.orgs.values():
            office.is_active = True
