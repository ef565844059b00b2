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


class UnitsTaken(DomainError):
    code = "patrol_units_taken"
    message = _(
        "This plan can't be published: {call_sign} drives another published patrol from {starts_at:%m-%d %H:%M} to "
        "{ends_at:%H:%M}. Wait until that one is over, or plan the shift without this unit."
    )


class PlanCantBeDriven(DomainError):
    code = "patrol_cant_be_driven"
    message = _(
        "This plan can't be approved: as it was changed it can't be driven ({count} faults, the first with "
        "{call_sign}). Undo the change, or move stops until the check finds nothing."
    )


class PlanBreaksRules(BadInput):
    code = "patrol_breaks_rules"
    message = _(
        "As it was changed this plan breaks {count} rules. Give the reason why it is approved all the same, or undo "
        "the change."
    )


class PlanChanged(DomainError):
    code = "patrol_plan_changed"
    message = _(
        "Somebody else changed this plan meanwhile. Look at it again, then repeat your change if it is wanted."
    )


class StopStays(DomainError):
    code = "patrol_stop_stays"
    message = _("{what} of {call_sign} stays with its unit. Move other stops around it.")


class StopLocked(DomainError):
    code = "patrol_stop_locked"
    message = _("{what} is locked to {call_sign}. Unlock it first if it is to be moved or taken out.")


class StopOutside(BadInput):
    code = "patrol_stop_outside"
    message = _(
        "{value} lies outside the area of {organisation}. Choose a place within it, or plan the patrol for a larger "
        "area."
    )


class NothingToUndo(DomainError):
    code = "patrol_nothing_to_undo"
    message = _("There is no change of this plan left to undo.")
