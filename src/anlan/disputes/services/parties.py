"""Who takes part, by role; who that is stands apart, is shown for a purpose, and goes in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.purpose import looking, machine_use
from anlan.core.retention import deletion_certify
from anlan.core.row_changes import row_change, row_reread
from anlan.disputes import events
from anlan.disputes.errors import IdentityErased, PartyGone
from anlan.disputes.keys import party_keys_put
from anlan.disputes.models import DisputeFile, Party, PartyIdentity, PartyKey
from anlan.disputes.rules import IDENTITY_AT_MOST, LEFT_REASONS, LIVE, PARTIES_AT_MOST, PARTY_PURPOSES, ROLES
from anlan.disputes.services.parts import file_hold, live_hold, tell

ERASED_AT_ONCE = 500
_ASIDE = 30_000


@dataclass(frozen=True, slots=True)
class PartyShown:
    """Who a party is, for the one who asked."""

    name: str
    phone: str
    address: str


@transaction.atomic
def party_add(
    *,
    file: DisputeFile,
    role: str,
    by: Actor,
    at: datetime,
    name: str = "",
    phone: str = "",
    address: str = "",
    is_organisation: bool = False,
    is_minor: bool = False,
    represents: Party | None = None,
) -> Party:
    """Enter who takes part. Without name and phone they stay anonymous: a role, and nothing to find them by."""
    require(by, "disputes.party_edit")
    live_hold(file)
    if role not in ROLES:
        raise BadInput(field="role", problem=role)
    if represents is not None and represents.file_id != file.pk:
        raise BadInput(field="represents", problem=str(represents.pk))
    present = Party.objects.filter(file=file, left_at=None)
    if present.count() >= PARTIES_AT_MOST:
        raise BadInput(field="role", problem=f"> {PARTIES_AT_MOST}")
    party: Party = Party.objects.create(
        file=file,
        role=role,
        ordinal=_next(file, role),
        is_organisation=is_organisation,
        is_minor=is_minor,
        represents=represents,
        joined_at=at,
    )
    known = {"name": name.strip()[:60], "phone": phone.strip()[:24], "address": address.strip()[:200]}
    if any(known.values()):
        PartyIdentity.objects.create(party=party, created_at=at, expires_at=at + IDENTITY_AT_MOST, **known)
    party_keys_put(party, known["name"], known["phone"], by=by, at=at)
    tell(events.PARTY_ADDED, file, by=by, at=at, subject=party, role=role, ordinal=party.ordinal)
    return party


def _next(file: DisputeFile, role: str) -> int:
    rows = Party.objects.filter(file=file, role=role, ordinal__lt=_ASIDE)
    return int(rows.aggregate(last=Max("ordinal"))["last"] or 0) + 1


@transaction.atomic
def party_correct(*, party: Party, by: Actor, at: datetime, **changes: Any) -> Party:
    """Put right what was entered: ``role, is_organisation, is_minor, represents, name, phone, address``.

    The role moves to the next free place of the other; the event keeps which it was.
    """
    require(by, "disputes.party_edit")
    file = file_hold(party.file)
    row_reread(party)
    if party.left_at is not None:
        raise PartyGone(file=file.number, since=party.left_at)
    unknown = set(changes) - {"role", "is_organisation", "is_minor", "represents", "name", "phone", "address"}
    if unknown:
        raise BadInput(field=", ".join(sorted(unknown)), problem="–")
    was = party.role
    columns: dict[str, Any] = {
        key: changes[key] for key in ("is_organisation", "is_minor", "represents") if key in changes
    }
    if (role := changes.get("role", was)) != was:
        if role not in ROLES:
            raise BadInput(field="role", problem=str(role))
        columns |= {"role": role, "ordinal": _next(file, role)}
    if columns:
        row_change(party, columns)
        row_reread(party)
    known: dict[str, str] = {key: str(changes[key]).strip() for key in ("name", "phone", "address") if key in changes}
    if known:
        _identity_set(party, file, known, by=by, at=at)
    tell(events.PARTY_CORRECTED, file, by=by, at=at, subject=party, role_from=was, role=party.role,
         changed=sorted(changes))  # fmt: skip
    return party


def _identity_set(party: Party, file: DisputeFile, known: dict[str, str], *, by: Actor, at: datetime) -> None:
    with machine_use("keep"):
        row, _ = PartyIdentity.objects.get_or_create(
            party=party, defaults={"created_at": at, "expires_at": at + IDENTITY_AT_MOST}
        )
        row_change(
            row, {key: value[: {"name": 60, "phone": 24, "address": 200}[key]] for key, value in known.items()}
        )
        row_reread(row)
    PartyKey.objects.filter(party=party).delete()
    if file.state in LIVE:
        party_keys_put(party, row.name, row.phone, by=by, at=at)


@transaction.atomic
def parties_swap(*, first: Party, second: Party, by: Actor, at: datetime) -> None:
    """The complainant turns out to be the accused: the two change places, and the record says so."""
    require(by, "disputes.party_edit")
    file = file_hold(first.file)
    row_reread(first)
    row_reread(second)
    if second.file_id != file.pk or first.pk == second.pk:
        raise BadInput(field="second", problem=str(second.pk))
    for gone in (first, second):
        if gone.left_at is not None:
            raise PartyGone(file=file.number, since=gone.left_at)
    places = (first.role, first.ordinal), (second.role, second.ordinal)
    row_change(first, {"ordinal": _ASIDE})
    row_change(second, {"role": places[0][0], "ordinal": places[0][1]})
    row_change(first, {"role": places[1][0], "ordinal": places[1][1]})
    row_reread(first)
    row_reread(second)
    tell(events.PARTIES_SWAPPED, file, by=by, at=at, first=first.pk, second=second.pk)


@transaction.atomic
def party_leave(*, party: Party, reason: str, by: Actor, at: datetime) -> Party:
    """A party died, moved away, withdrew, or was entered by mistake; the row stays, their keys go at once."""
    require(by, "disputes.party_edit")
    file = file_hold(party.file)
    if not reason or reason not in LEFT_REASONS:
        raise BadInput(field="reason", problem=reason)
    won = row_change(party, {"left_at": at, "left_reason": reason}, where={"left_at": None})
    row_reread(party)
    if not won:
        raise PartyGone(file=file.number, since=party.left_at)
    PartyKey.objects.filter(party=party).delete()
    if reason == "mistaken":
        PartyIdentity.objects.filter(party=party).delete()
    tell(events.PARTY_LEFT, file, by=by, at=at, subject=party, role=party.role, why=reason)
    return party


@transaction.atomic
def party_reveal(*, party: Party, purpose: str, by: Actor, at: datetime, note: str = "") -> PartyShown:
    """Show who a party is, for a ``purpose`` of the closed list; the look is logged before it is shown."""
    require(by, "disputes.party_reveal")
    if purpose not in PARTY_PURPOSES:
        raise BadInput(field="purpose", problem=purpose)
    rows = PartyIdentity.objects.filter(party=party, expires_at__gt=at)
    row = rows.only("id").first()
    if row is None:
        raise IdentityErased(file=party.file.number)
    with looking(purpose, by=by, at=at, target=row, note=note):
        row = rows.get()
    tell(events.PARTY_REVEALED, party.file, by=by, at=at, subject=party, orgs=(by.org_id,), purpose=purpose)
    return PartyShown(row.name, row.phone, row.address)


@transaction.atomic
def identities_erase(*, at: datetime, by: Actor = SYSTEM, limit: int = ERASED_AT_ONCE) -> int:
    """Erase who took part where the term after the archive is over; returns how many were erased."""
    rows = PartyIdentity.objects.filter(expires_at__lte=at).select_related("party__file").order_by("expires_at", "id")
    over = list(rows.defer("name", "phone", "address")[:limit])
    files: dict[int, tuple[DisputeFile, int]] = {}
    for row in over:
        file, count = files.get(row.party.file_id, (row.party.file, 0))
        files[row.party.file_id] = (file, count + 1)
    for file, count in files.values():
        tell(events.IDENTITIES_ERASED, file, by=by, at=at, count=count)
    ids = [row.pk for row in over]
    PartyIdentity.objects.filter(pk__in=ids).delete()
    told = ("name", "phone", "address")
    deletion_certify(rule="party_term", model=PartyIdentity, columns=told, ids=ids, by=by, at=at)
    PartyKey.objects.filter(expires_at__lte=at).delete()
    return len(over)
