"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import BadInput, DomainError


class NoUnits(DomainError):
    code = "patrol_no_units"
    message = _(
        "No patrol can be planned for {organisation}: none of its units is on duty between {starts_at:%m-%d %H:%M} "
        "and {ends_at:%H:%M} with a base on the map. Set shifts and bases of the units, then plan again."
    )


class NoDemand(DomainError):
    code = "patrol_no_demand"
    message = _(
        "No patrol can be planned for {organisation}: a year of calls shows no place with enough reports, and no "
        "must-cover point or booth is set. Set points to be covered, or plan for a larger area."
    )


class ShiftUnreadable(BadInput):
    code = "patrol_shift_unreadable"
    message = _("A patrol runs from one moment to a later one, {most_h} hours at most. Correct the times.")


class SettingOutOfRange(BadInput):
    code = "patrol_setting_out_of_range"
    message = _("{field} is {value}; it lies between {low} and {high}. Correct it and plan again.")


class ReasonUnknown(BadInput):
    code = "patrol_reason_unknown"
    message = _("Choose one of the reasons offered; {value} isn't one of them.")


class NotYourRoute(DomainError):
    code = "patrol_not_your_route"
    status = 403
    message = _("This route is {call_sign}'s. Only its crew or its command room can say what became of its stops.")
