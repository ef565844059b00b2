"""The passages of one reader while it goes on telling: what is over is given out at once, memory has a bound.

The same cut as :func:`~anlan.engines.gate.passages.passages_of` makes of a whole journal, for events that come as
they come: out of order within :data:`ASTRAY_US`, twice, hours late after a line was down, by a clock that was set
back. Nothing here decides what is kept: whoever feeds it has the journal and may feed it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from anlan.engines.gate.passages import MOST_EVENTS, QUIET_US, Cutter, Passage, identity, in_order
from anlan.engines.rfid import Event, Sighting

ASTRAY_US = 2_000_000
"""By the reader's clock: what comes within so much of the newest event is put in its place."""
GRACE_US = 500_000
"""The same while nobody moves: a look of the reader is put in order before it is believed."""
SET_BACK_US = 60_000_000
"""Nothing but old events for so long (by our clock): the reader's clock was set back, and is believed from now on."""


@dataclass(slots=True)
class DoorStream:
    """Feed with :meth:`take`, ask with :meth:`over`. ``late`` and ``doubled`` count what came so."""

    reader: str
    reference: frozenset[str] = frozenset()
    late: int = 0
    doubled: int = 0
    _cutter: Cutter = field(init=False)
    _near: dict[tuple[str, int, str, str, int], Event] = field(default_factory=dict)
    _fed: set[tuple[str, int, str, str, int]] = field(default_factory=set)
    _late: list[Event] = field(default_factory=list)
    _newest_us: int | None = None
    _settled_us: int | None = None
    _moved_at_us: int = 0
    _told_at_us: int = 0
    _late_at_us: int = 0
    _only_late_since_us: int | None = None

    def __post_init__(self) -> None:
        self._cutter = Cutter(self.reader, self.reference)

    @property
    def held(self) -> int:
        """Events in memory."""
        return len(self._near) + len(self._late) + self._cutter.held

    @property
    def is_at_rest(self) -> bool:
        """Nothing waits to be judged: whoever begins anew needs only what came before for what lies near the door."""
        return not self._near and not self._late and not self._cutter.held

    @property
    def settled_us(self) -> int | None:
        """Everything up to this moment of the reader's clock is judged; None while a passage is open or late ones
        wait."""
        return None if self._late or self._cutter.held else self._settled_us

    def take(self, events: Iterable[Event], now_us: int) -> list[Passage]:
        """Keep events; the passages that must be cut at once because memory has a bound (mostly none)."""
        for event in events:
            self._told_at_us = now_us
            if self._settled_us is not None and event.t_us <= self._settled_us:
                if self._is_open_still(event):
                    continue
                self._late.append(event)
                self.late += 1
                self._late_at_us = now_us
                if self._only_late_since_us is None:
                    self._only_late_since_us = now_us
                continue
            self._only_late_since_us = None
            key = identity(event)
            if key in self._near:
                self.doubled += 1
                continue
            self._near[key] = event
            self._newest_us = event.t_us if self._newest_us is None else max(self._newest_us, event.t_us)
            if not self._cutter.is_quiet(event):
                self._moved_at_us = now_us
        found: list[Passage] = []
        if len(self._near) >= MOST_EVENTS:
            found += self._settle(self._newest_us)
        if len(self._late) >= MOST_EVENTS:
            found += self._late_ones()
        return found

    def _is_open_still(self, event: Event) -> bool:
        """Late, but in time for the passage that is open; told again it is known there."""
        if not self._cutter.held:
            return False
        key = identity(event)
        if key in self._fed:
            self.doubled += 1
            return True
        if self._cutter.late(event):
            self._fed.add(key)
            return True
        return False

    def over(self, now_us: int) -> list[Passage]:
        """The passages that are over by now: nobody has moved for :data:`QUIET_US`, by our clock or the reader's."""
        found: list[Passage] = []
        is_silent = now_us - self._moved_at_us >= QUIET_US
        if self._newest_us is not None and not self.is_at_rest:
            is_still = now_us - self._told_at_us >= GRACE_US
            astray_us = 0 if is_silent and is_still else GRACE_US if is_silent else ASTRAY_US
            found += self._settle(self._newest_us - astray_us)
            if is_silent:
                found += self._cutter.end()
        if self._late and now_us - self._late_at_us >= QUIET_US:
            found += self._late_ones()
        since = self._only_late_since_us
        if since is not None and now_us - since >= SET_BACK_US:
            self._begin_anew()
        return found

    def _settle(self, until_us: int | None) -> list[Passage]:
        """Cut everything up to ``until_us``; what comes for that time later is late."""
        if until_us is None:
            return []
        ready = [event for event in self._near.values() if event.t_us <= until_us]
        found: list[Passage] = []
        for event in in_order(ready):
            ended = list(self._cutter.feed(event))
            found += ended
            if ended or not self._cutter.held:
                self._fed.clear()
            self._fed.add(identity(event))
        if ready:
            self._near = {key: event for key, event in self._near.items() if event.t_us > until_us}
            self._settled_us = max(event.t_us for event in ready)
        return found

    def _late_ones(self) -> list[Passage]:
        """Passages of what came for a time that was judged: kept at a line that was down, or told again.

        What lies near the door is known from now, as a thing lies for weeks; the cutter of the present isn't touched.
        """
        cutter = self._cutter.beside()
        events, self._late = in_order(self._late), []
        found: list[Passage] = []
        for event in events:
            found += cutter.feed(event)
        return [*found, *cutter.end()]

    def _begin_anew(self) -> None:
        self._cutter = Cutter(self.reader, self.reference)
        self._near, self._newest_us, self._settled_us, self._only_late_since_us = {}, None, None, None


@dataclass(slots=True)
class Watch:
    """Whether a reader hears its own reference tags: the tag fixed at an antenna, injected to be heard all day.

    A reader that is connected and hears nothing looks like a day on which nobody takes anything; the reference
    tags tell the two apart. What is heard by none of ``antennas`` (None: any will do) can't be judged and counts as
    not heard.
    """

    references: Collection[str]
    antennas: Collection[int] | None = None
    _heard_us: dict[str, int] = field(default_factory=dict)
    _told_us: int | None = None

    def begin(self, now_us: int, told_us: int | None) -> None:
        """Watched from now on; the reader told something last at ``told_us``. Its tags have time to be heard."""
        self._told_us = told_us
        self._heard_us = dict.fromkeys(self.references, now_us)

    def take(self, events: Iterable[Event], now_us: int) -> None:
        """Note which reference tags were heard, by our clock."""
        for event in events:
            self._told_us = now_us
            if isinstance(event, Sighting) and event.epc in self.references and self._is_of_use(event):
                self._heard_us[event.epc] = now_us

    def _is_of_use(self, event: Sighting) -> bool:
        return self.antennas is None or event.antenna in self.antennas

    def blind(self, now_us: int, *, after_us: int) -> str:
        """Empty while all is well; ``silent`` if the reader told nothing for ``after_us``, ``deaf`` if it tells but
        no reference tag was heard, ``half_deaf`` if one of several wasn't."""
        if self._told_us is None or now_us - self._told_us >= after_us:
            return "silent"
        if not self.references:
            return ""
        missing = [epc for epc in self.references if now_us - self._heard_us.get(epc, -after_us) >= after_us]
        if len(missing) == len(self.references):
            return "deaf"
        return "half_deaf" if missing else ""
