"""From single sightings to passages: what belongs together, what lies about and is no passage at all.

A passage begins with the first sighting of a tag that isn't known to lie there, a broken light barrier or a badge,
and ends when none of these has come for :data:`QUIET_US`. Times are the reader's own: a clock that is wrong by hours
is wrong for a whole passage and harms none. Order and repetition of what comes in change nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from anlan.engines.rfid import Badge, Beam, Event, Sighting

QUIET_US = 1_000_000
"""Longer pauses were tried (to 2.5 s) on doors that are learnt on: nothing is judged better, all is told later."""
LONGEST_US = 60_000_000
MOST_EVENTS = 100_000
"""A door held open or a flood is cut here: memory has a bound."""
REMEMBERS_US = 600_000_000
BIN_US = 5_000_000
RESIDENT_BINS = 3
"""Heard in so many spaces of five seconds of the ten minutes before, while nobody passed: it lies there."""
MOST_TAGS = 20_000


@dataclass(frozen=True, slots=True)
class Passage:
    """Everything one reader told between two silences. ``right_by_us`` added to the reader's times gives the
    server's (the shortest way a message took). ``quiet_bins`` tells of each tag heard how often it was heard in the
    ten minutes before it, while nobody passed."""

    reader: str
    begin_us: int
    end_us: int
    right_by_us: int
    sightings: tuple[Sighting, ...]
    beams: tuple[Beam, ...]
    badges: tuple[str, ...]
    quiet_bins: dict[str, int]
    is_cut: bool = False

    @property
    def key(self) -> str:
        return f"{self.reader}:{self.begin_us}"


def identity(event: Event) -> tuple[str, int, str, str, int]:
    """What makes an event the same when it is told again: everything but when it came in."""
    if isinstance(event, Sighting):
        return (event.reader, event.t_us, event.epc, event.tid, event.antenna)
    if isinstance(event, Beam):
        return (event.reader, event.t_us, "beam", str(event.is_broken), event.beam)
    return (event.reader, event.t_us, "badge", event.badge, 0)


@dataclass(slots=True)
class Cutter:
    """Cuts the events of one reader, given in the order of its clock; bounded memory.

    ``reference`` are the tags fixed at the antennas: never part of a passage.
    """

    reader: str
    reference: frozenset[str] = frozenset()
    _heard: dict[str, deque[int]] = field(default_factory=dict)
    _open: list[Event] = field(default_factory=list)
    _begin_us: int = 0
    _last_us: int = 0
    _known: dict[str, int] = field(default_factory=dict)
    _lying: frozenset[str] = frozenset()
    _is_mixed: bool = False

    @property
    def held(self) -> int:
        """Events of the passage that is open."""
        return len(self._open)

    def is_quiet(self, event: Event) -> bool:
        """Whether this event keeps no passage open: a reference tag, or one known to lie there."""
        return isinstance(event, Sighting) and (event.epc in self.reference or self._lies(event.epc, event.t_us))

    def beside(self) -> Cutter:
        """One that begins anew and knows the same things to lie near the door, at whatever time."""
        other = Cutter(self.reader, self.reference)
        other._lying = frozenset(epc for epc, bins in self._heard.items() if len(bins) >= RESIDENT_BINS) | self._lying
        return other

    def feed(self, event: Event) -> Iterator[Passage]:
        """The passages that this event ends (none or one)."""
        t_us = event.t_us
        if self._open and t_us - self._last_us > QUIET_US:
            yield self._close(is_cut=False)
        is_quiet = self.is_quiet(event)
        if not self._open and is_quiet:
            self._note(event.epc, t_us)  # type: ignore[union-attr]
            return
        if not self._open:
            self._begin_us, self._known = t_us, {}
        self._open.append(event)
        if not is_quiet:
            self._last_us = t_us
        if t_us - self._begin_us > LONGEST_US or len(self._open) >= MOST_EVENTS:
            yield self._close(is_cut=True)

    def late(self, event: Event) -> bool:
        """Put an event that comes out of order into the passage that is open; False where it isn't of its time."""
        if not self._open or event.t_us < self._begin_us - QUIET_US or len(self._open) >= MOST_EVENTS:
            return False
        if self.is_quiet(event) and event.t_us < self._begin_us:
            return False
        self._open.append(event)
        self._begin_us = min(self._begin_us, event.t_us)
        if not self.is_quiet(event):
            self._last_us = max(self._last_us, event.t_us)
        self._is_mixed = True
        return True

    def end(self, before_us: int | None = None) -> Iterator[Passage]:
        """What is still open; with ``before_us`` only if silence has lasted till then."""
        if self._open and (before_us is None or before_us - self._last_us > QUIET_US):
            yield self._close(is_cut=False)

    def _bins(self, epc: str, t_us: int) -> int:
        if epc in self._lying:
            return RESIDENT_BINS
        bins = self._heard.get(epc)
        if not bins:
            return 0
        while bins and bins[0] < (t_us - REMEMBERS_US) // BIN_US:
            bins.popleft()
        return len(bins)

    def _lies(self, epc: str, t_us: int) -> bool:
        if self._open:
            # Fixed when the passage began: whoever waits in the doorway doesn't become part of it.
            if epc not in self._known:
                self._known[epc] = self._bins(epc, self._begin_us)
            return self._known[epc] >= RESIDENT_BINS
        return self._bins(epc, t_us) >= RESIDENT_BINS

    def _note(self, epc: str, t_us: int) -> None:
        bins = self._heard.setdefault(epc, deque(maxlen=REMEMBERS_US // BIN_US))
        if not bins or bins[-1] != t_us // BIN_US:
            bins.append(t_us // BIN_US)
        if len(self._heard) > MOST_TAGS:
            # A tenth at once: one at a time, a flood of numbers that come once each costs the square of it.
            longest_ago = sorted(self._heard, key=lambda tag: self._heard[tag][-1])
            for tag in longest_ago[: MOST_TAGS // 10]:
                del self._heard[tag]

    def _close(self, *, is_cut: bool) -> Passage:
        events, self._open = self._open, []
        if self._is_mixed:
            events.sort(key=lambda event: (event.t_us, identity(event)))
            self._is_mixed = False
        own = [event for event in events if event.t_us <= self._last_us]
        sightings = tuple(e for e in own if isinstance(e, Sighting) and e.epc not in self.reference)
        tags = {sighting.epc for sighting in sightings}
        bins = {epc: self._bins(epc, self._begin_us) for epc in tags}
        passage = Passage(
            self.reader,
            self._begin_us,
            self._last_us,
            min(event.received_us - event.t_us for event in own),
            sightings,
            tuple(e for e in own if isinstance(e, Beam)),
            tuple(sorted({e.badge for e in own if isinstance(e, Badge)})),
            bins,
            is_cut,
        )
        self._learn(events, passage)
        return passage

    def _learn(self, events: list[Event], passage: Passage) -> None:
        """What was heard all along, or in a look of the reader while nobody was there, lies there."""
        whole_us = passage.end_us - passage.begin_us
        is_look = whole_us < 400_000 and not passage.beams and not passage.badges
        for event in events:
            if isinstance(event, Sighting) and (is_look or passage.is_cut or event.t_us > passage.end_us):
                self._note(event.epc, event.t_us)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Each event once, by the reader's clock; of one told several times that which came first."""
    once: dict[tuple[str, int, str, str, int], Event] = {}
    for event in events:
        known = once.get(key := identity(event))
        if known is None or event.received_us < known.received_us:
            once[key] = event
    return sorted(once.values(), key=lambda event: (event.t_us, identity(event)))


def passages_of(events: Iterable[Event], reference: frozenset[str] = frozenset()) -> list[Passage]:
    """All passages of a journal, whatever order it is in and however often it tells a thing; by reader and time."""
    cutters: dict[str, Cutter] = {}
    found: list[Passage] = []
    for event in in_order(events):
        cutter = cutters.setdefault(event.reader, Cutter(event.reader, reference))
        found.extend(cutter.feed(event))
    for cutter in cutters.values():
        found.extend(cutter.end())
    return sorted(found, key=lambda passage: (passage.reader, passage.begin_us))
