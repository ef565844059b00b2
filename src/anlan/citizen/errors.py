"""Refusals of this room. They are read by citizens: plain words, and what to do instead."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class CodeUnknown(DomainError):
    """Wrong code and wrong digits are told alike."""

    code = "code_unknown"
    status = 404
    message = _(
        "No report fits this code and these digits. Check both on the message you were sent. A code works for 180 "
        "days. If you still need help, call 110; for other questions call the station."
    )


class TooManyTries(DomainError):
    code = "too_many_tries"
    status = 429
    message = _("That was wrong {failures} times. Please try again after {until:%H:%M:%S}. In an emergency call 110.")


class NothingToTakeBack(DomainError):
    code = "nothing_to_take_back"
    message = _("This matter has been {state} since {since:%Y-%m-%d %H:%M}: there is nothing to take back any more.")


class NotOverYet(DomainError):
    code = "not_over_yet"
    message = _(
        "This matter is still being handled, so there is no result to object to. If it has got worse, call 110 now."
    )


class WordsMissing(DomainError):
    code = "words_missing"
    status = 422
    message = _("Write in a few words why, at most {most} characters. Whoever decides reads exactly that.")


class RequestAnswered(DomainError):
    code = "request_answered"
    message = _("This request was {state} at {since:%Y-%m-%d %H:%M}. What was answered stands; look again.")


class LinkUnknown(DomainError):
    code = "link_unknown"
    status = 404
    message = _("This link is not complete. Open it again from the message you were sent.")


class LinkUsed(DomainError):
    code = "link_used"
    message = _("Thank you: your answer of {since:%Y-%m-%d %H:%M} was received. A link can be used once.")


class LinkOver(DomainError):
    code = "link_over"
    status = 410
    message = _(
        "This link worked until {until:%Y-%m-%d %H:%M}. On the page of your report you can still say, "
        "with your code, that the matter is not settled."
    )
