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
