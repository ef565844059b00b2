"""Two files of one quarrel become one, and can be taken apart again exactly as they were."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.core.permissions import require
from anlan.core.row_changes import row_change
from anlan.disputes import events
from anlan.disputes.errors import FileAlreadyMerged, MergeIntoOver, NotMerged, SameFile
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.rules import FILE, LIVE, PUSH
from anlan.disputes.selectors.files import file_root, files_above, push_open_of, pushes_open_of
from anlan.disputes.services.levels import file_weigh
from anlan.disputes.services.parts import counts_lower, file_change, file_hold, step, tell
from anlan.disputes.services.steps import push_end, push_tell
from anlan.disputes.services.telling import push_announce, push_quiet

_PUSH_KEPT = ("state", "state_since", "outcome", "closed_at", "ladder", "reminded_at")


@step
def files_merge(
    *, file: DisputeFile, into: DisputeFile, by: Actor, at: datetime, why: str = "by_hand"
) -> DisputeFile:
    """``file`` goes into ``into`` (or where that leads), whose reports count for both; returns that one.

    Both numbers stay. The pushes of ``file`` that run are overtaken; its own columns stay as they are, so that
    taking the merge back restores it. Raises ``SameFile``, ``FileAlreadyMerged``, ``MergeIntoOver``.
    """
    require(by, "disputes.merge")
    return merge(file=file, into=into, by=by, at=at, why=why)


def merge(*, file: DisputeFile, into: DisputeFile, by: Actor, at: datetime, why: str) -> DisputeFile:
    """``files_merge`` as it follows from another decision; inside its transaction."""
    # In one order, so that two people merging the same pair both ways wait for each other.
    for row in sorted((file, into), key=lambda one: one.pk):
        file_hold(row)
    if file.state == "merged":
        root = file_root(file)
        raise FileAlreadyMerged(file=file.number, into=root.number, since=file.state_since)
    target = file_hold(file_root(into))
    if target.pk == file.pk:
        raise SameFile(first=file.number, second=into.number)
    if file.state in LIVE and target.state not in LIVE:
        raise MergeIntoOver(
            file=file.number, into=target.number, state=FILE.labels[target.state], since=target.state_since
        )
    kept = _pushes_rest(file, by=by, at=at)
    since = file.state_since
    was = FILE.move(
        file, "merged", at=at, subject=file.number, merged_into_id=target.pk, merged_from_state=file.state
    )
    before = _stands(target)
    file_change(
        target,
        {
            "reports": target.reports + file.reports,
            "returns": target.returns + file.returns,
            "last_report_at": max(target.last_report_at, file.last_report_at),
        },
    )
    file_weigh(file=target, by=by, at=at)
    tell(
        events.FILES_MERGED, file, by=by, at=at, orgs=_orgs(target), into=target.number, into_id=target.pk, why=why,
        state_from=was, since=_iso(since), pushes=kept, reports=file.reports, returns=file.returns,
        before=before, after=_stands(target),
    )  # fmt: skip
    return target


def _stands(target: DisputeFile) -> dict[str, Any]:
    """What a merge may change of the file that takes the other one in: its colour, and what that brings forward."""
    push = push_open_of(target, 2)
    return {
        "level": target.level,
        "level_since": _iso(target.level_since),
        "last_report_at": _iso(target.last_report_at),
        "due_at": _iso(target.due_at) if target.due_at else None,
        "due_kind": target.due_kind,
        "due_sum": target.due_sum,
        "push": push and {"id": push.pk, "due_at": _iso(push.due_at), "due_sum": push.due_sum, "ladder": push.ladder},
    }


def _pushes_rest(file: DisputeFile, *, by: Actor, at: datetime) -> list[dict[str, Any]]:
    """End the running pushes as overtaken; returns what each was."""
    kept = []
    for push in pushes_open_of(file):
        row = {name: getattr(push, name) for name in _PUSH_KEPT}
        kept.append({"id": push.pk, **{n: _iso(v) if isinstance(v, datetime) else v for n, v in row.items()}})
        push_end(push, "superseded", "merged", by=by, at=at, kind=events.PUSH_SUPERSEDED)
        push_quiet(push, by=by, at=at)
    return kept


def _iso(moment: datetime) -> str:
    return moment.isoformat()


def _orgs(file: DisputeFile) -> tuple[int | None, ...]:
    return file.station_id, file.town_room_id, file.holder_id, file.mediating_id


@step
def files_unmerge(*, file: DisputeFile, by: Actor, at: datetime) -> DisputeFile:
    """Take the merge back: the file stands again where it stood, its pushes run as they ran.

    What was reported into the other one meanwhile stays there. Raises ``NotMerged``.
    """
    require(by, "disputes.merge")
    return unmerge(file=file, by=by, at=at)


def unmerge(*, file: DisputeFile, by: Actor, at: datetime) -> DisputeFile:
    """``files_unmerge`` as it follows from another decision; inside its transaction."""
    file_hold(file)
    if file.state != "merged" or file.merged_into is None:
        raise NotMerged(file=file.number, state=FILE.labels[file.state])
    target = file_hold(file.merged_into)
    merged = Event.objects.filter(
        subject_type=file._meta.label_lower, subject_id=file.pk, kind=events.FILES_MERGED
    ).latest("id")
    FILE.move(
        file, merged.data["state_from"], at=datetime.fromisoformat(merged.data["since"]), subject=file.number,
        only_from=("merged",), merged_into_id=None, merged_from_state="",
    )  # fmt: skip
    file_change(
        target,
        {
            "reports": target.reports - file.reports,
            "returns": target.returns - file.returns,
            **_before(target, merged),
        },
    )
    # The other one may have gone into a third meanwhile, which counted these reports as well.
    above = files_above(target)
    counts_lower(above, reports=file.reports, returns=file.returns)
    tell(events.FILES_UNMERGED, file, by=by, at=at, orgs=_orgs(target), left=target.number, left_id=target.pk,
         state=file.state)  # fmt: skip
    for row in merged.data["pushes"]:
        _push_runs_again(row, by=by, at=at)
    for one in (target, *above):
        file_weigh(file=one, by=by, at=at)
    return file


def _before(target: DisputeFile, merged: Event) -> dict[str, Any]:
    """What the merge had changed of the other file, as it was; what somebody has changed since stays."""
    before, after, now = merged.data["before"], merged.data["after"], _stands(target)
    changes: dict[str, Any] = {}
    for together in (("level", "level_since"), ("last_report_at",), ("due_at", "due_kind", "due_sum")):
        if all(now[name] == after[name] for name in together):
            changes |= {name: _value(name, before[name]) for name in together}
    if before["push"] and now["push"] == after["push"]:
        row = before["push"]
        columns = {"due_at": _value("due_at", row["due_at"]), "due_sum": row["due_sum"], "ladder": row["ladder"]}
        row_change(Push.objects.get(pk=row["id"]), columns)
    return changes


def _value(name: str, kept: Any) -> Any:
    return datetime.fromisoformat(kept) if kept and name.endswith(("_at", "_since")) else kept


def _push_runs_again(row: dict[str, Any], *, by: Actor, at: datetime) -> None:
    push = Push.objects.select_related("file", "to_organisation", "to_person").get(pk=row["id"])
    since = datetime.fromisoformat(row["state_since"])
    reminded = row["reminded_at"] and datetime.fromisoformat(row["reminded_at"])
    PUSH.move(
        push, row["state"], at=since, subject=f"{push.file.number}/{push.seq}", only_from=("superseded",),
        outcome=row["outcome"], closed_at=None, ladder=row["ladder"], reminded_at=reminded,
    )  # fmt: skip
    push_tell(events.PUSH_SENT, push, by=by, at=at, again=True)
    if push.state == "sent":
        push_announce(push, by=by, at=at)
