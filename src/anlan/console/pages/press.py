"""A button pressed on a page: by whom, when, on what, with what typed beside it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict

from anlan.console.asked import MOST_SHOWN, typed
from anlan.console.selectors.incident import incident_for
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.dispatch.models import Assignment
from anlan.dispatch.selectors import assignment_for
from anlan.dispatch.services import unit_to_send
from anlan.intake.models import Call, Incident, Transfer
from anlan.units.models import Unit

WHOLE = re.compile(r"-?[0-9]{1,18}")
"""As long as a store can hold."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed: by whom, when, on which incident, and what was typed with it."""

    by: Actor
    at: datetime
    incident: Incident
    post: QueryDict

    def text(self, name: str) -> str:
        return typed(self.post, name)

    def number(self, name: str) -> int | None:
        """A whole number that was typed; None for nothing."""
        value = self.text(name)
        if not value:
            return None
        if not WHOLE.fullmatch(value):
            raise BadInput(field=name, problem=value[:MOST_SHOWN])
        return int(value)

    def decimal(self, name: str) -> float | None:
        value = self.text(name)
        try:
            found = float(value) if value else None
        except ValueError:
            found = math.nan
        if found is not None and not math.isfinite(found):
            raise BadInput(field=name, problem=value[:MOST_SHOWN])
        return found

    def shown(self, name: str, most: float) -> float | None:
        """What the list said beside the button, from 0 to ``most``. Nobody has typed it: what can't have stood there
        is left out, and no sending is refused for it."""
        try:
            value = float(self.text(name))
        except ValueError:
            return None
        return value if 0 <= value <= most else None

    def assignment(self) -> Assignment:
        return assignment_for(self.by, self.number("assignment") or 0)

    def unit(self) -> Unit:
        """The unit named; sending refuses one of next door unless the desk commands both."""
        return unit_to_send(self.number("unit") or 0)

    def call(self) -> Call:
        """The call named, if it belongs to the incident."""
        row = Call.objects.filter(pk=self.number("call") or 0, incident=self.incident).first()
        if row is None:
            raise NotFound
        return row

    def transfer(self) -> Transfer:
        """The transfer named, to who offered it or is asked."""
        row: Transfer = Transfer.objects.select_related("incident", "partner", "offered_from").one_for(
            self.by, pk=self.number("transfer") or 0
        )
        return row

    def other(self, name: str) -> Incident:
        return incident_for(self.by, self.text(name))


Deed = Callable[[Press], Any]
