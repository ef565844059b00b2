"""How a timeline tells what happened to a trial."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.patrol import events
from anlan.patrol.trials.rules import STOPPED

sentence_register(events.TRIAL_DRAFTED, _("A trial of extra visits was drafted: {blocks} blocks, {days} days."))
sentence_register(events.TRIAL_APPROVED, _("The trial was approved and entered in the register as {register}."))
sentence_register(events.TRIAL_BEGUN, _("The trial begins."))
sentence_register(events.TRIAL_DAY_ASSIGNED, _("Extra visits of {day} were told: {extra} blocks."))
sentence_register(events.TRIAL_DAY_COUNTED, _("{day} was counted."))
sentence_register(events.TRIAL_STOPPED, _("The trial was stopped: {why}."), words={"why": STOPPED})
sentence_register(events.TRIAL_ENDED, _("The trial is over."))
sentence_register(events.TRIAL_ANALYSED, _("The trial was analysed as fixed before its start."))
sentence_register(events.TRIAL_DROPPED, _("The trial was dropped."))
