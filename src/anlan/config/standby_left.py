"""What a first machine holds and the second may not: its calls since it was cut off, as a sheet to enter from."""

from __future__ import annotations

import csv
import os
from datetime import datetime
from pathlib import Path

from django.db.models import Q
from django.utils import timezone

from anlan.intake.models import Call
from anlan.reports.selectors.exports import cell_safe

HEAD = ("number", "taken at", "channel", "state", "incident", "address", "lon", "lat", "narrative")


def calls_left(*, since: datetime, into: Path) -> int:
    """Write the calls begun at ``since`` or later to ``into``, readable by its owner alone; returns how many.

    Who called is not among it: reading that is a change (it goes on record), and this machine makes none any more.
    The telephone stands in the switch's own list.
    """
    begun = Q(ringing_at__gte=since) | Q(answered_at__gte=since) | Q(state_since__gte=since)
    found = Call.objects.filter(begun).select_related("incident").order_by("id")
    count = 0
    descriptor = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8-sig", newline="") as out:
        sheet = csv.writer(out)
        sheet.writerow(HEAD)
        for call in found:
            sheet.writerow([cell_safe(value) for value in _row(call)])
            count += 1
    return count


def _row(call: Call) -> list[str | float | None]:
    begun = call.ringing_at or call.answered_at or call.state_since
    number = call.incident.number if call.incident else ""
    taken = f"{timezone.localtime(begun):%Y-%m-%d %H:%M:%S}"
    told = [call.number, taken, call.channel, call.state, number, call.address_text]
    return [*told, call.lon, call.lat, call.narrative]
