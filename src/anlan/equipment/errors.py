"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import BadInput, DomainError


class ItemLent(DomainError):
    code = "equipment_item_lent"
    message = _("{item} has been lent to {holder} since {since:%Y-%m-%d %H:%M}. Take it back first, then lend it.")


class ItemNotReady(DomainError):
    code = "equipment_item_not_ready"
    message = _("{item} is not in the store ready for use: {state} since {since:%Y-%m-%d %H:%M}. Choose another.")


class SecondPersonNeeded(DomainError):
    code = "equipment_second_person_needed"
    message = _("{item} is controlled: {name} proposed the loan, so somebody else must confirm it.")


class DueBeforeLoan(BadInput):
    code = "equipment_due_before_loan"
    message = _("{item} would be due at {due:%Y-%m-%d %H:%M}, before it is lent. Correct when it is to be back.")


class NumberTaken(BadInput):
    code = "equipment_number_taken"
    message = _("There is an item with the number {item} already. Give this one another number.")


class TagTaken(BadInput):
    code = "equipment_tag_taken"
    message = _("The tag {epc} sticks on {item} since {since:%Y-%m-%d}. Take it off there first, or use another tag.")


class BadgeTaken(BadInput):
    code = "equipment_badge_taken"
    message = _("The badge {badge} belongs to {name}. Take it back first, or give another.")


class QuestionAnswered(DomainError):
    code = "equipment_question_answered"
    message = _("This question was answered at {since:%Y-%m-%d %H:%M}: {state}. Look again.")


class TermsNotAgreed(BadInput):
    code = "equipment_terms_not_agreed"
    message = _("{item} is lent on terms: {terms} Have the taker agree to them, then lend it.")


class AuthorisationMissing(BadInput):
    code = "equipment_authorisation_missing"
    message = _("{item} is controlled: enter the number of the approval it is taken under.")


class RoundsDontAdd(BadInput):
    code = "equipment_rounds_do_not_add"
    message = _(
        "{item} went out with {out} rounds; {back} back, {fired} fired and {lost} lost make {sum}. Count again."
    )


class DoorMayNotClose(DomainError):
    code = "equipment_door_may_not_close"
    message = _("{item} is controlled: a door never lends it or takes it back. Count it at the counter.")


class ItemBooked(DomainError):
    code = "equipment_item_booked"
    message = _(
        "{item} is booked by {name} from {since:%m-%d %H:%M} to {until:%m-%d %H:%M}. "
        "Choose another or a time outside."
    )


class BookingTooLong(BadInput):
    code = "equipment_booking_too_long"
    message = _("A booking is of the future and of at most {days} days. Correct when it begins and ends.")


class AnotherPersonNeeded(DomainError):
    code = "equipment_another_person_needed"
    message = _("{item}: {name} has signed already, so somebody else must. Ask a colleague.")


class HolderUnknown(BadInput):
    code = "equipment_holder_unknown"
    message = _("Nobody signs in as {name}. Correct who takes the things.")


class CounterOnly(DomainError):
    code = "equipment_counter_only"
    message = _(
        "{item} is controlled: nobody takes it or returns it alone. Go to the counter, where two people sign."
    )


class NotYourLoan(DomainError):
    code = "equipment_not_your_loan"
    message = _("{item} was lent to {holder}. Only who has it, or a keeper at the counter, can do this.")


class LentThen(DomainError):
    code = "equipment_lent_then"
    message = _("{item} is with {holder} until {due:%m-%d %H:%M}. Begin the booking later, or choose another.")


class LongerTooLong(BadInput):
    code = "equipment_longer_too_long"
    message = _("{item} is due at {due:%m-%d %H:%M}: ask for a later time, at most {days} days from now.")


class CountSettled(DomainError):
    code = "equipment_count_settled"
    message = _("This count was closed at {since:%Y-%m-%d %H:%M}. Begin a new one for what is seen now.")


class SameStore(BadInput):
    code = "equipment_same_store"
    message = _("{item} is kept at {place} already. Choose another store as the goal.")


class NothingRead(BadInput):
    code = "equipment_nothing_read"
    message = _("No number was read. Scan or type at least one, or hand in the handheld's file.")


class HolderGone(DomainError):
    code = "equipment_holder_gone"
    message = _("The account of {holder} is closed: nothing is lent to it. Choose who takes {item} instead.")


class TooFewFree(DomainError):
    code = "equipment_too_few_free"
    message = _("Only {found} of {wanted} {kind} are free then. Ask for fewer, another time, or another station's.")


class VoiceMissing(DomainError):
    code = "equipment_voice_missing"
    status = 503
    message = _(
        "This machine has no voice: the program espeak-ng is not installed or gave no sound. Read the screen, or "
        "have the program installed."
    )


class TooLateToCorrect(DomainError):
    code = "equipment_too_late_to_correct"
    message = _(
        "{item} was lent at the door at {since:%H:%M}. Whoever took it may say within {minutes} minutes that they "
        "didn't; now the keeper corrects it."
    )


class NoDoorLoan(DomainError):
    code = "equipment_no_door_loan"
    message = _("{item} was not lent at a door: {state} since {since:%Y-%m-%d %H:%M}. Give it back at the counter.")


class ItemNotAtHand(DomainError):
    code = "equipment_item_not_at_hand"
    message = _("{item} can't be inspected now: {state} since {since:%Y-%m-%d %H:%M}. Inspect it once it is back.")


class MarkUnknown(BadInput):
    code = "equipment_mark_unknown"
    message = _("No thing bears {mark}. Type the number on its label, or ask the keeper to enter it.")


class NotYours(DomainError):
    code = "equipment_not_yours"
    message = _("That is no loan or booking of yours. What you hold and have asked for stands on your own page.")
