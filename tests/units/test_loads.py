"""What units carry: said as a whole by whoever keeps them, from a list line by line, and on the record."""

from __future__ import annotations

import pytest

from anlan.core.errors import BadInput
from anlan.core.models import Event
from anlan.units.equipment import equipment_kinds, kind_named
from anlan.units.errors import LoadUnreadable
from anlan.units.loads import loads_of_kinds, loads_of_units
from anlan.units.models import LoadItem
from anlan.units.services import unit_load_set, unit_loads_read
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def load_of(unit):
    return {each.kind.code: each.count for each in loads_of_units([unit.pk]).get(unit.pk, [])}


def test_a_kind_is_known_by_its_code_and_by_either_name():
    for kind in equipment_kinds().values():
        assert kind_named(kind.code) == kind_named(f" {kind.zh} ") == kind_named(kind.en.upper()) == kind
    assert kind_named("") is kind_named("防刺") is None


def test_a_load_is_replaced_as_a_whole_and_the_same_again_is_no_event(world):
    unit, ida = world.units["P-01"], world.actor("ida")
    unit_load_set(unit=unit, load={"shield": 2, "long_fork": 1}, by=ida, at=T0)
    assert unit_load_set(unit=unit, load={"shield": 3, "long_fork": 0}, by=ida, at=T0) == {"shield": 3}
    unit_load_set(unit=unit, load={"shield": 3}, by=ida, at=T0)
    assert load_of(unit) == {"shield": 3}
    told = Event.objects.filter(kind="units.load_set").order_by("pk")
    assert [(event.data["before"], event.data["load"]) for event in told] == [
        ({}, {"long_fork": 1, "shield": 2}),
        ({"long_fork": 1, "shield": 2}, {"shield": 3}),
    ]
    assert LoadItem.objects.get().said_by == ida.id


@pytest.mark.parametrize("load", [{"cannon": 1}, {"shield": -1}, {"shield": 1000}, {"shield": True}, {"shield": 1.5}])
def test_a_kind_nobody_listed_or_a_count_that_cannot_be_is_refused(world, load):
    unit = world.units["P-01"]
    with pytest.raises(BadInput):
        unit_load_set(unit=unit, load=load, by=world.actor("ida"), at=T0)
    assert not LoadItem.objects.exists()


def test_a_list_is_taken_whole_or_not_at_all_and_leaves_units_it_does_not_name(world):
    ida = world.actor("ida")
    unit_load_set(unit=world.units["P-02"], load={"shield": 9}, by=ida, at=T0)
    unit_load_set(unit=world.units["P-01"], load={"barrier": 1}, by=ida, at=T0)
    for wrong in (
        "P-01,cannon,1",
        "P-01,shields,many",
        "P-01,shields,-1",
        "P-01,shields,1000",
        "P-01,shields," + "0" * 5000 + "1",
        "P-01",
        "P-09,shields,1",
        "",
    ):
        with pytest.raises(LoadUnreadable):
            unit_loads_read(text=f"P-01，防刺背心，2\n{wrong}" if wrong else " \n", by=ida, at=T0)
    assert load_of(world.units["P-01"]) == {"barrier": 1}
    assert unit_loads_read(text="P-01，防刺背心，2\n\nP-01\tShields\t1\nP-01;shield;1\n", by=ida, at=T0) == 1
    assert load_of(world.units["P-01"]) == {"stab_vest": 2, "shield": 2}
    assert load_of(world.units["P-02"]) == {"shield": 9}
    assert loads_of_kinds(["shield"]) == {"shield": {"P-01": 2, "P-02": 9}}


def test_a_station_room_names_only_its_own_units_in_a_list(world):
    with pytest.raises(LoadUnreadable) as refused:
        unit_loads_read(text="P-01,shield,1\nP-03,shield,1", by=world.actor("ida"), at=T0)
    assert refused.value.facts == {"line": 2, "text": "P-03,shield,1"}
    assert not LoadItem.objects.exists()
