"""What a trial of extra visits may be, the states it goes through, and why it ends before its last day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.core.state_machine import StateMachine

TRIAL = StateMachine(
    "patrol.trial",
    labels={
        "draft": pgettext_lazy("trial", "drafted"),
        "approved": pgettext_lazy("trial", "approved"),
        "running": pgettext_lazy("trial", "running"),
        "stopped": pgettext_lazy("trial", "stopped early"),
        "ended": pgettext_lazy("trial", "over"),
        "analysed": pgettext_lazy("trial", "analysed"),
        "dropped": pgettext_lazy("trial", "dropped"),
    },
    moves={
        "draft": ("approved", "dropped"),
        "approved": ("running", "dropped"),
        "running": ("stopped", "ended"),
        "stopped": ("analysed",),
        "ended": ("analysed",),
    },
)
UNSIGNED = ("draft", "dropped")
DESIGNS: dict[str, str | Promise] = {
    "switchback": _("switchback: the sides change from day to day"),
    "crossover": _("crossover: the sides change once, half way"),
}
STOPPED: dict[str, str | Promise] = {
    "harm": _("the harm rule was met: more calls came where extra visits were paid"),
    "order": pgettext_lazy("trial", "by order of the command room"),
    "units": pgettext_lazy("trial", "too few units for the visits"),
    "event": pgettext_lazy("trial", "an event took the place of usual practice"),
    "wrong": pgettext_lazy("trial", "the trial was laid out wrongly"),
}
BY_PERSON = ("order", "units", "event", "wrong")
EVERYTHING = "calls"
"""All citizens' calls that may be told by place together, in the place of one family."""
DAYS = (14, 182)
BLOCKS = (2, 40)
VISITS = (1, 4)
PERIOD_DAYS = (1, 14)
USUAL_DAYS, USUAL_BLOCKS, USUAL_VISITS = 28, 12, 2
HISTORY_DAYS = 365
RUNS = 400
"""So often a draft is laid on past days, to count false alarms and what it would find."""
EDITION = 2
"""Of the definitions of a trial's figures and of its analysis (docs/trials-method.md)."""
THINNED = "inversion of the test, calls left out by lot"
"""How the interval is found since edition 2; a protocol signed before keeps its own way."""
OVER = ("stopped", "ended", "analysed")
"""States in which nobody can plan by a trial's lot any more."""
LEAST_NOTICE_DAYS = 1
"""A trial is approved at least so many days before its first."""


def lot_hash(seed: int, nonce: str) -> str:
    """What names a lot without telling it: nobody finds the seed from it, anybody can check it once both are told."""
    return hashlib.sha256(f"{seed}:{nonce}".encode()).hexdigest()


def protocol_hash(protocol: Mapping[str, Any]) -> str:
    """The name of exactly what was fixed before the start: SHA-256 of its canonical JSON."""
    text = json.dumps(protocol, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
