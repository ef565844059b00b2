"""Who acts. Every command takes one, so that every change has somebody who did it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a unit's terminal, a device or the system itself, with what it may see.

    ``org_ids`` are the ids of all organisations in its reach (its own and those beneath);
    ``sees_all`` marks the top of the tree, where no filter is needed.
    """

    kind: str
    id: int | None = None
    name: str = ""
    org_id: int | None = None
    org_ids: frozenset[int] = field(default_factory=frozenset)
    sees_all: bool = False
    roles: frozenset[str] = field(default_factory=frozenset)

    def has_role(self, *roles: str) -> bool:
        return bool(self.roles.intersection(roles))


SYSTEM = Actor(kind="system", name="system", sees_all=True, roles=frozenset({"system"}))
