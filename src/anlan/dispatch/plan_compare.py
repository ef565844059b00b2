"""What differs between two versions of a response plan, and what a version asks for that nobody has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from anlan.dispatch.plan_rules import Plan, plan_content
from anlan.units.selectors import equipment_kinds


@dataclass(frozen=True, slots=True)
class Difference:
    """A field (``levels.2.needs``), what it was and what it is to be; empty where there was or will be nothing."""

    field: str
    before: str
    after: str


def plan_differences(old: Plan | None, new: Plan) -> list[Difference]:
    """Every field that is not the same, in the order of the form; all of them where there was no plan before."""
    before, after = _flat(old), _flat(new)
    return [
        Difference(name, before.get(name, ""), after.get(name, ""))
        for name in dict.fromkeys([*before, *after])
        if before.get(name, "") != after.get(name, "")
    ]


def _flat(plan: Plan | None) -> dict[str, str]:
    if plan is None:
        return {}
    content = plan_content(plan)
    levels = content.pop("levels")
    flat = {name: _told(value) for name, value in content.items() if name not in ("key", "source")}
    for number, level in enumerate(levels, start=1):
        flat |= {f"levels.{number}.{name}": _told(value) for name, value in level.items()}
    return flat


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_told(each) for each in value)
    if isinstance(value, dict):
        if "kind" in value:
            kind = equipment_kinds().get(value["kind"])
            return f"{value['count']} {kind.name if kind else value['kind']}"
        if "count" in value:
            return " ".join(str(part) for part in (value["count"], value["capability"], value["vehicle"]) if part)
        return "/".join(str(part) for part in value.values())
    return str(value)


def plan_lacks(plan: Plan, units: Iterable[tuple[Iterable[str], str]]) -> list[tuple[int, str, str, int, int]]:
    """Needs that all units together can't meet: level, ability, vehicle, how many are asked for, how many there are.

    ``units`` are what each can do and drives, on duty or not: what they lack no call will find.
    """
    fleet = [(frozenset(can), drives) for can, drives in units]
    lacks = []
    for number, level in enumerate(plan.levels, start=1):
        for need in level.needs:
            able = sum(
                (not need.capability or need.capability in can) and need.vehicle in ("", drives)
                for can, drives in fleet
            )
            if able < need.count:
                lacks.append((number, need.capability, need.vehicle, need.count, able))
    return lacks
