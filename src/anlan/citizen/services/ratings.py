"""Everybody is asked how it went, by one rule, and answers once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.citizen import events
from anlan.citizen.errors import LinkOver, LinkUnknown, LinkUsed
from anlan.citizen.models import RatingInvite
from anlan.citizen.rules import RATING_POOR, RATING_REASONS, RATING_VALID, RATINGS
from anlan.citizen.selectors import invite_by_token, rating_token, site_address
from anlan.citizen.writing import ASK_RATING, CHANNEL, RATED_POORLY, holder_tell, not_writable, reporter_write
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import BadInput
from anlan.core.purpose import machine_use
from anlan.core.services import event_record, view_log
from anlan.dispatch.services.following import owners
from anlan.disputes.models import DisputeFile, Party, PartyIdentity
from anlan.disputes.services.revisits import file_rate
from anlan.intake.models import Call, Incident
from anlan.notices.selectors import address_fits, channel_is_on
from anlan.notices.services import message_arrived_for, message_queue

NOTE_MAX = 300
SIDES = ("a", "b")


@transaction.atomic
def rating_ask(*, incident: Incident, by: Actor, at: datetime, rule: str = "closed") -> RatingInvite | None:
    """Ask who reported a closed matter how it went, by a link that works once and for seven days.

    Nobody chooses: where somebody is not asked, the row says by which rule. Asked before about this closing,
    the same row is given back. None for a matter that is not closed or that nobody called about.
    """
    call = Call.objects.filter(filed_under=incident, is_opening=True).select_related("incident").first()
    if incident.closed_at is None or incident.state != "closed" or call is None:
        return None
    row, is_new = RatingInvite.objects.get_or_create(
        incident=incident,
        party_id=None,
        closing=incident.closed_at,
        defaults={**_facts(incident, rule, by, at), "not_asked": not_writable(call) or _shut()},
    )
    if not is_new:
        return row
    if not row.not_asked:
        reporter_write(
            call=call,
            message=ASK_RATING,
            incident=incident,
            link=_link(row),
            subject=row,
            key=_key(row),
            by=by,
            at=at,
        )
    _told_asked(row, by=by, at=at)
    return row


@transaction.atomic
def parties_ask(*, file: DisputeFile, incident: Incident, by: Actor, at: datetime) -> list[RatingInvite]:
    """Ask each party of a closed dispute file apart from the other: one content party makes no settled quarrel.

    ``incident`` is one of the file's. Minors, witnesses and representatives are not asked; a domestic-violence
    or protection bar silences all of it: a message could fall into the wrong hands.
    """
    if file.closed_at is None:
        return []
    found = []
    for party in Party.objects.filter(file=file, left_at=None, role__in=ASKED_ROLES):
        with machine_use("fits"):
            identity = PartyIdentity.objects.filter(party=party, expires_at__gt=at).first()
        phone = identity.phone if identity is not None else ""
        row, is_new = RatingInvite.objects.get_or_create(
            party_id=party.pk,
            closing=file.closed_at,
            defaults={
                **_facts(incident, "file_closed", by, at),
                "file_id": file.pk,
                "party_role": party.role,
                "holder_id": file.holder_id,
                "not_asked": _party_not_asked(file, party, phone) or _shut(),
            },
        )
        found.append(row)
        if is_new and not row.not_asked and identity is not None:
            view_log(by=by, at=at, purpose="message", target=identity, incident_id=incident.pk)
            _party_write(row, file, phone, by=by, at=at)
        if is_new:
            _told_asked(row, by=by, at=at)
    return found


ASKED_ROLES = ("a", "b", "more")
NOT_SAFE_BARS = ("domestic_violence", "protection_order")


def _party_not_asked(file: DisputeFile, party: Party, phone: str) -> str:
    if party.is_minor or file.exclusion in NOT_SAFE_BARS:
        return "not_safe"
    return "" if address_fits(CHANNEL, phone) else "no_number"


def _party_write(row: RatingInvite, file: DisputeFile, phone: str, *, by: Actor, at: datetime) -> None:
    message_queue(
        message=ASK_RATING,
        channel=CHANNEL,
        address=phone,
        organisation=file.holder_id or file.station_id or 0,
        blanks={"incident": file.number},
        link=_link(row),
        incident_id=row.incident_id,
        subject=row,
        key=_key(row),
        by=by,
        at=at,
    )


def _facts(incident: Incident, rule: str, by: Actor, at: datetime) -> dict[str, Any]:
    return {
        "rule": rule,
        "asked_at": at,
        "asked_by": by.id if by.kind == "person" else None,
        "holder_id": incident.holder_id or incident.station_id,
        "expires_at": at + RATING_VALID,
        "incident": incident,
    }


def _shut() -> str:
    """Whether the house lets nobody be asked."""
    if not site_address("/"):
        return "no_address"
    return "" if channel_is_on(CHANNEL) else "channel_off"


def _link(row: RatingInvite) -> str:
    return site_address(f"/r/{rating_token(row)}")


def _key(row: RatingInvite) -> str:
    return f"rating-{row.pk}"


@transaction.atomic
def rating_give(
    *, token: str, rating: int, by: Actor, at: datetime, reason: str = "", note: str = ""
) -> RatingInvite:
    """The answer, once. Poor ones are told to whoever had the matter, by its number only.

    Raises ``LinkUnknown``, ``LinkUsed``, ``LinkOver`` or ``BadInput``.
    """
    row = invite_by_token(token)
    if row is None:
        raise LinkUnknown
    if rating not in RATINGS:
        raise BadInput(field="rating", problem=str(rating)[:16])
    if reason not in RATING_REASONS:
        raise BadInput(field="reason", problem=reason[:16])
    said = " ".join(note.split())[:NOTE_MAX]
    won = RatingInvite.objects.filter(pk=row.pk, rating=None, expires_at__gt=at).update(
        rating=rating, rated_at=at, reason=reason, note=said
    )
    row.refresh_from_db()
    if not won:
        raise LinkUsed(since=row.rated_at) if row.rated_at else LinkOver(until=row.expires_at)
    _told(events.RATING_GIVEN, row, by=by, at=at, rating=rating, reason=reason)
    message_arrived_for(key=_key(row), by=by, at=at)
    if rating <= RATING_POOR:
        _poor(row, by=by, at=at)
    if row.file_id is not None:
        ratings_carry(file=DisputeFile.objects.get(pk=row.file_id), by=SYSTEM, at=at)
    return row


@transaction.atomic
def ratings_carry(*, file: DisputeFile, by: Actor, at: datetime) -> bool:
    """Bring a revisited file to "rated" with what its parties gave by their links; whether it was.

    Not before the revisit, and not while a party that was asked may still answer. Of several on one side the
    least content counts.
    """
    if file.closed_at is None:
        return False
    asked = RatingInvite.objects.filter(file_id=file.pk, closing=file.closed_at, not_asked="", party_role__in=SIDES)
    given: dict[str, int] = {}
    for row in asked:
        if row.rating is None and row.expires_at > at:
            return False
        if row.rating is not None:
            given[row.party_role] = min(row.rating, given.get(row.party_role, row.rating))
    if file.state != "revisited" or not given:
        return False
    file_rate(file=file, ratings=given, by=by, at=at)
    return True


def _poor(row: RatingInvite, *, by: Actor, at: datetime) -> None:
    holder = Organisation.objects.filter(pk=row.holder_id or 0).first()
    if holder is not None:
        holder_tell(
            incident=row.incident,
            holder=holder,
            message=RATED_POORLY,
            blanks={"rating": str(row.rating)},
            key=f"rated-{row.pk}",
            by=by,
            at=at,
        )


def _told_asked(row: RatingInvite, *, by: Actor, at: datetime) -> None:
    if row.not_asked:
        _told(events.RATING_NOT_ASKED, row, by=by, at=at, why=row.not_asked)
    else:
        _told(events.RATING_ASKED, row, by=by, at=at, rule=row.rule, party=row.party_role)


def _told(kind: str, row: RatingInvite, *, by: Actor, at: datetime, **data: Any) -> None:
    event_record(
        kind,
        subject=row,
        by=by,
        at=at,
        incident_id=row.incident_id,
        org_ids=owners(row.incident, row.holder_id),
        incident=row.incident.number,
        invite=row.pk,
        **data,
    )
