"""What a recommendation consists of, and how each choice is explained in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import isfinite

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.dispatch.travel import LINE
from anlan.units.selectors import UnitOnBoard, capability_labels


def minutes(seconds: float | None) -> str:
    """``4:10``, from an hour ``1:04:10``; a dash where no time is known."""
    if seconds is None or not isfinite(seconds):
        return "–"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


@lru_cache(maxsize=64)
def _time_sentence(language: str, is_line: bool, is_from_base: bool) -> str:
    """How a time is told in the active language; looked up once and not for each of hundreds of units."""
    if is_from_base and is_line:
        return _("{eta} away in a straight line from its base, at worst {worst}; it has not reported a position.")
    if is_from_base:
        return _("{eta} away by road from its base, at worst {worst}; it has not reported a position.")
    if is_line:
        return _("{eta} away in a straight line (no road leads there), at worst {worst}; position {age} s old.")
    return _("{eta} away by road, at worst {worst}; position {age} s old.")


@dataclass(frozen=True, slots=True)
class RankedUnit:
    """A unit that can be sent, with its place in the order and the times behind it.

    ``eta_s`` is the median, ``eta_p90_s`` the time kept nine times in ten, age of the position included,
    ``travel_s`` bare driving; all None when the incident has no place on the map. ``fix_age_s`` is None for a
    unit reckoned from its base.
    """

    rank: int
    unit: UnitOnBoard
    eta_s: float | None
    eta_p90_s: float | None
    eta_source: str
    fix_age_s: float | None
    travel_s: float | None = None

    @property
    def reason(self) -> str:
        """Why it stands where it stands, as one sentence in the active language."""
        if self.eta_s is None:
            return _("Free; the incident has no place on the map yet, so no time can be given.")
        text = _time_sentence(get_language() or "", self.eta_source == LINE, self.fix_age_s is None)
        age = round(self.fix_age_s or 0.0)
        return text.format(eta=minutes(self.eta_s), worst=minutes(self.eta_p90_s), age=age)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A unit that isn't offered, and why: the first of the reasons that holds."""

    unit: UnitOnBoard
    why: str
    capability: str = ""
    last_seen_at: datetime | None = None

    @property
    def reason(self) -> str:
        """The reason as one sentence in the active language."""
        unit = self.unit
        since = f"{timezone.localtime(unit.state_since):%H:%M}"
        if self.why == "track":
            return _("Works on the other track.")
        if self.why == "capability":
            return _("Lacks {capability}.").format(
                capability=capability_labels().get(self.capability, self.capability)
            )
        if self.why == "no_position":
            if self.last_seen_at is None:
                return _("Has never reported a position and has no base.")
            seen = f"{timezone.localtime(self.last_seen_at):%m-%d %H:%M}"
            return _("No position since {seen}.").format(seen=seen)
        if unit.is_on_incident:
            return _("Busy with {incident} since {since}: {state}.").format(
                incident=unit.incident_number or unit.incident_id, since=since, state=unit.state_label
            )
        return _("{state} since {since}.").format(state=unit.state_label, since=since)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """All units of the jurisdiction: those to choose from, best first, and those left out, each with why.

    ``is_degraded`` says that no free unit had a known position, so bases and old positions were used.
    """

    incident_id: int
    at: datetime
    tracks: tuple[str, ...]
    needs: tuple[str, ...]
    ranked: tuple[RankedUnit, ...]
    left_out: tuple[LeftOut, ...]
    is_degraded: bool = False
