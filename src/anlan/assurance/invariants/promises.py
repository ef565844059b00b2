"""I1-I3, I7: what a client was told is what the store holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Count

from anlan.assurance.findings import NO_HISTORY, Group, Look, Verdict, judged, not_applicable
from anlan.assurance.history import CALL, MARK_OPEN, POSITIONS, SEND, Entry, History, mark_in
from anlan.core.models import IdempotencyKey
from anlan.dispatch.models import Assignment
from anlan.intake.models import Call
from anlan.units.models import PositionFix

GROUP = Group()
_CALL = ("id", "number", "narrative", "incident_id", "lon", "lat")
Rows = dict[str, list[dict[str, Any]]]


def marked_calls() -> Rows:
    """Calls by the key in their words."""
    found: Rows = defaultdict(list)
    for row in Call.objects.filter(narrative__contains=MARK_OPEN).order_by("id").values(*_CALL):
        found[mark_in(row["narrative"]) or ""].append(row)
    return found


def marked_sendings() -> Rows:
    """Assignments by the key in their reason."""
    found: Rows = defaultdict(list)
    rows = Assignment.objects.filter(reason__contains=MARK_OPEN).order_by("id")
    for row in rows.values("id", "reason", "incident_id", "unit_id"):
        found[mark_in(row["reason"]) or ""].append(row)
    return found


def marked(look: Look) -> dict[str, Rows]:
    """Both, read once for all checks of a look."""
    if not look.read.get("marked"):
        look.read["marked"] = {CALL: marked_calls(), SEND: marked_sendings()}
    found: dict[str, Rows] = look.read["marked"]
    return found


def effects(look: Look, history: History) -> Iterator[tuple[Entry, list[dict[str, Any]]]]:
    """Each call and sending with the rows it left."""
    for kind, rows in marked(look).items():
        for entry in history.of(kind):
            yield entry, rows.get(entry.key, [])


@GROUP.invariant(
    "I1",
    "已应答“受理”的，都在库中，内容与应答一致",
    "what was acknowledged is there, as it was acknowledged",
)
def acknowledged_stands(look: Look) -> Verdict:
    if look.history is None:
        return not_applicable(*NO_HISTORY)
    broken, seen = [], 0
    for entry, rows in effects(look, look.history):
        if entry.outcome == "acknowledged":
            seen += 1
            broken += _not_as_told(entry, rows)
        elif entry.outcome == "refused":
            seen += 1
            broken += [f"{entry.kind} {entry.key} was refused and is there all the same"] if rows else []
    lost, fixes = _positions_lost(look.history)
    return judged(seen + fixes, [*broken, *lost])


def _not_as_told(entry: Entry, rows: list[dict[str, Any]]) -> list[str]:
    name = f"{entry.kind} {entry.key}"
    if not rows:
        return [f"{name} was acknowledged and is lost"]
    row, told = rows[0], entry.answer or {}
    if entry.kind == SEND:
        pairs = [(row["id"], told.get("id")), (row["unit_id"], told.get("unit_id"))]
        pairs.append((row["incident_id"], told.get("incident_id")))
    else:
        call = told.get("call") or {}
        pairs = [(row["id"], call.get("id")), (row["number"], call.get("number"))]
        aside = {part.get("field") for part in told.get("quarantined", ())}
        # Half a place is none: where one of the two can't be read, both are put aside.
        compared = ("narrative",) if aside & {"lon", "lat"} else ("narrative", "lon", "lat")
        said = [name for name in compared if name in entry.sent and name not in aside]
        pairs += [(row[name], entry.sent[name]) for name in said]
    return [f"{name}: the store has {here!r}, told was {there!r}" for here, there in pairs if here != there]


def _positions_lost(history: History) -> tuple[list[str], int]:
    """Acknowledged fixes that are not kept. Only where the device's run is known to the history."""
    broken, seen = [], 0
    for entry in history.of(POSITIONS):
        if entry.outcome != "acknowledged":
            continue
        seqs = {fix["seq"] for fix in entry.sent["fixes"]}
        for unit_id in {fix["unit_id"] for fix in entry.sent["fixes"]}:
            boot = entry.sent["fixes"][0]["boot"]
            kept = PositionFix.objects.filter(unit_id=unit_id, boot=boot, seq__in=seqs).values_list("seq", flat=True)
            lost, doubled = len(seqs - set(kept)), len(kept) - len(set(kept))
            seen += 1
            for count, what in ((lost, "lost"), (doubled, "kept twice")):
                if count:
                    broken.append(f"positions {entry.key}: {count} acknowledged fixes of unit {unit_id} are {what}")
    return broken, seen


@GROUP.invariant(
    "I2",
    "同一个键只生效一次，不会变成两起警情",
    "no key took effect twice",
)
def nothing_doubled(look: Look) -> Verdict:
    opened = Call.objects.filter(is_opening=True, filed_under__isnull=False)
    seen = opened.count()
    twice = opened.order_by().values("filed_under").annotate(n=Count("id")).filter(n__gt=1)
    broken = [f"incident {row['filed_under']} has {row['n']} opening calls" for row in twice]
    for entry, found in effects(look, look.history) if look.history else ():
        seen += 1
        if len(found) > 1:
            broken.append(f"{entry.kind} {entry.key} is there {len(found)} times")
    return judged(seen, broken)


@GROUP.invariant("I3", "库中没有任何一条是无人发送过的", "nothing is there that no client sent")
def nothing_invented(look: Look) -> Verdict:
    if look.history is None:
        return not_applicable(*NO_HISTORY)
    broken, seen = [], 0
    for kind, rows in marked(look).items():
        known = {entry.key for entry in look.history.of(kind)}
        seen += len(rows)
        broken += [f"{kind} {key or '?'} was sent by nobody" for key in rows if key not in known]
    return judged(seen, broken)


@GROUP.invariant(
    "I7",
    "结果未知的命令，重发后只有一个结果，键与效果同在或同不在",
    "an unknown outcome resolves to one, and key and effect are there together or not at all",
)
def unknowns_resolve(look: Look) -> Verdict:
    if look.history is None:
        return not_applicable(*NO_HISTORY)
    keys = {entry.key for kind in (CALL, SEND) for entry in look.history.of(kind)}
    known = {key for key in IdempotencyKey.objects.values_list("key", flat=True).iterator(2000) if key in keys}
    broken, seen = [], 0
    for entry, rows in effects(look, look.history):
        seen += entry.was_unknown
        if (entry.key in known) != bool(rows):
            held = "its key is kept and its effect is not" if entry.key in known else "its effect has no key"
            broken.append(f"{entry.kind} {entry.key}: {held}")
    return judged(seen, broken)
