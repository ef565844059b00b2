"""The mediator's page of one file: limit, sessions, draft agreement, what was promised, papers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from anlan.accounts.models import Person
from anlan.console.asked import MOST_SHOWN, typed, whole
from anlan.console.pages.mediation import instant_read
from anlan.console.screen import screen, wants_part
from anlan.console.selectors.disputes import file_for
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.core.pages import command_post, page_actor
from anlan.disputes.models import Agreement, DisputeFile, Mediation, Obligation, Party, Session
from anlan.disputes.rules import EXCLUSIONS, METHODS, PARTY_PURPOSES
from anlan.disputes.selectors import mediation as read
from anlan.disputes.services import agreements, mediation, obligations, sessions
from anlan.disputes.services.mediation_papers import paper_make

CAN_START = ("assigned", "no_agreement", "defaulted")


@screen("disputes.mediation_view")
def table(request: HttpRequest, number: str) -> HttpResponse:
    """Everything of the mediating table about one file."""
    actor, at = page_actor(request), now()
    context = {**table_context(actor, number, at), "default_theme": "light"}
    template = "console/parts/mediation_file.html" if wants_part(request) else "console/mediation_file.html"
    return render(request, template, context)


def table_context(actor: Actor, number: str, at: datetime) -> dict[str, Any]:
    """What the file's page shows."""
    file = file_for(actor, number)
    attempts = read.mediations_of(file)
    running = next((row for row in attempts if row.ended_at is None), None)
    agreed = read.agreements_of(file)
    standing = next((row for row in agreed if row.state in ("in_force", "defaulted", "performed")), None)
    promised = standing.obligations.all() if standing else []
    draft = next((row for row in agreed if row.state == "draft"), None)
    return {
        "file": file,
        "attempts": attempts,
        "running": running,
        "latest": attempts[0] if attempts else None,
        "sessions": read.sessions_of(attempts),
        "draft": draft,
        "draft_amounts": {row.pk: read.amount_shown(row) for row in draft.obligations.all()} if draft else {},
        "standing": standing,
        "sums": read.amounts_shown(standing) if standing else None,
        "promised": [(row, read.amount_shown(row)) for row in promised],
        "parties": read.parties_of(file),
        "papers": read.papers_of(file),
        "bodies": [(body, read.mediators_of(body)) for body in read.bodies_of(actor)],
        "can_start": running is None and file.state in CAN_START,
        "methods": [(key, word) for key, word in METHODS.items() if key],
        "exclusions": EXCLUSIONS.items(),
        "purposes": PARTY_PURPOSES.items(),
        "words": read.WORDS,
        "today": timezone.localdate(at),
        "at": at,
    }


@dataclass(frozen=True, slots=True)
class TablePress:
    """A button pressed at the table: by whom, when, and what was typed with it."""

    by: Actor
    at: datetime
    file: DisputeFile
    post: QueryDict

    def text(self, name: str) -> str:
        return typed(self.post, name)

    def number(self, name: str) -> int:
        value = whole(self.text(name))
        if value is None:
            raise BadInput(field=name, problem=self.text(name)[:MOST_SHOWN] or "–")
        return value

    def person(self, name: str) -> Person:
        found = Person.objects.filter(pk=self.number(name), is_active=True).first()
        if found is None:
            raise NotFound
        return found

    def party(self, name: str) -> Party | None:
        if not self.text(name):
            return None
        found: Party | None = Party.objects.filter(pk=self.number(name), file=self.file).first()
        if found is None:
            raise NotFound
        return found

    def mediation(self) -> Mediation:
        return self._mine(read.mediation_for(self.by, self.number("mediation")))

    def session(self) -> Session:
        return self._mine(read.session_for(self.by, self.number("session")))

    def agreement(self) -> Agreement:
        return self._mine(read.agreement_for(self.by, self.number("agreement")))

    def obligation(self) -> Obligation:
        return self._mine(read.obligation_for(self.by, self.number("obligation")))

    def attendance(self) -> dict[int, str]:
        """The fields ``party-7 = came``."""
        return {
            int(name.removeprefix("party-")): self.text(name)
            for name in self.post
            if name.startswith("party-") and name.removeprefix("party-").isdecimal() and self.text(name)
        }

    def _mine(self, row: Any) -> Any:
        if row.file_id != self.file.pk:
            raise NotFound
        return row


def _start(press: TablePress) -> Any:
    # One choice names both: the body and who mediates for it.
    body, person = map(whole, press.text("mediator").partition(".")[::2])
    if body is None or person is None:
        raise BadInput(field="mediator", problem=press.text("mediator")[:MOST_SHOWN] or "–")
    mediator = Person.objects.filter(pk=person, is_active=True).first()
    if mediator is None:
        raise NotFound
    return mediation.mediation_start(
        file=press.file,
        body=read.body_for(press.by, body),
        method=press.text("method"),
        mediator=mediator,
        by=press.by,
        at=press.at,
    )


def _extend(press: TablePress) -> Any:
    consents = [pk for pk in map(whole, press.post.getlist("consent")) if pk is not None]
    return mediation.mediation_extend(
        mediation=press.mediation(), days=press.number("days"), consents=consents, by=press.by, at=press.at
    )


def _book(press: TablePress) -> Any:
    row = press.mediation()
    room, _bar, starts_at = press.text("cell").partition("|")
    sitting = press.text("sitting") or "joint"
    return sessions.session_book(
        mediation=row,
        starts_at=instant_read(starts_at, "starts_at"),
        slots=press.number("slots"),
        mediator=press.person("mediator"),
        room=read.room_for(row.body, number) if (number := whole(room)) is not None else None,
        sitting=sitting,
        only_party=press.party("only_party") if sitting == "separate" else None,
        by=press.by,
        at=press.at,
    )


def _hold(press: TablePress) -> Any:
    return sessions.session_hold(
        session=press.session(),
        attendance=press.attendance(),
        outcome=press.text("outcome"),
        minutes=press.text("minutes"),
        by=press.by,
        at=press.at,
    )


def _promise(press: TablePress) -> Any:
    debtor = press.party("debtor")
    if debtor is None:
        raise BadInput(field="debtor", problem="–")
    return agreements.obligation_add(
        agreement=press.agreement(),
        debtor=debtor,
        creditor=press.party("creditor"),
        what=press.text("what"),
        way=press.text("way"),
        amount_fen=agreements.amount_read(press.text("amount")),
        due_on=agreements.day_read(press.text("due_on")),
        condition=press.text("condition"),
        check_by=agreements.day_read(press.text("check_by")),
        by=press.by,
        at=press.at,
    )


def _conclude(press: TablePress) -> Any:
    signed = press.text("signed_at")
    return agreements.agreement_conclude(
        agreement=press.agreement(),
        agreed_at=instant_read(press.text("agreed_at"), "agreed_at"),
        signed_at=instant_read(signed, "signed_at") if signed else None,
        by=press.by,
        at=press.at,
    )


def _perform(press: TablePress) -> Any:
    day = agreements.day_read(press.text("performed_on"))
    if day is None:
        raise BadInput(field="performed_on", problem="–")
    return obligations.obligation_perform(
        obligation=press.obligation(),
        performed_on=day,
        evidence=press.text("evidence"),
        note=press.text("note"),
        by=press.by,
        at=press.at,
    )


def _apply(press: TablePress) -> Any:
    return agreements.confirmation_apply(
        agreement=press.agreement(),
        applied_at=press.at,
        court_case_number=press.text("court_case_number"),
        by=press.by,
        at=press.at,
    )


Deed = Callable[[TablePress], Any]
DEEDS: dict[str, tuple[str, Deed]] = {
    "start": ("disputes.mediate", _start),
    "pause": (
        "disputes.mediate",
        lambda p: mediation.mediation_pause(mediation=p.mediation(), reason=p.text("reason"), by=p.by, at=p.at),
    ),
    "resume": ("disputes.mediate", lambda p: mediation.mediation_resume(mediation=p.mediation(), by=p.by, at=p.at)),
    "extend": ("disputes.mediate", _extend),
    "end": (
        "disputes.mediate",
        lambda p: mediation.mediation_end(mediation=p.mediation(), reason=p.text("reason"), by=p.by, at=p.at),
    ),
    "exclude": (
        "disputes.mediate",
        lambda p: mediation.exclusion_set(file=p.file, exclusion=p.text("exclusion"), by=p.by, at=p.at),
    ),
    "book": ("disputes.book", _book),
    "cancel": (
        "disputes.book",
        lambda p: sessions.session_cancel(session=p.session(), reason=p.text("reason"), by=p.by, at=p.at),
    ),
    "hold": ("disputes.mediate", _hold),
    "miss": (
        "disputes.mediate",
        lambda p: sessions.session_miss(session=p.session(), attendance=p.attendance(), by=p.by, at=p.at),
    ),
    "draft": ("disputes.mediate", lambda p: agreements.agreement_draft(mediation=p.mediation(), by=p.by, at=p.at)),
    "change": (
        "disputes.mediate",
        lambda p: agreements.agreement_change(
            agreement=p.agreement(),
            form=p.text("form"),
            facts=p.text("facts"),
            terms=p.text("terms"),
            by=p.by,
            at=p.at,
        ),
    ),
    "promise": ("disputes.mediate", _promise),
    "unpromise": (
        "disputes.mediate",
        lambda p: agreements.obligation_drop(obligation=p.obligation(), by=p.by, at=p.at),
    ),
    "conclude": ("disputes.mediate", _conclude),
    "drop": ("disputes.mediate", lambda p: agreements.agreement_drop(agreement=p.agreement(), by=p.by, at=p.at)),
    "perform": ("disputes.mediate", _perform),
    "waive": (
        "disputes.mediate",
        lambda p: obligations.obligation_waive(obligation=p.obligation(), reason=p.text("reason"), by=p.by, at=p.at),
    ),
    "broken": (
        "disputes.mediate",
        lambda p: obligations.obligation_default(
            obligation=p.obligation(), reason=p.text("reason"), by=p.by, at=p.at
        ),
    ),
    "apply": ("disputes.mediate", _apply),
    "decide": (
        "disputes.mediate",
        lambda p: agreements.confirmation_decide(
            agreement=p.agreement(), confirmed=p.text("confirmed") == "1", by=p.by, at=p.at
        ),
    ),
}


@require_POST
def table_do(request: HttpRequest, number: str, deed: str) -> HttpResponse:
    """One step at the table; the page shows what came of it."""
    if deed not in DEEDS:
        raise NotFound
    action, act = DEEDS[deed]

    def press(by: Actor, at: datetime) -> int:
        act(TablePress(by, at, file_for(by, number), request.POST))
        return 1

    command_post(request, action, press)
    return HttpResponseRedirect(reverse("console:mediation_file", args=[number]))


@require_POST
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """A paper to take along. Not kept with the form's key: its words would be kept with it."""
    by, at = page_actor(request, "disputes.mediate"), now()
    press = TablePress(by, at, file_for(by, number), request.POST)
    made = paper_make(
        kind=press.text("kind"),
        mediation=press.mediation(),
        format=press.text("format"),
        language=press.text("language"),
        agreement=press.agreement() if press.text("agreement") else None,
        session=press.session() if press.text("session") else None,
        with_names=bool(press.text("with_names")),
        purpose=press.text("purpose"),
        note=press.text("note"),
        by=by,
        at=at,
    )
    answer = HttpResponse(made.data, content_type=made.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def minutes(request: HttpRequest, number: str) -> HttpResponse:
    """The minutes of a session, for a purpose; every look is logged."""
    by, at = page_actor(request, "disputes.party_reveal"), now()
    press = TablePress(by, at, file_for(by, number), request.POST)
    text = sessions.minutes_read(session=press.session(), purpose=press.text("purpose"), by=by, at=at)
    return render(request, "console/parts/mediation_minutes.html", {"text": text})
