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


class ReleaseNotYours(DomainError):
    code = "forecast_release_no_person"
    message = _("A version of the models is signed or taken back by a person. Sign in as one who may.")


class ReleaseOver(DomainError):
    code = "forecast_release_over"
    message = _("Version {version} was taken back on {since} already. The yearly mean is shown until the next one.")


class ReasonMissing(BadInput):
    code = "forecast_reason_missing"
    message = _("Say in a sentence why version {version} is taken back; it stands in the register.")
