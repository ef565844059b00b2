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
    },
)
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

LEVELS = {"blue": _("blue"), "yellow": _("yellow"), "red": _("red")}
"""Of the file, never of a person: how soon somebody has to look at it again."""
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
