"""Ten weeks of a small county's reports, the same every day of the week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from anlan.forecasting import computing, jobs
from anlan.intake.models import Incident
from world import build_world

MORNING = datetime(2026, 5, 20, 1, 0)  # noqa: DTZ001 - wall time in Shanghai, a Wednesday
WEST, EAST = (120.062, 28.902), (120.142, 28.902)


def local(day: int, hour: float) -> datetime:
    """That hour of the day so many days before the morning everything is asked at."""
    midnight = MORNING.replace(hour=0)
    return timezone.make_aware(midnight - timedelta(days=day) + timedelta(hours=hour))


@pytest.fixture(autouse=True)
def plain_bar(monkeypatch):
    """The bar alone, so that every figure can be checked on paper; and nothing refused before."""
    monkeypatch.setattr(computing, "candidates", tuple)
    jobs._refused.clear()


@pytest.fixture
def at() -> datetime:
    return timezone.make_aware(MORNING)


@pytest.fixture
def county(db, taxonomy) -> Any:
    return build_world(at=timezone.make_aware(MORNING - timedelta(days=200)), roads=False, units=False)


@pytest.fixture
def report(county) -> Callable[..., None]:
    """``report("0107", local(3, 9), times=2, place=EAST)``: reports as they would have been taken down."""

    def put(code: str, when: datetime, times: int = 1, *, place: Any = WEST, **fields: Any) -> None:
        station = county.orgs["west" if place is None or place[0] < 120.1 else "east"]
        held = Incident.objects.count()
        Incident.objects.bulk_create(
            Incident(
                number=f"F{held + k:08d}",
                code=code,
                received_at=when,
                state_since=when,
                lon=place[0] if place else None,
                lat=place[1] if place else None,
                station=station,
                priority="P3",
                priority_rule="test",
                track="P",
                track_rule="test",
                **fields,
            )
            for k in range(times)
        )

    return put


@pytest.fixture
def past(report) -> Callable[[int], None]:
    """``past(70)``: of each of so many days two thefts and two rows over noise in the west, one theft in the east."""

    def fill(days: int, *, until: int = 1) -> None:
        for day in range(days, until - 1, -1):
            for hour in (2, 10, 12, 18, 22):
                report("0410", local(day, hour))
            report("0107", local(day, 9), 2)
            report("0107", local(day, 17), place=EAST)

    return fill
