"""Everything that changes here."""

from anlan.equipment.services.gate import Heard, batch_take, batches_take, passages_forget, question_answer
from anlan.equipment.services.gate_watch import GateWatch, passages_judge
from anlan.equipment.services.loans import loan_confirm, loan_issue, loan_return, loan_reverse
from anlan.equipment.services.register import (
    badge_give,
    gate_set,
    item_add,
    item_state_set,
    model_add,
    tag_stick,
)

__all__ = [
    "GateWatch",
    "Heard",
    "badge_give",
    "batch_take",
    "batches_take",
    "gate_set",
    "item_add",
    "item_state_set",
    "loan_confirm",
    "loan_issue",
    "loan_return",
    "loan_reverse",
    "model_add",
    "passages_forget",
    "passages_judge",
    "question_answer",
    "tag_stick",
]
