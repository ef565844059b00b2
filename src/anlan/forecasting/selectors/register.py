"""The register of models: every version judged, what the gates found, who signed it, and which one is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from anlan.forecasting.auditing import TOGETHER
from anlan.forecasting.models import ForecastRelease, ForecastRun
from anlan.forecasting.rules import (
    BAR,
    CALLS,
    FAMILIES,
    RELEASE_LASTS,
    RELEASE_LASTS_YOUNG,
    UNSIGNED,
    YOUNG_RECORD_DAYS,
)


def lasts(release: ForecastRelease) -> timedelta:
    """For how long a version may speak before the models are judged anew."""
    return RELEASE_LASTS if release.record_days >= YOUNG_RECORD_DAYS else RELEASE_LASTS_YOUNG


def release_for(day: date, *, model_version: str) -> ForecastRelease | None:
    """The version that speaks of ``day``: the newest judged on or before it that is not too old for it."""
    rows = ForecastRelease.objects.filter(judged_on__lte=day, model_version=model_version)
    found = rows.order_by("-judged_on").first()
    return found if found is not None and day < found.judged_on + lasts(found) else None


def release_newest() -> ForecastRelease | None:
    """The version judged last."""
    return ForecastRelease.objects.select_related("approved_by", "withdrawn_by").first()


def stopped(release: ForecastRelease, family: str) -> list[str]:
    """Why a family's model isn't even computed: taken back, or a gate it doesn't pass. Keys of ``rules.GATES``."""
    if release.withdrawn_at is not None:
        return ["withdrawn"]
    return list(release.blocked.get(family, []))


def held_back(release: ForecastRelease | None, family: str) -> list[str]:
    """Why a family is told by the bar instead of its model, as keys of ``rules.GATES``; empty where it is not.

    What passed every gate still waits for a person's signature, and so does a model without an entry.
    """
    if release is None:
        return [UNSIGNED]
    if reasons := stopped(release, family):
        return reasons
    return [UNSIGNED] if release.approved_at is None and release.chosen.get(family, BAR) != BAR else []


def shown_by(release: ForecastRelease) -> dict[str, str]:
    """The model each family is really shown by: the one chosen, or the bar where the version is held back."""
    return {family: BAR if held_back(release, family) else model for family, model in release.chosen.items()}


def computed_by(release: ForecastRelease) -> dict[str, str]:
    """The model each family is computed and scored by: one that waits for its signature runs in the shadow."""
    return {family: BAR if stopped(release, family) else model for family, model in release.chosen.items()}


def unjudged(release: ForecastRelease | None, family: str) -> tuple[list[str], list[str]]:
    """Measures of the audit for which a family's calls are too few; and of these, those too few even with all others.

    Keys of ``rules.MEASURES``; on the days lived where these were audited, else on the days tested. What is judged
    with all families together holds a family back as its own would.
    """
    if release is None:
        return [], []
    lived = release.audit.get("lived", {}).get("families", {})
    span = lived or release.audit.get("tested", {})
    alone = list(span.get(family, {}).get("unjudged", ()))
    return alone, [name for name in alone if name in span.get(TOGETHER, {}).get("unjudged", ())]


def release_waiting() -> ForecastRelease | None:
    """The version judged last, where a model of it would be shown if somebody signed it."""
    found = release_newest()
    if found is None or not any(UNSIGNED in held_back(found, family) for family in found.chosen):
        return None
    return found


@dataclass(frozen=True, slots=True)
class AreaOutside:
    """An area whose share of flags was ``ratio`` times its share of calls, which holds a family's model back.

    ``together`` says that it was found in all families together, because the family's own calls were too few.
    """

    code: str
    ratio: float
    together: bool


def areas_outside(release: ForecastRelease, family: str) -> tuple[AreaOutside, ...]:
    """The areas by which a family breaks the limits of flags by area, of the days tested and of those lived."""
    found: dict[str, AreaOutside] = {}
    for span in (release.audit.get("tested", {}), release.audit.get("lived", {}).get("families", {})):
        mine, every = span.get(family, {}), span.get(TOGETHER, {})
        together = "allocation" not in mine.get("failed", ()) and "allocation" in mine.get("unjudged", ())
        audit = every if together else mine
        ratio = dict(zip(audit.get("areas", ()), audit.get("allocation", ()), strict=True))
        found |= {code: AreaOutside(code, ratio[code], together) for code in audit.get("outside", ())}
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class RegisterFamily:
    """One family of a version: the model chosen, the one shown, why it is held back, and its audit of areas."""

    family: str
    chosen: str
    shown: str
    reason: str
    skill: float | None
    held_back: tuple[str, ...]
    tested: Mapping[str, Any]
    lived: Mapping[str, Any]
    unjudged: tuple[str, ...] = ()
    unjudged_together: tuple[str, ...] = ()
    outside: tuple[AreaOutside, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A version as the register shows it; ``runs`` forecasts were issued by it, ``until`` is its last day."""

    release: ForecastRelease
    families: tuple[RegisterFamily, ...]
    loop: Mapping[str, Any]
    lived_days: int
    runs: int
    until: date

    @property
    def state(self) -> str:
        """withdrawn, blocked (every model held back by a gate), waiting (for a signature), partly or passed."""
        if self.release.withdrawn_at is not None:
            return "withdrawn"
        judged = [row for row in self.families if row.chosen != BAR]
        held = [row for row in judged if row.held_back]
        if any(UNSIGNED in row.held_back for row in held):
            return "waiting"
        if not held:
            return "passed"
        return "blocked" if len(held) == len(judged) else "partly"


def register_rows(*, limit: int = 24) -> list[RegisterRow]:
    """The versions there were, newest first."""
    rows = ForecastRelease.objects.select_related("approved_by", "withdrawn_by")[:limit]
    return [_row(release) for release in rows]


def _row(release: ForecastRelease) -> RegisterRow:
    tested, lived = release.audit.get("tested", {}), release.audit.get("lived", {})
    families = tuple(
        RegisterFamily(
            name,
            release.chosen[name],
            shown_by(release)[name],
            release.card[name]["reason"],
            release.card[name]["skill"],
            tuple(held_back(release, name)),
            tested.get(name, {}),
            lived.get("families", {}).get(name, {}),
            unjudged=tuple(unjudged(release, name)[0]),
            unjudged_together=tuple(unjudged(release, name)[1]),
            outside=areas_outside(release, name),
        )
        for name in (*FAMILIES, CALLS)
        if name in release.chosen
    )
    return RegisterRow(
        release=release,
        families=families,
        loop=release.audit.get("loop", {}),
        lived_days=int(lived.get("days", 0)),
        runs=ForecastRun.objects.filter(release=release).count(),
        until=release.judged_on + lasts(release) - timedelta(days=1),
    )


def audit_due(release: ForecastRelease, *, at: datetime, every: timedelta) -> bool:
    """Whether the audit of a version on the days it lived is wanting."""
    told = release.audit.get("lived", {}).get("at")
    since = datetime.fromisoformat(told) if told else release.judged_at
    return release.withdrawn_at is None and at - since >= every
