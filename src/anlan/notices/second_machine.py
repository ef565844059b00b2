"""Duty leaders and administrators are told when the second machine falls behind."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import SYSTEM, Actor
from anlan.core.sqlite_backend.errors import StandbySilent, StandbyUnsure
from anlan.core.sqlite_backend.second import Second, replaced_told, second_seen, store_here
from anlan.notices.messages import SECOND_SILENT
from anlan.notices.services import Rung, notice_send, notices_withdraw_for, to_role

KEY = "second-machine"
TELL_AFTER_S = 10.0
_TOLD: list[bool] = []
"""Whether a notice of this process's may be open; unknown at first."""


def standby_tell(*, at: datetime, by: Actor = SYSTEM) -> bool:
    """Tell once that the second machine is silent, and take it back when it answers again; whether it is told now.

    Where nothing is kept on one machine alone (``sync``) no notice could be written meanwhile: every page says it
    on top.
    """
    store = store_here()
    second = second_seen(store)
    if second is None or second.terms.is_sync or replaced_told(store) is not None:
        return False
    is_late = second.alone is None and second.silent_s(at) >= TELL_AFTER_S
    if [is_late] == _TOLD:
        return is_late
    try:
        _tell(second, by=by, at=at) if is_late else notices_withdraw_for(key=KEY, by=by, at=at)
    except (StandbySilent, StandbyUnsure):
        return False
    _TOLD[:] = [is_late]
    return is_late


@transaction.atomic
def _tell(second: Second, *, by: Actor, at: datetime) -> None:
    bureau = Organisation.objects.filter(kind=Organisation.Kind.BUREAU, parent=None).first()
    if bureau is None or second.since is None:
        return
    notice_send(
        message=SECOND_SILENT,
        chain=[Rung((to_role("duty_leader", bureau), to_role("admin", bureau)))],
        organisation=bureau,
        blanks={"since_at": second.since.isoformat(), "kb": -(-second.behind_bytes // 1024)},
        urgency="urgent",
        key=KEY,
        by=by,
        at=at,
    )
