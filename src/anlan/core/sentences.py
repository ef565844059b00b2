"""What each kind of event means in words, for timelines. Each room says it for its own kinds."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.core.event_schemas import is_known
from anlan.core.models import Event

Words = Mapping[str, Mapping[str, "str | Promise"]]

_TOO_NEW = _("Recorded by a newer edition of the program, which this one can't read ({kind}).")
_SENTENCES: dict[str, tuple[str | Promise, Words]] = {}
_WITHOUT: dict[str, Mapping[str, str | Promise]] = {}


def sentence_register(
    kind: str,
    msgid: str | Promise,
    *,
    words: Words | None = None,
    without: Mapping[str, str | Promise] | None = None,
) -> None:
    """Say how events of ``kind`` are told. Blanks in ``msgid`` are filled from the event's data.

    ``words`` turns the codes in a blank into words: ``{"state": UNIT_STATUS.labels}``. ``without`` names the
    sentence told instead where a blank has nothing to be filled with.
    """
    _SENTENCES[kind] = (msgid, words or {})
    _WITHOUT[kind] = without or {}


def sentence_for(event: Event) -> str:
    """The event as a sentence in the active language; a kind nobody told is given by its name."""
    if not is_known(event):
        return str(_TOO_NEW).format(kind=event.kind)
    msgid, words = _SENTENCES.get(event.kind, (event.kind, {}))
    msgid = next((other for blank, other in _WITHOUT.get(event.kind, {}).items() if not event.data.get(blank)), msgid)
    return _Filler(words).vformat(str(msgid), (), event.data)


def sentence_filled(msgid: str | Promise, data: Mapping[str, Any], *, words: Words | None = None) -> str:
    """Any sentence with its blanks filled, in the active language."""
    return _Filler(words or {}).vformat(str(msgid), (), data)


def sentences_registered() -> dict[str, str | Promise]:
    """Every kind that can be told, for the check that none is missing."""
    return {kind: msgid for kind, (msgid, _words) in _SENTENCES.items()}


class _Filler(Formatter):
    """Fills the blanks: codes become words, instants local times, and what is missing a dash."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        value = kwargs.get(str(key))
        if value is None or value == "":
            return "–"
        if str(key) in self._words:
            words = self._words[str(key)]
            parts = value if isinstance(value, list) else [value]
            return ", ".join(str(words.get(str(part), part)) for part in parts) or "–"
        if str(key).endswith("_at") and (instant := parse_datetime(str(value))) is not None:
            return f"{timezone.localtime(instant):%H:%M:%S}"
        return ", ".join(str(part) for part in value) if isinstance(value, list) else value
