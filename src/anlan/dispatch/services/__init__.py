"""Changes to who was sent, how it went, and what came of it."""

from anlan.dispatch.services.assignments import (
    assignment_arrive,
    assignment_cancel,
    assignment_depart,
    assignment_finish,
    assignment_refuse,
    assignment_sign,
    support_request,
    unit_assign,
    unit_free,
    unit_reassign,
)

__all__ = [
    "assignment_arrive",
    "assignment_cancel",
    "assignment_depart",
    "assignment_finish",
    "assignment_refuse",
    "assignment_sign",
    "support_request",
    "unit_assign",
    "unit_free",
    "unit_reassign",
]
