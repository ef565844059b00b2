"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class IncidentNotOpen(DomainError):
    code = "incident_not_open"
    message = _(
        "Nobody can be sent to incident {incident}: it is {state} since {since:%H:%M}. Reopen it first, or send to "
        "the incident it was merged into."
    )


class NobodyInReach(DomainError):
    code = "nobody_in_reach"
    message = _(
        "No unit on duty was found there, so nothing was sent; of {lost} units the position is not known. "
        "Draw the ring wider, or choose an organisation."
    )


class ReasonMissing(DomainError):
    code = "reason_missing"
    status = 422
    message = _("This step needs a reason, so that others understand it later. Write one and send again.")


class TooLateToUndo(DomainError):
    code = "too_late_to_undo"
    message = _(
        "{call_sign} was sent at {sent_at:%H:%M:%S}, and after {seconds} s sending can't be taken back unseen. "
        "Cancel it with a reason instead."
    )


class WrongTrack(DomainError):
    code = "wrong_track"
    message = _(
        "{call_sign} is a police unit; a town room sends community teams. Choose a team, or hand over to police."
    )


class TrackIsPolice(DomainError):
    code = "track_is_police"
    message = _(
        "Incident {incident} is on the police track (rule {rule}). Change the track first, with a reason, then "
        "route it."
    )


class UnitsStillThere(DomainError):
    code = "units_still_there"
    message = _(
        "Incident {incident} can't be closed: {units} is still on it. Wait for it to finish, or cancel it first."
    )


class FeedbackMissing(DomainError):
    code = "feedback_missing"
    message = _(
        "Incident {incident} can't be closed: no agreed feedback yet. File it, or have the station room review it; "
        "closing without any needs a reason."
    )


class FeedbackAlreadyReviewed(DomainError):
    code = "feedback_already_reviewed"
    message = _("This feedback was reviewed at {since:%H:%M} already ({review}). Look again, then decide.")


class FeedbackNotDue(DomainError):
    code = "feedback_not_due"
    message = _("There is nothing to report on incident {incident} yet: no unit has finished there.")


class OrderOpen(DomainError):
    code = "order_open"
    message = _(
        "Incident {incident} has been with {room} since {since:%H:%M} ({state}). Wait for its answer, or hand it "
        "over to police."
    )


class TownRoomUnknown(DomainError):
    code = "town_room_unknown"
    status = 422
    message = _("No town room answers for the place of incident {incident}. Choose one by name.")


class BounceRefused(DomainError):
    code = "bounce_refused"
    message = _(
        "Incident {incident} was sent back once already, at {since:%H:%M}. It stays with {room} until another "
        "accepts it; the town duty leader decides."
    )


class RevisitDone(DomainError):
    code = "revisit_done"
    message = _("This revisit was recorded at {since:%H:%M} already: {outcome}.")
