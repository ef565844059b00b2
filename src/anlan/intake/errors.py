"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class NothingOnSheet(DomainError):
    code = "nothing_on_sheet"
    status = 422
    message = _("There is nothing on this sheet. Write where it is or what is told, or mark the call as silent.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    status = 422
    message = _("{step} needs a reason in a few words, so that others can follow it later. Add one and send again.")


class NotInList(DomainError):
    code = "not_in_list"
    status = 422
    message = _("{field} can't be “{value}”. Choose one of: {choices}.")


class AlreadyLinked(DomainError):
    code = "already_linked"
    message = _("Call {call} already belongs to incident {incident}. Unlink it first if that is wrong.")


class SameIncident(DomainError):
    code = "same_incident"
    message = _("{first} and {second} are already one incident. Nothing needs to be done.")


class NotLinked(DomainError):
    code = "not_linked"
    message = _("{subject} is not linked to anything, so there is no link to undo.")


class UnitsUnderWay(DomainError):
    code = "units_under_way"
    message = _(
        "Incident {incident} is {state} since {since:%H:%M}: somebody is already there or has reported. "
        "Link the newer incident to it instead."
    )


class DangerInText(DomainError):
    code = "danger_in_text"
    message = _(
        "Call {call} can't be marked invalid: its text speaks of danger ({danger}). "
        "Send help, or say with a reason why there is none."
    )


class CallBackFirst(DomainError):
    code = "call_back_first"
    message = _("Call {call} has to be called back by {due_at:%H:%M:%S} before it can be marked invalid.")


class InvalidHasMore(DomainError):
    code = "incident_in_hand"
    message = _(
        "Call {call} opened incident {incident}, which is {state} since {since:%H:%M}. "
        "End the response there first, or unlink the other calls."
    )


class CallBackOver(DomainError):
    code = "call_back_over"
    message = _("The call back of {call} was done at {done_at:%H:%M:%S}. Nothing is left to do.")


class DangerStays(DomainError):
    code = "danger_not_diverted"
    message = _(
        "Incident {incident} carries danger ({danger}); police stay with it. "
        "Only the duty leader can hand it on, with a reason."
    )


class TransferOpen(DomainError):
    code = "transfer_open"
    message = _(
        "Incident {incident} was already offered to {partner} at {since:%H:%M}. "
        "Wait for the answer or withdraw the offer."
    )


class TransferAnswered(DomainError):
    code = "transfer_answered"
    message = _("This transfer is {state} since {since:%H:%M}; it can't become {wanted} any more.")


class PartnerUnknown(DomainError):
    code = "partner_unknown"
    status = 422
    message = _("There is no partner desk {partner}. Possible: {choices}.")


class BounceSpent(DomainError):
    code = "bounce_spent"
    message = _(
        "Incident {incident} has been sent back once already. Whoever has it now keeps it; the duty leader decides."
    )


class HolderChanged(DomainError):
    code = "holder_changed"
    message = _(
        "Incident {incident} has been with {holder} since {since:%H:%M:%S}. Look again, then decide who takes it."
    )


class ReporterErased(DomainError):
    code = "reporter_erased"
    status = 404
    message = _(
        "Who made call {call} is not kept any more (or was never noted). The matter itself stays on the record."
    )


class CallNotRinging(DomainError):
    code = "call_not_ringing"
    message = _("Call {call} is {state} since {since:%H:%M:%S}. Take the next ringing call.")
