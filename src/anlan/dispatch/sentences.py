"""How a timeline tells what happened here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.dispatch import events
from anlan.dispatch.models import Assignment, Feedback, FieldAttachment, Revisit
from anlan.dispatch.rules import CLOCKS, DEED_WORDS, RESULT_CODES
from anlan.units.selectors import capability_labels

_PARTS = {"part": dict(Assignment.Part.choices)}
_RESULTS = {"result": RESULT_CODES, "review": dict(Feedback.Review.choices)}
_CLOCK_WORDS = {"clock": {kind: rule.label for kind, rule in CLOCKS.items()}}

sentence_register(events.UNIT_ASSIGNED, _("{unit} was sent ({part})."), words=_PARTS)
sentence_register(events.RESPONSE_LEVEL_SET, _("Alarm level {level} by plan {plan}, version {version}."))
sentence_register(events.ASSIGNMENT_SIGNED, _("{unit} signed."))
sentence_register(events.ASSIGNMENT_DEPARTED, _("{unit} set off."))
sentence_register(events.ASSIGNMENT_ARRIVED, _("{unit} arrived."))
sentence_register(events.FIRST_REPORT_GIVEN, _("{unit} gave a first report from the spot."))
sentence_register(events.ASSIGNMENT_FINISHED, _("{unit} finished on the spot; feedback is due."))
sentence_register(events.ASSIGNMENT_REFUSED, _("{unit} could not go; the reason stands with the assignment."))
sentence_register(events.ASSIGNMENT_CANCELLED, _("{unit} was called off; the reason stands with the assignment."))
sentence_register(events.ASSIGNMENT_UNDONE, _("Sending {unit} was taken back within ten seconds."))
sentence_register(
    events.ASSIGNMENT_REASSIGNED,
    _("{unit} was replaced by {replaced_by}."),
    without={"replaced_by": _("{unit} was taken for a more urgent matter; this one waits for another unit.")},
)
sentence_register(
    events.UNIT_DIVERTED,
    _("{unit} was taken from {from_incident} for this; {instead} goes there instead."),
    without={"instead": _("{unit} was taken from {from_incident} for this; nobody goes there yet.")},
)
sentence_register(
    events.SUPPORT_REQUESTED,
    _("{unit} asks for support: {units} more, able to do {capabilities}."),
    words={"capabilities": capability_labels()},
)
sentence_register(events.UNSIGNED_ALARM, _("{unit} has not signed for 60 seconds."))
sentence_register(
    events.REASSIGN_PROPOSED, _("{unit} has not signed for two minutes; sending {proposed} instead is proposed.")
)
sentence_register(events.NOT_MOVING_ALARM, _("{unit} has signed but has not moved for two minutes."))
sentence_register(events.CLOCK_RAN_OUT, _("Late: {clock}, due at {due_at}."), words=_CLOCK_WORDS)
sentence_register(events.MOVEMENT_INFERRED, _("By its positions, {unit} is moving."))
sentence_register(events.ARRIVAL_INFERRED, _("By its positions, {unit} is there."))
sentence_register(
    events.CHECKIN_STARTED, _("{unit} is alone on scene; it is asked every {minutes} min whether all is well.")
)
sentence_register(events.CHECKIN_ASKED, _("{unit} was asked whether all is well."))
sentence_register(events.CHECKIN_CONFIRMED, _("{unit} says all is well."))
sentence_register(events.CHECKIN_MISSED, _("{unit} did not answer whether all is well; the desk was told."))
sentence_register(events.CHECKIN_ENDED, _("{unit} is no longer asked whether all is well."))
sentence_register(events.HANDOVER_OPENED, _("The handover of desk {organisation} was begun."))
sentence_register(events.HANDOVER_NOTED, _("A note for the next shift was written."))
sentence_register(events.HANDOVER_SIGNED, _("The handover of desk {organisation} was signed off."))
sentence_register(events.HANDOVER_REOPENED, _("The handover of desk {organisation} was opened again."))
sentence_register(events.HANDOVER_TAKEN, _("The desk {organisation} was taken over."))
sentence_register(events.FEEDBACK_FILED, _("Feedback was filed: {result}."), words=_RESULTS)
sentence_register(events.FEEDBACK_AGREED, _("The feedback was reviewed and agreed."))
sentence_register(events.FEEDBACK_RETURNED, _("The feedback was returned for correction."))
sentence_register(events.INCIDENT_CLOSED, _("The incident was closed."))
sentence_register(events.REVISIT_DRAWN, _("A revisit was drawn, due at {due_at}."))
sentence_register(
    events.REVISIT_DONE, _("The caller was revisited: {outcome}."), words={"outcome": dict(Revisit.Outcome.choices)}
)
sentence_register(events.INCIDENT_REOPENED, _("The incident was opened again: the caller was not satisfied."))
sentence_register(events.ORDER_ROUTED, _("The matter was routed to the town room."))
sentence_register(events.ORDER_SIGNED, _("The town room signed."))
sentence_register(events.ORDER_CONTACTED, _("The town room spoke with the caller."))
sentence_register(events.ORDER_ASSIGNED, _("The town room sent {unit}."))
sentence_register(events.ORDER_TEAM_LOST, _("{unit} does not come; the town room must send another team."))
sentence_register(events.ORDER_ON_SITE, _("{unit} is on site for the town room."))
sentence_register(events.ORDER_SETTLED, _("The team settled it: {result}."), words=_RESULTS)
sentence_register(events.ORDER_MOVED_ON, _("The matter was moved on to {moved_on_to}."))
sentence_register(events.ORDER_CLOSED, _("The town room closed its order."))
sentence_register(events.ORDER_BOUNCED, _("The town room sent it back; the reason stands with the order."))
sentence_register(events.ORDER_DECIDED, _("The duty leader decided that the matter goes to another town room: {to}."))
sentence_register(events.ORDER_ESCALATED, _("Handed to police at once."))
sentence_register(
    events.WORDS_ERASED, _("The words of feedback, reasons and revisits were erased with the incident's own.")
)
sentence_register(
    events.FIELD_ATTACHMENT_ADDED,
    _("{unit} sent from the spot: {media}."),
    words={"media": dict(FieldAttachment.Kind.choices)},
    without={"unit": _("Sent from a visit: {media}.")},
)
sentence_register(
    events.FIELD_ATTACHMENTS_ERASED,
    _("Photos and voice notes from the spot were erased at the end of their term: {count}."),
)
sentence_register(
    events.PRESS_CAME_LATE,
    _(
        "{unit}: “{deed}” was pressed at {device_at} by the phone's own clock and reached the server {waited_s} s "
        "later; the server's time counts."
    ),
    words={"deed": DEED_WORDS},
)
sentence_register(
    events.PRESS_CHANGED_NOTHING,
    _("{unit}: “{deed}”, pressed at {device_at} by the phone's own clock, came too late and changed nothing."),
    words={"deed": DEED_WORDS},
)
