"""A door of the west station's store, and what its reader will tell of somebody who carries four things out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from anlan.core.actor import SYSTEM

READER = "door-7"
RADIO = ("radio7", "对讲机", "台")
KINDS = [RADIO, RADIO, ("baton7", "伸缩棍", "根"), ("lamp7", "强光手电", "支")]
FORGOTTEN = "GX-005"


def walk() -> Any:
    """Alone, out, with a badge and four things that the simulated door hears well."""
    from anlan.engines.gate_simulator import passages

    def carried(one: Any) -> list[Any]:
        return [thing for thing in one.truth.things if thing.kind == "item"]

    return next(
        one
        for one in passages(8, 40, "barrier", scenario="alone")
        if one.truth.people[0][1] == "out"
        and any(event.__class__.__name__ == "Badge" for event in one.events)
        and len(carried(one)) == 4
        and all(thing.reads >= 20 for thing in carried(one))
    )


def door_set(world: Any, at: datetime) -> dict[str, str]:
    """Shi has booked five things; four of them will go through the door. The marks hold what the reader tells."""
    from anlan.accounts.services import person_add, role_grant
    from anlan.engines.rfid import journal_line
    from anlan.equipment import services
    from world import PASSWORD

    west, heard = world.orgs["west"], walk()
    world.people["shi"] = shi = person_add(
        username="shi", name="石磊", organisation=west, password=PASSWORD, by=SYSTEM, at=at
    )
    role_grant(person=shi, role="patrol", by=SYSTEM, at=at)
    tags = [thing.epc for thing in heard.truth.things if thing.kind == "item"]
    reference = [thing.epc for thing in heard.truth.things if thing.kind == "reference"]
    services.gate_set(
        reader=READER, name="一号库门", place=west, layout="barrier", reference=reference, by=SYSTEM, at=at
    )
    services.badge_give(number=heard.truth.people[0][0], person=shi, by=SYSTEM, at=at)
    things = []
    for nth, (code, name, word) in enumerate([*KINDS, RADIO], start=1):
        model = services.model_add(code=code, name=name, measure_word=word, life_years=5, by=SYSTEM, at=at)
        tag = tags[nth - 1] if nth <= len(tags) else "E28011700000020A0000AA05"
        bought = (at - timedelta(days=900)).date()
        things.append(
            services.item_add(number=f"GX-{nth:03d}", model=model, owner=west, epc=tag, bought_on=bought, by=SYSTEM,
                              at=at)
        )  # fmt: skip
    services.need_set(place=west, kit="夜巡", model=things[3].model, count=1, by=SYSTEM, at=at)
    for thing in things:
        booking = services.booking_ask(
            item=thing, person=shi, starts_at=at + timedelta(minutes=5), ends_at=at + timedelta(hours=9),
            purpose="夜巡", by=world.actor("shi", at), at=at,
        )  # fmt: skip
        services.booking_decide(booking=booking, to="approved", by=world.actor("ida", at), at=at)
    lines = "\n".join(journal_line(replace_reader(event)) for event in heard.events)
    return {"walk": lines}


def replace_reader(event: Any) -> Any:
    """The same event, told by the reader of this door."""
    import msgspec

    return msgspec.structs.replace(event, reader=READER)
