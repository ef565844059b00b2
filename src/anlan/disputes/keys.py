"""What a file is found by again: keys of its place and kind; hashes of its parties while it is open."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.purpose import machine_use
from anlan.disputes import events
from anlan.disputes.models import DisputeFile, FileKey, Party, PartyIdentity, PartyKey
from anlan.disputes.rules import IDENTITY_AT_MOST
from anlan.disputes.selectors.files import file_ids_beneath
from anlan.disputes.selectors.matching import keys_of, salted
from anlan.disputes.services.parts import file_change, file_hold, file_reread, tell
from anlan.engines.recurrence import party_keys


def place_keys_put(file: DisputeFile, *, by: Actor, at: datetime) -> None:
    """Bring the keys of place and kind up to the file as it is; ``by`` and ``at`` are those of the change."""
    wanted = set(keys_of(file))
    with transaction.atomic():
        FileKey.objects.filter(file=file).exclude(key__in=wanted).delete()
        standing = set(FileKey.objects.filter(file=file).values_list("key", flat=True))
        FileKey.objects.filter(file=file).exclude(last_at=file.last_report_at).update(last_at=file.last_report_at)
        FileKey.objects.bulk_create(
            FileKey(file=file, key=key, last_at=file.last_report_at) for key in sorted(wanted - standing)
        )


def party_keys_put(party: Party, name: str, phone: str, *, by: Actor, at: datetime) -> None:
    """Hash what tells one party from another under the file's own key; nothing of it outlives the open file."""
    found = party_keys(name=name, phone=phone)
    if not found:
        return
    file = file_hold(party.file)
    if not file.key_salt:
        file_change(file, {"key_salt": secrets.token_hex(16)}, where={"key_salt": ""})
    for key in found:
        kind, _sep, value = salted(file.key_salt, key).partition(":")
        PartyKey.objects.get_or_create(
            file=file, kind=kind, value=value, defaults={"party": party, "expires_at": at + IDENTITY_AT_MOST}
        )


def party_keys_again(file: DisputeFile, *, by: Actor, at: datetime) -> None:
    """A file opened again may tell its parties apart again, as far as it still knows them."""
    rows = PartyIdentity.objects.filter(party__file=file, party__left_at=None, expires_at__gt=at)
    with machine_use("compare"):
        known = list(rows.select_related("party").order_by("party_id"))
    for row in known:
        row.party.file = file
        party_keys_put(row.party, row.name, row.phone, by=by, at=at)


def party_keys_erase(file: DisputeFile, *, by: Actor, at: datetime) -> None:
    """The file is over: the hashes of its parties go, and the key they were made with."""
    ids = file_ids_beneath(file.pk)
    erased, _ = PartyKey.objects.filter(file_id__in=ids).delete()
    DisputeFile.objects.filter(pk__in=ids).exclude(key_salt="").update(key_salt="")
    file_reread(file)
    if erased:
        tell(events.PARTY_KEYS_ERASED, file, by=by, at=at)
