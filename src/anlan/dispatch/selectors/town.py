"""How well a town room keeps its own clocks: shares with their n, over orders whose outcome is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.core.actor import Actor
from anlan.dispatch.models import WorkOrder
from anlan.dispatch.rules import (
    ORDER_DONE,
    SETTLED_ON_SITE,
    TOWN_ARRIVE_WITHIN,
    TOWN_CLOSE_WITHIN,
    TOWN_CONTACT_WITHIN,
    TOWN_SIGN_WITHIN,
    TOWN_TEAM_TARGET,
)
from anlan.engines.intervals import wilson_interval

LOOKS_BACK = timedelta(days=7)
INTERVAL_FROM = 5
"""With fewer orders than this the share says little, and its interval nothing."""


@dataclass(frozen=True, slots=True)
class TownShare:
    """``kept`` of ``n`` orders were in time. An order counts once it made the step, or its time was over without."""

    key: str
    name: str | Promise
    allows: timedelta | None
    kept: int
    n: int

    @property
    def share(self) -> float | None:
        return self.kept / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson, 95 %; None where there are too few."""
        return wilson_interval(self.kept, self.n) if self.n >= INTERVAL_FROM else None


STEPS: tuple[tuple[str, str | Promise, str, str, timedelta], ...] = (
    ("sign", _("Signed within a minute"), "routed_at", "signed_at", TOWN_SIGN_WITHIN),
    ("contact", _("Caller reached within 3 min"), "routed_at", "contacted_at", TOWN_CONTACT_WITHIN),
    ("team", _("Team there within 5 min of sending"), "assigned_at", "arrived_at", TOWN_TEAM_TARGET),
    ("arrive", _("Team on site within 30 min"), "routed_at", "arrived_at", TOWN_ARRIVE_WITHIN),
    ("close", _("Closed within 24 h"), "routed_at", "closed_at", TOWN_CLOSE_WITHIN),
)
"""Key, name, from which moment, to which, and how long that may take."""
_FIELDS = ("routed_at", "signed_at", "contacted_at", "assigned_at", "arrived_at", "closed_at", "settled_at")


def town_shares(actor: Actor, *, at: datetime) -> list[TownShare]:
    """The room's orders of the last seven days against its clocks, and how many were settled on site. One query.

    An order that was sent back or handed to police owes nothing after that moment; one settled by telephone
    owes no arrival.
    """
    rows = WorkOrder.objects.counted_for(actor).filter(routed_at__gt=at - LOOKS_BACK, routed_at__lte=at)
    orders = list(rows.values(*_FIELDS, "state", "state_since", "result"))
    shares = [_share(orders, at, *step) for step in STEPS]
    attended = [row for row in orders if row["arrived_at"] and row["settled_at"]]
    settled = sum(row["result"] in SETTLED_ON_SITE for row in attended)
    return [*shares, TownShare("settled", _("Settled on site, of those attended"), None, settled, len(attended))]


def _share(
    orders: list[dict[str, datetime]],
    at: datetime,
    key: str,
    name: str | Promise,
    start: str,
    end: str,
    allows: timedelta,
) -> TownShare:
    kept = n = 0
    for row in orders:
        if row[start] is None:
            continue
        took = (row[end] or _owed_until(row, key, at)) - row[start]
        if row[end] is not None or took > allows:
            n += 1
            kept += row[end] is not None and took <= allows
    return TownShare(key, name, allows, kept, n)


def _owed_until(row: dict[str, datetime], key: str, at: datetime) -> datetime:
    """Until when the order waits for the step: now, or when it left the room's hands without it.

    Settled, it waits for no team any more, whenever it is closed.
    """
    if key in ("team", "arrive") and row["settled_at"]:
        return row["settled_at"]
    return row["state_since"] if str(row["state"]) in ORDER_DONE else at
