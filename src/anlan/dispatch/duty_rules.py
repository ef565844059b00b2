"""Check-in timers of units alone on scene, and the handing over of a desk: states, times, limits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import BadInput
from anlan.core.state_machine import StateMachine

CHECKIN = StateMachine(
    "dispatch.checkin",
    labels={
        "running": _("timer runs"),
        "asked": _("asked whether safe"),
        "missed": _("has not answered"),
        "ended": _("ended"),
    },
    moves={
        "running": ("running", "asked", "ended"),
        "asked": ("running", "missed", "ended"),
        "missed": ("running", "ended"),
    },
)
CHECKIN_EVERY = timedelta(minutes=20)
CHECKIN_EVERY_IN_DANGER = timedelta(minutes=10)
CHECKIN_ANSWER_WITHIN = timedelta(minutes=1)
"""So long after being asked the desk is told."""
CHECKIN_ESCALATE_AFTER = timedelta(minutes=2)
"""So long the desk has then, before the duty leader is told: three minutes in all."""
CHECKIN_SHORTEST, CHECKIN_LONGEST = timedelta(minutes=2), timedelta(hours=2)

HANDOVER = StateMachine(
    "dispatch.handover",
    labels={"open": _("being written"), "signed": _("signed off"), "taken": _("taken over")},
    moves={"open": ("signed",), "signed": ("open", "taken")},
)
NOTE_CHARS = 500
DESK_ROLES = ("dispatcher", "call_taker", "duty_leader", "station_room", "town_operator")
"""The roles in which somebody sits at a desk that is handed over."""


def desk_role(roles: Collection[str], wanted: str = "") -> str:
    """The desk role somebody takes over in: the one named, or the first of their own. Raises ``BadInput``."""
    own = [role for role in DESK_ROLES if role in roles]
    role = wanted or (own[0] if own else "")
    if role not in own:
        raise BadInput(field="role", problem=wanted)
    return role


def checkin_every(danger: Collection[str]) -> timedelta:
    """How often a unit alone is asked: every twenty minutes, where danger was told every ten."""
    return CHECKIN_EVERY_IN_DANGER if danger else CHECKIN_EVERY
