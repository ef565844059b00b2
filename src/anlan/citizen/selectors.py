"""Where a matter stands for who reported it; what citizens asked; and whom the units ask how it went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q
from django.utils.functional import Promise

from anlan.accounts.models import Organisation
from anlan.citizen.models import CitizenRequest, GuessCount, RatingInvite
from anlan.citizen.rules import CLOCKS_TOLD, REQUEST, REQUEST_KINDS, SAID, stage_of
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import NotFound
from anlan.core.reach import reaching_as
from anlan.core.services import keyed_hash
from anlan.dispatch.models import Feedback, Revisit, WorkOrder
from anlan.dispatch.selectors import clocks_of
from anlan.disputes.models import DisputeFile, FileIncident
from anlan.engines.asking import Closing, UnitAsking, asking_of
from anlan.intake.models import Call, Incident, Transfer
from anlan.intake.selectors import OPEN_STATES, incident_root
from anlan.intake.selectors.tracking import call_by_tracking_code, is_tracking_code, tracking_code

SHOWN = 200
A_CHUNK = 5_000
BY_RULE = ("not_safe", "no_address", "channel_off")
"""Not asked for a reason that holds for everybody alike: such matters say nothing of who asks whom."""
ASKING_RULE = "asking-1"
"""Edition of the comparison of who is asked: three looks, thirty cases on either side, ten points at least."""
SETTLED_RESULTS = ("settled_on_site", "mediated_agreement", "helped", "person_found", "accident_fast_settled")
CITIZEN = Actor(kind="citizen", name="citizen")
"""Somebody outside, known by nothing but a code or a link."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a matter stands, in plain words: what is happening, who has it, by when, and what comes next.

    Nothing in it says who else reported or who else is part of it.
    """

    call: Call
    incident: Incident
    stage: str
    happening: str | Promise
    coming: str | Promise
    holder: Organisation | None
    due_at: datetime | None
    is_late: bool
    file: DisputeFile | None
    requests: list[CitizenRequest]

    @property
    def can_withdraw(self) -> bool:
        return self.incident.state in OPEN_STATES and not self._waits("withdrawal")

    @property
    def can_object(self) -> bool:
        return self.incident.state in ("closed", "invalid") and not self._waits("appeal")

    @property
    def is_over(self) -> bool:
        return self.stage in ("closed", "invalid", "file_over")

    def _waits(self, kind: str) -> bool:
        return any(row.kind == kind and row.state == "waiting" for row in self.requests)


def followed(code: str, last_digits: str, *, at: datetime) -> Followed:
    """The matter of this code and these digits; ``NotFound`` for either being wrong. A dozen queries."""
    call = call_by_tracking_code(code, last_digits)
    if call.incident is None:
        raise NotFound
    incident = incident_root(call.incident)
    order = WorkOrder.objects.filter(incident=incident).order_by("-routed_at", "-id").first()
    file = file_of(incident)
    stage = stage_of(
        incident=incident.state, order=order.state if order else "", file=file.state if file is not None else ""
    )
    holder, due_at = _who_and_when(incident, file if stage.startswith("file") else None, stage, at)
    happening, coming = SAID[stage]
    # Code and digits have opened it, not somebody's reach: the store is asked on nobody's behalf.
    with reaching_as(SYSTEM):
        requests = list(CitizenRequest.objects.filter(call=call).order_by("-asked_at"))
    late = due_at is not None and due_at <= at
    return Followed(call, incident, stage, happening, coming, holder, due_at, late, file, requests)


def _who_and_when(
    incident: Incident, file: DisputeFile | None, stage: str, at: datetime
) -> tuple[Organisation | None, datetime | None]:
    if file is not None:
        return file.holder, file.due_at
    if stage == "handed":
        rows = Transfer.objects.filter(incident=incident, state="accepted").select_related("partner")
        accepted = rows.order_by("-answered_at").first()
        if accepted is not None:
            return accepted.partner, None
    told = [clock.due_at for clock in clocks_of(incident, at=at) if clock.kind in CLOCKS_TOLD.get(stage, ())]
    return incident.holder or incident.station, min(told, default=None)


def file_of(incident: Incident) -> DisputeFile | None:
    """The dispute file the incident belongs to, the one that stands for it where files were merged."""
    row = FileIncident.objects.filter(incident=incident, undone_at=None).select_related("file__holder").first()
    file: DisputeFile | None = row.file if row is not None else None
    while file is not None and file.merged_into_id is not None:
        file = DisputeFile.objects.select_related("holder").get(pk=file.merged_into_id)
    return file


def guess_keys(code: str, address: str) -> dict[str, str]:
    """Under what a try counts: by code (where it is one at all) and by address."""
    text = code.upper().replace("-", "").replace(" ", "")[:64]
    keys = {"from": keyed_hash(f"guess-from:{address}")}
    return {"code": keyed_hash(f"guess-code:{text}"), **keys} if is_tracking_code(code) else keys


def guess_locked(*, code: str, address: str, at: datetime) -> GuessCount | None:
    """The count that keeps this code or this address waiting at ``at``."""
    rows = GuessCount.objects.filter(key__in=guess_keys(code, address).values(), locked_until__gt=at)
    return rows.order_by("-locked_until").first()


def requests_waiting(actor: Actor, *, limit: int = SHOWN) -> list[CitizenRequest]:
    """What citizens asked and nobody has answered, the most pressing first."""
    rows = CitizenRequest.objects.visible_to(actor).filter(state="waiting")
    return list(rows.select_related("incident", "asked_of").order_by("due_at", "id")[:limit])


def requests_answered(actor: Actor, *, limit: int = 50) -> list[CitizenRequest]:
    """The last that were answered."""
    rows = CitizenRequest.objects.visible_to(actor).exclude(state="waiting")
    return list(rows.select_related("incident", "asked_of").order_by("-answered_at", "-id")[:limit])


def request_for(actor: Actor, request_id: int) -> CitizenRequest:
    """The request, or ``NotFound``."""
    rows = CitizenRequest.objects.select_related("incident", "call", "asked_of")
    row: CitizenRequest = rows.one_for(actor, pk=request_id)
    return row


def requests_of_incident(incident_id: int) -> list[CitizenRequest]:
    """What was asked about an incident, newest first; the caller has checked that it may be seen."""
    return list(CitizenRequest.objects.filter(incident_id=incident_id).order_by("-asked_at"))


def site_address(path: str) -> str:
    """A page as citizens reach it from outside; empty where the operator has not said how."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}" if settings.PUBLIC_URL else ""


def tracking_link(call: Call) -> str:
    """Where the reporter of this call follows it; the digits are still asked for there."""
    return site_address(f"/track/{tracking_code(call)}")


def rating_token(invite: RatingInvite) -> str:
    """The one-time link's mark: the row's key and a seal over it. It is worked out, never stored."""
    return f"{invite.pk:x}-{keyed_hash(f'rating:{invite.pk}:{invite.asked_at.isoformat()}')}"


def invite_by_token(token: str) -> RatingInvite | None:
    """The invitation a link stands for; None for a link nobody made."""
    head = token.partition("-")[0]
    if not head or len(head) > 15 or any(sign not in "0123456789abcdef" for sign in head):
        return None
    row: RatingInvite | None = RatingInvite.objects.select_related("incident").filter(pk=int(head, 16)).first()
    # An address is compared as a whole: it is no secret that is guessed sign by sign, but it costs nothing.
    return row if row is not None and not row.not_asked and token == rating_token(row) else None


@dataclass(frozen=True, slots=True)
class AskingCompared:
    """Units by whom they ask, with their names; the figures stand in ``found``."""

    organisation: Organisation | None
    found: UnitAsking


def asking_compared(
    *, start: datetime, end: datetime, actor: Actor, organisation: Organisation | None = None
) -> list[AskingCompared]:
    """Whom each unit asked of the matters closed in [start, end), and how those went; by unit, never by person.

    Units are compared over all of them, and those in the actor's reach are shown; ``organisation`` narrows that.
    """
    incidents = _closed(start, end)
    found = asking_of(_closings(incidents))
    names = {str(org.pk): org for org in Organisation.objects.filter(pk__in=[int(u.unit) for u in found])}
    shown = [AskingCompared(names.get(unit.unit), unit) for unit in found]
    return [row for row in shown if _in_reach(row.organisation, actor, organisation)]


def _in_reach(row: Organisation | None, actor: Actor, within: Organisation | None) -> bool:
    if row is None or (not actor.sees_all and row.pk not in actor.org_ids):
        return False
    return within is None or row.path.startswith(within.path)


def _closed(start: datetime, end: datetime) -> Iterable[Any]:
    return (
        Incident.objects.filter(closed_at__gte=start, closed_at__lt=end, source="live", is_valid=True)
        .exclude(holder=None, station=None)
        .only("id", "holder_id", "station_id", "closed_at", "bounces")
        .prefetch_related(
            "rating_invites",
            Prefetch("feedback", queryset=Feedback.objects.only("incident_id", "result", "review", "filed_at")),
            Prefetch("revisits", queryset=Revisit.objects.filter(done_at__isnull=False)),
        )
        .iterator(chunk_size=A_CHUNK)
    )


def _closings(incidents: Iterable[Any]) -> Iterable[Closing]:
    for row in incidents:
        invites = list(row.rating_invites.all())
        if invites and all(one.not_asked in BY_RULE for one in invites):
            continue
        answers = [one for one in invites if one.rated_at is not None]
        yield Closing(
            str(row.holder_id or row.station_id),
            asked=any(not one.not_asked for one in invites),
            rough=_is_rough(row),
            # Of several parties the least content one counts.
            rating=min((one.rating for one in answers), default=None),
            answered_s=min(((one.rated_at - one.asked_at).total_seconds() for one in answers), default=None),
            blind_content=_blind(row),
        )


def _is_rough(row: Any) -> bool:
    """Sent back and forth, returned for correction, or not settled by what was reported last."""
    sheets = sorted(row.feedback.all(), key=lambda sheet: sheet.filed_at)
    returned = any(sheet.review == Feedback.Review.RETURNED for sheet in sheets)
    settled = bool(sheets) and sheets[-1].result in SETTLED_RESULTS
    return bool(row.bounces) or returned or not settled


def _blind(row: Any) -> bool | None:
    """What the call of somebody who did not handle it found, where it was drawn by rule and reached somebody."""
    drawn = [one for one in row.revisits.all() if one.rule == "sample"]
    found = [one.outcome for one in drawn if one.outcome in ("satisfied", "not_satisfied")]
    return found[-1] == "satisfied" if found else None


def ratings_between(*, start: datetime, end: datetime, actor: Actor) -> dict[str, int]:
    """How many were asked, not asked (by which rule), and answered with which rating, of closings in [start, end)."""
    counts: dict[str, int] = {"asked": 0, "answered": 0}
    rows = RatingInvite.objects.counted_for(actor).filter(Q(closing__gte=start, closing__lt=end))
    for why, rating in rows.values_list("not_asked", "rating"):
        key = f"not_asked_{why}" if why else "asked"
        counts[key] = counts.get(key, 0) + 1
        if rating is not None:
            counts["answered"] += 1
            counts[f"rating_{rating}"] = counts.get(f"rating_{rating}", 0) + 1
    return counts


__all__ = [
    "ASKING_RULE",
    "CITIZEN",
    "REQUEST",
    "REQUEST_KINDS",
    "AskingCompared",
    "Followed",
    "asking_compared",
    "file_of",
    "followed",
    "guess_keys",
    "guess_locked",
    "invite_by_token",
    "rating_token",
    "ratings_between",
    "request_for",
    "requests_answered",
    "requests_of_incident",
    "requests_waiting",
    "site_address",
    "tracking_link",
]
