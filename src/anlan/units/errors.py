"""Refusals of this room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class UnitNotAvailable(DomainError):
    """The unit can't be sent: what it is doing, since when, for which incident, and whom to take instead.

    ``incident`` is the number of the incident it is on (empty when it isn't), ``sender`` who sent it
    there, ``alternative`` the call sign of the next best unit and ``alternative_eta`` its time to
    arrival as minutes and seconds, both empty where the caller knows none.
    """

    code = "unit_not_available"
    message = _(
        "{call_sign} can't be sent: it has been {state} since {since:%H:%M}. Choose another unit, or release "
        "{call_sign} first."
    )

    def __init__(
        self,
        *,
        call_sign: str,
        state: str | Promise,
        since: datetime,
        incident: str = "",
        sender: str | Promise = "",
        alternative: str = "",
        alternative_eta: str = "",
        **facts: Any,
    ) -> None:
        super().__init__(
            call_sign=call_sign,
            state=state,
            since=since,
            incident=incident,
            sender=sender,
            alternative=alternative,
            alternative_eta=alternative_eta,
            **facts,
        )
        self.message = self._sentence(bool(incident), bool(sender), bool(alternative))

    def _sentence(self, has_incident: bool, has_sender: bool, has_alternative: bool) -> Any:
        if has_incident and has_sender and has_alternative:
            return _(
                "{call_sign} can't be sent: {sender} sent it to incident {incident}, and it has been {state} "
                "since {since:%H:%M}. Send {alternative} instead ({alternative_eta} away), or release "
                "{call_sign} first."
            )
        if has_incident and has_sender:
            return _(
                "{call_sign} can't be sent: {sender} sent it to incident {incident}, and it has been {state} since "
                "{since:%H:%M}. Choose another unit, or release {call_sign} first."
            )
        if has_alternative:
            return _(
                "{call_sign} can't be sent: it has been {state} since {since:%H:%M}. Send {alternative} instead "
                "({alternative_eta} away), or release {call_sign} first."
            )
        return type(self).message

    def with_alternative(self, call_sign: str, eta: str) -> UnitNotAvailable:
        """The same refusal, naming the unit to take instead."""
        return UnitNotAvailable(**{**self.facts, "alternative": call_sign, "alternative_eta": eta})


class UnitStillSent(DomainError):
    """A unit on an incident is freed by finishing or releasing the assignment, not by a status button."""

    code = "unit_still_sent"
    message = _(
        "{call_sign} has been {state} on incident {incident} since {since:%H:%M}. Finish or cancel that assignment; "
        "the unit is then free by itself."
    )


class CrewElsewhere(DomainError):
    """A person is on one unit at a time."""

    code = "crew_elsewhere"
    message = _("{person} has been on {call_sign} since {since:%H:%M}. Leave {call_sign} first, then join.")


class CallSignTaken(DomainError):
    code = "call_sign_taken"
    message = _("There is already a unit {call_sign}. Choose another call sign, or correct the existing unit.")


class LoadUnreadable(DomainError):
    """A list of loads with a line that can't be meant: its number and what stands there."""

    code = "load_unreadable"
    status = 422
    message = _(
        'Line {line} can\'t be read: "{text}". Each line says call sign, kind and count, the unit one of yours and '
        "the kind one of the list. Nothing was taken; correct the line and send all of them again."
    )
