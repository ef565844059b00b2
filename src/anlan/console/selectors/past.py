"""Any past hour of the centre: what a desk's live screen showed at a moment, and all that changed after it.

The browser gets the picture at the start, every change with its moment, and positions on the way; it plays
them by itself. A change is the new row as the live screen would have drawn it, so nothing is worked out twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from anlan.console.selectors import island
from anlan.console.selectors.past_day import figures_between, skies_between
from anlan.console.selectors.past_load import Told, world_load
from anlan.console.selectors.past_steps import apply
from anlan.console.selectors.past_world import Picture, row_out
from anlan.console.selectors.queue import Filled
from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.core.selectors import event_visible
from anlan.core.sentences import sentence_for, sentences_registered
from anlan.core.shut import rows_named, rows_shut
from anlan.notices.events import NOTICE_SENT
from anlan.notices.selectors import notices_shut, notices_worded
from anlan.units.selectors import Track, tracks_between, tracks_kept_from

MOMENTS_AT_MOST = 1500
FIXES_AT_MOST = 20_000
TOLD_BEFORE = timedelta(minutes=10)
"""So much of what led up to the start is told too."""
SILENT = ("core.", "accounts.", "places.", "tagging.")


def past_snapshot(actor: Actor, *, at: datetime, today: datetime) -> dict[str, Any]:
    """What ``island.snapshot`` told ``actor`` at the past moment ``at``, rebuilt from events."""
    world, _later = world_load(at, at, today=today)
    return Picture(world, actor, at=at).whole()


def past_window(actor: Actor, *, start: datetime, end: datetime, today: datetime) -> dict[str, Any]:
    """The picture at ``start`` and everything up to ``end``, for a browser to play.

    ``frames`` are ``{at, rows, groups, units, …}`` in order, only what changed in each; a very busy stretch
    ends early (``until``). ``positions`` come as ``[received_ms, fix]``; where ``tracks.expired`` says so, they
    were kept no longer and none are told.
    """
    world, later = world_load(start, end, today=today)
    moments = [(at, list(told)) for at, told in groupby(later, key=lambda each: each.at)]
    if len(moments) > MOMENTS_AT_MOST:
        end = moments[MOMENTS_AT_MOST - 1][0]
        del moments[MOMENTS_AT_MOST:]
    picture = Picture(world, actor, at=start)
    first = picture.whole()
    seen_units = [unit["id"] for unit in first["units"]]
    frames = _frames(picture, first, moments)
    is_expired = start < tracks_kept_from(today)
    in_reach = {*seen_units, *(unit["id"] for frame in frames for unit in frame.get("units", ()))}
    track = Track([], 1) if is_expired else tracks_between(in_reach, start=start, end=end, at_most=FIXES_AT_MOST)
    return {
        "from": _ms(start),
        "until": _ms(end),
        "start": first,
        "frames": frames,
        "told": _told(actor, start - TOLD_BEFORE, end),
        "positions": _positions(track),
        "figures": figures_between(actor, start=start, end=end),
        "sky": skies_between(start=start, end=end),
        "tracks": {"expired": is_expired, "one_in": track.one_in, "kept_from": _ms(tracks_kept_from(today))},
    }


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _frames(picture: Picture, first: dict[str, Any], moments: Iterable[tuple[datetime, list[Told]]]) -> list[Any]:
    """One frame for each moment at which something on this desk's screen changed."""
    shown = _Shown(picture, first)
    frames = []
    for at, told in moments:
        for each in told:
            apply(picture.world, each.event, each.at)
        if change := shown.change(*picture.refresh(at=at)):
            frames.append({"at": _ms(at), **change})
    return frames


class _Shown:
    """What the browser has by now, so that it is told only what is new to it."""

    def __init__(self, picture: Picture, first: dict[str, Any]) -> None:
        self.picture = picture
        self.rows = {row["id"]: row for group in first["groups"] for row in group["rows"]}
        self.order = [[g["key"], g["total"], [row["id"] for row in g["rows"]]] for g in first["groups"]]
        self.units = {unit["id"]: unit for unit in first["units"]}
        self.parts = {name: first[name] for name in ("calls", "call_backs", "strip")}

    def change(self, touched: set[int], touched_units: set[int]) -> dict[str, Any]:
        """What differs from what was told before; empty where nothing does."""
        groups = self.picture.groups()
        change: dict[str, Any] = {}
        if fresh := self._rows_fresh(groups, touched):
            change["rows"] = fresh
        order: list[Any] = [[g.group.key, g.total, [row.incident.pk for row in g.rows]] for g in groups]
        if order != self.order:
            change["groups"] = self.order = order
        units = self.picture.units()
        # Where a unit is comes with the positions; a row that repeated its first fix would set it back.
        told = {u.id: {**island.unit_out(u), "seen": None} for u in units if u.id in touched_units}
        if fresh := [row for pk, row in told.items() if {**self.units.get(pk, {}), "seen": None} != row]:
            change["units"] = fresh
        self.units.update(told)
        calls = self.picture.calls()
        parts = {
            "calls": [island.call_out(call) for call in calls],
            "call_backs": [island.call_back_out(task) for task in self.picture.call_backs()],
            "strip": island.strip_out(groups, len(calls), units),
        }
        change |= {name: part for name, part in parts.items() if part != self.parts[name]}
        self.parts = parts
        return change

    def _rows_fresh(self, groups: list[Filled], touched: set[int]) -> list[dict[str, Any]]:
        """Rows that came into view or look otherwise than before; the others are not even drawn."""
        fresh, shown = [], {}
        for filled in groups:
            for row in filled.rows:
                pk = row.incident.pk
                before = self.rows.get(pk)
                if before is None or pk in touched:
                    now = row_out(row, filled)
                    if now != before:
                        fresh.append(now)
                    before = now
                shown[pk] = before
        self.rows = shown
        return fresh


def _told(actor: Actor, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """What happened in the stretch, as sentences, for whoever it was told to live."""
    kinds = [kind for kind in sentences_registered() if not kind.startswith(SILENT)]
    rows = Event.objects.filter(kind__in=kinds, at__gt=start, at__lte=end).order_by("at", "id")
    shut = rows_shut().get(actor.id or 0, frozenset())
    told = [event for event in rows if event_visible(event.org_ids, actor) and shut.isdisjoint(rows_named(event))]
    sent = [event.subject_id for event in told if event.kind == NOTICE_SENT]
    silent = notices_shut(actor, sent)
    told = [event for event in told if not (event.kind == NOTICE_SENT and event.subject_id in silent)]
    said = notices_worded(actor, sent)
    return [
        {
            "id": event.pk,
            "at": _ms(event.at),
            "text": _with_words(event, said),
            "number": event.data.get("incident") or event.data.get("number") or "",
        }
        for event in told
    ]


def _with_words(event: Event, said: dict[int, str]) -> str:
    """What happened as a sentence; what a desk sent out with its words, as its screen showed them."""
    words = said.get(event.subject_id, "") if event.kind == NOTICE_SENT else ""
    return f"{sentence_for(event)} {words}".rstrip()


def _positions(track: Track) -> list[list[Any]]:
    return [
        [
            _ms(received),
            unit,
            round(lon * 1e6),
            round(lat * 1e6),
            round(speed * 10) if speed is not None else None,
            round(heading) % 360 if heading is not None else None,
            int(fixed.timestamp()),
        ]
        for received, unit, lon, lat, speed, heading, fixed in track.fixes
    ]
