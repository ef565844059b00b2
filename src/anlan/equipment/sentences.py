"""How a timeline tells what happened to things."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.equipment import events
from anlan.equipment.rules import BLIND, CLAIMS, ITEM, REASONS

_WORDS = {"state": ITEM.labels, "claim": CLAIMS, "reason": REASONS | BLIND}

sentence_register(events.MODEL_SET, _("{model} was entered as a kind of thing."))
sentence_register(events.ITEM_ENTERED, _("{item} was entered in the register."))
sentence_register(events.ITEM_MOVED, _("{item}: {state}."), words=_WORDS)
sentence_register(events.TAG_STUCK, _("The tag {epc} was stuck on {item}."))
sentence_register(events.BADGE_GIVEN, _("A badge for the doors of stores was given."))
sentence_register(events.GATE_SET, _("The door {gate} was set up."))
sentence_register(events.LOAN_PROPOSED, _("{item} is to be lent and waits for a second person."))
sentence_register(events.LOAN_MADE, _("{item} was lent, due at {due_at}."))
sentence_register(events.LOAN_CONFIRMED, _("A second person confirmed the loan of {item}."))
sentence_register(events.LOAN_RETURNED, _("{item} came back."))
sentence_register(events.LOAN_REVERSED, _("The loan of {item} was none and was taken back."))
sentence_register(events.QUESTION_ASKED, _("A door asks: was {epc} {claim}? ({reason})"), words=_WORDS)
sentence_register(events.QUESTION_ANSWERED, _("The door's question about {epc} was answered."))
sentence_register(
    events.PASSAGES_FORGOTTEN, _("{count} passages through doors in which nothing changed were deleted.")
)
sentence_register(
    events.GATE_BLIND, _("The door {gate} is blind: {reason}. Issue and take back at the counter."), words=_WORDS
)
sentence_register(events.GATE_SEES, _("The door {gate} sees again."))
