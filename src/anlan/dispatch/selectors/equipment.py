"""What the plan asks to bring against what those who go carry: what is short, and the nearest who have it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.dispatch.plan_rules import Thing
from anlan.dispatch.recommending import Recommendation, minutes
from anlan.units.selectors import UnitOnBoard, loads_known, loads_of_kinds

NAMED = 3
"""So many units that have what is short are named."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A unit that has some of what is short: how many, how soon it is there (None: unknown), or why it isn't free."""

    call_sign: str
    count: int
    eta_p90_s: float | None = None
    busy: UnitOnBoard | None = None

    @property
    def words(self) -> str:
        """Its call sign, how many, and how far off or why not."""
        note = self.busy.state_label if self.busy else minutes(self.eta_p90_s) if self.eta_p90_s is not None else ""
        return f"{self.call_sign} × {self.count}" + (f" ({note})" if note else "")


@dataclass(frozen=True, slots=True)
class Brought:
    """One thing the plan asks for.

    ``have`` are call signs with counts of those on it already or proposed. ``missing`` is None where nobody can
    say: the thing is a mere word, or no keeper has entered any load here. ``nearest`` are others who have it.
    """

    thing: Thing
    have: tuple[tuple[str, int], ...] = ()
    missing: int | None = None
    nearest: tuple[Carrier, ...] = ()

    @property
    def words(self) -> str:
        """What is short and who has it, in the active language; empty where nothing is known to be short."""
        if not self.missing:
            return ""
        text = (
            _("{missing} of {count} missing: {name}. Nearest who have it: {units}.")
            if self.nearest
            else _("{missing} of {count} missing: {name}. No unit carries it: ask the store or the partner desk.")
        )
        named = pgettext("list", ", ").join(each.words for each in self.nearest)
        return text.format(missing=self.missing, count=self.thing.count, name=self.thing.name, units=named)


def equipment_brought(asked: Sequence[Thing], going: Collection[str], found: Recommendation) -> tuple[Brought, ...]:
    """Each thing asked for, with who of ``going`` (call signs) carries it and who else could bring what is short.

    One query, a second where nobody carries any of it; none where the plan counts nothing. Who goes is not
    changed by it: a unit that is minutes nearer goes, and a person decides who brings the rest.
    """
    kinds = [thing.kind for thing in asked if thing.kind]
    loads = loads_of_kinds(kinds) if kinds else {}
    is_known = bool(loads) or (bool(kinds) and loads_known())
    return tuple(
        _brought(thing, loads.get(thing.kind, {}), going, found) if thing.kind and is_known else Brought(thing)
        for thing in asked
    )


def _brought(thing: Thing, carried: Mapping[str, int], going: Collection[str], found: Recommendation) -> Brought:
    have = tuple((sign, carried[sign]) for sign in going if sign in carried)
    missing = max(thing.count - sum(count for _sign, count in have), 0)
    return Brought(thing, have, missing, _nearest(carried, going, found) if missing else ())


def _nearest(carried: Mapping[str, int], going: Collection[str], found: Recommendation) -> tuple[Carrier, ...]:
    """Those free first, the soonest first; then those on duty who are busy, with what they are at."""
    free = [
        Carrier(each.unit.call_sign, carried[each.unit.call_sign], each.eta_p90_s)
        for each in found.ranked
        if each.unit.call_sign in carried and each.unit.call_sign not in going
    ]
    busy = [
        Carrier(row.unit.call_sign, carried[row.unit.call_sign], busy=row.unit)
        for row in found.left_out
        if row.unit.call_sign in carried
        and row.unit.call_sign not in going
        and row.unit.state not in ("off", "out_of_service")
    ]
    return tuple([*free, *busy][:NAMED])


def brought_out(row: Brought) -> dict[str, object]:
    """One thing as JSON, in the asked language."""
    return {
        "kind": row.thing.kind,
        "name": row.thing.name,
        "count": row.thing.count or None,
        "have": [{"call_sign": sign, "count": count} for sign, count in row.have],
        "missing": row.missing,
        "nearest": [
            {"call_sign": each.call_sign, "count": each.count, "eta_p90_s": each.eta_p90_s} for each in row.nearest
        ],
        "words": row.words,
    }
