"""What a unit carries, as its keeper says: kinds and counts, for one unit or from a list of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.services import event_record
from anlan.units import events
from anlan.units.equipment import MOST_OF_A_KIND, equipment_kinds, kind_named
from anlan.units.errors import LoadUnreadable
from anlan.units.models import LoadItem, Unit

MOST_LINES = 5000


@transaction.atomic
def unit_load_set(*, unit: Unit, load: Mapping[str, int], by: Actor, at: datetime) -> dict[str, int]:
    """Say what the unit carries, kind by kind; replaces what was said before, a count of 0 is none.

    Returns what stands now. Raises ``BadInput`` for a kind nobody has listed or a count that can't be meant.
    The same again changes nothing but when it was last said.
    """
    wanted = {kind: count for kind, count in sorted(load.items()) if _known(kind, count)}
    # Two keepers at once: the second waits here and says all of it anew.
    Unit.objects.select_for_update().filter(pk=unit.pk).first()
    before = dict(LoadItem.objects.filter(unit=unit).values_list("kind", "count"))
    LoadItem.objects.filter(unit=unit).delete()
    said_by = by.id if by.kind == "person" else None
    LoadItem.objects.bulk_create(
        LoadItem(unit=unit, kind=kind, count=count, said_at=at, said_by=said_by) for kind, count in wanted.items()
    )
    if wanted != before:
        event_record(
            events.LOAD_SET,
            subject=unit,
            by=by,
            at=at,
            org_ids=[unit.organisation_id],
            unit=unit.call_sign,
            load=wanted,
            before=before,
        )
    return wanted


def _known(kind: str, count: int) -> bool:
    if kind not in equipment_kinds():
        raise BadInput(field="load", problem=kind[:40])
    if type(count) is not int or not 0 <= count <= MOST_OF_A_KIND:
        raise BadInput(field=f"load.{kind}", problem=str(count)[:40])
    return count > 0


@transaction.atomic
def unit_loads_read(*, text: str, by: Actor, at: datetime) -> int:
    """Set the loads of many units from lines "call sign, kind, count"; returns how many units.

    A unit named anywhere carries what its lines say and nothing else; units not named stay as they are. All
    lines or none: raises ``LoadUnreadable`` with the first line that can't be meant.
    """
    loads: dict[str, dict[str, int]] = {}
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines or len(lines) > MOST_LINES:
        raise LoadUnreadable(line=len(lines), text="")
    signs = dict.fromkeys(_parts(line)[0] for _number, line in lines)
    units = {unit.call_sign: unit for unit in Unit.objects.visible_to(by).filter(call_sign__in=signs, is_active=True)}
    for number, line in lines:
        sign, kind, count = _parts(line)
        found = kind_named(kind)
        if (
            found is None
            or sign not in units
            or not count.isdecimal()
            or len(count) > 6
            or int(count) > MOST_OF_A_KIND
        ):
            raise LoadUnreadable(line=number, text=line.strip()[:60])
        held = loads.setdefault(sign, {})
        held[found.code] = held.get(found.code, 0) + int(count)
    for sign, load in loads.items():
        unit_load_set(unit=units[sign], load=load, by=by, at=at)
    return len(loads)


def _parts(line: str) -> tuple[str, str, str]:
    """Call sign, kind and count of a line, whichever mark stands between; empty where one is missing."""
    for mark in "，、;；\t":
        line = line.replace(mark, ",")
    parts: Iterable[str] = (part.strip() for part in line.split(","))
    sign, kind, count, *_more = [*parts, "", "", ""]
    return sign, kind, count
