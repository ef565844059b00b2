"""States of calls and incidents, and who takes which track."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from anlan.core.state_machine import StateMachine

CALL = StateMachine(
    "intake.call",
    labels={
        "ringing": _("ringing"),
        "answered": _("answered"),
        "recorded": _("recorded"),
        "incident_open": _("incident opened"),
        "linked_duplicate": _("linked to an incident"),
        "transferred": _("transferred"),
        "invalid": _("invalid"),
        "abandoned": _("hung up before answer"),
    },
    moves={
        "ringing": ("answered", "abandoned"),
        "answered": ("recorded", "incident_open", "linked_duplicate", "transferred", "invalid"),
        "recorded": ("incident_open", "linked_duplicate", "transferred", "invalid"),
        "abandoned": ("recorded", "incident_open", "invalid"),
        "linked_duplicate": ("incident_open",),
        "invalid": ("incident_open", "linked_duplicate"),
        "transferred": ("incident_open",),
    },
)

INCIDENT = StateMachine(
    "intake.incident",
    labels={
        "open": _("waiting to be sent"),
        "dispatched": _("sent"),
        "on_scene": _("being handled"),
        "feedback_due": _("feedback due"),
        "in_review": _("in review"),
        "transferred": _("transferred"),
        "closed": _("closed"),
        "merged": _("merged"),
        "invalid": _("invalid"),
    },
    moves={
        "open": ("dispatched", "transferred", "merged", "invalid", "closed"),
        "dispatched": ("on_scene", "open", "feedback_due", "merged"),
        "on_scene": ("feedback_due", "open"),
        "feedback_due": ("in_review", "dispatched", "on_scene"),
        "in_review": ("closed", "feedback_due", "dispatched"),
        "transferred": ("open", "closed"),
        "closed": ("open", "dispatched", "in_review"),
        "merged": ("open",),
        "invalid": ("open",),
    },
)

OPEN_STATES = ("open", "dispatched", "on_scene", "feedback_due", "in_review", "transferred")
UNDONE_STATES = ("open", "dispatched", "on_scene")

DUPLICATE_WINDOW = timedelta(minutes=30)
REPEAT_WINDOW = timedelta(days=30)
CALL_BACK_WITHIN = timedelta(seconds=60)
REPORTER_KEPT_FOR = timedelta(days=180)
MAX_BOUNCES = 1
NARRATIVE_ANALYSED_CHARS = 4000

PRIORITIES = ("P1", "P2", "P3", "P4")
TRACKS = ("P", "J", "C", "T")
TRACK_LABELS = {"P": _("police"), "J": _("joint"), "C": _("community"), "T": _("transfer")}
