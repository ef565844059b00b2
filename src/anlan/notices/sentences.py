"""How a timeline tells what happened here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Role
from anlan.core.sentences import sentence_register
from anlan.notices import events
from anlan.notices.outbox_rules import CHANNELS
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

_OUT = {"channel": CHANNELS}
sentence_register(
    events.MESSAGE_QUEUED, _("Message {outbound} ({channel}) waits to go out, from {goes_at} on."), words=_OUT
)
sentence_register(
    events.MESSAGE_SENDING, _("Message {outbound} ({channel}) is going out, attempt {attempt}."), words=_OUT
)
sentence_register(events.MESSAGE_SENT, _("Message {outbound} was handed to its channel ({channel})."), words=_OUT)
sentence_register(
    events.MESSAGE_PUT_OFF,
    _("Message {outbound} ({channel}) did not get through ({problem}); it is tried again at {next_at}."),
    words=_OUT,
)
sentence_register(events.MESSAGE_DELIVERED, _("Message {outbound} ({channel}) arrived."), words=_OUT)
sentence_register(
    events.MESSAGE_FAILED,
    _("Message {outbound} ({channel}) could not be delivered ({problem}); reach the person another way."),
    words=_OUT,
)
sentence_register(
    events.MESSAGE_EXPIRED, _("Message {outbound} ({channel}) ran out of time before it could go out."), words=_OUT
)
sentence_register(
    events.MESSAGE_RECALLED, _("Message {outbound} ({channel}) was recalled before it went out."), words=_OUT
)
sentence_register(events.ADDRESS_ERASED, _("The address of message {outbound} was removed; its times stay."))
