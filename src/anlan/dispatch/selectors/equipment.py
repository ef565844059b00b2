"""What the plan asks to bring against what those who go carry: what is short, and the nearest who have it.

Of a kind that the register of equipment keeps, what people have on loan counts, whatever their unit is stated to
carry; of other kinds a keeper's statement is all there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.dispatch.plan_rules import Thing
from anlan.dispatch.recommending import Recommendation, minutes
from anlan.equipment.selectors import OnRecord, on_record
from anlan.units.selectors import UnitOnBoard, loads_known, loads_of_kinds, signs_of_people

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
    Where the register keeps such things: ``stores`` have some ready, and units in ``stated`` are stated to carry more
    than their crews have on loan.
    """

    thing: Thing
    have: tuple[tuple[str, int], ...] = ()
    missing: int | None = None
    nearest: tuple[Carrier, ...] = ()
    stores: tuple[tuple[str | Promise, int], ...] = ()
    stated: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What is short and who has it, in the active language; empty where nothing is known to be short."""
        if not self.missing:
            return ""
        if self.nearest:
            text = _("{missing} of {count} missing: {name}. Nearest who have it: {units}.")
        elif self.stores:
            text = _("{missing} of {count} missing: {name}. No unit has it.")
        else:
            text = _("{missing} of {count} missing: {name}. No unit carries it: ask the store or the partner desk.")
        named = pgettext("list", ", ").join(each.words for each in self.nearest)
        told = [text.format(missing=self.missing, count=self.thing.count, name=self.thing.name, units=named)]
        if self.stores:
            ready = pgettext("list", ", ").join(f"{name} × {count}" for name, count in self.stores)
            told.append(_("Ready in the store: {stores}.").format(stores=ready))
        if self.stated:
            units = pgettext("list", ", ").join(self.stated)
            told.append(_("Stated to carry more than its crew has on loan: {units}.").format(units=units))
        return " ".join(told)


def equipment_brought(asked: Sequence[Thing], going: Collection[str], found: Recommendation) -> tuple[Brought, ...]:
    """Each thing asked for, with who of ``going`` (call signs) carries it and who else could bring what is short.

    At most six queries, whatever the number of units; none where the plan counts nothing. Who goes is not
    changed by it: a unit that is minutes nearer goes, and a person decides who brings the rest.
    """
    kinds = [thing.kind for thing in asked if thing.kind]
    if not kinds:
        return tuple(Brought(thing) for thing in asked)
    loads, books = loads_of_kinds(kinds), on_record(kinds)
    aboard = signs_of_people({person for book in books.values() for person in book.held})
    is_known = bool(loads) or loads_known()

    def told(thing: Thing) -> Brought:
        stated = loads.get(thing.kind, {})
        if thing.kind in books:
            return _on_record(thing, books[thing.kind], aboard, stated, going, found)
        return _brought(thing, stated, going, found) if thing.kind and is_known else Brought(thing)

    return tuple(told(thing) for thing in asked)


def _brought(thing: Thing, carried: Mapping[str, int], going: Collection[str], found: Recommendation) -> Brought:
    have = tuple((sign, carried[sign]) for sign in going if sign in carried)
    missing = max(thing.count - sum(count for _sign, count in have), 0)
    return Brought(thing, have, missing, _nearest(carried, going, found) if missing else ())


def _on_record(
    thing: Thing, book: OnRecord, aboard: Mapping[int, str], stated: Mapping[str, int], going: Collection[str],
    found: Recommendation,
) -> Brought:  # fmt: skip
    """By what the crews have on loan; what is merely stated is told apart."""
    held: Counter[str] = Counter()
    for person, count in book.held.items():
        if person in aboard:
            held[aboard[person]] += count
    row = _brought(thing, held, going, found)
    if not row.missing:
        return row
    stores = tuple((place.name_shown, count) for place, count in book.stores[:NAMED])
    more = tuple(sign for sign in going if stated.get(sign, 0) > held[sign])
    return replace(row, stores=stores, stated=more)


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
        "stores": [{"name": str(name), "count": count} for name, count in row.stores],
        "stated": list(row.stated),
        "words": row.words,
    }
