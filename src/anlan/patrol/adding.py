"""Stops a person puts into a drawn plan or takes out of it: what is offered, and the rows that come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anlan.accounts.selectors import organisation_ids_beneath
from anlan.core.errors import BadInput, NotFound
from anlan.engines.geo import cell_of
from anlan.patrol.errors import ReasonUnknown, SettingOutOfRange, StopOutside
from anlan.patrol.ground import points_of
from anlan.patrol.models import PatrolPlan, PatrolStop
from anlan.patrol.rules import ADDED, ALLOWED, DRAWN_OUT, FALLING, Settings
from anlan.places.selectors import locate_many

NEW = 0
"""Stands for the key of a stop that isn't stored yet."""
OUT, PLACE, POINT = "out", "cell", "point"
KEPT = ("kind", "name_zh", "name_en", "lon", "lat", "cell", "beat_code", "prize", "chance", "why", "is_locked")
TIMES = ("arrives_at", "leaves_at", "opens_at", "closes_at")


@dataclass(frozen=True)
class Offer:
    """A place that may be put into a plan: one taken out before, one where calls are expected, or a point.

    ``key`` names it until the plan is changed again; ``record`` are the fields of its stop.
    """

    key: str
    record: dict[str, Any]

    @property
    def group(self) -> str:
        return self.key.partition(":")[0]


@dataclass(frozen=True)
class Wish:
    """What a person adds: an offer by its key, or a place (``lon``, ``lat``) with one of the reasons ``ADDED``.

    ``minutes`` is how long the visit lasts; None as long as the plan's others.
    """

    spot: str = ""
    lon: float | None = None
    lat: float | None = None
    minutes: int | None = None
    reason: str = ""


def offers_of(plan: PatrolPlan, stops: Sequence[PatrolStop]) -> list[Offer]:
    """What may be put in beside any place of the area, those with most calls first."""
    out = plan.held.get("out", [])
    taken = {(one["kind"], *_at(one["lon"], one["lat"])) for one in out}
    there = {(stop.kind, *_at(stop.lon, stop.lat)) for stop in stops}
    offers = [Offer(f"{OUT}:{k}", one) for k, one in enumerate(out)]
    visits = Counter(_at(stop.lon, stop.lat) for stop in stops if stop.kind == "cell")
    most = Settings.read(plan.settings).visits
    for k, place in enumerate(plan.wanted):
        spot = _at(place["lon"], place["lat"])
        if visits[spot] < most and ("cell", *spot) not in taken:
            offers.append(Offer(f"{PLACE}:{k}", _wanted(place, visits[spot])))
    for point in points_of(organisation_ids_beneath(plan.organisation), plan.starts_at):
        spot_of_kind = (point.kind, *_at(point.lon, point.lat))
        if spot_of_kind not in there | taken:
            record = {name: getattr(point, name) for name in ("kind", "lon", "lat", "name_zh", "name_en", "why")}
            offers.append(Offer(f"{POINT}:{point.why['point']}", {**record, "beat_code": point.beat_code}))
    return offers


def _at(lon: float, lat: float) -> tuple[float, float]:
    return round(lon, 6), round(lat, 6)


def _wanted(place: dict[str, Any], before: int) -> dict[str, Any]:
    why = {"expected": round(place["expected"], 2), "visit": before + 1, "by": "hand"}
    return {
        "kind": "cell",
        "lon": place["lon"],
        "lat": place["lat"],
        "beat_code": place["beat"],
        "prize": place["expected"] * FALLING**before,
        "why": {**why, "year": place["year"]} if place.get("year") else why,
    }


def stop_added(plan: PatrolPlan, stops: Sequence[PatrolStop], wish: Wish, *, at: datetime) -> PatrolStop:
    """The stop a person wishes for, not stored, on no route yet.

    Raises ``NotFound`` for an offer that is none, ``BadInput`` for a place that can't be read, ``StopOutside``,
    ``ReasonUnknown`` and ``SettingOutOfRange``.
    """
    stop_s = _stop_s(plan, wish)
    if wish.spot:
        record = next((offer.record for offer in offers_of(plan, stops) if offer.key == wish.spot), None)
        if record is None:
            raise NotFound
    else:
        record = _by_hand(plan, stops, wish, stop_s)
    fresh = {
        "leaves_at": plan.starts_at + timedelta(seconds=stop_s),
        "arrives_at": plan.starts_at,
        "is_locked": False,
    }
    return stop_of(NEW, {"cell": cell_of(record["lon"], record["lat"]), **fresh, **record}, at=at)


def _stop_s(plan: PatrolPlan, wish: Wish) -> int:
    if wish.minutes is None:
        return Settings.read(plan.settings).stop_s
    low, high = (int(seconds) // 60 for seconds in ALLOWED["stop_s"])
    if not low <= wish.minutes <= high:
        raise SettingOutOfRange(field="minutes", value=wish.minutes, low=low, high=high)
    return wish.minutes * 60


def _by_hand(plan: PatrolPlan, stops: Sequence[PatrolStop], wish: Wish, stop_s: int) -> dict[str, Any]:
    if wish.lon is None or wish.lat is None or not (-180 <= wish.lon <= 180 and -90 <= wish.lat <= 90):
        raise BadInput(field="lon", problem="–" if wish.lon is None else f"{wish.lon}, {wish.lat}")
    if wish.reason not in ADDED:
        raise ReasonUnknown(field="reason", value=wish.reason[:40] or "–")
    lon, lat = _at(wish.lon, wish.lat)
    (where,) = locate_many([lon], [lat])
    if where is None or where.station_id not in organisation_ids_beneath(plan.organisation):
        raise StopOutside(field="lon", value=f"{lon}, {lat}", organisation=plan.organisation.name_zh)
    nth = sum(stop.kind == "hand" and _at(stop.lon, stop.lat) == (lon, lat) for stop in stops) + 1
    why = {"hand": wish.reason, "visit": nth, "stop_s": stop_s}
    return {"kind": "hand", "lon": lon, "lat": lat, "beat_code": where.beat_code, "prize": 0.0, "why": why}


def stop_kept(stop: PatrolStop) -> dict[str, Any]:
    """The fields of a stop as JSON, so that it can be brought back."""
    times = {name: moment.isoformat() for name in TIMES if (moment := getattr(stop, name)) is not None}
    return {"id": stop.pk, **{name: getattr(stop, name) for name in KEPT}, **times}


def stop_of(key: int, record: dict[str, Any], *, at: datetime) -> PatrolStop:
    """A stop with these fields, not stored."""
    moments = {name: _moment(record[name]) for name in TIMES if record.get(name) is not None}
    fields = {name: record[name] for name in KEPT if name in record}
    return PatrolStop(pk=key, position=0, state_since=at, **fields, **moments)


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def held_without(held: dict[str, Any], key: str) -> dict[str, Any]:
    """What the plan keeps to, once a stop that was taken out is back in."""
    if not key.startswith(f"{OUT}:"):
        return held
    return {**held, "out": [one for k, one in enumerate(held.get("out", [])) if key != f"{OUT}:{k}"]}


def held_with(held: dict[str, Any], stop: PatrolStop) -> dict[str, Any]:
    """What the plan keeps to, once a stop was taken out: a search doesn't put it in again."""
    if stop.kind == "hand":
        return held
    return {**held, "out": [*held.get("out", []), stop_kept(stop)]}


def faults_out(held: dict[str, Any]) -> list[dict[str, Any]]:
    """What no longer holds because of stops taken out: points that must be covered, visits drawn by lot."""
    return [
        {
            "broken": DRAWN_OUT[one["kind"]],
            "call_sign": None,
            "stop": None,
            "beat": None,
            "late_s": None,
            "place": {name: one.get(name) or "" for name in ("kind", "name_zh", "name_en", "lon", "lat")},
        }
        for one in held.get("out", [])
        if one["kind"] in DRAWN_OUT
    ]
