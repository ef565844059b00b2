"""Notices about a matter that is shut to one person for a while: their words name it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from django.db.models import Q

from anlan.notices.models import Notice

if TYPE_CHECKING:
    from anlan.core.actor import Actor


class NoticeShutter(Protocol):
    """Knows by which words and columns a notice tells of a matter that a rule of a higher room shuts."""

    def about(self, actor: Actor) -> Q:
        """Notices that tell of what is shut to the actor; empty for whoever nothing is shut to."""
        ...

    def refuse(self, actor: Actor, notice: Notice) -> None:
        """Raise what tells the actor why this one is shut to them, and until when."""
        ...


_SHUTTERS: list[NoticeShutter] = []


def notice_shutter_register(shutter: NoticeShutter) -> None:
    """Let ``shutter`` say which notices are shut, once at the start of the program."""
    _SHUTTERS.append(shutter)


def notices_shut(actor: Actor, notice_ids: Iterable[int]) -> set[int]:
    """Which of these notices tell of what is shut to the actor. No query for whoever nothing is ever shut to."""
    about = _about(actor)
    wanted = list(notice_ids) if about else []
    return set(Notice.objects.filter(about, pk__in=wanted).values_list("pk", flat=True)) if wanted else set()


def refuse_shut(actor: Actor, notice: Notice) -> None:
    """Raise the refusal of the rule that shuts this notice to the actor; nothing where none does."""
    for shutter in _SHUTTERS:
        about = shutter.about(actor)
        if about and Notice.objects.filter(about, pk=notice.pk).exists():
            shutter.refuse(actor, notice)


def _about(actor: Actor) -> Q:
    found = Q()
    for shutter in _SHUTTERS:
        found |= shutter.about(actor)
    return found
