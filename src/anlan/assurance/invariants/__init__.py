"""What must hold in any store, whatever happened to it. One file a group; ``ALL`` in the order of their numbers."""

from anlan.assurance.findings import Invariant
from anlan.assurance.invariants import conduct, promises, records, response

ALL: tuple[Invariant, ...] = tuple(
    sorted(
        (one for room in (promises, response, records, conduct) for one in room.GROUP.found),
        key=lambda one: int(one.id[1:]),
    )
)
