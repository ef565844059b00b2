"""Response plans (run cards): what a kind of matter is answered with, as versioned data; read and chosen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from django.utils.translation import get_language

from anlan.units.selectors import MOST_OF_A_KIND, equipment_kinds

PACKAGED = "response-plans-1.json"
MOST_UNITS = 20
MOST_LEVELS = 5
MOST_AHEAD_S = 1800
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
AREAS = ("town", "suburb", "rural")
VEHICLES = ("car", "motorcycle", "foot", "boat")


class PlanWrong(ValueError):
    """A plan that can't be read: ``field`` is where, ``value`` what stands there."""

    def __init__(self, field: str, value: object) -> None:
        self.field, self.value = field, value
        super().__init__(f"{field}: {value!r}")


@dataclass(frozen=True, slots=True)
class Need:
    """So many units that can do this; an empty capability or vehicle asks for nothing special."""

    count: int
    capability: str = ""
    vehicle: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """Equipment to bring, in both languages.

    With a ``kind`` of the list (``units.equipment``) so many pieces are asked for of all who go together; without
    one it is a word to those who go, and nobody counts it.
    """

    zh: str
    en: str
    kind: str = ""
    count: int = 0

    @property
    def name(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Level:
    """Everything an alarm level answers with: in all, not in addition to the level beneath."""

    needs: tuple[Need, ...]
    partners: tuple[str, ...] = ()
    equipment: tuple[Thing, ...] = ()

    @property
    def units(self) -> int:
        return sum(need.count for need in self.needs)


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a plan. Empty ``codes``, ``danger``, ``priorities`` or ``areas`` fit every matter.

    ``codes`` are beginnings of type codes, ``areas`` settings (town, suburb, rural) or codes of stations.
    A unit of the home station goes before others that are up to ``home_first_s`` quicker, one of the same
    zone before others up to ``zone_first_s``; beyond that the nearest goes, whosesoever it is. Neither is
    applied to a P1.
    """

    key: str
    name_zh: str
    name_en: str
    levels: tuple[Level, ...]
    codes: tuple[str, ...] = ()
    danger: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    home_first_s: int = 0
    zone_first_s: int = 0
    source: str = ""
    version: int = 1

    @property
    def name(self) -> str:
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en

    def level(self, number: int) -> Level:
        """The level of that number, the highest there is beyond it."""
        return self.levels[min(max(number, 1), len(self.levels)) - 1]


@dataclass(frozen=True, slots=True)
class Matter:
    """What a plan is chosen by."""

    code: str
    priority: str
    danger: tuple[str, ...] = ()
    setting: str = "town"
    station: str = ""


def plan_fits(plan: Plan, matter: Matter) -> tuple[int, int, int, int] | None:
    """How closely the plan fits: danger, then the longest code, then area, then priority; None if not at all."""
    code = max((len(start) for start in plan.codes if matter.code.startswith(start)), default=0)
    danger = sum(flag in plan.danger for flag in matter.danger)
    area = sum(place in plan.areas for place in (matter.setting, matter.station) if place)
    priority = int(matter.priority in plan.priorities)
    asked = ((plan.codes, code), (plan.danger, danger), (plan.areas, area), (plan.priorities, priority))
    if any(wanted and not met for wanted, met in asked):
        return None
    return danger, code, area, priority


def plan_choose(plans: Iterable[Plan], matter: Matter) -> tuple[Plan, tuple[Plan, ...]] | None:
    """The plan that fits most closely, and those that other dangers of the matter call for beside it.

    Of two that fit alike the one that sends more is taken, then the first by key. None where no plan fits.
    """
    fitting = [(closeness, plan) for plan in plans if (closeness := plan_fits(plan, matter)) is not None]
    if not fitting:
        return None
    fitting.sort(key=lambda each: (tuple(-part for part in each[0]), -each[1].levels[0].units, each[1].key))
    chosen = fitting[0][1]
    beside = tuple(plan for closeness, plan in fitting[1:] if closeness[0])
    return chosen, beside


def level_with(level: Level, beside: Sequence[Level]) -> Level:
    """The level with what other dangers add: abilities it lacks, partner desks and equipment."""
    able = {need.capability for need in level.needs}
    more = [need for other in beside for need in other.needs if need.capability and need.capability not in able]
    extra = {need.capability: need for need in reversed(more)}
    return Level(
        needs=(*level.needs, *(extra[capability] for capability in sorted(extra))),
        partners=tuple(dict.fromkeys([*level.partners, *(code for other in beside for code in other.partners)])),
        equipment=_most([*level.equipment, *(thing for other in beside for thing in other.equipment)]),
    )


def _most(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """Each thing once; of a kind asked for twice the larger count: the same vests serve both dangers."""
    held: dict[str, Thing] = {}
    for thing in things:
        key = thing.kind or f"{thing.zh}/{thing.en}"
        held[key] = max(held.get(key, thing), thing, key=lambda each: each.count)
    return tuple(held.values())


def plan_read(content: Mapping[str, Any], *, capabilities: Iterable[str], version: int = 1) -> Plan:
    """A plan from its data; raises ``PlanWrong`` naming the field that can't be what it says."""
    levels = content.get("levels")
    if not isinstance(levels, list) or not 1 <= len(levels) <= MOST_LEVELS:
        raise PlanWrong("levels", levels)
    known = frozenset(capabilities)
    return Plan(
        key=_text(content, "key", 32),
        name_zh=_text(content, "name_zh", 64),
        name_en=_text(content, "name_en", 64),
        levels=tuple(_level(row, number, known) for number, row in enumerate(levels, start=1)),
        codes=_words(content, "codes"),
        danger=_words(content, "danger"),
        priorities=_words(content, "priorities", ("P1", "P2", "P3", "P4")),
        areas=_words(content, "areas"),
        home_first_s=_number(content, "home_first_s", 0, MOST_AHEAD_S, 0),
        zone_first_s=_number(content, "zone_first_s", 0, MOST_AHEAD_S, 0),
        source=str(content.get("source", ""))[:120],
        version=version,
    )


def plan_key_fits(key: str) -> bool:
    """Whether a new plan may be called so: its key is part of its address, where ``new`` stands for none yet."""
    return KEY.fullmatch(key) is not None and key != "new"


def plan_content(plan: Plan) -> dict[str, Any]:
    """The plan as data, as ``plan_read`` takes it."""
    lists = {name: list(getattr(plan, name)) for name in ("codes", "danger", "priorities", "areas")}
    plain = {name: getattr(plan, name) for name in ("key", "name_zh", "name_en", "home_first_s", "zone_first_s")}
    levels = [
        {
            "needs": [{"count": n.count, "capability": n.capability, "vehicle": n.vehicle} for n in level.needs],
            "partners": list(level.partners),
            "equipment": [_thing_content(thing) for thing in level.equipment],
        }
        for level in plan.levels
    ]
    return {**plain, **lists, "levels": levels, "source": plan.source}


def _thing_content(thing: Thing) -> dict[str, Any]:
    return {"kind": thing.kind, "count": thing.count} if thing.kind else {"zh": thing.zh, "en": thing.en}


@lru_cache(maxsize=1)
def plans_packaged(capabilities: frozenset[str]) -> tuple[Plan, ...]:
    """The plans that come with the program; a bureau's own of the same key stands before them."""
    data = json.loads((files("anlan.dispatch") / "data" / PACKAGED).read_bytes())
    rows = ({"source": data["source"], **row} for row in data["plans"])
    return tuple(plan_read(row, capabilities=capabilities) for row in rows)


def _level(row: Any, number: int, known: frozenset[str]) -> Level:
    where = f"levels.{number}"
    if not isinstance(row, Mapping) or not isinstance(row.get("needs"), list) or not row["needs"]:
        raise PlanWrong(f"{where}.needs", row)
    needs = tuple(_need(each, where, known) for each in row["needs"])
    if sum(need.count for need in needs) > MOST_UNITS:
        raise PlanWrong(f"{where}.needs", f"> {MOST_UNITS}")
    things = row.get("equipment", [])
    if not isinstance(things, list) or not all(isinstance(each, Mapping) for each in things):
        raise PlanWrong(f"{where}.equipment", things)
    return Level(
        needs=needs,
        partners=_words(row, "partners"),
        equipment=_most(_thing(each, f"{where}.equipment") for each in things),
    )


def _thing(row: Mapping[str, Any], where: str) -> Thing:
    if "kind" not in row:
        return Thing(_text(row, "zh", 40), _text(row, "en", 40))
    kind = equipment_kinds().get(str(row["kind"]))
    if kind is None:
        raise PlanWrong(where, row["kind"])
    return Thing(kind.zh, kind.en, kind.code, _number(row, "count", 1, MOST_OF_A_KIND, 1))


def _need(row: Any, where: str, known: frozenset[str]) -> Need:
    if not isinstance(row, Mapping):
        raise PlanWrong(f"{where}.needs", row)
    capability, vehicle = str(row.get("capability", "")), str(row.get("vehicle", ""))
    if capability and capability not in known:
        raise PlanWrong(f"{where}.capability", capability)
    if vehicle and vehicle not in VEHICLES:
        raise PlanWrong(f"{where}.vehicle", vehicle)
    return Need(_number(row, "count", 1, MOST_UNITS, 1), capability, vehicle)


def _text(row: Mapping[str, Any], name: str, most: int) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise PlanWrong(name, value)
    return value.strip()


def _words(row: Mapping[str, Any], name: str, among: Sequence[str] = ()) -> tuple[str, ...]:
    value = row.get(name, [])
    fits = isinstance(value, list) and all(isinstance(word, str) and 0 < len(word) <= 32 for word in value)
    if not fits or (among and not set(value) <= set(among)):
        raise PlanWrong(name, value)
    return tuple(value)


def _number(row: Mapping[str, Any], name: str, least: int, most: int, usual: int) -> int:
    value = row.get(name, usual)
    if type(value) is not int or not least <= value <= most:
        raise PlanWrong(name, value)
    return value
