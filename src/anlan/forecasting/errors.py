"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import BadInput, DomainError


class RecordTooShort(DomainError):
    code = "forecast_record_too_short"
    message = _(
        "No forecast for {day}: {days} complete days are on record, and {needed} are needed. Take in the calls of "
        "earlier months, or wait until enough days have passed."
    )


class DayAhead(BadInput):
    code = "forecast_day_ahead"
    message = _("A forecast for {day} can be issued when {before} is over. Ask again then.")
