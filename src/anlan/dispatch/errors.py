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


class PlanUnreadable(DomainError):
    code = "plan_unreadable"
    status = 422
    message = _(
        "The response plan can't be used: {field} is {value}. What stands in the plans in force shows how it is "
        "written; mend it and send again. The plan in force until now still holds."
    )


class ServedMeanwhile(DomainError):
    code = "served_meanwhile"
    message = _(
        "Incident {incident} has {units} units on it by now, more than when this was proposed, so nobody was added. "
        "Look at it again, and send another one from its own page if it needs one."
    )


class DivertNotLesser(DomainError):
    code = "divert_not_lesser"
    message = _(
        "{unit} stays on its way to {lesser} ({lesser_priority}): a unit is taken from a lesser matter for a P1 "
        "alone, and {incident} is {priority}. Send a free unit, or change the priority first if danger has come up."
    )


class PlanNeedsTwo(DomainError):
    code = "plan_needs_two"
    message = _(
        "You wrote this version of the plan at {since:%Y-%m-%d %H:%M}; somebody else approves it. Ask another person "
        "who may set plans, or take it back by refusing it."
    )


class PlanWaits(DomainError):
    code = "plan_waits"
    message = _(
        "A version of plan {plan} has been waiting for a second person since {since:%Y-%m-%d %H:%M}. Approve or "
        "refuse that one first, then propose another."
    )


class PlanDecided(DomainError):
    code = "plan_decided"
    message = _(
        "This version of the plan was decided at {since:%Y-%m-%d %H:%M} already: {outcome}. Nothing was changed."
    )


class PlanMovedOn(DomainError):
    code = "plan_moved_on"
    message = _(
        "Plan {plan} has been at version {version} since this was written from version {base}, so it was not put "
        "into force. Write it anew from the one in force; refuse this one."
    )


class LevelUnknown(DomainError):
    code = "level_unknown"
    status = 422
    message = _(
        "Plan {plan} has alarm levels 1 to {most}; {level} is none of them. Choose one of these, or give the plan "
        "another level first."
    )


class NotOnScene(DomainError):
    code = "not_on_scene"
    message = _(
        "{call_sign} is not on scene at incident {incident}, so there is nothing to check. Set the timer when it "
        "has arrived."
    )


class CheckInOver(DomainError):
    code = "checkin_over"
    message = _("The timer of {call_sign} ended at {since:%H:%M:%S}. Set a new one if it is still alone on scene.")


class HandoverNeedsTwo(DomainError):
    code = "handover_needs_two"
    message = _(
        "{person} signed this handover off at {since:%H:%M}; the desk is taken by somebody else. Let the person who "
        "comes sign in and confirm, or take the signature back."
    )


class HandoverSigned(DomainError):
    code = "handover_signed"
    message = _(
        "This handover has been {state} since {since:%H:%M}; what was signed is not changed any more. Take the "
        "signature back first, or tell the next shift by a notice."
    )


class NoteTooLong(DomainError):
    code = "note_too_long"
    status = 422
    message = _("The note has {length} characters; at most {most} are kept. Shorten it; the incident has the rest.")


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


class SignedAlready(TooLateToUndo):
    message = _(
        "{call_sign} signed at {signed_at:%H:%M:%S} and acts on it, so sending can't be taken back unseen. "
        "Cancel it with a reason instead, and it is told."
    )


class UnitOfOthers(DomainError):
    code = "unit_of_others"
    message = _(
        "{call_sign} belongs to {organisation}, and your desk doesn't command it. Ask {desk} to send it, or send one "
        "of your own."
    )


class UnitOwn(DomainError):
    code = "unit_own"
    message = _("{call_sign} is under your own desk's command: send it, nobody has to be asked.")


class ReportNotDue(DomainError):
    code = "report_not_due"
    message = _(
        "{call_sign} on incident {incident} is {state} since {since:%H:%M}. A first report tells what was found on "
        "arriving: press Arrived first, and once the unit is done file the feedback instead."
    )


class ReportGiven(DomainError):
    code = "report_given"
    message = _(
        "{call_sign} gave its first report on incident {incident} at {since:%H:%M} already. What came after goes "
        "into the feedback; if help is needed, ask for support."
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


class MediaTooLarge(DomainError):
    code = "media_too_large"
    status = 413
    message = _("What you sent from the spot has {size}; the limit is {limit}. Send a smaller or a shorter one.")


class MediaUnreadable(DomainError):
    code = "media_unreadable"
    status = 415
    message = _(
        "What you sent from the spot can't be read as {kinds} from beginning to end, so it was not kept. Take it "
        "again with this page; if that fails too, tell the desk by radio what is to be seen."
    )


class AttachmentsFull(DomainError):
    code = "attachments_full"
    message = _(
        "{call_sign} has sent {count} photos and voice notes to incident {incident} already, the last one at "
        "{since:%H:%M}; more are not kept. Tell the desk the rest by radio."
    )


class AttachmentTooLate(DomainError):
    code = "attachment_too_late"
    message = _(
        "{call_sign} has been off incident {incident} since {since:%Y-%m-%d %H:%M}; from then on photos and voice "
        "notes are taken for {hours} hours. Hand it to the station room in person."
    )


class PressOvertaken(DomainError):
    code = "press_overtaken"
    message = _(
        "“{deed}” changed nothing: {call_sign} on incident {incident} is {state} since {since:%H:%M:%S}, by {who}. "
        "Look at the page as it now is; if you are on your way or there all the same, tell the desk by radio."
    )
