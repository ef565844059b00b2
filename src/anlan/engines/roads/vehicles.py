"""Ways to move, as rows: which roads are open to each, what binds it, how fast it is (data: `vehicle_rows.py`)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields

from anlan.engines.roads.vehicle_rows import SHIPPED

ACCESS_BITS = 8
"""Who may use a road is kept in one byte for each direction."""


@dataclass(frozen=True, slots=True)
class VehicleClass:
    """One way to move; `vehicle_rows.py` says what each field means."""

    name: str
    access: int
    emergency_access: int
    tags: tuple[str, ...]
    only_on: frozenset[str] = frozenset()
    not_on: frozenset[str] = frozenset()
    emergency_not_on: frozenset[str] = frozenset()
    signs: str = ""
    turns: bool = True
    both_ways: bool = False
    factor: float = 1.0
    most_kmh: float = float("inf")
    speed_kmh: float | None = None
    emergency_speed_kmh: float | None = None

    def __post_init__(self) -> None:
        bits = (self.access, self.emergency_access)
        if not all(0 < bit < 1 << ACCESS_BITS and bit & (bit - 1) == 0 for bit in bits):
            raise ValueError(f"{self.name}: access is one bit of {ACCESS_BITS}, got {bits}")
        speeds = (self.factor, self.most_kmh, self.speed_kmh, self.emergency_speed_kmh)
        if any(speed is not None and not speed > 0.0 for speed in speeds):
            raise ValueError(f"{self.name}: speeds and factors must be above zero, got {speeds}")

    def may_use(self, road_class: str) -> int:
        """The bits it holds on a road of this class when nothing else is written on it."""
        if self.only_on:
            return self.access | self.emergency_access if road_class in self.only_on else 0
        bits = 0 if road_class in self.not_on else self.access
        if self.emergency_access != self.access and road_class not in self.emergency_not_on:
            bits |= self.emergency_access
        return bits


Vehicles = Mapping[str, VehicleClass]


def vehicles_of(text: str) -> dict[str, VehicleClass]:
    """Read rows (TOML, one table for each vehicle).

    Raises ValueError for a word that is none, a field that is missing, and two vehicles that share a bit.
    """
    known = {column.name: column for column in fields(VehicleClass)}
    found: dict[str, VehicleClass] = {}
    taken: set[int] = set()
    for name, row in tomllib.loads(text).items():
        strange = set(row) - (set(known) - {"name"})
        missing = {"access", "emergency_access", "tags"} - set(row)
        if strange or missing:
            raise ValueError(f"{name}: unknown {sorted(strange)}, missing {sorted(missing)}")
        lists = {key: frozenset(value) for key, value in row.items() if key.endswith("_on")}
        vehicle = VehicleClass(name=name, **{**row, **lists, "tags": tuple(row["tags"])})
        bits = {vehicle.access, vehicle.emergency_access}
        if bits & taken:
            raise ValueError(f"{name}: bit {sorted(bits & taken)} is another vehicle's")
        taken |= bits
        found[name] = vehicle
    return found


VEHICLES: Vehicles = vehicles_of(SHIPPED)
