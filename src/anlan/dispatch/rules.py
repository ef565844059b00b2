"""States of assignments and community work orders, and the clocks that run over them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.core.actor import Actor
from anlan.core.state_machine import StateMachine

ASSIGNMENT = StateMachine(
    "dispatch.assignment",
    labels={
        "sent": _("sent"),
        "signed": _("signed"),
        "en_route": _("en route"),
        "arrived": _("arrived"),
        "finished": _("finished"),
        "feedback_done": _("feedback filed"),
        "reviewed": _("reviewed"),
        "closed": _("closed"),
        "refused": _("refused"),
        "reassigned": _("reassigned"),
        "cancelled": _("cancelled"),
    },
    moves={
        "sent": ("signed", "en_route", "arrived", "refused", "reassigned", "cancelled"),
        "signed": ("en_route", "arrived", "refused", "reassigned", "cancelled"),
        "en_route": ("arrived", "refused", "reassigned", "cancelled"),
        "arrived": ("finished", "cancelled"),
        "finished": ("feedback_done",),
        "feedback_done": ("reviewed", "finished"),
        "reviewed": ("closed", "finished"),
    },
)
PARTS = ("lead", "support")
UNDO = "undo"
DEED_WORDS = {
    "sign": _("Sign"),
    "depart": _("Set off"),
    "arrive": _("Arrived"),
    "support": _("Support"),
    "finish": _("Done"),
    "feedback": _("File feedback"),
    "report": _("First report"),
}
"""What stands on the buttons of the unit's phone."""
PRESS_LATE_AFTER = timedelta(seconds=15)
"""A press that took longer than this to reach the server was kept on the phone meanwhile."""
ATTACHMENTS_AT_MOST = 40
ATTACHMENTS_TAKEN_FOR = timedelta(hours=24)
ATTACHMENTS_KEPT_AT_MOST = timedelta(days=5 * 365)
"""The longest term any class of matter has: nothing outlives it, even where its own matter is never erased."""
ACTIVE = ("sent", "signed", "en_route", "arrived")
TRAVELLING = ("sent", "signed", "en_route")

WORK_ORDER = StateMachine(
    "dispatch.work_order",
    labels={
        "routed": _("routed to the town room"),
        "signed": _("signed"),
        "contacted": _("caller contacted"),
        "assigned": _("team assigned"),
        "on_site": _("team on site"),
        "settled": _("settled on site"),
        "moved_on": _("moved on"),
        "closed": _("closed"),
        "bounced": _("sent back"),
        "escalated": _("handed to police"),
    },
    moves={
        "routed": ("signed", "bounced", "escalated"),
        "signed": ("contacted", "assigned", "bounced", "escalated"),
        "contacted": ("assigned", "settled", "moved_on", "bounced", "escalated"),
        "assigned": ("on_site", "contacted", "escalated"),
        "on_site": ("settled", "moved_on", "escalated"),
        "settled": ("closed", "escalated"),
        "moved_on": ("closed", "escalated"),
        "closed": ("escalated",),
        "bounced": ("routed", "escalated"),
        "escalated": (),
    },
)

RESULT_CODES = {
    "settled_on_site": _("settled on site"),
    "mediated_agreement": _("mediated, agreement"),
    "mediated_none": _("mediated, no agreement"),
    "case_administrative": _("administrative case accepted"),
    "case_criminal": _("criminal case accepted"),
    "to_department": _("transferred to a department"),
    "to_mediation_centre": _("handed to the mediation centre"),
    "helped": _("helped"),
    "person_found": _("person found"),
    "accident_fast_settled": _("accident fast-settled"),
    "false_alarm": _("false alarm"),
    "not_found": _("nothing found on arrival"),
    "duplicate": _("duplicate"),
    "cannot_handle": _("cannot be handled"),
}
LOSS_BANDS = {
    "": _("not known"),
    "none": _("no loss"),
    "under_1k": _("under 1,000 yuan"),
    "under_10k": _("under 10,000 yuan"),
    "under_100k": _("under 100,000 yuan"),
    "over_100k": _("100,000 yuan and more"),
}
ALONE = {
    "no_town_room": _("No town room answers for this place: only the unit was sent."),
    "room_has_it": _("A town room has it already; the unit meets it there."),
    "not_joint": _("The matter is not on the joint track any more: only the unit was sent."),
}
"""Why a unit of a joint sending went without a new order of the town room."""
ORDER_DONE = ("closed", "escalated", "bounced")
SETTLED_ON_SITE = ("settled_on_site", "mediated_agreement", "helped", "person_found", "accident_fast_settled")

UNSIGNED_ALARM = timedelta(seconds=60)
UNSIGNED_REASSIGN = timedelta(seconds=120)
NOT_MOVING_ALARM = timedelta(seconds=120)
MOVED_M = 60.0
ARRIVED_WITHIN_M = 100.0
LOOKED_WITHIN_M = 400.0
"""A track is laid on the roads only near its goal: that costs some hundredths of a second."""
UNDO_WINDOW = timedelta(seconds=10)
SEND_WITHIN = timedelta(seconds=60)
FEEDBACK_WITHIN = timedelta(minutes=30)
FEEDBACK_LIMIT = timedelta(hours=24)
REPORT_WITHIN = timedelta(minutes=10)
REVIEW_WITHIN = timedelta(hours=24)
CLOSE_WITHIN = timedelta(hours=48)
TOWN_SIGN_WITHIN = timedelta(minutes=1)
TOWN_CONTACT_WITHIN = timedelta(minutes=3)
TOWN_ARRIVE_WITHIN = timedelta(minutes=30)
TOWN_CLOSE_WITHIN = timedelta(hours=24)
TOWN_TEAM_TARGET = timedelta(minutes=5)
"""From sending a street team until it is on site: a target to be measured by, not a clock that alarms."""
REVISIT_SHARE = 0.10
REVISIT_WORKDAYS = 3


AMBER_SHARE = 2 / 3
"""A clock turns amber when this share of its time is gone."""

SEND_ALLOWS = {
    "P1": SEND_WITHIN,
    "P2": timedelta(minutes=2),
    "P3": timedelta(minutes=5),
    "P4": timedelta(minutes=30),
}
PRIORITIES = tuple(SEND_ALLOWS)
ADVICE = {
    "quickest": _("the quickest unit"),
    "home": _("the home station's unit, within its seconds"),
    "cover": _("the unit that leaves more cover, within the cap"),
    "batch": _("all waiting matters reckoned together"),
    "divert": _("taken from a lesser matter"),
}
"""By which rule one unit was advised before others."""
COVER_CAP_S = {"P1": 0.0, "P2": 60.0, "P3": 180.0, "P4": 300.0}
"""How many seconds later than the quickest a unit may be and still be advised for the sake of cover."""
COVER_LEAST = 0.005
"""Advice for the sake of cover is given from this share of expected demand on."""
COVER_FULL = 0.05
"""Many at once: whoever carries this share of expected demand alone counts as the whole cap later, others in part."""
BATCH_WEIGHT = {"P1": 1e8, "P2": 16.0, "P3": 4.0, "P4": 1.0}
"""Many at once: what a second of waiting is worth. A P1's outweighs all others': nothing is put before it."""
FURTHER_WEIGHT = 0.25
"""Many at once: a second or third unit of a matter weighs this much of the first."""
BATCH_MOST = 60
"""So many waiting matters are reckoned together, by queue order; the rest stays for the next time."""
DIVERT_LEAST_S = {"P2": 180.0, "P3": 60.0, "P4": 60.0}
"""A unit on its way to such a matter may be proposed for a P1 from this gain on, over the quickest free one."""
SHOWN_MOST_S = 10 * 86_400.0
RANK_MOST, UNIT_MOST = 32_767, 2**63 - 1
"""What the columns hold."""
ARRIVE_ALLOWS = {
    "P1": {"town": timedelta(minutes=5), "suburb": timedelta(minutes=10), "rural": timedelta(minutes=20)},
    "P2": {"town": timedelta(minutes=10), "suburb": timedelta(minutes=15), "rural": timedelta(minutes=30)},
    "P3": {"town": timedelta(minutes=30), "suburb": timedelta(minutes=45), "rural": timedelta(minutes=60)},
    "P4": {"town": timedelta(hours=24), "suburb": timedelta(hours=24), "rural": timedelta(hours=24)},
}
"""Arrival targets where the incident type has none of its own; P4 is by appointment within a day."""


def shown_kept(shown: Mapping[str, Any]) -> dict[str, Any]:
    """What a recommendation showed, as it is kept with the sending: what can't be meant is left out.

    A sending is never refused for it. Times outlive ten days on no screen; a rule nobody knows takes the unit it
    advised with it, for both are told in an event, which holds no words of anybody's.
    """
    kept = dict(shown)
    for name in ("eta_s", "eta_p90_s", "travel_s", "fix_age_s"):
        if (told := kept.get(name)) is not None and not 0.0 <= told <= SHOWN_MOST_S:
            kept[name] = None
    for name, most in (("rank", RANK_MOST), ("advised_unit", UNIT_MOST)):
        if (told := kept.get(name)) is not None and not 1 <= told <= most:
            kept[name] = None
    if kept.get("advice", "") not in ADVICE:
        kept |= {"advice": "", "advised_unit": None}
    if kept.get("eta_source", "") not in ("road", "line"):
        kept["eta_source"] = ""
    kept["reason"] = str(kept.get("reason", ""))[:200]
    return kept


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A clock's name, what it measures in words, how long it allows, and the edition of the rule."""

    kind: str
    label: str | Promise
    allows: timedelta
    version: int = 1


CLOCKS = {
    rule.kind: rule
    for rule in (
        ClockRule("send", _("send a unit"), SEND_WITHIN),
        ClockRule("sign", _("sign"), UNSIGNED_ALARM),
        ClockRule("reassign", _("signed, or another unit"), UNSIGNED_REASSIGN),
        ClockRule("move", _("set off"), NOT_MOVING_ALARM),
        ClockRule("arrive", _("arrive"), ARRIVE_ALLOWS["P1"]["town"]),
        ClockRule("report", _("first report from the spot"), REPORT_WITHIN),
        ClockRule("feedback", _("file the feedback"), FEEDBACK_WITHIN),
        ClockRule("feedback_limit", _("file the feedback, at the very latest"), FEEDBACK_LIMIT),
        ClockRule("review", _("review the feedback"), REVIEW_WITHIN),
        ClockRule("close", _("close the incident"), CLOSE_WITHIN),
        ClockRule("town_sign", _("town room signs"), TOWN_SIGN_WITHIN),
        ClockRule("town_contact", _("town room calls the caller"), TOWN_CONTACT_WITHIN),
        ClockRule("town_arrive", _("team on site"), TOWN_ARRIVE_WITHIN),
        ClockRule("town_close", _("town room closes"), TOWN_CLOSE_WITHIN),
        ClockRule("revisit", _("revisit the caller"), timedelta(days=REVISIT_WORKDAYS)),
    )
}


def arrival_allows(
    priority: str, setting: str, *, town_s: int | None = None, suburb_s: int | None = None, rural_s: int | None = None
) -> timedelta:
    """How long the first unit may take from being sent, by setting.

    The incident type's own targets (seconds) come first, except that a P1 is never allowed more than
    the P1 row: danger found on the spot makes any type urgent.
    """
    general = ARRIVE_ALLOWS.get(priority, ARRIVE_ALLOWS["P3"])
    usual = general.get(setting, general["town"])
    own_s = {"town": town_s, "suburb": suburb_s, "rural": rural_s}.get(setting, town_s)
    if own_s is None:
        return usual
    own = timedelta(seconds=own_s)
    return min(own, usual) if priority == "P1" else own


def incident_state_wanted(state: str, assignments: Iterable[str]) -> str:
    """The state an incident should be in, from its own and those of its assignments.

    Somebody there wins over somebody on the way, that over reports owing, that over reports to review.
    With nobody left on it, what was sent waits again. An incident merged or marked invalid stays as it is.
    """
    held = set(assignments)
    if state in ("merged", "invalid"):
        return state
    if "arrived" in held:
        return "on_scene"
    if held & set(TRAVELLING):
        return "on_scene" if state == "on_scene" else "dispatched"
    if "finished" in held:
        return "feedback_due"
    if held & {"feedback_done", "reviewed"}:
        return "in_review"
    # All that is left are units that never got there, or matters closed before.
    return "open" if state in ("dispatched", "on_scene") else state


_THROUGH = ("open", "dispatched", "on_scene", "feedback_due", "in_review", "signed", "contacted", "assigned")


def steps_between(machine: StateMachine, source: str, target: str) -> tuple[str, ...]:
    """The shortest chain of moves from ``source`` to ``target``, ``source`` left out; empty if none is needed.

    Passes only through states of work in hand, never through an end such as closed or escalated. Raises
    ``ValueError`` where no chain leads.
    """
    came_from = {source: ""}
    waiting = deque([source])
    while waiting:
        here = waiting.popleft()
        if here == target:
            chain = []
            while here != source:
                chain.append(here)
                here = came_from[here]
            return tuple(reversed(chain))
        for there in machine.moves.get(here, ()):
            if there not in came_from and (there == target or there in _THROUGH):
                came_from[there] = here
                waiting.append(there)
    raise ValueError(f"{machine.name}: no way from {source} to {target}")


def unit_is_commanded(by: Actor, organisation_id: int) -> bool:
    """Whether ``by`` commands units of the organisation: it is their own, or lies beneath them."""
    return by.kind == "system" or by.sees_all or organisation_id in by.org_ids
