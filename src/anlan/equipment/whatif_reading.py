"""What a station is short of if certain things go on a day, in a sentence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, pgettext

from anlan.core.actor import Actor
from anlan.equipment.life_reading import Fielded, readiness
from anlan.equipment.models import Item, ItemModel

MOST_GONE = 500


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Things that go on a day, what each station fields then, and what comes of it in words; what wasn't found."""

    items: list[Item]
    unknown: list[str]
    fielded: list[Fielded]
    sentences: list[str]


def if_gone(actor: Actor, numbers: list[str], *, on: date) -> WhatIf:
    """What comes of it if the things with these numbers go on the day ``on``, beside what ends by itself."""
    asked = list(dict.fromkeys(numbers))[:MOST_GONE]
    items = list(Item.objects.visible_to(actor).filter(number__in=asked).select_related("model").order_by("number"))
    found = {item.number for item in items}
    after = readiness(actor, on=on, without=[item.pk for item in items])
    stay = readiness(actor, on=on, staying=[item.pk for item in items])
    before = {line.need.pk: line.short for line in stay}
    unknown = [number for number in asked if number not in found]
    return WhatIf(items, unknown, after, _told(items, after, before, on) if items else [])


def counted(model: ItemModel, n: int) -> str:
    """So many of a kind, with its measure word where the language counts by one."""
    return pgettext("equipment counted", "{n} × {kind}").format(n=measured(model, n), kind=model.name)


def measured(model: ItemModel, n: int) -> str:
    """The number alone, with the measure word in Chinese: 9根."""
    return f"{n}{model.measure_word}" if (get_language() or "").startswith("zh") else str(n)


def _told(items: list[Item], after: list[Fielded], before: dict[int, int], on: date) -> list[str]:
    by_model = Counter(item.model for item in items)
    things = pgettext("things", ", ").join(counted(model, n) for model, n in by_model.items())
    day = date_format(on, "DATE_FORMAT")
    said = []
    for line in after:
        if line.short and line.need.model in by_model:
            words = gettext("If these {things} go on {day}, {station} is {short} short for {kit}.")
            if before[line.need.pk]:
                words = gettext(
                    "If these {things} go on {day}, {station} is {short} short for {kit}; {before} if they stay."
                )
            said.append(words.format(
                things=things, day=day, station=line.need.place.name_shown, kit=line.need.kit,
                short=measured(line.need.model, line.short), before=measured(line.need.model, before[line.need.pk]),
            ))  # fmt: skip
    if not said:
        words = gettext("If these {things} go on {day}, every station still has what it must be able to field.")
        said.append(words.format(things=things, day=day))
    return said
