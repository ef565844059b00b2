"""What may be done to a dispute file from its page: each button's permission and the service behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from anlan.accounts.models import Organisation, Person
from anlan.console.asked import MOST_SHOWN, typed, whole
from anlan.console.pages.deeds import next_page
from anlan.console.pages.disputes import dispute_context
from anlan.console.screen import wants_part
from anlan.console.selectors.disputes import file_for
from anlan.console.selectors.incident import incident_for
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.pages import command_post, page_actor
from anlan.disputes import services as disputes
from anlan.disputes.models import DisputeFile, MatchSuggestion, Party, Push
from anlan.disputes.selectors import party_for, push_for, suggestion_for
from anlan.disputes.selectors.openings import opening_for
from anlan.disputes.services.charges import file_charge_give, file_charge_take
from anlan.disputes.services.openings import opening_accept, opening_reject
from anlan.intake.models import Incident
from anlan.units.models import Unit


@dataclass(frozen=True, slots=True)
class FilePress:
    """A button pressed on a file: by whom, when, and what was typed with it."""

    by: Actor
    at: datetime
    file: DisputeFile
    post: QueryDict

    def text(self, name: str) -> str:
        return typed(self.post, name)

    def number(self, name: str) -> int:
        value = whole(self.text(name))
        if value is None:
            raise BadInput(field=name, problem=self.text(name)[:MOST_SHOWN])
        return value

    def push(self) -> Push:
        """The push named; only one of this file."""
        row = push_for(self.by, self.number("push"))
        if row.file_id != self.file.pk:
            raise NotFound
        return row

    def party(self) -> Party:
        row = party_for(self.by, self.number("party"))
        if row.file_id != self.file.pk:
            raise NotFound
        return row

    def incident(self) -> Incident:
        return incident_for(self.by, self.text("incident"))

    def organisation(self) -> Organisation:
        row = Organisation.objects.filter(code=self.text("organisation")).first()
        if row is None:
            raise NotFound
        return row


def receive(p: FilePress) -> None:
    disputes.push_receive(push=p.push(), by=p.by, at=p.at)


def act(p: FilePress) -> None:
    disputes.push_act(push=p.push(), action=p.text("words"), by=p.by, at=p.at)


def outcome(p: FilePress) -> None:
    disputes.push_close(push=p.push(), outcome=p.text("outcome"), action=p.text("words"), by=p.by, at=p.at)


def give_back(p: FilePress) -> None:
    disputes.push_return(push=p.push(), reason=p.text("reason"), by=p.by, at=p.at)


def push_on(p: FilePress) -> None:
    """By decision of a person to the beat or the town room."""
    disputes.push_send(file=p.file, seq=p.number("seq"), reason="by_hand", by=p.by, at=p.at)


def accept(p: FilePress) -> None:
    disputes.file_accept(file=p.file, by=p.by, at=p.at)


def triage(p: FilePress) -> None:
    chosen: dict[str, Any] = {name: p.text(name) for name in TRIAGED}
    if p.text("people_count"):
        chosen["people_count"] = p.number("people_count")
    disputes.file_triage(file=p.file, by=p.by, at=p.at, **chosen)


TRIAGED = ("method", "exclusion", "relation", "amount_band", "claim", "cause")


def assign(p: FilePress) -> None:
    disputes.file_assign(file=p.file, mediating=p.organisation(), by=p.by, at=p.at)


def give(p: FilePress) -> None:
    """To a team or an officer of the owner; ``to`` is "unit-7" or "person-12"."""
    kind, _sep, key = p.text("to").partition("-")
    row = None
    if kind in GIVEN_TO and key.isdecimal() and len(key) < 18:
        rows = GIVEN_TO[kind].objects.filter(pk=int(key))
        row = (rows if p.by.sees_all else rows.filter(organisation_id__in=p.by.org_ids)).first()
    if row is None:
        raise BadInput(field="to", problem=p.text("to")[:20] or "–")
    file_charge_give(file=p.file, by=p.by, at=p.at, **{kind: row})


GIVEN_TO: dict[str, Any] = {"unit": Unit, "person": Person}


def give_no_more(p: FilePress) -> None:
    file_charge_take(file=p.file, by=p.by, at=p.at)


def assignment_back(p: FilePress) -> None:
    disputes.file_assignment_return(file=p.file, reason=p.text("reason"), by=p.by, at=p.at)


def close(p: FilePress) -> None:
    disputes.file_close(file=p.file, result=p.text("result"), action=p.text("words"), by=p.by, at=p.at)


def archive(p: FilePress) -> None:
    disputes.file_archive(file=p.file, by=p.by, at=p.at)


def reopen(p: FilePress) -> None:
    disputes.file_reopen(file=p.file, reason=p.text("reason"), by=p.by, at=p.at)


def police(p: FilePress) -> None:
    disputes.file_to_police(file=p.file, reason="danger", by=p.by, at=p.at)


def link(p: FilePress) -> None:
    disputes.incident_link(file=p.file, incident=p.incident(), by=p.by, at=p.at)


def unlink(p: FilePress) -> None:
    disputes.incident_unlink(file=p.file, incident=p.incident(), by=p.by, at=p.at)


def party_add(p: FilePress) -> None:
    disputes.party_add(
        file=p.file,
        role=p.text("role"),
        name=p.text("name"),
        phone=p.text("phone"),
        address=p.text("address"),
        is_organisation=bool(p.text("is_organisation")),
        is_minor=bool(p.text("is_minor")),
        by=p.by,
        at=p.at,
    )


def party_leave(p: FilePress) -> None:
    disputes.party_leave(party=p.party(), reason=p.text("reason"), by=p.by, at=p.at)


def _match(p: FilePress) -> MatchSuggestion:
    row = suggestion_for(p.by, p.number("match"))
    if row.file_id != p.file.pk:
        raise NotFound
    return row


def match_accept(p: FilePress) -> None:
    disputes.match_accept(suggestion=_match(p), by=p.by, at=p.at)


def match_reject(p: FilePress) -> None:
    disputes.match_reject(suggestion=_match(p), by=p.by, at=p.at)


def match_undo(p: FilePress) -> None:
    disputes.match_undo(suggestion=_match(p), by=p.by, at=p.at)


def merge(p: FilePress) -> None:
    disputes.files_merge(file=p.file, into=file_for(p.by, p.text("into")), by=p.by, at=p.at)


def unmerge(p: FilePress) -> None:
    disputes.files_unmerge(file=p.file, by=p.by, at=p.at)


DEEDS: dict[str, tuple[str, Callable[[FilePress], Any]]] = {
    "receive": ("disputes.act", receive),
    "act": ("disputes.act", act),
    "outcome": ("disputes.act", outcome),
    "return": ("disputes.act", give_back),
    "push": ("disputes.push", push_on),
    "accept": ("disputes.town", accept),
    "triage": ("disputes.town", triage),
    "assign": ("disputes.town", assign),
    "give": ("disputes.give", give),
    "give_no_more": ("disputes.give", give_no_more),
    "assignment_return": ("disputes.act", assignment_back),
    "close": ("disputes.close", close),
    "archive": ("disputes.close", archive),
    "reopen": ("disputes.link", reopen),
    "police": ("disputes.act", police),
    "link": ("disputes.link", link),
    "unlink": ("disputes.link", unlink),
    "party": ("disputes.party_edit", party_add),
    "party_leave": ("disputes.party_edit", party_leave),
    "match_accept": ("disputes.link", match_accept),
    "match_reject": ("disputes.link", match_reject),
    "match_undo": ("disputes.link", match_undo),
    "merge": ("disputes.merge", merge),
    "unmerge": ("disputes.merge", unmerge),
}


@require_POST
def dispute_do(request: HttpRequest, number: str, deed: str) -> HttpResponse:
    """One button on the file; the answer is the file as it then is."""
    if deed not in DEEDS:
        raise NotFound
    action, do = DEEDS[deed]

    def run(by: Actor, at: datetime) -> None:
        do(FilePress(by, at, file_for(by, number), request.POST))

    command_post(request, action, run)
    if wants_part(request) and not request.POST.get("next"):
        return render(request, "console/parts/dispute.html", dispute_context(request, number))
    return HttpResponseRedirect(next_page(request, reverse("console:dispute", args=[number])))


@require_POST
def party_show(request: HttpRequest, number: str, party_id: int) -> HttpResponse:
    """Who a party is: shown after the purpose is on the log."""
    page_actor(request, "disputes.party_reveal")

    def act(by: Actor, at: datetime) -> int:
        party = party_for(by, party_id)
        if party.file.number != number:
            raise NotFound
        request.shown = disputes.party_reveal(  # type: ignore[attr-defined]
            party=party, purpose=request.POST.get("purpose", ""), by=by, at=at
        )
        return int(party.pk)

    command_post(request, "disputes.party_reveal", act)
    return render(request, "console/parts/party.html", {"shown": getattr(request, "shown", None)})


@require_POST
def opening_do(request: HttpRequest, suggestion_id: int, deed: str) -> HttpResponse:
    """A file that a rule suggests: the same matter opens it, another one does not."""
    if deed not in ("accept", "reject"):
        raise NotFound

    def run(by: Actor, at: datetime) -> str:
        row = opening_for(by, suggestion_id)
        if deed == "reject":
            opening_reject(suggestion=row, by=by, at=at)
            return ""
        return str(opening_accept(suggestion=row, by=by, at=at).number)

    number = command_post(request, "disputes.link", run)
    usual = reverse("console:dispute", args=[number]) if number else reverse("console:disputes")
    return HttpResponseRedirect(next_page(request, usual))
