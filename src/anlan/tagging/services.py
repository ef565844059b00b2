"""Bringing editions of the vocabulary into force, and mapping other systems' codes to ours."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.services import event_record
from anlan.tagging import events
from anlan.tagging.errors import EditionChanged
from anlan.tagging.models import ExternalCode, IncidentType, TagValue, TaxonomyVersion, TransferItem
from anlan.tagging.rules import Edition, TagRow, TransferRow, TypeRow, edition_packaged
from anlan.tagging.selectors import incident_type, reference_forget


@transaction.atomic
def taxonomy_load(*, by: Actor, at: datetime, edition: Edition | None = None) -> TaxonomyVersion:
    """Bring an edition (by default the one that comes with the program) into force from ``at``.

    The edition in force ends at the same instant and stays on the record. Loading the same contents
    again changes nothing. Raises ``EditionChanged`` when the number is taken by other contents.
    """
    wanted = edition or edition_packaged()
    known = TaxonomyVersion.objects.filter(version=wanted.version).first()
    if known is not None:
        if known.sha256 != wanted.sha256:
            raise EditionChanged(edition=wanted.version, since=known.valid_from)
        return known
    TaxonomyVersion.objects.filter(is_in_force=True).update(is_in_force=False, valid_to=at)
    row = TaxonomyVersion.objects.create(
        version=wanted.version,
        valid_from=at,
        sha256=wanted.sha256,
        is_in_force=True,
        groups=[dict(group) for group in wanted.groups],
        escalations=[dict(rule) for rule in wanted.escalations],
    )
    IncidentType.objects.bulk_create([_type_model(row, each) for each in wanted.types])
    _tags_renew(wanted.tags, at=at)
    _transfers_renew(wanted.transfers, version=wanted.transfer_version, at=at)
    event_record(events.TAXONOMY_LOADED, subject=row, by=by, at=at, edition=wanted.version, types=len(wanted.types))
    transaction.on_commit(reference_forget)
    reference_forget()
    return row


def _type_model(taxonomy: TaxonomyVersion, row: TypeRow) -> IncidentType:
    names = [field.name for field in IncidentType._meta.concrete_fields if field.name not in ("id", "taxonomy")]
    values = {name: getattr(row, name) for name in names}
    values["arrive_note"] = dict(row.arrive_note)
    values["exceptions"] = [dict(each) for each in row.exceptions]
    return IncidentType(taxonomy=taxonomy, **values)


def _tags_renew(tags: tuple[TagRow, ...], *, at: datetime) -> None:
    """End the values that are gone or worded anew, and add what is new."""
    standing = {(row.dimension, row.value): row for row in TagValue.objects.filter(valid_to=None)}
    wanted = {(tag.dimension, tag.value): tag for tag in tags}
    same = {
        key
        for key, row in standing.items()
        if key in wanted and (row.name_zh, row.name_en, row.position) == _words(wanted[key])
    }
    TagValue.objects.filter(pk__in=[row.pk for key, row in standing.items() if key not in same]).update(valid_to=at)
    TagValue.objects.bulk_create(
        TagValue(
            dimension=tag.dimension,
            value=tag.value,
            name_zh=tag.name_zh,
            name_en=tag.name_en,
            position=tag.position,
            set_by=tag.set_by,
            valid_from=at,
        )
        for key, tag in wanted.items()
        if key not in same
    )


def _words(tag: TagRow) -> tuple[str, str, int]:
    return tag.name_zh, tag.name_en, tag.position


def _transfers_renew(transfers: tuple[TransferRow, ...], *, version: str, at: datetime) -> None:
    """A transfer list is agreed as a whole: the old one ends, the new one begins."""
    TransferItem.objects.filter(valid_to=None).update(valid_to=at)
    TransferItem.objects.bulk_create(
        TransferItem(
            list_version=version,
            code=row.code,
            partner_code=row.partner_code,
            is_non_urgent=row.is_non_urgent,
            police_also=row.police_also,
            valid_from=at,
        )
        for row in transfers
    )


@transaction.atomic
def external_code_map(*, system: str, code: str, maps_to: str, by: Actor, at: datetime) -> ExternalCode:
    """Say what another system's code means here, from ``at`` on; the mapping before it ends then.

    Raises ``TypeUnknown`` when ``maps_to`` is no type of the edition in force.
    """
    incident_type(maps_to, must_exist=True)
    standing = ExternalCode.objects.filter(system=system, code=code, valid_to=None).first()
    if standing is not None and standing.maps_to == maps_to:
        return standing
    if standing is not None:
        ExternalCode.objects.filter(pk=standing.pk).update(valid_to=at)
    row = ExternalCode.objects.create(system=system, code=code, maps_to=maps_to, valid_from=at)
    event_record(events.EXTERNAL_CODE_MAPPED, subject=row, by=by, at=at, system=system, code=code, maps_to=maps_to)
    transaction.on_commit(reference_forget)
    reference_forget()
    return row
