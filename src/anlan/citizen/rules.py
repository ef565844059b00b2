"""What a citizen is told in each state, what they may ask for, how often a code may be guessed, and terms."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.core.state_machine import StateMachine

REQUEST = StateMachine(
    "citizen.request",
    labels={
        "waiting": _("waiting for an answer"),
        "granted": _("granted"),
        "refused": pgettext_lazy("citizen's request", "refused"),
    },
    moves={"waiting": ("granted", "refused")},
)
REQUEST_KINDS = {
    "withdrawal": _("takes the report back"),
    "appeal": _("says it is not settled"),
}
WORDS_MAX = 500
ANSWER_WORKDAYS = {"withdrawal": 1, "appeal": 3}
ANSWERED_BY_ROLE = {
    "station": "station_room",
    "town_room": "town_operator",
    "partner": "partner_desk",
    "mediation_centre": "mediation_desk",
    "zone": "station_room",
    "brigade": "station_room",
    "bureau": "dispatcher",
}
"""Who is told first, by the kind of organisation that has the matter; after them the duty leader."""

CODE_SENT_FOR = ("P3", "P4")
"""Of which urgency the link to a report is sent; in what is more urgent nobody's telephone is made to sound."""
RATING_VALID = timedelta(days=7)
RATING_POOR = 2
"""One and two are told to whoever had the matter, by name of the matter only."""
RATINGS = {
    5: _("very content"),
    4: _("content"),
    3: _("so-so"),
    2: _("not content"),
    1: _("not content at all"),
}
RATING_REASONS = {
    "": _("no reason given"),
    "slow": _("it took too long"),
    "manner": _("the manner"),
    "unsettled": _("it is not settled"),
    "told_nothing": _("I was told nothing"),
    "good": _("it went well"),
    "other": _("something else"),
}
ASKED_BY = {
    "closed": _("everybody, when the matter is closed"),
    "file_closed": _("each party, when the file is closed"),
    "by_hand": _("asked by hand"),
}
NOT_ASKED = {
    "": _("asked"),
    "no_number": _("no number to write to"),
    "not_safe": _("not safe to write to: confidential, or could not speak freely"),
    "channel_off": _("messages are switched off"),
    "no_address": _("this site has no public address"),
}
"""Why somebody was not asked although everybody is: a rule's reasons only, nobody chooses."""
NOT_SAFE_CALLS = ("covert", "silent")

CODE_FREE, CODE_FIRST, CODE_LONGEST = 5, timedelta(minutes=1), timedelta(hours=6)
"""One code: with four digits to guess, ten tries a day find it in three years."""
FROM_FREE, FROM_FIRST, FROM_LONGEST = 30, timedelta(seconds=30), timedelta(minutes=2)
"""One address, behind which a whole village may sit: it is slowed down, never shut out."""
FORGOTTEN_AFTER = timedelta(hours=24)


def wait_after(failures: int, *, free: int, first: timedelta, longest: timedelta) -> timedelta:
    """The wait after the n-th wrong try: none before the ``free``-th, then ``first``, doubling up to ``longest``."""
    if failures < free:
        return timedelta()
    doublings: int = min(failures - free, 16)
    return min(first * (1 << doublings), longest)


SAID = {
    "open": (
        _("We have your report. Somebody to send is being chosen."),
        _("Somebody is sent, or rings you. Until somebody else accepts it, whoever has it keeps it."),
    ),
    "sent": (
        _("Somebody has been sent to you."),
        _("They come to the place you named, or ring you if they can't find it."),
    ),
    "there": (
        _("Somebody is on the spot and is dealing with it."),
        _("When they are done they write down what came of it."),
    ),
    "reported": (
        _("It was dealt with on the spot. What came of it is being written down."),
        _("Somebody else reads that, and then the matter is closed."),
    ),
    "review": (
        _("What came of it is written down and is being checked."),
        _("If nothing is missing the matter is closed; you may then say how it went."),
    ),
    "handed": (
        _("Your report was handed to another desk, which answers for such matters."),
        _("That desk rings you. Should it not take it on, it comes back to us and is not lost."),
    ),
    "routed": (
        _("Your report was given to the town room. It has not signed for it yet."),
        _("The town room signs and rings you. Until then the police keep it."),
    ),
    "town": (
        _("The town room has your report and is going to ring you or send its team."),
        _("Its team comes to the spot. If that is not enough it goes on to mediation or to a department."),
    ),
    "town_there": (
        _("The town room's team is on the spot and is dealing with it."),
        _("If it can be settled there the matter is closed; else it goes on to mediation or to a department."),
    ),
    "moved_on": (
        _("It could not be settled on the spot and goes on to mediation or to a department."),
        _("The town room keeps it until it is settled there."),
    ),
    "closed": (
        _("The matter is closed."),
        _("If it is not settled for you, say so below, or call again: it is then taken up as the same matter."),
    ),
    "invalid": (
        _("Your report was closed without anybody being sent."),
        _("If that was wrong, say so below, or call 110 again at once if there is danger."),
    ),
    "file": (
        _("The quarrel has a file: it is followed until it is settled, not only until the call is closed."),
        _("The officer of your area, or the town room, visits and asks how it is."),
    ),
    "file_town": (
        _("The town room has the file and is deciding who can settle the quarrel."),
        _("A mediator or a department is named; you are told when and where."),
    ),
    "file_mediation": (
        _("The quarrel is in mediation."),
        _("You are invited to a session. If no agreement is reached you are shown the way to court."),
    ),
    "file_agreement": (
        _("There is an agreement. It is watched whether it is kept."),
        _("When everything agreed on is done the file is closed, and you are asked how it went."),
    ),
    "file_no_agreement": (
        _("No agreement was reached, or it was not kept."),
        _("You are offered another session within seven working days, or shown the way to court."),
    ),
    "file_police": (
        _("Because of danger the quarrel is with the police again."),
        _("The police decide what is done first. If there is danger now, call 110."),
    ),
    "file_over": (
        _("The file of the quarrel is closed."),
        _("Should it begin again, call: within 30 days the same file is opened again."),
    ),
}
"""What is happening, and what comes next, in words for somebody who has never been in a police station."""

OF_INCIDENT = {
    "open": "open",
    "dispatched": "sent",
    "on_scene": "there",
    "feedback_due": "reported",
    "in_review": "review",
    "transferred": "handed",
    "closed": "closed",
    "merged": "closed",
    "invalid": "invalid",
}
OF_ORDER = {
    "routed": "routed",
    "signed": "town",
    "contacted": "town",
    "assigned": "town",
    "on_site": "town_there",
    "moved_on": "moved_on",
}
OF_FILE = {
    "open": "file",
    "on_site_settled": "file",
    "follow_up": "file",
    "pushed": "file_town",
    "accepted": "file_town",
    "triaged": "file_town",
    "assigned": "file_mediation",
    "mediating": "file_mediation",
    "agreement": "file_agreement",
    "performed": "file_agreement",
    "no_agreement": "file_no_agreement",
    "defaulted": "file_no_agreement",
    "with_police": "file_police",
    "closed": "file_over",
    "revisited": "file_over",
    "rated": "file_over",
    "archived": "file_over",
}
CLOCKS_TOLD = {
    "open": ("send",),
    "sent": ("arrive",),
    "there": (),
    "reported": ("feedback", "feedback_limit"),
    "review": ("review", "close"),
    "routed": ("town_sign", "town_contact"),
    "town": ("town_contact", "town_arrive"),
    "town_there": ("town_close",),
    "moved_on": ("town_close",),
}
"""Which of the clocks that run on a matter a citizen is told of, by stage."""


def stage_of(*, incident: str, order: str = "", file: str = "") -> str:
    """Which words fit: the file's once the call itself is over, else the town room's order's, else the incident's."""
    ended = incident in ("closed", "invalid")
    if file in OF_FILE and ended:
        return OF_FILE[file]
    if order in OF_ORDER and not ended:
        return OF_ORDER[order]
    return OF_INCIDENT[incident]
