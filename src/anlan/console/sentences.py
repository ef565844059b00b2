"""How a timeline tells what happened here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.console import events
from anlan.console.rules import REPLAY_PURPOSES
from anlan.core.sentences import sentence_register

sentence_register(
    events.REPLAY_OPENED,
    _("The screens from {from_at} to {until_at} were replayed {purpose}."),
    words={"purpose": REPLAY_PURPOSES},
)
