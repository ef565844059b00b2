"""What holds at the mediating table: who may mediate what, when a session may be, and what an agreement must say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.core.calendars import office_calendar
from anlan.core.state_machine import StateMachine
from anlan.engines.workclock import parse_hours

BODY_TYPES = {
    "village": _("village mediation committee"),
    "street": _("street mediation committee"),
    "county_centre": _("county mediation centre"),
    "industry_committee": _("industry mediation committee"),
    "court": _("court mediation room"),
    "detention_house": _("detention-house mediation"),
    "police_station": _("police station mediation room"),
}
BODY_METHODS = {
    "village": ("people",),
    "street": ("people", "administrative"),
    "county_centre": ("people", "administrative", "judicial"),
    "industry_committee": ("people",),
    "court": ("judicial",),
    "detention_house": ("people",),
    "police_station": ("police", "people"),
}
"""The most each type of organisation may do; what one of them does stands in its own row."""

TICKET = StateMachine(
    "disputes.ticket",
    labels={
        "appointed": _("appointed"),
        "waiting": pgettext_lazy("queue number", "waiting"),
        "called": pgettext_lazy("queue number", "called"),
        "done": pgettext_lazy("queue number", "done"),
        "left": pgettext_lazy("queue number", "left"),
        "cancelled": pgettext_lazy("queue number", "cancelled"),
    },
    moves={
        "appointed": ("waiting", "cancelled", "left"),
        "waiting": ("called", "left"),
        "called": ("waiting", "done", "left"),
    },
)
MEDIATION = StateMachine(
    "disputes.mediation",
    labels={
        "running": pgettext_lazy("mediation", "running"),
        "paused": pgettext_lazy("mediation", "paused"),
        "agreed": pgettext_lazy("mediation", "agreed"),
        "failed": pgettext_lazy("mediation", "failed"),
        "withdrawn": pgettext_lazy("mediation", "withdrawn"),
    },
    moves={
        "running": ("paused", "agreed", "failed", "withdrawn"),
        "paused": ("running", "failed", "withdrawn"),
    },
)
MEDIATION_OPEN = ("running", "paused")
SESSION = StateMachine(
    "disputes.session",
    labels={
        "booked": pgettext_lazy("session", "booked"),
        "held": pgettext_lazy("session", "held"),
        "cancelled": pgettext_lazy("session", "cancelled"),
        "no_show": pgettext_lazy("session", "somebody did not come"),
    },
    moves={"booked": ("held", "cancelled", "no_show")},
)
AGREEMENT = StateMachine(
    "disputes.agreement",
    labels={
        "draft": pgettext_lazy("agreement", "draft"),
        "in_force": pgettext_lazy("agreement", "in force"),
        "performed": pgettext_lazy("agreement", "performed"),
        "defaulted": pgettext_lazy("agreement", "not performed"),
        "dropped": pgettext_lazy("agreement", "dropped"),
    },
    moves={
        "draft": ("in_force", "dropped"),
        "in_force": ("performed", "defaulted"),
        "defaulted": ("performed",),
    },
)
OBLIGATION = StateMachine(
    "disputes.obligation",
    labels={
        "open": pgettext_lazy("obligation", "open"),
        "late": pgettext_lazy("obligation", "late"),
        "performed": pgettext_lazy("obligation", "performed"),
        "defaulted": pgettext_lazy("obligation", "not performed"),
        "waived": pgettext_lazy("obligation", "waived"),
    },
    moves={
        "open": ("performed", "late", "defaulted", "waived"),
        "late": ("performed", "defaulted", "waived"),
        "defaulted": ("performed", "waived"),
    },
)
OBLIGATION_DUE = ("open", "late")
CONFIRMATION = StateMachine(
    "disputes.confirmation",
    labels={
        "open": pgettext_lazy("judicial confirmation", "can be applied for"),
        "applied": pgettext_lazy("judicial confirmation", "applied for"),
        "confirmed": pgettext_lazy("judicial confirmation", "confirmed by the court"),
        "refused": pgettext_lazy("judicial confirmation", "refused by the court"),
        "lapsed": pgettext_lazy("judicial confirmation", "time has run out"),
    },
    moves={"open": ("applied", "lapsed"), "applied": ("confirmed", "refused")},
)

SITTINGS = {"joint": _("all parties together"), "separate": _("one party at a time")}
ATTENDANCE = {
    "came": pgettext_lazy("attendance", "came"),
    "represented": pgettext_lazy("attendance", "was represented"),
    "absent": pgettext_lazy("attendance", "did not come"),
}
OUTCOMES = {
    "agreement": pgettext_lazy("outcome of a session", "agreement"),
    "again": pgettext_lazy("outcome of a session", "another session"),
    "none": pgettext_lazy("outcome of a session", "no agreement"),
    "broken_off": pgettext_lazy("outcome of a session", "broken off"),
}
PAUSE_REASONS = {
    "appraisal": _("an appraisal is awaited"),
    "evidence": _("evidence is awaited"),
    "party_away": _("a party is away or ill"),
    "talks": _("the parties talk by themselves"),
    "other": pgettext_lazy("reason of a pause", "another reason"),
}
FAIL_REASONS = {
    "no_agreement": pgettext_lazy("why a mediation failed", "no agreement was found"),
    "time_over": _("the time for mediation is over"),
    "no_show": _("a party stayed away"),
    "hired_violence": _("hired violence"),
    "gang_fight": _("gang fight"),
    "repeated_acts": _("repeated acts"),
    "refused": _("a party refuses"),
    "new_act": _("new act during mediation"),
    "suspect_ran": _("the suspect ran"),
    "elsewhere": _("the file went another way"),
}
FORMS = {
    "oral": pgettext_lazy("form of an agreement", "oral"),
    "written": pgettext_lazy("form of an agreement", "written"),
    "recorded": pgettext_lazy("form of an agreement", "recorded"),
}
WAYS = {
    "at_once": _("at once, on the spot"),
    "transfer": _("by bank transfer"),
    "cash": _("in cash"),
    "deed": _("by doing it"),
    "leave_off": _("by leaving it off"),
}
LEGAL_PATHS = {
    "": pgettext_lazy("legal path", "none needed"),
    "enforce": _("apply to the court for enforcement"),
    "court": _("go to court"),
    "penalty": _("the case is handled, the penalty decided"),
}
EVIDENCE = {
    "receipt": pgettext_lazy("evidence", "receipt"),
    "transfer_slip": _("transfer slip"),
    "visit": _("seen on a visit"),
    "both_say": _("both parties say so"),
}
PAPERS = {
    "agreement": _("agreement"),
    "minutes": _("minutes"),
    "court_guide": _("court guide"),
}

BAR_NEXT = {
    "crime": _("This is a crime: hand the file back to police, who handle it as a case."),
    "hired_violence": _("Police handle it as a case; tell the parties that damages can be claimed in court."),
    "gang_fight": _("Police handle it as a case; tell the parties that damages can be claimed in court."),
    "repeated_acts": _("Police handle it as a case: mediating again would protect nobody."),
    "refused": _("Nobody is made to mediate: give the court guide, and police decide on the penalty."),
    "new_act": _("Police take the new act up as a case and end this mediation."),
    "suspect_ran": _("Police look for the suspect and handle it as a case."),
    "domestic_violence": _("Police warn or handle it as a case; talk with each party alone, never together."),
    "protection_order": _("The order of the court stands; talk with each party alone, never together."),
}
"""What is done instead, for each bar."""
APART = ("domestic_violence", "protection_order")
"""These parties are never booked to sit together, by whatever method."""
CONFIRMABLE = ("people", "administrative")
WITH_LIMIT = ("people", "administrative", "judicial")
"""Methods with one month; police mediation counts sessions instead."""

SLOT = timedelta(minutes=30)
SLOTS_AT_MOST = 8
POLICE_SESSIONS_AT_MOST = 2
FIRST_SESSION_WORKDAYS = 3
PENALTY_DAYS = 30
GRACE_DAYS = 7
"""After its due day an obligation is late; seven days later it counts as not performed."""
CONFIRMATION_REMINDER = timedelta(days=10)
EXTENSION_DAYS_AT_MOST = 30
TEXT_CHARS = 4000
FEN_AT_MOST = 10**13


def bar_of(method: str, exclusion: str, body_type: str = "") -> str:
    """The bar that forbids this method, or "". Police may mediate behind no exclusion at all.

    A refusal bars every method and a crime too, but for the damages settled at a detention house.
    """
    if not exclusion:
        return ""
    if method == "police" or exclusion == "refused":
        return exclusion
    if exclusion == "crime" and body_type != "detention_house":
        return exclusion
    return ""


def must_sit_apart(exclusion: str) -> bool:
    """Whether these parties are kept from each other."""
    return exclusion in APART


def slot_starts(starts_at: datetime, slots: int) -> list[datetime]:
    """The beginnings of the half hours a booking takes."""
    return [starts_at + SLOT * number for number in range(slots)]


def on_the_grid(starts_at: datetime) -> bool:
    """Whether a booking begins on a full or half hour."""
    return starts_at.minute % 30 == 0 and not starts_at.second and not starts_at.microsecond


def open_spans(hours: str, day: date) -> list[tuple[datetime, datetime]]:
    """When a body with these daily hours is open on a local date; holidays are closed, make-up days open."""
    calendar = office_calendar()
    if not calendar.hours_on(day):
        return []
    return [
        (calendar.instant(day, span.start_minute), calendar.instant(day, span.end_minute))
        for span in parse_hours(hours)
    ]


def is_open(hours: str, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether the whole stretch lies inside one span of the body's hours; a midday break divides two."""
    day = office_calendar().local_date(starts_at)
    return any(opens <= starts_at and ends_at <= closes for opens, closes in open_spans(hours, day))


def grid_of(hours: str, day: date) -> list[datetime]:
    """The half hours of a local date in which a booking may begin."""
    return [
        opens + SLOT * number
        for opens, closes in open_spans(hours, day)
        for number in range((closes - opens) // SLOT)
    ]


_YUAN = re.compile(r"(\d+(?:\.\d+)?)(万)?元?")


def fen_of(text: str) -> int:
    """An amount in yuan as somebody writes it ("3,500.50", "１２０元", "1.2万"), in fen, exactly.

    Raises ``ValueError`` for anything that is not a sum of whole fen above nothing.
    """
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").lstrip("¥￥")
    found = _YUAN.fullmatch(plain)
    if found is None:
        raise ValueError(text)
    try:
        fen = Decimal(found[1]) * (1_000_000 if found[2] else 100)
    except InvalidOperation:
        raise ValueError(text) from None
    if fen != fen.to_integral_value() or not 0 < fen <= FEN_AT_MOST:
        raise ValueError(text)
    return int(fen)


def yuan(fen: int) -> str:
    """An amount as it is printed: 3,500.50."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def band_of(fen: int) -> str:
    """The band of the file an amount falls into."""
    for band, below in (("none", 1), ("under_1k", 100_000), ("under_10k", 1_000_000), ("under_100k", 10_000_000)):
        if fen < below:
            return band
    return "over_100k"


def agreement_state(states: Sequence[str]) -> str:
    """What the obligations make of an agreement in force: performed when none is left, not performed when one is not.

    An agreement without obligations was performed where it was made.
    """
    if any(state == "defaulted" for state in states):
        return "defaulted"
    if any(state in OBLIGATION_DUE for state in states):
        return "in_force"
    return "performed"


def obligation_due(due_on: date | None, check_by: date | None) -> date:
    """The day on which somebody looks whether it was done."""
    found = due_on or check_by
    if found is None:
        raise ValueError("an obligation has a day or a condition with a day to look")
    return found


def obligation_wanted(state: str, due_on: date, today: date) -> str:
    """The state time alone brings an unperformed obligation to."""
    if state not in OBLIGATION_DUE or today <= due_on:
        return state
    return "defaulted" if today > due_on + timedelta(days=GRACE_DAYS) else "late"


def legal_path(method: str, confirmation: str) -> str:
    """What stands open when an agreement is not performed."""
    if method == "police":
        return "penalty"
    return "enforce" if confirmation == "confirmed" or method == "judicial" else "court"


def guardians_missing(minors: Iterable[int], guarded: Iterable[int]) -> set[int]:
    """The minors who would sit there with no guardian beside them, by party."""
    return set(minors) - set(guarded)
