"""How a timeline tells what happened here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.integrations import events
from anlan.integrations.rules import OUTCOMES

sentence_register(
    events.PLATFORM_TOLD_US,
    _("The town platform ({key}) said of {matter}: {state_name} ({outcome})."),
    words={"outcome": OUTCOMES},
)
sentence_register(
    events.PLATFORM_GAVE_UP,
    _("The town platform ({key}) could not be told about {matter} ({problem}); tell it by telephone."),
)
sentence_register(events.PLATFORM_REPLAYED, _("The town platform is told again: {told} changes."))
