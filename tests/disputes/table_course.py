"""Random courses at the mediating table: sittings, agreements, promises and what the court is asked for."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from anlan.core.actor import SYSTEM
from anlan.core.errors import DomainError
from anlan.core.row_changes import row_reread, rows_read
from anlan.disputes import services
from anlan.disputes.jobs import disputes_tick
from anlan.disputes.mediation_models import (
    Agreement,
    JudicialConfirmation,
    Mediation,
    Obligation,
    Session,
    SlotHold,
)
from anlan.disputes.mediation_rules import EVIDENCE, MEDIATION_OPEN, OUTCOMES, PAUSE_REASONS, WAYS, agreement_state
from anlan.disputes.mediation_terms import term_again
from anlan.disputes.models import DisputeFile, Party
from anlan.disputes.rules import EXCLUSIONS, LIVE, RESULTS
from anlan.disputes.services import agreements, mediation, obligations, sessions
from disputes.course import broken
from disputes.quarrel import at_town, opened
from world import T0

STEPS = 24
HOURS = (2, 3, 6, 7)
"""Hours after nine at which somebody may book: 11, 12, 15 and 16 o'clock."""
SELDOM = ("do_police", "do_close", "do_exclude", "do_end", "do_reopen", "do_drop")
"""What ends a history early is pressed less often than what goes on."""


class Sitting:
    """One random course of two files that a mediation body may take up."""

    def __init__(self, table: Any, files: list[DisputeFile], seed: int) -> None:
        self.dice = random.Random(seed)
        self.table, self.files, self.at = table, files, T0

    def one(self, choices: Any) -> Any:
        return self.dice.choice(list(choices))

    def step(self) -> str:
        """One press; refusals leave everything as it was. Returns what was pressed."""
        self.at += timedelta(minutes=self.one((0, 1, 7, 61, 600, 1440, 4320)))
        name = self.one([name for name in dir(self) if name.startswith("do_")])
        if name in SELDOM and self.dice.random() < 0.7:
            return self.step()
        file = self.one(self.files)
        file._state.fields_cache.clear()
        row_reread(file)
        try:
            with transaction.atomic():
                getattr(self, name)(file)
        except DomainError as refusal:
            return f"{name}: {refusal.code}"
        return name

    def args(self) -> dict[str, Any]:
        return {"by": SYSTEM, "at": self.at}

    def mediation(self, file: DisputeFile) -> Mediation:
        """The mediation of a file; begun where there is none yet."""
        rows = Mediation.objects.filter(file=file).select_related("body__organisation", "mediator", "file")
        return rows.last() or self.do_start(file)

    def do_start(self, file: DisputeFile) -> Mediation:
        police = self.dice.random() < 0.25
        body, name = (self.table.police, "pei") if police else (self.table.centre, self.one(("nan", "oda")))
        method = "police" if police else self.one(("people", "people", "judicial"))
        return mediation.mediation_start(
            file=file, body=body, method=method, mediator=self.table.person(name), **self.args()
        )

    def do_pause(self, file):
        mediation.mediation_pause(mediation=self.mediation(file), reason=self.one(PAUSE_REASONS), **self.args())

    def do_resume(self, file):
        mediation.mediation_resume(mediation=self.mediation(file), **self.args())

    def do_extend(self, file):
        consents = [party.pk for party in Party.objects.filter(file=file)][: self.one((1, 2, 2))]
        days, running = self.one((1, 10, 30)), self.mediation(file)
        mediation.mediation_extend(mediation=running, days=days, consents=consents, **self.args())

    def do_end(self, file):
        mediation.mediation_end(mediation=self.mediation(file), withdrawn=self.dice.random() < 0.3, **self.args())

    def do_exclude(self, file):
        mediation.exclusion_set(file=file, exclusion=self.one(("", "", *EXCLUSIONS)), **self.args())

    def do_book(self, file) -> Session:
        running = self.mediation(file)
        day = timezone.localtime(self.at).date() - timezone.localtime(T0).date()
        starts_at = T0 + timedelta(days=day.days + self.one((0, 1, 2, 7)), hours=self.one(HOURS))
        room = self.one(self.table.rooms) if running.body_id == self.table.centre.pk else None
        return sessions.session_book(
            mediation=running, starts_at=starts_at, slots=2, mediator=running.mediator, room=room, **self.args()
        )

    def booked(self, file) -> Session:
        """A booked sitting whose hour has come."""
        rows = Session.objects.filter(file=file, state="booked")
        session = rows.select_related("mediation__body__organisation", "file").first() or self.do_book(file)
        self.at = max(self.at, session.starts_at)
        return session

    def do_cancel(self, file):
        sessions.session_cancel(session=self.booked(file), reason="住院", **self.args())

    def do_miss(self, file):
        session = self.booked(file)
        sessions.session_miss(session=session, attendance={self.sides(file)[0].pk: "absent"}, **self.args())

    def do_hold(self, file):
        session = self.booked(file)
        came = {party.pk: "came" for party in self.sides(file)}
        sessions.session_hold(session=session, attendance=came, outcome=self.one(OUTCOMES), **self.args())

    do_hold_again = do_hold

    def sides(self, file) -> list[Party]:
        return list(Party.objects.filter(file=file).order_by("pk"))

    def agreement(self, file) -> Agreement:
        rows = Agreement.objects.filter(file=file).exclude(state="dropped")
        found = rows.select_related("mediation__body__organisation", "file").last()
        return found or self.do_draft(file)

    def do_draft(self, file) -> Agreement:
        return agreements.agreement_draft(mediation=self.mediation(file), facts="漏水", terms="修好", **self.args())

    def do_promise(self, file) -> Obligation:
        a, b = self.sides(file)
        day = timezone.localtime(self.at).date() + timedelta(days=self.one((-1, 0, 3, 20)))
        when = {"due_on": day} if self.dice.random() < 0.7 else {"condition": "秋收后", "check_by": day}
        sides = {"debtor": a, "creditor": b, "way": self.one(WAYS)}
        return agreements.obligation_add(agreement=self.agreement(file), what="修好", **sides, **when, **self.args())

    do_promise_more = do_promise

    def do_drop(self, file):
        agreements.agreement_drop(agreement=self.agreement(file), **self.args())

    def do_conclude(self, file):
        if not Session.objects.filter(file=file, state="held").exists():
            self.do_hold(file)
        agreement = self.agreement(file)
        if not Obligation.objects.filter(agreement=agreement).exists():
            self.do_promise(file)
        agreements.agreement_conclude(agreement=agreement, agreed_at=self.at, **self.args())

    do_conclude_too = do_conclude

    def promise(self, file) -> Obligation:
        rows = Obligation.objects.filter(file=file)
        rows = rows.select_related("agreement__mediation__body__organisation", "agreement__file")
        return self.one(rows) if rows else self.do_promise(file)

    def do_perform(self, file):
        day = timezone.localtime(self.at).date()
        obligations.obligation_perform(
            obligation=self.promise(file), performed_on=day, evidence=self.one(EVIDENCE), **self.args()
        )

    do_perform_too = do_perform

    def do_waive(self, file):
        obligations.obligation_waive(obligation=self.promise(file), reason="谅解", **self.args())

    def do_default(self, file):
        obligations.obligation_default(obligation=self.promise(file), reason="拒不履行", **self.args())

    def do_apply(self, file):
        agreements.confirmation_apply(agreement=self.agreement(file), applied_at=self.at, **self.args())

    def do_decide(self, file):
        agreements.confirmation_decide(
            agreement=self.agreement(file), confirmed=self.dice.random() < 0.5, **self.args()
        )

    def do_wait(self, file):
        self.at += timedelta(days=self.one((1, 9, 31)))
        disputes_tick(at=self.at)
        assert disputes_tick(at=self.at) == 0

    def do_triage(self, file):
        services.file_triage(file=file, method="people", **self.args())

    def do_assign(self, file):
        services.file_assign(file=file, mediating=self.table.world.orgs["mediation"], **self.args())

    def do_police(self, file):
        services.file_to_police(file=file, reason="danger", **self.args())

    def do_close(self, file):
        services.file_close(file=file, result=self.one([result for result in RESULTS if result]), **self.args())

    def do_reopen(self, file):
        services.file_reopen(file=file, reason="came_back", **self.args())


@cache
def ends_at(total: str) -> datetime | None:
    """The moment a kept sum of a term leads to; sums recur."""
    return term_again(json.loads(total)).due_at


def _sum_is_wrong(due_at: datetime | None, total: dict[str, Any]) -> bool:
    return bool(total) and ends_at(json.dumps(total, sort_keys=True)) != due_at


def wrong_at_table(files: list[DisputeFile]) -> list[str]:
    """What must never be at the table, with the number of the file it is wrong of."""
    pks = tuple(file.pk for file in files)
    rows = {file.pk: file for file in rows_read(DisputeFile, id=pks)}
    mediations = rows_read(Mediation, file_id=pks)
    sittings = rows_read(Session, file_id=pks)
    signed = rows_read(Agreement, file_id=pks)
    promised = rows_read(Obligation, file_id=pks)
    court = list(JudicialConfirmation.objects.filter(agreement__file__in=pks).select_related("agreement"))
    held = Counter(SlotHold.objects.filter(session__file__in=pks).values_list("session_id", flat=True))
    is_open = {row.pk for row in mediations if row.state in MEDIATION_OPEN}
    runs = {row.file_id for row in mediations if row.pk in is_open}
    found = [
        f"{file.number}: in mediation, and none runs"
        for file in rows.values()
        if file.state == "mediating" and file.pk not in runs
    ]

    def never(what: str, row: Any, is_so: bool) -> None:
        if is_so:
            file = rows[row.file_id if hasattr(row, "file_id") else row.agreement.file_id]
            found.append(f"{file.number} {file.state}: {what}")

    for row in mediations:
        file = rows[row.file_id]
        never("a mediation that runs of a file that is over", row, row.pk in is_open and file.state not in LIVE)
        never("a running mediation without a deadline", row, row.state == "running" and row.due_at is None)
        stands = row.state == "paused" and row.due_at is not None and row.due_at > row.state_since
        never("a paused mediation whose time runs out", row, stands)
        never("a limit that its sum doesn't give", row, row.pk in is_open and _sum_is_wrong(row.due_at, row.due_sum))
        never("a penalty clock that its sum doesn't give", row, _sum_is_wrong(row.penalty_due_at, row.penalty_sum))
        never("a mediation over without an end", row, row.pk not in is_open and row.ended_at is None)
    for row in sittings:
        never("a sitting booked for what is over", row, row.state == "booked" and row.mediation_id not in is_open)
        never("half hours kept for nobody", row, row.state in ("cancelled", "no_show") and held[row.pk] > 0)
        never("a booked sitting without its half hours", row, row.state == "booked" and held[row.pk] == 0)
    for row in signed:
        states = [promise.state for promise in promised if promise.agreement_id == row.pk]
        binds = row.state in ("in_force", "performed", "defaulted")
        never("an agreement that its promises don't make", row, binds and row.state != agreement_state(states))
        never("a draft of a mediation that is over", row, row.state == "draft" and row.mediation_id not in is_open)
        never("a penalty clock that its sum doesn't give", row, _sum_is_wrong(row.penalty_due_at, row.penalty_sum))
    for row in promised:
        never("a promise without a day", row, row.due_on is None and row.check_by is None)
    for row in court:
        never("a window of the court that its sum doesn't give", row, _sum_is_wrong(row.due_at, row.due_sum))
    return found


def beginning(table: Any) -> list[DisputeFile]:
    """Two files that the town room has assigned to the mediation centre, two parties each."""
    files = []
    for _ in range(2):
        file = opened(table.world)
        for role, name in (("a", "张三"), ("b", "李四")):
            services.party_add(file=file, role=role, name=name, by=SYSTEM, at=T0)
        at_town(table.world, file, at=T0)
        file.refresh_from_db()
        files.append(file)
    return files


def run(table: Any, files: list[DisputeFile], seed: int) -> list[str]:
    """One history at the table; it leaves nothing behind. Returns what was pressed."""
    kept = [dict(file.__dict__) for file in files]
    sitting, course = Sitting(table, files, seed), []
    try:
        with transaction.atomic():
            for _ in range(STEPS):
                course.append(sitting.step())
                if ":" not in course[-1]:
                    wrong = broken(files) + wrong_at_table(files)
                    assert not wrong, f"seed {seed}: {course} -> {wrong}"
            transaction.set_rollback(True)
        return course
    except DatabaseError as refusal:
        raise AssertionError(f"seed {seed}: {course}, and the store refused: {refusal}") from refusal
    finally:
        for file, columns in zip(files, kept, strict=True):
            file.__dict__.update(columns)
            file._state.fields_cache.clear()
