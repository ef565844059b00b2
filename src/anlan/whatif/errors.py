"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import BadInput, DomainError


class NoUnits(DomainError):
    code = "whatif_no_units"
    message = _(
        "Nothing can be tried for {organisation}: none of its police units has a base on the map. Set the bases of "
        "the units, then ask again."
    )


class NoCalls(DomainError):
    code = "whatif_no_calls"
    message = _(
        "Nothing can be tried for {organisation}: there is no call with a place between {first_day} and {last_day}. "
        "Choose days with calls."
    )


class HistoryHasGaps(DomainError):
    code = "whatif_history_has_gaps"
    message = _(
        "{count} of the days between {first_day} and {last_day} hold hardly any calls (usually {usual} a day): "
        "{days}. A comparison over them would tell of the gap, not of the policies. Choose days that are whole."
    )


class SpanUnreadable(BadInput):
    code = "whatif_span_unreadable"
    message = _("Choose a first and a last day that are over, at most {most} days apart. Correct the days.")


class RunsOutOfRange(BadInput):
    code = "whatif_runs_out_of_range"
    message = _("Runs are a whole number from {low} to {high}; {value} isn't. Correct it.")


class PolicyUnreadable(BadInput):
    code = "whatif_policy_unreadable"
    message = _("“{value}” is no policy: “{part}” can't be read. Choose one of those offered.")


class PoliciesAlike(BadInput):
    code = "whatif_policies_alike"
    message = _("Both policies are “{value}”: there is nothing to compare. Choose two that differ.")


class WorldRefused(DomainError):
    code = "whatif_world_refused"
    message = _("What is on record can't be run ({field}: {problem}). Tell whoever looks after the program.")
