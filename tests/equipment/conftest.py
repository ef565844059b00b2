"""The west station's store: one door, two kinds of things, two badges."""

from __future__ import annotations

import pytest

from anlan.core.actor import SYSTEM
from anlan.engines.gate_simulator import passages
from anlan.engines.rfid import journal_line
from anlan.equipment.services import badge_give, gate_set, item_add, model_add
from world import T0, build_world


@pytest.fixture
def world(db):
    return build_world(units=False, roads=False)


@pytest.fixture
def baton(world):
    return model_add(code="baton", name="警棍", measure_word="根", by=SYSTEM, at=T0)


@pytest.fixture
def pistol(world):
    return model_add(code="pistol", name="手枪", measure_word="支", is_controlled=True, by=SYSTEM, at=T0)


@pytest.fixture
def thing(world, baton):
    """``thing("B-1")``: a baton of the west station."""

    def act(number, model=None, **fields):
        return item_add(number=number, model=model or baton, owner=world.orgs["west"], by=SYSTEM, at=T0, **fields)

    return act


@pytest.fixture(scope="session")
def walk():
    """Somebody carries things out through the simulated door 8, alone: what the reader tells, and the truth."""
    return next(
        one
        for one in passages(8, 40, "barrier", scenario="alone")
        if one.truth.people[0][1] == "out"
        and any(event.__class__.__name__ == "Badge" for event in one.events)
        and sum(thing.kind == "item" and thing.reads >= 20 for thing in one.truth.things) >= 2
    )


@pytest.fixture
def gate(world, walk):
    reference = [thing.epc for thing in walk.truth.things if thing.kind == "reference"]
    return gate_set(
        reader="door-1", name="装备库", place=world.orgs["west"], layout="barrier", reference=reference,
        by=SYSTEM, at=T0,
    )  # fmt: skip


@pytest.fixture
def carried(walk):
    """Tags carried out in the walk and heard well."""
    return [thing.epc for thing in walk.truth.things if thing.kind == "item" and thing.reads >= 20]


@pytest.fixture
def lines(walk):
    return "\n".join(journal_line(event) for event in walk.events)


@pytest.fixture
def badge(world, walk):
    return badge_give(number=walk.truth.people[0][0], person=world.people["ida"], by=SYSTEM, at=T0)
