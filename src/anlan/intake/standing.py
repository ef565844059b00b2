"""Why a matter stands where it stands in the queue, in words: the same on every screen and over the interface."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.intake.rules import DANGER_LABELS, RULE_LABELS

RULE_SHORT: dict[str, str | Promise] = {
    "taxonomy": gettext_lazy("by its type"),
    "taxonomy.exception": gettext_lazy("exception of its type"),
    "taxonomy.unsure": gettext_lazy("type only guessed"),
    "unknown.first_receiver": gettext_lazy("type unknown"),
    "history": gettext_lazy("from another system"),
}
"""What a row has room for; rules not named here are short already (``RULE_LABELS``)."""
COVERT = "covert"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a queue orders a matter by: its priority, and within it since when it waits.

    ``rule`` is what set the priority. ``is_received`` says that the wait counts from the call, and not from when the
    matter came into its present state. ``number`` and ``id`` tell it from another.
    """

    id: int
    number: str
    priority: str
    rule: str
    since: datetime
    is_received: bool = True

    @property
    def key(self) -> tuple[str, datetime, int]:
        """Of two matters the one with the smaller key stands before the other."""
        return self.priority, self.since, self.id


def why_priority(rule: str) -> str:
    """Why it has its priority, in two or three words: the danger, else the rule."""
    name, _sep, what = rule.partition(":")
    if name == "danger" and what == COVERT:
        return _("covert call")
    if name == "danger" and what in DANGER_LABELS:
        return str(DANGER_LABELS[what])
    return str(RULE_SHORT.get(name) or RULE_LABELS.get(name) or rule)


def standing_short(row: Standing, *, at: datetime) -> str:
    """One short phrase for a row that shows its priority already."""
    text = _("{why} · call came {time}") if row.is_received else _("{why} · since {time}")
    return text.format(why=why_priority(row.rule), time=_time(row.since, at, "%H:%M"))


def standing_whole(row: Standing, *, at: datetime, behind: Standing | None = None) -> str:
    """The whole of it; with ``behind``, the row right before it, also what puts that one first."""
    text = (
        _(
            "{priority} ({why}): lower priorities stand behind it. Of several {priority} the longest wait comes "
            "first; this call came at {time}."
        )
        if row.is_received
        else _(
            "{priority} ({why}): lower priorities stand behind it. Of several {priority} the longest wait comes "
            "first; this matter has been in its present state since {time}."
        )
    ).format(priority=row.priority, why=why_priority(row.rule), time=_time(row.since, at, "%H:%M:%S"))
    return f"{text} {_behind(row, behind, at)}" if behind is not None else text


def _behind(row: Standing, other: Standing, at: datetime) -> str:
    if other.priority != row.priority:
        text = _("It stands behind {number}, which is {priority}.")
    elif other.since != row.since:
        text = _("It stands behind {number}, which has waited since {time}.")
    else:
        text = _("It stands behind {number}, which has waited as long and was recorded first.")
    return text.format(number=other.number, priority=other.priority, time=_time(other.since, at, "%H:%M:%S"))


def _time(since: datetime, at: datetime, form: str) -> str:
    local = timezone.localtime(since)
    return f"{local:{form}}" if local.date() == timezone.localtime(at).date() else f"{local:%m-%d %H:%M}"
