"""What a unit's status may be and become."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from anlan.core.state_machine import StateMachine

UNIT_STATUS = StateMachine(
    "units.status",
    labels={
        "off": _("off duty"),
        "available": _("available"),
        "assigned": _("assigned"),
        "en_route": _("en route"),
        "on_scene": _("on scene"),
        "busy": _("busy with other work"),
        "out_of_service": _("out of service"),
    },
    moves={
        "off": ("available", "out_of_service"),
        "available": ("assigned", "busy", "off", "out_of_service"),
        "assigned": ("en_route", "on_scene", "available", "busy"),
        "en_route": ("on_scene", "available", "busy"),
        "on_scene": ("available", "busy"),
        "busy": ("available", "off", "out_of_service"),
        "out_of_service": ("available", "off"),
    },
)

STALE_AFTER = timedelta(seconds=60)
LOST_AFTER = timedelta(minutes=10)
FUTURE_TOLERANCE = timedelta(seconds=30)
ON_INCIDENT = ("assigned", "en_route", "on_scene")

CAPABILITIES = {
    "boat": _("boat"),
    "drone": _("drone"),
    "dog": _("dog handler"),
    "interpreter": _("interpreter"),
    "negotiator": _("negotiator"),
    "breaching": _("breaching tools"),
    "first_aid": _("first aid"),
    "water_rescue": _("water rescue"),
    "traffic": _("traffic accident kit"),
    "mediator": _("mediator"),
}

FIXES_KEPT_FOR = timedelta(days=30)
MAX_FIXES_A_BATCH = 5000
MAX_SPEED_MPS = 90.0

Stretches = list[list[int]]


def sequence_taken(upto: int, beyond: Stretches, seqs: Sequence[int]) -> tuple[int, Stretches]:
    """Add received numbers to what a device's stream already holds.

    All numbers 1..``upto`` are held, and each stretch ``[first, last]`` in ``beyond`` above a gap.
    Returns the new pair, stretches merged and ascending; ``upto`` is what may be acknowledged: a device
    forgets only what lies below it.
    """
    if not beyond and len(seqs) == 1 and seqs[0] == upto + 1:
        return seqs[0], []  # the next one after all others: nearly always
    stretches = sorted([*([first, last] for first, last in beyond), *([seq, seq] for seq in seqs if seq > upto)])
    merged: Stretches = []
    for first, last in stretches:
        if first <= upto + 1:
            upto = max(upto, last)
        elif merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return upto, merged


def sequence_holds(upto: int, beyond: Stretches, seq: int) -> bool:
    """Whether the stream already holds this number."""
    return seq <= upto or (bool(beyond) and any(first <= seq <= last for first, last in beyond))
