"""The file's colour, weighed anew whenever something happens to it, with the rules and words that decide."""

from __future__ import annotations

from datetime import datetime

from anlan.core.actor import Actor
from anlan.core.row_changes import rows_read
from anlan.core.rows import row_insert, row_new
from anlan.disputes import events
from anlan.disputes.due import due_after, due_kept, earlier
from anlan.disputes.models import DisputeFile, LevelChange
from anlan.disputes.rules import visit_term
from anlan.disputes.selectors.files import push_open_of
from anlan.disputes.selectors.weighing import file_facts
from anlan.disputes.services.parts import due_set, file_change, file_hold, step, tell
from anlan.disputes.services.steps import push_due
from anlan.engines.levels import COLOURS, level

ORDER: tuple[str, ...] = COLOURS


@step
def file_weigh(*, file: DisputeFile, by: Actor, at: datetime) -> str:
    """Weigh the file again; returns its colour. What changed nothing is not written down a second time.

    A colour that rises brings the visit forward, counted from now; one that falls buys no time. Terms of
    the town room and of a mediation stay as they are.
    """
    file_hold(file)
    found = level(file_facts(file, at=at))
    reasons = [{"rule": r.rule, "level": r.colour, "words": list(r.words), "value": r.value} for r in found.reasons]
    last = next(iter(rows_read(LevelChange, order=("-at", "-id"), limit=1, file_id=file.pk)), None)
    if last is not None and (last.level, last.reasons) == (found.colour, reasons):
        return found.colour
    before = file.level
    event = tell(
        events.LEVEL_WEIGHED,
        file,
        by=by,
        at=at,
        level=found.colour,
        level_from=before if last is not None else None,
        rules=[reason.rule for reason in found.reasons],
        version=found.version,
    )
    weighed = row_new(
        LevelChange,
        file_id=file.pk,
        at=at,
        level=found.colour,
        before=before if last is not None else "",
        reasons=reasons,
        version=found.version,
        event_id=event.pk,
    )
    row_insert(weighed)
    if found.colour != before:
        file_change(file, {"level": found.colour, "level_since": at})
        if ORDER.index(found.colour) > ORDER.index(before):
            _bring_forward(file, by=by, at=at)
    return found.colour


def _bring_forward(file: DisputeFile, *, by: Actor, at: datetime) -> None:
    sooner = due_after(visit_term(file.level), at)
    push = push_open_of(file, 2)
    if push is not None:
        kept = due_kept(str(push.due_sum.get("rule", "")), push.due_at, push.due_sum)
        best = earlier(kept, sooner)
        if best is sooner:
            push_due(push, sooner)
    if file.due_kind.startswith("visit_") and file.due_at is not None:
        due_set(file, earlier(due_kept(file.due_kind, file.due_at, file.due_sum), sooner), by=by, at=at)
