"""Changes to who was sent, how it went, and what came of it."""

from anlan.dispatch.services.assignments import (
    assignment_arrive,
    assignment_cancel,
    assignment_depart,
    assignment_finish,
    assignment_refuse,
    assignment_sign,
    first_report_give,
    support_request,
    unit_assign,
    unit_free,
    unit_reassign,
)
from anlan.dispatch.services.attachments import (
    Content,
    attachment_add,
    attachment_expect,
    attachment_show,
    attachments_erase,
    content_prepare,
    visit_attachment_add,
    visit_attachment_expect,
)
from anlan.dispatch.services.broadcasts import BroadcastSent, broadcast_send
from anlan.dispatch.services.feedback import feedback_file, feedback_return, feedback_review, incident_close
from anlan.dispatch.services.joint import JointSent, joint_send
from anlan.dispatch.services.many import ManySent, Pair, many_send, unit_divert
from anlan.dispatch.services.neighbours import unit_ask, unit_to_send
from anlan.dispatch.services.order_rooms import order_decide
from anlan.dispatch.services.orders import (
    order_assign,
    order_bounce,
    order_close,
    order_contact,
    order_escalate,
    order_move_on,
    order_route,
    order_settle,
    order_sign,
)
from anlan.dispatch.services.plans import plan_check, plan_decide, plan_propose, plan_set, response_level_set
from anlan.dispatch.services.presses import press_late_note, press_overtaken, press_refuse_note
from anlan.dispatch.services.revisits import revisit_draw, revisit_record

__all__ = [
    "BroadcastSent",
    "Content",
    "JointSent",
    "ManySent",
    "Pair",
    "assignment_arrive",
    "assignment_cancel",
    "assignment_depart",
    "assignment_finish",
    "assignment_refuse",
    "assignment_sign",
    "attachment_add",
    "attachment_expect",
    "attachment_show",
    "attachments_erase",
    "broadcast_send",
    "content_prepare",
    "feedback_file",
    "feedback_return",
    "feedback_review",
    "first_report_give",
    "incident_close",
    "joint_send",
    "many_send",
    "order_assign",
    "order_bounce",
    "order_close",
    "order_contact",
    "order_decide",
    "order_escalate",
    "order_move_on",
    "order_route",
    "order_settle",
    "order_sign",
    "plan_check",
    "plan_decide",
    "plan_propose",
    "plan_set",
    "press_late_note",
    "press_overtaken",
    "press_refuse_note",
    "response_level_set",
    "revisit_draw",
    "revisit_record",
    "support_request",
    "unit_ask",
    "unit_assign",
    "unit_divert",
    "unit_free",
    "unit_reassign",
    "unit_to_send",
    "visit_attachment_add",
    "visit_attachment_expect",
]
