"""Who is asked after a file was closed, by which draw, with which questions, and what their answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.core.state_machine import StateMachine

REVISIT = StateMachine(
    "disputes.revisit",
    labels={
        "drawn": _("drawn, nobody asks yet"),
        "assigned": _("somebody asks"),
        "done": pgettext_lazy("revisit", "answered"),
        "unreached": _("nobody was reached"),
        "dropped": _("not asked any more"),
    },
    moves={
        "drawn": ("assigned", "dropped"),
        "assigned": ("drawn", "done", "unreached", "dropped"),
    },
)
REVISIT_OPEN = ("drawn", "assigned")
REVISIT_ENDED = ("done", "unreached", "dropped")

SAMPLE_SHARE = 0.05
"""Of the files that no other rule draws, one in twenty, by a keyed hash."""
REVISIT_DRAWS = {
    "not_satisfied": _("a party was not satisfied before: always"),
    "red": _("the file was red at some time: always"),
    "sample": _("drawn by lot, one in twenty"),
}
TRIES_AT_MOST = 3
"""For each party; afterwards it counts as not reached."""
ASKED = ("a", "b")
"""Both sides, each alone: a quarrel is not settled because one of them says so."""
SIDES = {"a": _("party A"), "b": _("party B")}

DROPPED = {
    "": _("not dropped"),
    "reopened": _("the file was opened again before"),
    "merged": _("the file went into another"),
    "not_safe": _("a call could endanger a party"),
}
NOT_SAFE_BARS = ("domestic_violence", "protection_order")

CALL_OUTCOMES = {
    "answered": _("the party answered"),
    "someone_else": _("somebody else answered; nothing of the matter was said"),
    "no_answer": _("nobody answered"),
    "wrong_number": _("wrong number"),
    "declined": _("did not want to answer"),
    "gone": _("can't be reached any more (died, moved, no number)"),
}
CALL_FINAL = ("answered", "declined", "gone")
"""After one of these a party is not called again."""

HANDED = {
    "responsible": _("responsible officer"),
    "push": _("received a push"),
    "charge": _("had it in charge"),
    "mediated": _("mediated it"),
    "agreement": _("wrote the agreement"),
    "feedback": _("wrote the feedback"),
    "acted": _("changed the file"),
    "asked_before": _("asked the parties before"),
}
"""What part somebody had in a file; any of them bars from asking."""
FINDINGS = {
    "": _("not known"),
    "settled": pgettext_lazy("dispute file", "settled"),
    "partly": _("settled in part"),
    "not_settled": _("not settled"),
}
SAID_SETTLED = ("settled_on_site", "settled_follow_up", "agreement_performed", "department", "withdrawn")
"""Results by which the unit says that the quarrel is over; only of these can an answer disagree."""
CONTENT_FROM = 4
POOR_TO = 2


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the script: its key, its words, and the answers there are."""

    key: str
    words: str | Promise
    answers: Mapping[str, str | Promise]


_YES_NO = {"yes": _("yes"), "no": _("no")}
_DEGREES = {"yes": _("yes"), "partly": _("in part"), "no": _("no")}
_RATING = {"5": "5", "4": "4", "3": "3", "2": "2", "1": "1"}

SCRIPTS: dict[str, tuple[Question, ...]] = {
    "2026-1": (
        Question("settled", _("Is the quarrel settled, as you see it?"), _DEGREES),
        Question(
            "performed",
            _("Was what had been agreed on really done?"),
            {**_DEGREES, "nothing": _("nothing was agreed on")},
        ),
        Question("again", _("Has there been trouble with the other side since?"), _YES_NO),
        Question("heard", _("Could you say everything you wanted to say?"), _YES_NO),
        Question("rating", _("How content are you with the handling, from 1 (not at all) to 5 (fully)?"), _RATING),
    ),
}
"""By edition. An answer keeps the edition it was asked with; a change of words is a new edition."""
SCRIPT_NOW = "2026-1"
OPENING = _(
    "Good day, this is the revisit desk. I did not handle the matter and don't know how it went. May I ask you a few "
    "questions? What you say is not told to the other side."
)


def answers_problem(version: str, answers: Mapping[str, str]) -> str:
    """The key of the first question whose answer is missing or none there is; empty where all are fine."""
    script = SCRIPTS.get(version, ())
    for question in script:
        if answers.get(question.key) not in question.answers:
            return question.key
    extra = set(answers) - {question.key for question in script}
    return min(extra) if extra else "" if script else "script"


def finding_of(settled: list[str]) -> str:
    """What the parties together say: settled only where each of them who answered says so."""
    if not settled:
        return ""
    if "no" in settled:
        return "not_settled"
    return "settled" if all(word == "yes" for word in settled) else "partly"


def is_unsatisfied(settled: str, rating: int | None) -> bool:
    """Whether this party's answer opens the file again."""
    return settled == "no" or (rating is not None and rating <= POOR_TO)
