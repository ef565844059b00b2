"""Closed and slow roads as lines for the live map, each with why, until when, and which way it is meant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from anlan.places.models import RoadCondition
from anlan.places.selectors import Roads, condition_drawn, conditions_in_force, road_graph

AGAIN = timedelta(minutes=5)
"""What holds by hours, or was announced, begins and ends by the clock and without an event."""
MOST_DRAWN = 60
NAMES_SHOWN = 2


def closures(*, at: datetime) -> dict[str, Any]:
    """What holds at ``at`` as GeoJSON, the newest first, and when (ms) it must be asked for again at the latest.

    ``more`` counts those beyond ``MOST_DRAWN``. Without a road network each is a point.
    """
    rows = sorted(conditions_in_force(at=at), key=lambda row: (row.set_at, row.pk), reverse=True)
    roads = road_graph(at=at)
    ends = [row.ends_at for row in rows]
    return {
        "type": "FeatureCollection",
        "features": [_feature(row, roads) for row in rows[:MOST_DRAWN]],
        "more": max(len(rows) - MOST_DRAWN, 0),
        "again": int(min([at + AGAIN, *ends]).timestamp() * 1000),
    }


def _feature(row: RoadCondition, roads: Roads | None) -> dict[str, Any]:
    drawn = condition_drawn(roads, row) if roads is not None else None
    lines = [list(map(list, line)) for line in drawn.meant] if drawn is not None else []
    return {
        "type": "Feature",
        "geometry": {"type": "MultiLineString", "coordinates": lines}
        if lines
        else {"type": "Point", "coordinates": [row.lon, row.lat]},
        "properties": {
            "id": row.pk,
            "kind": row.kind,
            "word": str(row.get_cause_display()),
            "name": "、".join(drawn.names[:NAMES_SHOWN]) if drawn is not None else "",
            "factor": row.factor,
            "until": int(row.ends_at.timestamp() * 1000),
            "one_way": row.heading_deg is not None,
        },
    }
