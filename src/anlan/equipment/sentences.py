"""How a timeline tells what happened to things."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.equipment import events
from anlan.equipment.life_rules import BOOKING, REPAIR, SCRAPPING, TRANSFER
from anlan.equipment.register_rules import STOCK_REASONS
from anlan.equipment.rules import ANSWERS, BLIND, CLAIMS, ITEM, REASONS, STRAYS

_WORDS = {"state": ITEM.labels, "claim": CLAIMS, "reason": REASONS | BLIND | STRAYS}

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
sentence_register(events.BOOKING_ASKED, _("{item} was booked from {starts_at} to {ends_at}."))
sentence_register(events.BOOKING_DECIDED, _("The booking of {item}: {state}."), words={"state": BOOKING.labels})
sentence_register(events.TRANSFER_BEGUN, _("{item} was signed out to another store."))
sentence_register(events.TRANSFER_ENDED, _("The transfer of {item}: {state}."), words={"state": TRANSFER.labels})
sentence_register(
    events.STOCK_COUNTED, _("The store was counted: {seen} of {expected} found, {strangers} of other stores.")
)
sentence_register(events.CARE_PLAN_SET, _("The plan of care {plan} was set."))
sentence_register(events.INSPECTED, _("{item} was inspected; {failed} points were not in order."))
sentence_register(events.USED, _("{item} was used: {uses} times and {rounds} rounds more."))
sentence_register(events.REPAIR_ORDERED, _("A repair of {item} was ordered."))
sentence_register(events.REPAIR_ENDED, _("The repair of {item}: {state}."), words={"state": REPAIR.labels})
sentence_register(events.SCRAPPING_PROPOSED, _("{item} was proposed for scrapping."))
sentence_register(events.SCRAPPING_DECIDED, _("{item}: {state}."), words={"state": SCRAPPING.labels})
sentence_register(events.DESTROYED, _("{item} was destroyed before a witness."))
sentence_register(events.NEED_SET, _("What a station needs of a kind was set: {count}."))
sentence_register(events.LOANS_FORGOTTEN, _("{count} old loans were deleted, their time being over."))
sentence_register(
    events.GATE_BLIND, _("The door {gate} is blind: {reason}. Issue and take back at the counter."), words=_WORDS
)
sentence_register(events.GATE_SEES, _("The door {gate} sees again."))
sentence_register(
    events.GATE_PROMPTED, _("The door {gate} said: {taken} taken, {back} brought back, {asked} to be asked.")
)
sentence_register(
    events.STOCK_SETTLED, _("The count of the store was closed: {missing} entered as missing, {found} found again.")
)
sentence_register(events.LONGER_ASKED, _("It was asked to keep {item} until {until}."))
sentence_register(
    events.LONGER_DECIDED, _("{item} kept longer: {answer}, due at {due_at}."), words={"answer": ANSWERS}
)
sentence_register(events.FAULT_REPORTED, _("A fault of {item} was reported by who has it."))
sentence_register(
    events.READER_STRAY, _("The reader {gate} tells what no door can take ({reason}); it is put aside."), words=_WORDS
)
sentence_register(events.STRAYS_TAKEN, _("{count} messages that the reader {gate} had told before were taken in."))
sentence_register(events.STRAYS_DISCARDED, _("{count} messages of the reader {gate} were thrown away."))
sentence_register(
    events.STRAYS_FORGOTTEN,
    _("{count} messages of the reader {gate} that no door took were deleted, their time being over."),
)
sentence_register(events.KIT_CHANGED, _("{item}: its place among the parts of {kit} was changed."))
sentence_register(events.TAG_OFF, _("The tag {epc} was taken off {item}."))
sentence_register(events.BADGE_TAKEN, _("A badge for the doors of stores was taken back."))
sentence_register(events.ITEM_CHANGED, _("What the register says of {item} was corrected: {fields}."))
sentence_register(events.PAPER_ADDED, _("{name} was put to {item}."))
sentence_register(events.PAPER_REMOVED, _("{name} was taken off {item}."))
sentence_register(
    events.STOCK_MOVED, _("{change} of {model}: {reason}; now {count}."), words={"reason": STOCK_REASONS}
)
sentence_register(events.STOCK_SET, _("At least {least} of {model} are to be in store."))
sentence_register(events.CARE_PLAN_STOPPED, _("The plan of care {plan} was stopped."))
sentence_register(events.MODEL_LIFE_SET, _("How long {model} lasts and what one costs was set."))
sentence_register(events.BUDGET_SET, _("The budget for equipment of {year} was set: {amount_yuan} yuan."))
