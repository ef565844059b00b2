"""States of a dispute file and of its pushes, and the terms that run over them."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.core.state_machine import StateMachine

FILE = StateMachine(
    "disputes.file",
    labels={
        "open": pgettext_lazy("dispute file", "open"),
        "on_site_settled": pgettext_lazy("dispute file", "settled on site"),
        "follow_up": _("follow-up by the beat"),
        "pushed": _("pushed to the town room"),
        "accepted": pgettext_lazy("dispute file", "accepted"),
        "triaged": _("triaged"),
        "assigned": pgettext_lazy("dispute file", "assigned"),
        "mediating": _("in mediation"),
        "agreement": _("agreement reached"),
        "no_agreement": _("no agreement"),
        "performed": _("agreement performed"),
        "defaulted": _("agreement not performed"),
        "closed": _("closed"),
        "revisited": _("revisited"),
        "rated": _("rated"),
        "archived": _("archived"),
        "with_police": _("back with police"),
        "merged": _("merged into another file"),
    },
    moves={
        "open": ("on_site_settled", "follow_up", "pushed", "with_police", "closed", "merged"),
        "on_site_settled": ("follow_up", "pushed", "with_police", "merged"),
        "follow_up": ("closed", "pushed", "with_police", "merged"),
        "pushed": ("accepted", "follow_up", "with_police", "merged"),
        "accepted": ("triaged", "follow_up", "closed", "with_police", "merged"),
        "triaged": ("assigned", "closed", "with_police", "merged"),
        "assigned": ("mediating", "triaged", "closed", "with_police", "merged"),
        "mediating": ("agreement", "no_agreement", "triaged", "closed", "with_police", "merged"),
        "agreement": ("performed", "defaulted", "with_police", "merged"),
        "no_agreement": ("mediating", "triaged", "closed", "with_police", "merged"),
        "performed": ("closed", "with_police", "merged"),
        "defaulted": ("mediating", "performed", "closed", "with_police", "merged"),
        "closed": ("revisited", "archived", "follow_up", "pushed", "with_police", "merged"),
        "revisited": ("rated", "archived", "follow_up", "pushed", "with_police", "merged"),
        "rated": ("archived", "follow_up", "pushed", "with_police", "merged"),
        "archived": ("follow_up", "pushed", "with_police", "merged"),
        "with_police": ("on_site_settled", "follow_up", "pushed", "closed", "merged"),
        "merged": (
            "open", "on_site_settled", "follow_up", "pushed", "accepted", "triaged", "assigned", "mediating",
            "agreement", "no_agreement", "performed", "defaulted", "closed", "revisited", "rated", "archived",
            "with_police",
        ),
    },
)  # fmt: skip
"""Merging keeps both numbers; taking a merge back restores the state that stood before, whatever it was."""
SETTLED = ("closed", "revisited", "rated", "archived")
"""Held to be over. Until here somebody owns the file and a clock runs."""
LIVE = tuple(state for state in FILE.states if state not in (*SETTLED, "merged"))

PUSH = StateMachine(
    "disputes.push",
    labels={
        "sent": pgettext_lazy("push", "sent"),
        "received": _("received"),
        "acted": _("acted on"),
        "closed": _("closed"),
        "returned": _("returned"),
        "superseded": _("overtaken by another push"),
    },
    moves={
        "sent": ("received", "acted", "closed", "returned", "superseded"),
        "received": ("acted", "closed", "returned", "superseded"),
        "acted": ("closed", "superseded"),
        "superseded": ("sent", "received", "acted"),
    },
)
"""What a merge ended runs again when the merge is taken back; nothing else comes back from there."""
PUSH_OPEN = ("sent", "received", "acted")
PUSH_OUTCOMES = {
    "settled_written": _("settled, written agreement"),
    "settled_oral": _("settled, oral agreement"),
    "settled_recorded": _("settled, recorded agreement"),
    "calm_open": _("calm, but not settled"),
    "case": _("accepted as a case"),
    "settled": pgettext_lazy("dispute file", "settled"),
    "watching": _("being watched"),
    "up": _("handed up"),
    "court_guide": _("guided to court"),
    "long_term": _("long-term"),
    "back_to_police": _("back to police"),
    "superseded": _("overtaken by another push"),
    "merged": _("file merged"),
}

PUSH_SEQS = (1, 2, 3)
PUSH_REASONS = {
    "dispatched": _("a unit was sent"),
    "routed": _("routed to the town room"),
    "settled_on_site": pgettext_lazy("dispute file", "settled on site"),
    "calm_open": _("calm, but not settled"),
    "no_feedback": _("closed without feedback"),
    "watching": _("being watched"),
    "returned": _("sent back"),
    "came_back": _("the quarrel came back"),
    "red": _("red at once"),
    "department": _("needs a department"),
    "not_settled": _("not settled by the beat"),
    "by_hand": _("by decision of a person"),
    "level": _("the colour rose"),
}
"""Why a push was sent."""
SETTLED_OUTCOMES = ("settled_written", "settled_oral", "settled_recorded")
OUTCOMES_OF = {
    1: (*SETTLED_OUTCOMES, "calm_open", "case", "up"),
    2: ("settled", "watching", "up", "back_to_police"),
    3: ("settled", "court_guide", "long_term", "back_to_police"),
}
"""What a person may say came of a push, by its step."""

LEVELS = {"blue": _("blue"), "yellow": _("yellow"), "red": _("red")}
"""Of the file, never of a person: how soon somebody has to look at it again."""
LEVEL_RULES = {
    "danger.crowd": _("a crowd"),
    "danger.drowning": _("drowning"),
    "danger.fight_ongoing": _("a fight going on"),
    "danger.fire": _("fire"),
    "danger.gas": _("gas"),
    "danger.injury": _("somebody injured"),
    "danger.self_harm": _("words of self-harm"),
    "danger.weapon": _("a weapon, or the threat of one"),
    "danger.child_or_elder_at_risk": _("a child or an elder in danger"),
    "danger.medical": _("sudden illness"),
    "reports.third": _("third report within 30 days"),
    "reports.second": _("second report within 30 days"),
    "people.crowd": _("more than 20 people"),
    "alcohol": _("alcohol"),
    "property_damage": _("damage to property"),
    "agreement_broken": _("an agreement broken"),
    "much_money": _("10,000 yuan or more"),
}
"""The rules of the colour, in words."""
ROLES = {
    "a": _("party A"),
    "b": _("party B"),
    "more": _("further party"),
    "representative": _("representative"),
    "guardian": _("guardian"),
    "witness": _("witness"),
}
RELATIONS = {
    "": _("not known"),
    "neighbours": _("neighbours"),
    "family": _("family"),
    "couple": _("couple"),
    "landlord_tenant": _("landlord and tenant"),
    "owner_property": _("owner and property management"),
    "employer_worker": _("employer and worker"),
    "buyer_seller": _("buyer and seller"),
    "creditor_debtor": _("creditor and debtor"),
    "patient_hospital": _("patient and hospital"),
    "school": _("school and family"),
    "road_users": _("road users"),
    "villagers_village": _("villagers and village"),
    "other": _("other"),
}
AMOUNT_BANDS = {
    "": _("not known"),
    "none": _("no money"),
    "under_1k": _("under 1,000 yuan"),
    "under_10k": _("under 10,000 yuan"),
    "under_100k": _("under 100,000 yuan"),
    "over_100k": _("100,000 yuan and more"),
}
METHODS = {
    "": _("not yet chosen"),
    "people": _("people's mediation"),
    "administrative": _("administrative mediation"),
    "police": _("police mediation"),
    "judicial": _("judicial mediation"),
}
RESULTS = {
    "": _("not ended"),
    "settled_on_site": pgettext_lazy("dispute file", "settled on site"),
    "settled_follow_up": _("settled in follow-up"),
    "agreement_performed": _("agreement performed"),
    "court": _("went to court"),
    "department": _("decided by a department"),
    "withdrawn": _("withdrawn"),
    "long_term": _("watched long-term"),
    "case": _("became a case"),
    "not_a_dispute": _("no dispute"),
}
EXCLUSIONS = {
    "": _("none"),
    "domestic_violence": _("domestic violence: no sitting down together"),
    "protection_order": _("a protection order stands"),
    "crime": _("a crime, not a quarrel"),
    "hired_violence": _("hired violence"),
    "gang_fight": _("gang fight"),
    "repeated_acts": _("repeated acts"),
    "refused": _("a party refuses"),
    "new_act": _("new act during mediation"),
    "suspect_ran": _("the suspect ran"),
}
"""What bars a mediation, and whom: police may not mediate behind any of these."""
LINK_KINDS = {
    "opening": _("opened the file"),
    "return": _("the quarrel came back"),
    "same": _("the same quarrel, while open"),
    "criminal": _("a criminal case grew out of it"),
}

VISIT_WITHIN = {"red": timedelta(hours=24), "yellow": timedelta(hours=72), "blue": timedelta(days=7)}
"""Push 2: the first visit of the beat officer, by the file's colour."""
SIGN_WITHIN = timedelta(hours=1)
"""Push 3: working time until the town room has signed."""
PLAN_WORKDAYS = 1
CLOSE_WORKDAYS = 15
MEDIATION_LIMIT_DAYS = 30
SECOND_SESSION_WORKDAYS = 7
JUDICIAL_CONFIRMATION_DAYS = 30
RETURN_WITHIN = timedelta(days=30)
"""A new report of the quarrel within this time after closing opens the file again by itself."""
UNOWNED_AT_MOST = timedelta(hours=1)
ARCHIVE_AFTER = timedelta(days=90)
"""A closed file that nobody archived goes to the archive by itself then."""
IDENTITY_KEPT_FOR = timedelta(days=180)
"""Counted from the archive; a file opened again keeps who is in it until it is archived anew."""
IDENTITY_AT_MOST = timedelta(days=5 * 365)
CONTENT_KEPT_FOR = timedelta(days=3 * 365)
"""Words and exact place of a file, counted from the archive."""
PARTIES_AT_MOST = 500

TERMS = {
    "on_site": ("clock", 30 * 60),
    "feedback": ("clock", 24 * 3600),
    "visit_red": ("clock", int(VISIT_WITHIN["red"].total_seconds())),
    "visit_yellow": ("clock", int(VISIT_WITHIN["yellow"].total_seconds())),
    "visit_blue": ("clock", int(VISIT_WITHIN["blue"].total_seconds())),
    "sign": ("working", int(SIGN_WITHIN.total_seconds())),
    "plan": ("workdays", PLAN_WORKDAYS),
    "close": ("workdays", CLOSE_WORKDAYS),
    "mediation": ("days", MEDIATION_LIMIT_DAYS),
    "second_session": ("workdays", SECOND_SESSION_WORKDAYS),
    "performance": ("days", MEDIATION_LIMIT_DAYS),
    "wrap_up": ("workdays", 3),
    "legal_path": ("workdays", 7),
    "police": ("clock", 24 * 3600),
    "revisit": ("workdays", 3),
}
"""Every clock of this room: what it is counted in (the wall clock, working time, working days, days) and how much."""
TERM_LABELS = {
    "on_site": _("settle it on site"),
    "feedback": _("say what came of it"),
    "visit_red": _("first visit (red: 24 hours)"),
    "visit_yellow": _("first visit (yellow: 72 hours)"),
    "visit_blue": _("first visit (blue: 7 days)"),
    "sign": _("accept at the town room"),
    "plan": _("plan and assign"),
    "close": _("close the file"),
    "mediation": _("end the mediation"),
    "second_session": _("second session, or another way"),
    "performance": _("perform the agreement"),
    "wrap_up": _("close after performance"),
    "legal_path": _("take the legal path"),
    "police": _("police decide"),
    "revisit": _("revisit both parties"),
}
TERM_OF_STATE = {
    "open": "feedback",
    "on_site_settled": "visit",
    "follow_up": "visit",
    "pushed": "sign",
    "accepted": "plan",
    "triaged": "plan",
    "assigned": "close",
    "mediating": "mediation",
    "agreement": "performance",
    "no_agreement": "second_session",
    "performed": "wrap_up",
    "defaulted": "legal_path",
    "with_police": "police",
}
"""What a live file waits for in each state; "visit" goes by the file's colour."""

PARTY_PURPOSES = {
    "visit": _("visit the parties"),
    "invite": _("invite to a session"),
    "serve_agreement": _("write and serve the agreement"),
    "revisit": _("revisit after closing"),
    "complaint": _("answer a complaint"),
    "audit": _("check of views"),
}
LEFT_REASONS = {
    "": _("still in it"),
    "died": _("died"),
    "moved": _("moved away"),
    "withdrew": _("withdrew"),
    "mistaken": _("entered by mistake"),
}
REOPEN_REASONS = {
    "came_back": _("the quarrel came back"),
    "not_satisfied": _("a party is not satisfied"),
    "closed_wrongly": _("closed by mistake"),
    "not_performed": _("agreement not performed"),
    "appeal": _("appeal"),
}
POLICE_REASONS = {
    "danger": _("danger"),
    "crime": _("a crime, not a quarrel"),
    "escalated": _("handed to police"),
    "by_hand": _("by decision of a person"),
}
TRACK_NAMES = {"police": _("police"), "joint": _("joint"), "community": _("community")}
TRACK_OF = {"P": "police", "J": "joint", "C": "community", "T": "community"}

RESULT_TO_OUTCOME = {
    "settled_on_site": "settled_oral",
    "mediated_agreement": "settled_written",
    "mediated_none": "calm_open",
    "case_administrative": "case",
    "case_criminal": "case",
    "to_department": "up",
    "to_mediation_centre": "up",
    "helped": "settled_recorded",
    "person_found": "settled_recorded",
    "accident_fast_settled": "settled_recorded",
    "false_alarm": "calm_open",
    "not_found": "calm_open",
    "duplicate": "calm_open",
    "cannot_handle": "up",
}
"""What the feedback's result says of push 1."""
NO_QUARREL_RESULTS = ("false_alarm", "duplicate")
CASE_RESULTS = ("case_administrative", "case_criminal")
CRIME_GROUPS = ("01", "02", "09")
"""Groups of types in which what looked like a quarrel turns out to be police work."""


def visit_term(level: str) -> str:
    """The term of a first visit at a file of this colour."""
    return f"visit_{level}"


def term_of(state: str, level: str) -> str:
    """What a live file in ``state`` waits for; raises ``KeyError`` for a file that is over."""
    term = TERM_OF_STATE[state]
    return visit_term(level) if term == "visit" else term
