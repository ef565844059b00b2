"""Changes of this room: notices to those who work here, and messages that leave the house."""

from anlan.notices.services.notices import (
    Receiver,
    Rung,
    notice_acknowledge,
    notice_delivered,
    notice_send,
    notice_wake,
    notice_withdraw,
    notices_tick,
    notices_withdraw_for,
    to_person,
    to_role,
    words_erase,
)
from anlan.notices.services.outbox import (
    addresses_erase,
    message_arrived_for,
    message_claim,
    message_delivered,
    message_not_sent,
    message_queue,
    message_sent,
    message_undelivered,
    messages_withdraw_for,
)
from anlan.notices.services.port import MessagePort, Outgoing

__all__ = [
    "MessagePort",
    "Outgoing",
    "Receiver",
    "Rung",
    "addresses_erase",
    "message_arrived_for",
    "message_claim",
    "message_delivered",
    "message_not_sent",
    "message_queue",
    "message_sent",
    "message_undelivered",
    "messages_withdraw_for",
    "notice_acknowledge",
    "notice_delivered",
    "notice_send",
    "notice_wake",
    "notice_withdraw",
    "notices_tick",
    "notices_withdraw_for",
    "to_person",
    "to_role",
    "words_erase",
]
