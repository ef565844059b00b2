"""The vocabulary in force, held in memory, and what a text suggests."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Max

from anlan.core.snapshot import Snapshot
from anlan.tagging.errors import TagUnknown, TypeUnknown
from anlan.tagging.models import ExternalCode, IncidentType, TagValue, TaxonomyVersion, TransferItem
from anlan.tagging.rules import MANY_VALUES, OTHER_CODE, TagRow, TransferRow, TypeRow, edition_packaged

if TYPE_CHECKING:
    from anlan.engines.text_tags import Suggestion, Tagger

OTHER = OTHER_CODE
"""The type of what nobody could name."""


@dataclass(frozen=True)
class Vocabulary:
    """Everything of the edition in force, by code."""

    version: int
    groups: tuple[Mapping[str, str], ...]
    escalations: tuple[Mapping[str, str], ...]
    types: Mapping[str, TypeRow]
    tags: Mapping[str, Mapping[str, TagRow]]
    transfers: Mapping[str, tuple[TransferRow, ...]]
    transfer_version: str
    external: Mapping[tuple[str, str], str]


def _load() -> Vocabulary:
    """The rows in force; before any is loaded, what comes with the program: a call can't wait for that."""
    edition = TaxonomyVersion.objects.filter(is_in_force=True).first()
    if edition is None:
        packaged = edition_packaged()
        return _vocabulary(
            packaged.version,
            packaged.groups,
            packaged.escalations,
            packaged.types,
            packaged.tags,
            packaged.transfers,
            packaged.transfer_version,
        )
    transfers = list(TransferItem.objects.filter(valid_to=None))
    return _vocabulary(
        edition.version,
        tuple(edition.groups),
        tuple(edition.escalations),
        tuple(_type_row(row) for row in IncidentType.objects.filter(taxonomy=edition)),
        tuple(
            TagRow(row.dimension, row.value, row.name_zh, row.name_en, row.set_by, row.position)
            for row in TagValue.objects.filter(valid_to=None)
        ),
        tuple(TransferRow(row.code, row.partner_code, row.is_non_urgent, row.police_also) for row in transfers),
        transfers[0].list_version if transfers else "",
    )


def _vocabulary(
    version: int,
    groups: tuple[Mapping[str, str], ...],
    escalations: tuple[Mapping[str, str], ...],
    types: tuple[TypeRow, ...],
    tags: tuple[TagRow, ...],
    transfers: tuple[TransferRow, ...],
    transfer_version: str,
) -> Vocabulary:
    by_dimension: dict[str, dict[str, TagRow]] = {}
    for tag in tags:
        by_dimension.setdefault(tag.dimension, {})[tag.value] = tag
    by_code: dict[str, tuple[TransferRow, ...]] = {}
    for item in transfers:
        by_code[item.code] = (*by_code.get(item.code, ()), item)
    mapped = ExternalCode.objects.filter(valid_to=None).values_list("system", "code", "maps_to")
    return Vocabulary(
        version=version,
        groups=groups,
        escalations=escalations,
        types={row.code: row for row in types},
        tags=by_dimension,
        transfers=by_code,
        transfer_version=transfer_version,
        external={(system, code): maps_to for system, code, maps_to in mapped},
    )


def _type_row(row: IncidentType) -> TypeRow:
    return TypeRow(
        code=row.code,
        parent_code=row.parent_code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        priority=row.priority,
        track=row.track,
        tracks_also=row.tracks_also,
        arrive_town_s=row.arrive_town_s,
        arrive_suburb_s=row.arrive_suburb_s,
        arrive_rural_s=row.arrive_rural_s,
        close_rule=row.close_rule,
        push=row.push,
        family=row.family,
        external_code=row.external_code,
        is_valid_incident=row.is_valid_incident,
        arrive_note=row.arrive_note,
        exceptions=tuple(row.exceptions),
    )


def _version() -> Hashable:
    edition = TaxonomyVersion.objects.filter(is_in_force=True).values_list("sha256", flat=True).first()
    mapped = ExternalCode.objects.aggregate(n=Count("id"), last=Max("id"), ended=Max("valid_to"))
    return (edition, *mapped.values())


_held = Snapshot(_load, _version)


def vocabulary() -> Vocabulary:
    """The edition in force."""
    return _held.get()


def reference_forget() -> None:
    """Read the vocabulary anew at the next question."""
    _held.forget()


def incident_type(code: str, *, must_exist: bool = False) -> TypeRow:
    """The type of that code; of an unknown code 9901 (other), or ``TypeUnknown`` if it ``must_exist``."""
    held = vocabulary()
    found = held.types.get(code)
    if found is None and must_exist:
        raise TypeUnknown(wanted=code, edition=held.version)
    return found or held.types[OTHER]


def incident_types() -> list[TypeRow]:
    """All types in the order of their codes."""
    return [row for _, row in sorted(vocabulary().types.items())]


def is_type(code: str) -> bool:
    """Whether the edition in force has this code."""
    return code in vocabulary().types


def tag_values(dimension: str) -> list[TagRow]:
    """The values of a dimension in their order; none for an unknown dimension."""
    return sorted(vocabulary().tags.get(dimension, {}).values(), key=lambda tag: tag.position)


def takes_many(dimension: str) -> bool:
    """Whether one incident may carry several values of this dimension."""
    return dimension in MANY_VALUES


def dimensions() -> list[str]:
    """The names of all dimensions."""
    return list(vocabulary().tags)


def tag_value(dimension: str, value: str) -> TagRow:
    """One value; raises ``TagUnknown`` with the possible ones."""
    known = vocabulary().tags.get(dimension, {})
    if value not in known:
        raise TagUnknown(dimension=dimension, value=value, choices=", ".join(known) or "–")
    return known[value]


def transfer_items(code: str) -> tuple[TransferRow, ...]:
    """The partner desks agreed for a type."""
    return vocabulary().transfers.get(code, ())


def external_code(system: str, code: str) -> str | None:
    """Our code for another system's, or None when nobody has said what it means."""
    return vocabulary().external.get((system, code))


def tagger() -> Tagger:
    """The engine with its lexicon and model, built once per process, at its first use."""
    from anlan.tagging.data import load_tagger

    return load_tagger()


def suggest(text: str) -> Suggestion:
    """What the words suggest: types with evidence, dangers, urgency, track, tags; or abstention."""
    return tagger().suggest(text)
