"""States of calls and incidents, and who takes which track."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from anlan.core.state_machine import StateMachine
from anlan.engines.workclock import WorkCalendar

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
        "abandoned": ("recorded", "incident_open", "linked_duplicate", "invalid"),
        "incident_open": ("linked_duplicate", "transferred", "invalid"),
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
        "merged": ("open", "dispatched"),
        "invalid": ("open",),
    },
)

OPEN_STATES = ("open", "dispatched", "on_scene", "feedback_due", "in_review", "transferred")
ENDED_STATES = ("closed", "merged", "invalid")
UNDONE_STATES = ("open", "dispatched", "on_scene")

CALLS_WAITING = ("ringing", "answered", "recorded", "abandoned")
CALLS_WITHOUT_MATTER = ("recorded", "abandoned", "invalid")
DUPLICATE_WINDOW = timedelta(hours=2)
REPEAT_WINDOW = timedelta(days=30)
REPEAT_WITHIN_M = 60.0
REPEAT_GROUPS = ("04", "05")
CALL_BACK_WITHIN = timedelta(seconds=60)
CALL_BACK_TRIES = 3
REPORTER_KEPT_FOR = timedelta(days=180)
SAME_LINE_WINDOW = timedelta(hours=24)
SWITCH_SILENT_AFTER = timedelta(seconds=60)
TAG_REVIEW_WINDOW = timedelta(hours=24)
TAG_REVIEW_SHARE = 0.10
TAG_REVIEW_ALL_OF = ("P1", "P2")
MAX_BOUNCES = 1
NARRATIVE_ANALYSED_CHARS = 4000

PRIORITIES = ("P1", "P2", "P3", "P4")
TRACKS = ("P", "J", "C", "T")
TRACK_LABELS = {"P": _("police"), "J": _("joint"), "C": _("community"), "T": _("transfer")}

INVALID_REASONS = {
    "silent": _("silent, nothing wrong when called back"),
    "prank": _("prank or false report"),
    "wrong_number": _("wrong number"),
    "test": _("test or drill"),
    "no_matter": _("no matter that needs a response"),
}
CALL_BACK_REASONS = {
    "silent": _("silent call"),
    "covert": _("caller can't speak freely"),
    "cut_off": _("cut off or hung up before answer"),
    "asked": _("call back asked for"),
}
CALL_BACK_OUTCOMES = {
    "reached": _("reached, nothing wrong"),
    "danger": _("reached, in danger"),
    "no_answer": _("no answer"),
}
REVEAL_PURPOSES = {
    "call_back": _("call back after a cut or silent call"),
    "dispatch_contact": _("contact while help is on the way"),
    "order_contact": _("first contact by the town room"),
    "on_scene_contact": _("find the caller on scene"),
    "revisit": _("revisit after closing"),
    "complaint": _("answer a complaint"),
    "audit": _("check of views"),
}
ORIGIN_OF_CHANNEL = {"patrol": "patrol", "device": "device", "partner": "partner"}
HEADLINE_CHARS = 120
TAG_DIMENSIONS = {
    "place_type": _("kind of place"),
    "cause": _("cause of the dispute"),
    "means": _("means"),
    "scam_type": _("kind of fraud"),
    "object": _("what it was about"),
    "conditions": _("conditions on site"),
    "handling": _("handling"),
    "time_context": _("time of day"),
    "weather_context": _("weather"),
    "repeat": _("repeat within 30 days"),
}
TAGS_BY_HAND = ("place_type", "cause", "means", "scam_type", "object", "conditions", "handling")
"""What a person says of an incident; the clock, the weather feed and the count of repeats say three more."""
EARLY_MORNING_ENDS, EVENING_BEGINS, NIGHT_MARKET_BEGINS = 6, 19, 21
COMMUTE_HOURS = (7, 8, 17, 18)
NIGHT_MARKET_PLACES = frozenset({"market", "shop", "bar_ktv", "square", "road"})
RAIN_FROM_MM_H, HEAT_FROM_C, FOG_BELOW_M = 0.1, 35.0, 1000.0
"""Rain that can be measured; a day of heat (高温日); fog (大雾) as GB/T 27964-2011 bounds it."""
DANGER_LABELS = {
    "weapon": _("weapon"),
    "injury": _("injury"),
    "fire": _("fire"),
    "self_harm": _("self-harm"),
    "fight_ongoing": _("fight going on"),
    "child_or_elder_at_risk": _("child or elder in danger"),
    "crowd": _("crowd"),
    "drowning": _("drowning"),
    "gas": _("gas"),
    "medical": _("sudden illness"),
    "found_on_call_back": _("danger found when called back"),
    "unnamed": _("danger not named more closely"),
}
RECEIPT_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.#-]*")
"""What a partner desk's receipt looks like: a number of theirs, no sentence."""
UNNAMED_DANGER = "unnamed"
"""What a flag nobody knows becomes: the danger stays, its word does not, for flags are told in events."""
RULE_LABELS = {
    "danger": _("danger overrides all"),
    "taxonomy": _("as the list of types says"),
    "taxonomy.exception": _("exception in the list of types"),
    "taxonomy.unsure": _("urgent type only guessed, nothing told that is urgent"),
    "dispute.escalated": _("dispute that escalates"),
    "transfer.list": _("list agreed with the partner desk"),
    "unknown.first_receiver": _("first receiver keeps the unclear"),
    "invalid": _("tells of nothing"),
    "person": _("set by a person"),
    "history": _("taken over from another system"),
}
KEEPING_LABELS = {
    "void": _("no matter: prank, wrong number, test, nothing said"),
    "transfer": _("handed to a partner desk"),
    "community": _("community matter"),
    "police": _("police matter"),
    "grave": _("danger to life, or major"),
}
KEPT_FOR = {
    "void": timedelta(days=90),
    "transfer": timedelta(days=365),
    "community": timedelta(days=2 * 365),
    "police": timedelta(days=3 * 365),
    "grave": timedelta(days=5 * 365),
}
"""How long words and exact place are kept after a matter's end, by class; settings may say otherwise."""


def time_context(moment: datetime, calendar: WorkCalendar, *, place_types: frozenset[str] = frozenset()) -> str:
    """The label of the hour in which something happened, by the wall clock of the calendar's zone.

    A public holiday (not a plain weekend) is told as such whatever the hour; else 00-06 is early morning,
    07-09 and 17-19 of a working day, make-up days included, the way to or from work, 19-24 evening, from 21
    where stalls stand (``place_types``) night market, the rest daytime. In years not announced yet no
    holiday is known. The exam period is in the vocabulary, but no calendar of exams is held.
    """
    local = moment.astimezone(calendar.zone)
    special = calendar.special_days.get(local.date())
    if special is not None and not special.hours:
        return "holiday"
    if local.hour < EARLY_MORNING_ENDS:
        return "early_morning"
    if local.hour in COMMUTE_HOURS and calendar.hours_on(local.date()):
        return "commute"
    if local.hour >= NIGHT_MARKET_BEGINS and place_types & NIGHT_MARKET_PLACES:
        return "night_market"
    return "evening" if local.hour >= EVENING_BEGINS else "daytime"


def weather_context(
    *,
    temperature_c: float | None = None,
    rain_mm_h: float | None = None,
    visibility_m: float | None = None,
    warnings: Collection[str] = (),
) -> dict[str, str]:
    """The labels of the weather something happened in, each with the figure it was read from.

    Several may hold at once; where too little is known none does, and ``none`` says that temperature and rain
    were measured and are worth no label. Typhoon and cold wave last for days and are known by their warnings,
    which are no figures. Poor sight in rain is the rain, no fog.
    """
    found: dict[str, str] = {}
    if rain_mm_h is not None and rain_mm_h >= RAIN_FROM_MM_H:
        found["rain"] = f"{rain_mm_h:g} mm/h"
    elif visibility_m is not None and visibility_m < FOG_BELOW_M:
        found["fog"] = f"{visibility_m:g} m"
    if temperature_c is not None and temperature_c >= HEAT_FROM_C:
        found["heat"] = f"{temperature_c:g} °C"
    found |= {value: "" for kind, value in (("typhoon", "typhoon"), ("cold", "cold_wave")) if kind in warnings}
    if not found and temperature_c is not None and rain_mm_h is not None:
        found["none"] = f"{temperature_c:g} °C, {rain_mm_h:g} mm/h"
    return found
