"""A message is queued, goes out, is tried again, arrives, or is given up; its address goes when its time is over.

Nothing is sent here. A worker claims a message (one transaction), hands it to the port with no transaction
open, and writes down what came of it (another). Whoever dies in between leaves a lease that runs out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import translation

from anlan.accounts.models import Organisation
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import BadInput, Overtaken, WrongState
from anlan.core.retention import deletion_certify
from anlan.core.row_changes import row_reread
from anlan.core.services import event_record
from anlan.notices import events
from anlan.notices.errors import BadAddress
from anlan.notices.messages import message_blanks, message_known, message_text
from anlan.notices.outbox_models import MessageRecipient, OutboundMessage
from anlan.notices.outbox_rules import (
    ADDRESS_KEPT_FOR,
    CHANNELS,
    GOES_UNTIL,
    LANGUAGES,
    LEASE,
    LINK,
    MESSAGE,
    PROBLEM,
    TRIES,
    WAITING,
    address_read,
    goes_at,
    next_try,
)
from anlan.notices.rules import URGENCIES, blanks_problem
from anlan.notices.selectors import channel_is_on, message_reference
from anlan.notices.services.port import Outgoing

AT_ONCE = 500


@transaction.atomic
def message_queue(
    *,
    message: str,
    channel: str,
    address: str,
    organisation: Organisation | int,
    by: Actor,
    at: datetime,
    blanks: Mapping[str, Any] | None = None,
    link: str = "",
    language: str = "zh-hans",
    urgency: str = "routine",
    incident_id: int | None = None,
    subject: Model | None = None,
    expires_at: datetime | None = None,
    key: str = "",
) -> OutboundMessage | None:
    """Put the sentence ``message`` on its way to one ``address``; it goes out after the caller's transaction.

    None, and nothing written, while the channel is switched off: all are, unless the operator says otherwise.
    ``blanks`` fill the sentence as in a notice; ``link`` fills the blank of that name and is kept beside the
    address. With ``key`` there is one message of that key, ever: queuing again gives it back. A routine one
    waits from ten in the evening until seven. The caller has checked that ``by`` may send and to whom.

    Raises ``BadAddress`` or ``BadInput``.
    """
    _check(message, channel, blanks or {}, link, language, urgency)
    if not (where := address_read(channel, address)):
        raise BadAddress(channel=CHANNELS[channel])
    first_at = goes_at(at, urgency)
    # A night's rest is not taken from the time it has.
    ends_at = expires_at or first_at + GOES_UNTIL[urgency]
    if ends_at <= at:
        raise BadInput(field="expires_at", problem=f"{ends_at.isoformat()} ≤ {at.isoformat()}")
    if not channel_is_on(channel):
        return None
    facts: dict[str, Any] = {
        "message": message,
        "blanks": dict(blanks or {}),
        "language": language,
        "channel": channel,
        "urgency": urgency,
        "organisation_id": organisation if isinstance(organisation, int) else organisation.pk,
        "incident_id": incident_id,
        "subject_type": subject._meta.label_lower if subject is not None else "",
        "subject_id": subject.pk if subject is not None else None,
        "queued_by": by.id if by.kind == "person" else None,
        "next_at": first_at,
        "expires_at": ends_at,
    }
    row, is_new = _put(key[:64], at, facts, where, link)
    if is_new:
        _tell(events.MESSAGE_QUEUED, row, by=by, at=at, goes_at=first_at.isoformat())
    return row


def _put(key: str, at: datetime, facts: dict[str, Any], address: str, link: str) -> tuple[OutboundMessage, bool]:
    """The message, new or the one that was queued under this key before."""
    known = OutboundMessage.objects.filter(key=key)
    if key and (row := known.first()) is not None:
        return row, False
    try:
        with transaction.atomic():
            row = OutboundMessage.objects.create(key=key, queued_at=at, state_since=at, **facts)
            MessageRecipient.objects.create(message=row, address=address, link=link)
            return row, True
    except IntegrityError:
        return known.get(), False


def _check(message: str, channel: str, blanks: Mapping[str, Any], link: str, language: str, urgency: str) -> None:
    if not message_known(message):
        raise BadInput(field="message", problem=message)
    for field, value, known in (
        ("channel", channel, CHANNELS),
        ("language", language, LANGUAGES),
        ("urgency", urgency, URGENCIES),
    ):
        if value not in known:
            raise BadInput(field=field, problem=value)
    wanted = message_blanks(message)
    if problem := blanks_problem(wanted - {LINK}, blanks):
        raise BadInput(field="blanks", problem=problem)
    if (LINK in wanted) != bool(link) or len(link) > 300:
        raise BadInput(field=LINK, problem=str(len(link)))


@transaction.atomic
def message_claim(*, message: OutboundMessage, by: Actor, at: datetime) -> Outgoing | None:
    """Take a message that is due for one attempt; None when another took it, it is not due, or its time is over.

    One whose worker has not come back within its lease may be taken again: the receiver may then get it twice,
    under the same reference. Asked in the quiet hours, a routine one is put off until they end.
    """
    row_reread(message)
    if message.state not in WAITING or message.next_at is None or message.next_at > at:
        return None
    try:
        if message.expires_at <= at:
            _move(message, "expired", at=at, next_at=None)
            _tell(events.MESSAGE_EXPIRED, message, by=by, at=at)
            return None
        if message.state == "sending" and message.attempts >= TRIES:
            _move(message, "failed", at=at, next_at=None, problem="no_word")
            _tell(events.MESSAGE_FAILED, message, by=by, at=at, attempt=message.attempts, problem="no_word")
            return None
        later, is_lost = goes_at(at, message.urgency), message.state == "sending"
        if is_lost:
            _move(message, "queued", at=at, next_at=later, problem="no_word")
        if later > at:
            _wait(message, later, is_lost=is_lost, by=by, at=at)
            return None
        _move(message, "sending", at=at, next_at=at + LEASE, attempts=message.attempts + 1)
    except (Overtaken, WrongState):
        return None
    _tell(events.MESSAGE_SENDING, message, by=by, at=at, attempt=message.attempts)
    return _outgoing(message)


def _wait(message: OutboundMessage, until: datetime, *, is_lost: bool, by: Actor, at: datetime) -> None:
    """It is not sent before the quiet hours are over; an attempt nobody came back from is told."""
    if is_lost:
        told = {"attempt": message.attempts, "problem": "no_word", "next_at": until.isoformat()}
        _tell(events.MESSAGE_PUT_OFF, message, by=by, at=at, **told)
    else:
        OutboundMessage.objects.filter(pk=message.pk, state="queued").update(next_at=until)


def _outgoing(row: OutboundMessage) -> Outgoing:
    """As the port takes it: the sentence in the receiver's language."""
    recipient = MessageRecipient.objects.get(message=row)
    with translation.override(row.language):
        text = message_text(row.message, {**row.blanks, LINK: recipient.link})
    return Outgoing(row.pk, message_reference(row.pk), row.channel, recipient.address, text, row.attempts)


@transaction.atomic
def message_sent(*, message: OutboundMessage, by: Actor, at: datetime) -> bool:
    """The channel took it. False when that was written before."""
    if not _taken(message, "sent", at=at, sent_at=at, next_at=None, problem=""):
        return False
    _tell(events.MESSAGE_SENT, message, by=by, at=at, attempt=message.attempts)
    return True


@transaction.atomic
def message_not_sent(*, message: OutboundMessage, attempt: int, problem: str, by: Actor, at: datetime) -> bool:
    """The n-th attempt failed: it is tried again later, each time later, or given up after the sixth.

    False, and nothing changed, when another attempt has begun since.
    """
    row_reread(message)
    if message.state != "sending" or message.attempts != attempt:
        return False
    code = problem if PROBLEM.fullmatch(problem) else "unknown"
    again = next_try(at, message.urgency, attempt)
    to = "failed" if again is None else "queued"
    if not _taken(message, to, at=at, next_at=again, problem=code):
        return False
    kind = events.MESSAGE_FAILED if again is None else events.MESSAGE_PUT_OFF
    told = {"next_at": again.isoformat()} if again is not None else {}
    _tell(kind, message, by=by, at=at, attempt=attempt, problem=code, **told)
    return True


@transaction.atomic
def message_delivered(*, message: OutboundMessage, by: Actor, at: datetime) -> bool:
    """Proof that it arrived: the channel's receipt, or its receiver used the link. False when known before."""
    if not _taken(message, "delivered", at=at, only_from=("sent",), delivered_at=at):
        return False
    _tell(events.MESSAGE_DELIVERED, message, by=by, at=at)
    return True


def message_arrived_for(*, key: str, by: Actor, at: datetime) -> bool:
    """Its receiver did what the message of this key asked for: proof that it arrived."""
    row = OutboundMessage.objects.filter(key=key[:64]).first() if key else None
    return row is not None and message_delivered(message=row, by=by, at=at)


@transaction.atomic
def message_undelivered(*, message: OutboundMessage, problem: str, by: Actor, at: datetime) -> bool:
    """The channel took it and says now that it could not be delivered. False when it is not waiting for that."""
    code = problem if PROBLEM.fullmatch(problem) else "unknown"
    if not _taken(message, "failed", at=at, only_from=("sent",), problem=code):
        return False
    _tell(events.MESSAGE_FAILED, message, by=by, at=at, attempt=message.attempts, problem=code)
    return True


@transaction.atomic
def messages_withdraw_for(*, key: str, by: Actor, at: datetime) -> bool:
    """Recall the message of this key if it has not gone out; False when there is none, or it has."""
    row = OutboundMessage.objects.filter(key=key[:64], state="queued").first() if key else None
    if row is None or not _taken(row, "recalled", at=at, only_from=("queued",), next_at=None):
        return False
    _tell(events.MESSAGE_RECALLED, row, by=by, at=at)
    return True


@transaction.atomic
def addresses_erase(*, at: datetime, by: Actor = SYSTEM, limit: int = AT_ONCE) -> int:
    """Remove address, link and blanks of messages that ended 30 days ago; times and outcome stay."""
    ended = OutboundMessage.objects.filter(erased_at=None, next_at=None, state_since__lte=at - ADDRESS_KEPT_FOR)
    rows = list(ended.order_by("state_since")[:limit])
    ids = [row.pk for row in rows]
    MessageRecipient.objects.filter(message__in=ids).delete()
    OutboundMessage.objects.filter(pk__in=ids).update(blanks={}, erased_at=at)
    told = ("recipient.address", "recipient.link", "blanks")
    deletion_certify(rule="message_30d", model=OutboundMessage, columns=told, ids=ids, by=by, at=at)
    for row in rows:
        _tell(events.ADDRESS_ERASED, row, by=by, at=at)
    return len(rows)


def _move(row: OutboundMessage, to: str, *, at: datetime, **changes: Any) -> None:
    MESSAGE.move(row, to, at=at, subject=str(row), **changes)


def _taken(row: OutboundMessage, to: str, *, at: datetime, only_from: Any = None, **changes: Any) -> bool:
    """Whether the row went to that state now; a step that is late or comes twice changes nothing."""
    try:
        MESSAGE.move(row, to, at=at, subject=str(row), only_from=only_from, **changes)
    except (Overtaken, WrongState):
        return False
    return True


def _tell(kind: str, row: OutboundMessage, *, by: Actor, at: datetime, **data: Any) -> None:
    event_record(
        kind,
        subject=row,
        by=by,
        at=at,
        incident_id=row.incident_id,
        org_ids=[row.organisation_id],
        outbound=row.pk,
        message=row.message,
        channel=row.channel,
        **data,
    )
