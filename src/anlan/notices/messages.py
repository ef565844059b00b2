"""What notices say: whole sentences by message id, registered by the rooms that send them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.accounts.selectors import OrganisationNames
from anlan.core.sentences import Words, sentence_filled
from anlan.notices.rules import blanks_of

_MESSAGES: dict[str, tuple[str | Promise, Words]] = {}
WRITTEN = "notices.written"
"""What a person typed, as it is."""


def message_register(message: str, msgid: str | Promise, *, words: Words | None = None) -> None:
    """Say what notices of this id tell. ``msgid`` is the whole sentence; ``words`` turn codes into words."""
    _MESSAGES[message] = (msgid, words or {})


def message_known(message: str) -> bool:
    return message in _MESSAGES


def message_blanks(message: str) -> frozenset[str]:
    """The blanks to be filled; ``text`` is filled with what was typed."""
    return blanks_of(str(_MESSAGES[message][0])) - {"text"}


def message_text(message: str, blanks: Mapping[str, Any], text: str = "") -> str:
    """The sentence in the active language; an id nobody registered is told by its name."""
    msgid, words = _MESSAGES.get(message, (message, {}))
    return sentence_filled(msgid, {**blanks, "text": text}, words=words)


message_register(WRITTEN, _("Message: {text}"))

_NAMES = OrganisationNames()
GLASS_BROKEN = "notices.glass_broken"
GLASS_TO_JUDGE = "notices.glass_to_judge"
message_register(
    GLASS_BROKEN,
    _("Somebody of {home} reaches {there} until {until}, for a reason given under “Beyond our area”. Read it there."),
    words={"home": _NAMES, "there": _NAMES},
)
message_register(
    GLASS_TO_JUDGE,
    _("Somebody of {home} reaches {there} until {until}. Judge it under “Beyond our area” when it is over."),
    words={"home": _NAMES, "there": _NAMES},
)
TOKEN_ENDS = "notices.token_ends"
message_register(
    TOKEN_ENDS,
    _(
        "Token no. {number} opens nothing from {until} on, and its program then hands in nothing more. "
        "Make a new one in time: anlan token renew {number}"
    ),
)

SECOND_SILENT = "notices.second_silent"
message_register(
    SECOND_SILENT,
    _(
        "The second machine has not answered since {since_at}: {kb} kB are on this machine alone. Have it started, "
        "or its line mended; nobody takes over before it is known which machine is the centre."
    ),
)
