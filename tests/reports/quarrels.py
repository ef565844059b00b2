"""Dispute files written by hand, with exact times: whatever a figure may count of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from anlan.accounts.services import person_add
from anlan.core.actor import SYSTEM
from anlan.disputes.models import (
    Agreement,
    DisputeFile,
    FileClosing,
    FileRevisit,
    LevelChange,
    Mediation,
    MediationBody,
    Obligation,
    Party,
    Push,
    RevisitCall,
)
from world import PASSWORD, T0

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def quarrel_told(desk: Any, k: int, incident: Any) -> DisputeFile:
    """The k-th quarrel: every second one was red, came back with somebody hurt, and a party says not settled."""
    side = incident.station.code
    at = T0 + k * HOUR
    owners = {
        "station": incident.station,
        "town_room": desk.org(f"town-{side}"),
        "holder": incident.station,
        "mediating": desk.org("mediation"),
    }
    file = DisputeFile.objects.create(
        number=f"Q{k}", code="0402", state="closed", state_since=at, level_since=at, held_since=at, opened_at=at,
        last_report_at=at, closed_at=at + DAY, result=("settled_follow_up", "long_term")[k == 3],
        push_level=k % 3 + 1,
        case_linked_at=at if k == 1 else None, **owners,
    )  # fmt: skip
    for seq in (1, 2, 3):
        Push.objects.create(
            file=file, seq=seq, reason="dispatched", to_role="patrol", to_organisation=incident.station,
            state="closed", state_since=at, pushed_at=at, due_at=at + HOUR, closed_at=at + (k + seq) * HOUR / 4,
            outcome=("settled", "calm_open")[(k + seq) % 2],
        )  # fmt: skip
    LevelChange.objects.create(file=file, at=at, level=("red", "blue")[k % 2], version="test")
    back = k % 2 == 0
    FileClosing.objects.create(
        file=file, event_id=k + 1, opened_at=at, closed_at=at + DAY, closed_day=(at + DAY).date(),
        result=file.result, code="0402", level="blue", track="joint", push_level=file.push_level, **owners,
        **({"end_kind": "came_back", "ended_at": at + 9 * DAY, "ended_day": (at + 9 * DAY).date(),
            "end_incident_id": incident.pk} if back else {}),
    )  # fmt: skip
    _asked(file, k)
    _promised(desk, file, k)
    return file


def _asked(file: DisputeFile, k: int) -> None:
    revisit = FileRevisit.objects.create(
        file=file, closing=file.closed_at, rule=("red", "sample")[k % 2], probability=1, state="done",
        state_since=file.closed_at, drawn_at=file.closed_at, due_at=file.closed_at + 3 * DAY,
        ended_at=file.closed_at + k * DAY, unit_result=file.result, finding=("settled", "not_settled")[k % 2],
    )  # fmt: skip
    for side in "ab":
        RevisitCall.objects.create(
            revisit=revisit, side=side, seq=1, at=file.closed_at, outcome="answered", script="2026-1",
            settled="yes", rating=k % 5 + 1,
        )  # fmt: skip


def _promised(desk: Any, file: DisputeFile, k: int) -> None:
    people = desk.world.people
    if "nan" not in people:
        people["nan"] = person_add(
            username="nan", name="南", organisation=desk.org("mediation"), password=PASSWORD, by=SYSTEM, at=T0
        )
    body, _ = MediationBody.objects.get_or_create(
        organisation=desk.org("mediation"), defaults={"type": "county_centre", "hours": "09:00-17:00"}
    )
    at = file.opened_at
    mediation = Mediation.objects.create(
        file=file, body=body, mediator=people["nan"], method="people", state_since=at, started_at=at
    )
    agreement = Agreement.objects.create(
        number=f"A{k}", file=file, mediation=mediation, form="written", state="in_force", state_since=at,
        drafted_at=at, agreed_at=at, effective_at=at,
    )  # fmt: skip
    debtor = Party.objects.create(file=file, role="a", joined_at=at)
    Obligation.objects.create(
        agreement=agreement, file=file, seq=1, debtor=debtor, what="修好", way="deed", due_on=(T0 + 3 * DAY).date(),
        state="performed", state_since=at, performed_on=(T0 + (k + 1) * DAY).date(),
    )  # fmt: skip
