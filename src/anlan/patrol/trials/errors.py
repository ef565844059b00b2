"""Refusals of trials."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import BadInput, DomainError


class NoForecast(DomainError):
    code = "trial_no_forecast"
    message = _(
        "No trial can be drafted yet: its blocks are the places of a forecast, and none was made so far. Wait for "
        "tonight's forecast, then draft it again."
    )


class NoBlocks(DomainError):
    code = "trial_no_blocks"
    message = _(
        "No trial can be drafted for {organisation}: {count} places there are large enough, have calls enough and "
        "stand apart, and two are needed at least. Draft it for a larger area, or for all calls instead of one "
        "family."
    )


class TooFewCoins(DomainError):
    code = "trial_too_few_coins"
    message = _(
        "This trial could tell nothing from chance: its sides are drawn {coins} times, {least} are needed at least. "
        "Take more days, more blocks, or let the sides change daily."
    )


class HistoryTooShort(DomainError):
    code = "trial_history_too_short"
    message = _(
        "The trial is longer than its past: {days} whole days are on record, {wanted} are needed to say what it can "
        "find. Make it shorter, or wait until more days are on record."
    )


class SettingWrong(BadInput):
    code = "trial_setting_wrong"
    message = _("{field} is {value}; it lies between {low} and {high}. Correct it and draft again.")


class DaysWrong(BadInput):
    code = "trial_days_wrong"
    message = _("A trial begins on a day after tomorrow at the earliest, and within a year. Correct the first day.")


class WashoutTooLong(BadInput):
    code = "trial_washout_too_long"
    message = _(
        "With {washout} days left out at the beginning of each period of {period} no day would count. Make the "
        "periods longer or leave out less."
    )


class FamilyUnknown(BadInput):
    code = "trial_family_unknown"
    message = _("“{value}” is no kind of calls a trial can count. Choose one of those offered.")


class SamePerson(DomainError):
    code = "trial_same_person"
    status = 403
    message = _("Whoever drafted a trial doesn't approve it. Ask another leader to look at {trial} and approve it.")


class NotAPerson(DomainError):
    code = "trial_not_a_person"
    status = 403
    message = _("A trial is drafted and approved by a person, never by a program. Sign in with your own account.")


class ApprovedTooLate(DomainError):
    code = "trial_approved_too_late"
    message = _(
        "{trial} was to begin on {first_day}: everything must be fixed before that day. Drop it and draft it again "
        "with a later first day."
    )


class PlanGone(DomainError):
    code = "trial_plan_gone"
    message = _(
        "The patrol plan {trial} was drafted from has been dropped. Drop the trial too, and draft one from a plan "
        "that stands."
    )


class TrialsOverlap(DomainError):
    code = "trial_overlaps"
    message = _(
        "{trial} can't be approved: {other} runs there from {first_day} to {last_day}. Two trials in one area can't "
        "be told apart. Choose days after that."
    )


class ProtocolChanged(DomainError):
    code = "trial_protocol_changed"
    message = _(
        "What was fixed for {trial} is no longer what was signed (its hash differs). Nothing was worked out. Tell "
        "whoever looks after the program."
    )


class StopReasonUnknown(BadInput):
    code = "trial_stop_reason_unknown"
    message = _("Say why the trial is stopped: choose one of the reasons offered; {value} isn't one of them.")
