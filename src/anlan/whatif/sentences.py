"""How a timeline tells what was asked and found out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.whatif import events

sentence_register(events.QUESTION_ASKED, _("Two policies were compared over {days} days, {runs} runs."))
sentence_register(events.QUESTION_BEGUN, _("The comparison was begun."))
sentence_register(events.QUESTION_LEFT, _("The comparison was left unfinished and is begun anew."))
sentence_register(events.QUESTION_ANSWERED, _("The comparison is done: {calls} calls, {blocks} days."))
sentence_register(events.QUESTION_REFUSED, _("The comparison could not be done."))
sentence_register(events.QUESTION_DROPPED, _("The comparison was given up."))
