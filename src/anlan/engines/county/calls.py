"""Calls of the fictional county: a stream for the living demo, a table for its history.

Both read the same weekly draws, so a stream over a past day gives the rows of the history.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from anlan.engines.county.areas import AreaIndex
from anlan.engines.county.chance import WordPicker, generator_for
from anlan.engines.county.events import DemandModel, EventColumns, Ints, events_between
from anlan.engines.county.frame import METRES_PER_DEGREE_LAT, METRES_PER_DEGREE_LON, Floats
from anlan.engines.county.lexicon import CALLER_SURNAMES, CALLER_TITLES, PHONE_HEADS
from anlan.engines.county.mix import MIX
from anlan.engines.county.narrative import CORES, PlaceWords, core_for, tell
from anlan.engines.county.records import County, GazetteerRecord, HiddenTruth, SyntheticCall

CHANNELS = ("phone", "app", "sms", "walk_in", "alarm_device", "transfer_12345")
_CHANNEL_SHARES = (0.88, 0.04, 0.01, 0.03, 0.01, 0.03)
CALLS_A_DAY = 150.0
_CODES = np.array([mix.code for mix in MIX])


@dataclass(frozen=True, slots=True, eq=False)
class CallTable:
    """Calls as columns, sorted by time; words are made when a row is asked for.

    `event` is the row in `events`; `nth` 0 for the first caller of an event. `lon, lat, radius_m`
    (degrees, metres) are the rough position of the telephone, NaN when unknown; `true_lon,
    true_lat` the place of the matter. `beat` is the row of `county.areas_of("beat")` of the rough
    position, -1 when unknown. `called_at_s` counts seconds since 1970 UTC.
    """

    county: County
    seed: int
    events: EventColumns
    event: Ints
    nth: Ints
    called_at_s: Ints
    lon: Floats
    lat: Floats
    radius_m: Floats
    true_lon: Floats
    true_lat: Floats
    beat: Ints
    channel: Ints
    ring_s: Floats
    talk_s: Floats

    def __len__(self) -> int:
        return len(self.event)

    def codes(self) -> np.ndarray:
        """The true code of every call, four digits as text."""
        codes: np.ndarray = _CODES[self.events.code[self.event]]
        return codes

    def row(self, index: int) -> SyntheticCall:
        """One call with its words and its hidden truth."""
        return _call(self, index)

    def narrative(self, index: int) -> str:
        """The words of one call alone."""
        return _call(self, index).narrative

    def __iter__(self) -> Iterator[SyntheticCall]:
        return (_call(self, index) for index in range(len(self)))


def call_stream(
    county: County, *, start: datetime, end: datetime, rate_per_day: float = CALLS_A_DAY, seed: int
) -> Iterator[SyntheticCall]:
    """The calls from `start` up to `end` (aware datetimes) in order of time.

    An inhomogeneous Poisson process by hour, weekday, season, holiday and weather, with further
    callers, matters that return and thefts that follow thefts. `rate_per_day` counts all calls.
    Raises ValueError for a rate not above zero or a span that runs backwards.
    """
    yield from call_table(county, start=start, end=end, rate_per_day=rate_per_day, seed=seed)


def call_table(
    county: County, *, start: datetime, end: datetime, rate_per_day: float = CALLS_A_DAY, seed: int
) -> CallTable:
    """The same calls as `call_stream`, as columns: two years take a few seconds."""
    if end < start:
        raise ValueError(f"the span runs backwards: {start.isoformat()} to {end.isoformat()}")
    model = DemandModel(county, rate_per_day=rate_per_day, seed=seed)
    events = events_between(model, start, end)
    event, nth, called_at = _callers(events, seed)
    low, high = int(np.ceil(start.timestamp())), int(np.ceil(end.timestamp()))
    inside = (called_at >= low) & (called_at < high)
    event, nth, called_at = event[inside], nth[inside], called_at[inside]
    order = np.lexsort((nth, events.id[event], called_at))
    return _placed(model, events, event[order], nth[order], called_at[order])


def _hashed(ids: Ints, salt: int) -> Floats:
    """A number in 0..1 that depends on the id alone, so that rows do not depend on the span."""
    word = (ids.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        word = (word ^ (word >> np.uint64(shift))) * np.uint64(factor)
    word ^= word >> np.uint64(31)
    unit: Floats = (word >> np.uint64(11)).astype(np.float64) / float(1 << 53)
    return unit


def _callers(events: EventColumns, seed: int) -> tuple[Ints, Ints, Ints]:
    """One row per caller: event row, which caller, and when. Further callers ring within 25 min."""
    salt = int(generator_for(seed, "callers").integers(1 << 60))
    mean = np.array([mix.further_callers for mix in MIX])[events.code]
    # Geometric with the wanted mean: most events have one caller, a fire may have five.
    draw = np.maximum(_hashed(events.id, salt), 1e-12)
    more = np.where(mean > 0, np.floor(np.log(draw) / np.log(np.maximum(mean, 1e-9) / (1 + mean))), 0)
    count = 1 + np.minimum(more, 6).astype(np.int64)
    event = np.repeat(np.arange(len(events.id)), count)
    nth = np.arange(len(event)) - np.repeat(np.cumsum(count) - count, count)
    gap = -np.log(np.maximum(_hashed(events.id[event] * 8 + nth, salt + 1), 1e-9)) * 240
    delay = np.where(nth == 0, 0, np.minimum(gap, 1500)).astype(np.int64)
    return event, nth, events.at_s[event] + delay


def _placed(model: DemandModel, events: EventColumns, event: Ints, nth: Ints, called_at: Ints) -> CallTable:
    """Positions, channel and clocks of the calls; each depends on its event and caller alone."""
    county, seed = model.county, model.seed
    salt = int(generator_for(seed, "positions").integers(1 << 60))
    key = events.id[event] * 8 + nth
    unit = [_hashed(key, salt + k) for k in range(8)]
    spot_lon, spot_lat = model.spots(events)
    true_lon, true_lat = spot_lon[event], spot_lat[event]
    rural = np.array([g.setting != "town" for g in county.gazetteer])[events.place[event]]
    radius = np.round(np.where(rural, 120, 30) * np.exp(1.1 * unit[0]) + np.where(nth > 0, 40, 0))
    away, turn = radius * np.sqrt(unit[1]) * 0.9, unit[2] * 2 * np.pi
    lon = np.round(true_lon + away * np.cos(turn) / METRES_PER_DEGREE_LON, 6)
    lat = np.round(true_lat + away * np.sin(turn) / METRES_PER_DEGREE_LAT, 6)
    index = AreaIndex(county.areas)
    beat = index.beat_numbers(lon, lat)
    outside = beat < 0
    lon, lat = np.where(outside, true_lon, lon), np.where(outside, true_lat, lat)
    beat[outside] = index.beat_numbers(lon[outside], lat[outside])
    unknown = _nowhere(events)[event] & (unit[3] < 0.45)
    lon, lat, radius = (np.where(unknown, np.nan, values) for values in (lon, lat, radius))
    channel = np.searchsorted(np.cumsum(_CHANNEL_SHARES)[:-1], unit[4], side="right")
    invalid = np.array([mix.code.startswith("90") for mix in MIX])[events.code[event]]
    channel = np.where(invalid, 0, channel)
    ring = np.round(2 + 5 * -np.log(np.maximum(unit[5], 1e-6)), 1)
    talk = np.round(np.where(invalid, 14, 68) * np.exp(0.9 * (unit[6] + unit[7] - 1)), 1)
    return CallTable(
        county,
        seed,
        events,
        event,
        nth,
        called_at,
        lon,
        lat,
        radius,
        true_lon,
        true_lat,
        np.where(unknown, -1, beat),
        channel.astype(np.int64),
        ring,
        talk,
    )


def _nowhere(events: EventColumns) -> np.ndarray:
    """Whether the event's core names no place."""
    flags = np.zeros((len(MIX), max(len(cores) for cores in CORES.values())), dtype=bool)
    for row, mix in enumerate(MIX):
        for k, core in enumerate(CORES[mix.code]):
            flags[row, k] = core.nowhere
    found: np.ndarray = flags[events.code, events.core]
    return found


def _call(table: CallTable, index: int) -> SyntheticCall:
    events, row = table.events, int(table.event[index])
    event_id, nth = int(events.id[row]), int(table.nth[index])
    code, place_row = MIX[int(events.code[row])].code, int(events.place[row])
    place = table.county.gazetteer[place_row]
    root = int(events.root[row])
    words = WordPicker(table.seed, event_id, nth)
    core = core_for(code, int(events.core[row]), nth, words.below(1 << 62))
    telling = tell(
        core,
        PlaceWords((place.name_zh, *place.aliases), _nearness(place)),
        event_key=WordPicker(table.seed, root).below(1 << 62),
        call_key=words.below(1 << 62),
        nth_caller=nth,
        returned=bool(events.parent[row]),
    )
    silent = code == "9001"
    caller = "" if silent else words.pick(CALLER_SURNAMES) + words.pick(CALLER_TITLES)
    phone = f"{words.pick(PHONE_HEADS)}****{words.below(1000):04d}"
    known = not np.isnan(table.lon[index])
    truth = HiddenTruth(
        code,
        telling.danger,
        f"E{event_id}",
        _event_name(int(events.parent[row])),
        _event_name(int(events.near_parent[row])),
        _instant(int(events.at_s[row])),
        "" if core.nowhere else place.code,
    )
    return SyntheticCall(
        call_id=f"C{event_id}-{nth}",
        called_at=_instant(int(table.called_at_s[index])),
        channel=CHANNELS[int(table.channel[index])],
        caller=caller,
        phone=phone,
        narrative=telling.text,
        place_phrase=telling.place_phrase,
        lon=float(table.lon[index]) if known else None,
        lat=float(table.lat[index]) if known else None,
        radius_m=float(table.radius_m[index]) if known else None,
        ring_s=float(table.ring_s[index]),
        talk_s=float(table.talk_s[index]),
        truth=truth,
    )


def _nearness(place: GazetteerRecord) -> str:
    """`门口` suits a school but neither a kilometre post nor a bridge."""
    if place.kind == "landmark" and place.place_type in ("road", "water"):
        return "spot" if place.place_type == "road" else "water"
    return place.kind


def _event_name(event_id: int) -> str:
    return f"E{event_id}" if event_id else ""


def _instant(seconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
