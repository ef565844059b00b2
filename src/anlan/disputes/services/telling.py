"""Who is told of a push, and who next when nobody answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.row_changes import row_change, rows_read
from anlan.disputes import messages
from anlan.disputes.models import DisputeFile, Push
from anlan.notices.services import Receiver, Rung, notice_send, notices_withdraw_for, to_person, to_role

ROOM_OF = {
    Organisation.Kind.STATION: "station_room",
    Organisation.Kind.TOWN_ROOM: "town_operator",
    Organisation.Kind.MEDIATION_CENTRE: "mediation_desk",
}
"""Who sits at the desk of an organisation."""


def desk_of(organisation: Organisation) -> Receiver:
    """The desk of an organisation; where it has none, its duty leader."""
    return to_role(ROOM_OF.get(Organisation.Kind(organisation.kind), "duty_leader"), organisation)


def top_of(organisation: Organisation) -> Organisation:
    """The root the organisation stands under."""
    head = int(organisation.path.strip("/").split("/")[0])
    return organisation if organisation.pk == head else rows_read(Organisation, id=head)[0]


def chain_of(push: Push) -> list[Rung]:
    """Receiver, then the desk of their organisation, then the duty leader; quiet hours stand still."""
    home = push.to_organisation
    first = to_person(push.to_person) if push.to_person is not None else to_role(push.to_role, home)
    leader = to_role("duty_leader", top_of(home))
    steps = [first, desk_of(home), leader]
    chain: list[Rung] = []
    for receiver in steps:
        if all(receiver not in rung.to for rung in chain):
            chain.append(Rung((receiver,), within=timedelta(hours=1), counts="awake"))
    return chain


def push_announce(push: Push, *, by: Actor, at: datetime) -> None:
    """Tell the receiver of a push 2 or 3; the unit of a push 1 was sent and knows."""
    if push.seq == 1:
        return
    notice = notice_send(
        message=messages.PUSHED,
        chain=chain_of(push),
        organisation=push.to_organisation,
        key=push_key(push),
        blanks=_blanks(push.file, seq=push.seq, due=_day(push.due_at)),
        subject=push,
        by=by,
        at=at,
    )
    row_change(push, {"notice_id": notice.pk})
    push.notice_id = notice.pk


def push_key(push: Push) -> str:
    """One open notice of a push."""
    return f"dispute-push:{push.pk}"


def late_key(push: Push) -> str:
    """One open notice of a push that is late."""
    return f"dispute-late:{push.pk}"


def push_quiet(push: Push, *, by: Actor, at: datetime) -> None:
    """The receiver has it in hand (or it has ended): nobody need be told any more."""
    if push.notice_id is not None:
        notices_withdraw_for(key=push_key(push), by=by, at=at)
    if push.reminded_at is not None:
        notices_withdraw_for(key=late_key(push), by=by, at=at)


def push_late(push: Push, *, by: Actor, at: datetime) -> None:
    """The push is late: receiver and desk first, the duty leader when nobody answers."""
    home = push.to_organisation
    first = to_person(push.to_person) if push.to_person is not None else to_role(push.to_role, home)
    both = tuple(dict.fromkeys((first, desk_of(home))))
    notice_send(
        message=messages.OVERDUE,
        chain=[
            Rung(both, within=timedelta(hours=1), counts="awake"),
            Rung((to_role("duty_leader", top_of(home)),), within=timedelta(hours=4), counts="awake"),
        ],
        organisation=home,
        key=late_key(push),
        blanks=_blanks(push.file, seq=push.seq, due=_day(push.due_at)),
        subject=push,
        by=by,
        at=at,
    )


def file_unowned(file: DisputeFile, home: Organisation, *, since: datetime, by: Actor, at: datetime) -> None:
    """Nobody has the file in hand: the desk of its holder and the duty leader decide."""
    notice_send(
        message=messages.UNOWNED,
        chain=[
            Rung((desk_of(home),), within=timedelta(minutes=30), counts="awake"),
            Rung((to_role("duty_leader", top_of(home)),), within=timedelta(hours=1), counts="awake"),
        ],
        organisation=home,
        key=f"dispute-unowned:{file.pk}",
        blanks=_blanks(file, since=_day(since)),
        subject=file,
        by=by,
        at=at,
    )


def file_late(file: DisputeFile, *, by: Actor, at: datetime) -> None:
    """The file's own deadline passed: the desk of who holds it, then the duty leader."""
    holder = file.holder
    if holder is None or file.due_at is None:
        return
    notice_send(
        message=messages.FILE_LATE,
        chain=[
            Rung((desk_of(holder),), within=timedelta(hours=4), counts="awake"),
            Rung((to_role("duty_leader", top_of(holder)),), within=timedelta(hours=8), counts="awake"),
        ],
        organisation=holder,
        key=f"dispute-file-late:{file.pk}",
        blanks=_blanks(file, term=file.due_kind, due=_day(file.due_at)),
        subject=file,
        by=by,
        at=at,
    )


def police_told(file: DisputeFile, station: Organisation, *, by: Actor, at: datetime) -> None:
    """Danger: the station and the dispatchers at once, by day and night."""
    notice_send(
        message=messages.TO_POLICE,
        chain=[
            Rung((to_role("station_room", station), to_role("dispatcher", top_of(station))), counts="clock"),
            Rung((to_role("duty_leader", top_of(station)),), counts="clock"),
        ],
        organisation=station,
        urgency="urgent",
        key=f"dispute-police:{file.pk}",
        blanks=_blanks(file),
        subject=file,
        by=by,
        at=at,
    )


def _day(moment: datetime) -> str:
    """Day and time of the day where the office is: terms run over days."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _blanks(file: DisputeFile, **more: Any) -> dict[str, Any]:
    return {"file": file.number, "level": file.level, **more}
