"""How a timeline tells what happened here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Role
from anlan.core.sentences import sentence_register
from anlan.notices import events
from anlan.notices.rules import URGENCIES

_WORDS = {"urgency": URGENCIES, "receivers": dict(Role.choices)}

sentence_register(events.NOTICE_SENT, _("Notice {notice} was sent to {receivers} ({urgency})."), words=_WORDS)
sentence_register(events.NOTICE_DELIVERED, _("Notice {notice} was shown on a screen of its receiver."))
sentence_register(events.NOTICE_ANSWERED, _("One receiver of notice {notice} acknowledged it."))
sentence_register(events.NOTICE_ACKNOWLEDGED, _("Notice {notice} was acknowledged."))
sentence_register(
    events.NOTICE_ESCALATED,
    _("Notice {notice} was not answered in time; {receivers} is told as well."),
    words=_WORDS,
)
sentence_register(events.NOTICE_UNANSWERED, _("Nobody answered notice {notice}, and there is nobody left to tell."))
sentence_register(events.NOTICE_WITHDRAWN, _("Notice {notice} was withdrawn."))
sentence_register(events.NOTICE_EXPIRED, _("Notice {notice} ran out before it was acknowledged."))
sentence_register(events.WORDS_ERASED, _("The words of notice {notice} were erased; its times stay."))
