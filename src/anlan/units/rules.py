"""What a unit's status may be and become."""

from __future__ import annotations

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
