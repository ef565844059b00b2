"""How a timeline tells what happened here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.citizen import events
from anlan.citizen.rules import ASKED_BY, NOT_ASKED, RATING_REASONS, RATINGS, REQUEST_KINDS
from anlan.core.sentences import sentence_register

_WORDS = {
    "asks": REQUEST_KINDS,
    "why": NOT_ASKED,
    "rule": ASKED_BY,
    "rating": {str(key): word for key, word in RATINGS.items()},
    "reason": RATING_REASONS,
}

sentence_register(events.CODE_SENT, _("Who reported {incident} was sent the link to follow it."))
sentence_register(events.GUESSED_WRONG, _("A wrong code was entered, for the {failures}th time in a row."))
sentence_register(
    events.REQUEST_MADE, _("The person who reported {incident} {asks}; to be answered by {due_at}."), words=_WORDS
)
sentence_register(events.REQUEST_GRANTED, _("The request about {incident} was granted ({asks})."), words=_WORDS)
sentence_register(events.REQUEST_REFUSED, _("The request about {incident} was refused ({asks})."), words=_WORDS)
sentence_register(events.MATTER_REOPENED, _("{incident} was opened again: who reported it says it is not settled."))
sentence_register(events.RATING_ASKED, _("It was asked how {incident} went ({rule})."), words=_WORDS)
sentence_register(events.RATING_NOT_ASKED, _("It was not asked how {incident} went: {why}."), words=_WORDS)
sentence_register(events.RATING_GIVEN, _("{incident} was rated: {rating} ({reason})."), words=_WORDS)
sentence_register(events.WORDS_ERASED, _("What a citizen wrote was erased; that it was written stays."))
