"""Changes to units, their crews and shifts, and to where they were last seen."""

from anlan.units.services.crews import crew_join, crew_leave, shift_set
from anlan.units.services.desks import duty_leave, duty_take
from anlan.units.services.loads import unit_load_set, unit_loads_read
from anlan.units.services.positions import PositionReport, PositionsTaken, positions_forget, positions_take
from anlan.units.services.units import unit_add, unit_capabilities_set, unit_claim, unit_release, unit_state_set

__all__ = [
    "PositionReport",
    "PositionsTaken",
    "crew_join",
    "crew_leave",
    "duty_leave",
    "duty_take",
    "positions_forget",
    "positions_take",
    "shift_set",
    "unit_add",
    "unit_capabilities_set",
    "unit_claim",
    "unit_load_set",
    "unit_loads_read",
    "unit_release",
    "unit_state_set",
]
