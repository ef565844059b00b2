"""The notices this room sends, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.disputes.rules import LEVELS, TERM_LABELS
from anlan.notices.selectors import message_register

PUSHED = "disputes.pushed"
OVERDUE = "disputes.overdue"
UNOWNED = "disputes.unowned"
FILE_LATE = "disputes.file_late"
TO_POLICE = "disputes.to_police"

_WORDS = {"level": LEVELS}
message_register(
    PUSHED,
    _("Dispute file {file} ({level}) is in your hands by push {seq}. Look at it and confirm; due {due}."),
    words=_WORDS,
)
message_register(
    OVERDUE,
    _("Push {seq} of dispute file {file} ({level}) was due {due} and nothing has been recorded. Act on it now."),
    words=_WORDS,
)
message_register(
    FILE_LATE,
    _("Dispute file {file} ({level}): {term} was due {due}. Act on it, or say why it takes longer."),
    words={**_WORDS, "term": TERM_LABELS},
)
message_register(
    UNOWNED,
    _("Nobody has taken dispute file {file} ({level}) in hand since {since}. Decide now who handles it."),
    words=_WORDS,
)
message_register(
    TO_POLICE,
    _("Danger in dispute file {file} ({level}): police take it back at once. Send somebody."),
    words=_WORDS,
)
