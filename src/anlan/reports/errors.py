"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import BadInput, DomainError


class FigureUnknown(DomainError):
    code = "figure_unknown"
    status = 404
    message = _("There is no figure called {key}. Choose one of: {choices}.")


class PeriodRefused(BadInput):
    code = "period_refused"
    message = _("The period from {start} to {end} can't be shown: its end must lie after its start. Choose again.")


class PeriodTooFine(BadInput):
    code = "period_too_fine"
    message = _("That would be {steps} steps; at most {limit} can be drawn. Choose weeks, or a shorter period.")


class MonthOpen(BadInput):
    code = "month_open"
    message = _(
        "{month} can't leave the house yet: it ends on {until:%Y-%m-%d}, and its counts stand {days} days later. "
        "Choose an earlier month."
    )


class AxisUnknown(BadInput):
    code = "axis_unknown"
    message = _("Counts for outside can't be told by {axes}. Choose some of: {choices}, each once.")
