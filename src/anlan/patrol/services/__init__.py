"""Plans are made, changed, signed, handed out; routes begin, stand still for a call and go on; stops are visited."""

from anlan.patrol.services.edits import patrol_plan_edit, patrol_plan_search
from anlan.patrol.services.plans import (
    patrol_plan_better,
    patrol_plan_make,
    patrol_plan_settle,
    patrol_plan_told,
    plan_draw,
)
from anlan.patrol.services.routes import patrol_route_accept, patrol_route_interrupt, patrol_route_resume
from anlan.patrol.services.signing import (
    patrol_plan_approve,
    patrol_plan_drop,
    patrol_plan_end,
    patrol_plan_publish,
)
from anlan.patrol.services.slides import patrol_route_slide
from anlan.patrol.services.stops import (
    patrol_stop_confirm,
    patrol_stop_explain,
    patrol_stop_miss,
    patrol_stop_reach,
)

__all__ = [
    "patrol_plan_approve",
    "patrol_plan_better",
    "patrol_plan_drop",
    "patrol_plan_edit",
    "patrol_plan_end",
    "patrol_plan_make",
    "patrol_plan_publish",
    "patrol_plan_search",
    "patrol_plan_settle",
    "patrol_plan_told",
    "patrol_route_accept",
    "patrol_route_interrupt",
    "patrol_route_resume",
    "patrol_route_slide",
    "patrol_stop_confirm",
    "patrol_stop_explain",
    "patrol_stop_miss",
    "patrol_stop_reach",
    "plan_draw",
]
