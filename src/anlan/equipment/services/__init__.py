"""Everything that changes here."""

from anlan.equipment.services.gate import passages_forget, question_answer
from anlan.equipment.services.gate_batches import Heard, batch_take, batches_forget, batches_take, heard_in
from anlan.equipment.services.gate_watch import GateWatch, passages_judge
from anlan.equipment.services.life import (
    care_plan_set,
    inspection_record,
    item_used,
    need_set,
    repair_end,
    repair_order,
    scrap_decide,
    scrap_destroy,
    scrap_propose,
)
from anlan.equipment.services.loans import (
    Told,
    items_issue,
    items_return,
    loan_confirm,
    loan_issue,
    loan_return,
    loan_reverse,
    loans_forget,
)
from anlan.equipment.services.register import (
    badge_give,
    gate_set,
    item_add,
    item_state_set,
    model_add,
    tag_stick,
)
from anlan.equipment.services.sharing import (
    booking_ask,
    booking_decide,
    stock_count,
    transfer_begin,
    transfer_take,
)
from anlan.equipment.services.strays import strays_discard, strays_forget, strays_take

__all__ = [
    "GateWatch",
    "Heard",
    "Told",
    "badge_give",
    "batch_take",
    "batches_forget",
    "batches_take",
    "booking_ask",
    "booking_decide",
    "care_plan_set",
    "gate_set",
    "heard_in",
    "inspection_record",
    "item_add",
    "item_state_set",
    "item_used",
    "items_issue",
    "items_return",
    "loan_confirm",
    "loan_issue",
    "loan_return",
    "loan_reverse",
    "loans_forget",
    "model_add",
    "need_set",
    "passages_forget",
    "passages_judge",
    "question_answer",
    "repair_end",
    "repair_order",
    "scrap_decide",
    "scrap_destroy",
    "scrap_propose",
    "stock_count",
    "strays_discard",
    "strays_forget",
    "strays_take",
    "tag_stick",
    "transfer_begin",
    "transfer_take",
]
