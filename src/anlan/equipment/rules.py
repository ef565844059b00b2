"""States of items and loans, terms, and what a door may decide by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.core.state_machine import StateMachine

ITEM = StateMachine(
    "equipment.item",
    labels={
        "in_store": _("in the store"),
        "out": pgettext_lazy("equipment", "lent"),
        "inspection": _("to be inspected"),
        "repair": _("in repair"),
        "moving": _("on its way to another store"),
        "missing": pgettext_lazy("equipment", "missing"),
        "scrap_proposed": _("proposed for scrapping"),
        "scrapped": _("scrapped"),
    },
    moves={
        "in_store": ("out", "moving", "inspection", "repair", "missing", "scrap_proposed"),
        "out": ("in_store", "inspection", "missing"),
        "inspection": ("in_store", "repair", "missing", "scrap_proposed"),
        "repair": ("inspection", "missing", "scrap_proposed"),
        "moving": ("in_store", "missing"),
        "missing": ("inspection", "scrap_proposed"),
        "scrap_proposed": ("inspection", "scrapped"),
    },
)
"""Come back and fit for use are two things: what comes back damaged is inspected before it is lent again."""
LOAN = StateMachine(
    "equipment.loan",
    labels={
        "proposed": pgettext_lazy("equipment", "waits for a second person"),
        "out": pgettext_lazy("equipment", "out"),
        "returned": pgettext_lazy("equipment", "returned"),
        "damaged": _("returned damaged"),
        "reversed": _("was no loan"),
    },
    moves={"proposed": ("out", "reversed"), "out": ("returned", "damaged", "reversed")},
)
OPEN_LOANS = ("proposed", "out")
QUESTION = StateMachine(
    "equipment.question",
    labels={
        "waiting": _("waiting for an answer"),
        "agreed": pgettext_lazy("equipment", "it was so"),
        "denied": pgettext_lazy("equipment", "it was not so"),
    },
    moves={"waiting": ("agreed", "denied")},
)
REASONS = {
    "unknown_tag": _("nobody knows this tag"),
    "doubled_tag": _("two tags tell the same number"),
    "elsewhere": _("by the books it should be elsewhere"),
    "no_badge": _("no badge was shown"),
    "two_badges": _("several badges were shown"),
    "unsure": _("the door is not sure"),
    "weak": _("hardly heard"),
    "controlled": _("controlled: people decide"),
    "two_ways": _("people went both ways at once"),
    "booked_not_seen": _("booked, but not heard"),
    "lent_not_seen": _("taken together with what came back, but not heard"),
    "not_ready": _("not in the store ready for use"),
}
BLIND = {
    "silent": _("the reader tells nothing"),
    "deaf": _("the reader hears none of its reference tags"),
    "half_deaf": _("the reader doesn't hear all of its reference tags"),
}
STRAYS = {
    "not_entered": _("nobody has entered this reader"),
    "unreadable": _("lines that can't be read"),
}
CLAIMS = {"loan": pgettext_lazy("equipment", "taken out"), "return": pgettext_lazy("equipment", "brought back")}
ANSWERS = {"yes": pgettext_lazy("equipment", "agreed"), "no": pgettext_lazy("equipment", "refused")}
LENT_FOR = timedelta(hours=10)
"""A shift and two hours, where nothing else was agreed."""
PASSAGE_KEPT = timedelta(hours=24)
"""Whatever a door heard is deleted after this; of a passage in which things changed hands, the judgement stays."""
TOLD_KEPT = timedelta(days=8)
"""A broker keeps what comes for a week while nobody listens, and may then tell it again: so long, and a day, a door
knows which messages it has had (not what was in them), and keeps what it couldn't take."""
LOAN_KEPT = timedelta(days=365)
CONTROLLED_KEPT = timedelta(days=5 * 365)


def due_usual(at: datetime) -> datetime:
    """When a thing lent now is to be back, where nobody said otherwise."""
    return at + LENT_FOR
