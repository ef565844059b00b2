"""What runs on the wall board this minute: the oldest clocks of each kind, and how busy each zone's units are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisation_ids_beneath, organisations
from anlan.console.selectors.open_work import open_sheets, unsent
from anlan.core.actor import Actor
from anlan.dispatch.models import Assignment
from anlan.dispatch.selectors import CLOCKS, TRAVELLING, RunningClock, clocks_by_incident
from anlan.intake.models import Incident
from anlan.reports.selectors import is_delicate
from anlan.tagging.selectors import incident_type
from anlan.units.models import Unit

OLDEST = 3
ZONES_SHOWN = 6
NOT_ON_DUTY = ("off", "out_of_service")
# Free first, then in the order of a job; shapes are those of the whole product.
LOAD_STATES = ("available", "assigned", "en_route", "on_scene", "busy")


def actor_within(actor: Actor, organisation: Organisation | None) -> Actor:
    """The actor with no more reach than ``organisation`` and what is beneath it: what its own people would see."""
    if organisation is None:
        return actor
    beneath = organisation_ids_beneath(organisation)
    org_ids = beneath if actor.sees_all else beneath & actor.org_ids
    return Actor(actor.kind, actor.id, actor.name, actor.org_id, org_ids, sees_all=False, roles=actor.roles)


@dataclass(frozen=True, slots=True)
class Oldest:
    """One of the longest waiting. Delicate types and places are not told: visitors read along."""

    number: str
    priority: str
    kind: str
    unit: str
    since: datetime
    clock: RunningClock | None

    @property
    def short_number(self) -> str:
        return self.number[-5:]

    @property
    def red_s(self) -> float | None:
        return self.clock.allows.total_seconds() if self.clock else None

    @property
    def amber_s(self) -> float | None:
        return self.clock.allows.total_seconds() * 2 / 3 if self.clock else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A kind of clock: how many run, the longest running on top, and the edition of its rule."""

    key: str
    title: str | Promise
    rule: str
    total: int
    rows: list[Oldest] = field(default_factory=list)

    @property
    def version(self) -> int:
        return CLOCKS[self.rule].version

    @property
    def lies_in(self) -> str:
        """The list of the station board that holds them all; empty where the queue does."""
        return {"unsigned": "unsigned", "feedback": "due"}.get(self.key, "")


TITLES: dict[str, tuple[str | Promise, str]] = {
    "unsent": (_("Not sent"), "send"),
    "unsigned": (_("Not signed"), "sign"),
    "unarrived": (_("Not there yet"), "arrive"),
    "feedback": (_("Feedback owed"), "feedback"),
}


def clocks_running(actor: Actor, *, at: datetime) -> list[Waiting]:
    """What waits to be sent, signed, reached and reported, the three oldest of each. Eleven queries at most."""
    waiting = unsent(actor)
    incidents = list(waiting.defer("narrative").order_by("received_at")[:OLDEST])
    sheets = {
        "unsigned": (open_sheets(actor).filter(state="sent"), "sent_at"),
        "unarrived": (open_sheets(actor).filter(state__in=TRAVELLING), "sent_at"),
        "feedback": (open_sheets(actor).filter(state="finished", feedback_at=None), "finished_at"),
    }
    read = {key: list(rows.order_by(by)[:OLDEST]) for key, (rows, by) in sheets.items()}
    known = {incident.pk: incident for incident in incidents}
    known |= {sheet.incident_id: sheet.incident for found in read.values() for sheet in found}
    clocks = clocks_by_incident(list(known.values()), at=at) if known else {}
    first = Waiting("unsent", *TITLES["unsent"], waiting.count(), [_matter(row, clocks) for row in incidents])
    return [
        first,
        *(
            Waiting(key, *TITLES[key], rows.count() if len(read[key]) == OLDEST else len(read[key]), found)
            for key, (rows, by) in sheets.items()
            for found in [[_sheet(row, getattr(row, by), TITLES[key][1], clocks) for row in read[key]]]
        ),
    ]


def _matter(incident: Incident, clocks: dict[int, list[RunningClock]]) -> Oldest:
    running = next((each for each in clocks.get(incident.pk, ()) if each.kind == "send"), None)
    return _oldest(incident, "", incident.received_at, running)


def _sheet(row: Assignment, since: datetime, kind: str, clocks: dict[int, list[RunningClock]]) -> Oldest:
    own = (each for each in clocks.get(row.incident_id, ()) if each.kind == kind and each.subject_id == row.pk)
    return _oldest(row.incident, row.unit.call_sign, since, next(own, None))


def _oldest(incident: Incident, unit: str, since: datetime, clock: RunningClock | None) -> Oldest:
    kind = "" if is_delicate(incident.code) else incident_type(incident.code).name(get_language() or "zh-hans")
    return Oldest(incident.number, incident.priority, kind, unit, clock.started_at if clock else since, clock)


@dataclass(frozen=True, slots=True)
class Load:
    """The units of one zone (or station): how many are on duty, and in which state; a full count."""

    name: str
    code: str
    states: Counter[str]

    @property
    def on_duty(self) -> int:
        return sum(self.states[state] for state in LOAD_STATES)

    @property
    def free(self) -> int:
        return self.states["available"]

    @property
    def bars(self) -> list[tuple[str, float, float, int]]:
        """State, start and width in hundredths of the whole, and how many: the parts of the drawn bar."""
        found, start = [], 0.0
        for state in LOAD_STATES:
            if n := self.states[state]:
                width = 100.0 * n / self.on_duty
                found.append((state, round(start, 2), round(width, 2), n))
                start += width
        return found


def unit_load(actor: Actor) -> list[Load]:
    """Units by zone; inside one zone, or without zones, by the organisation they belong to. Two queries."""
    everybody = {org.pk: org for org in organisations()}
    units = list(Unit.objects.visible_to(actor).filter(is_active=True).values_list("organisation_id", "state"))
    zones = [org for org in everybody.values() if org.kind == "zone" and (actor.sees_all or org.pk in actor.org_ids)]
    heads = zones if len(zones) > 1 else []
    counts: dict[int | None, Counter[str]] = {zone.pk: Counter() for zone in heads}
    for organisation_id, state in units:
        counts.setdefault(_head(everybody.get(organisation_id), heads), Counter())[state] += 1
    order = {org_id: place for place, org_id in enumerate(everybody)}
    found = [
        Load(*_named(everybody.get(key) if key is not None else None), states)
        for key, states in sorted(counts.items(), key=lambda each: order.get(each[0] or 0, len(order)))
    ]
    return _folded([load for load in found if load.on_duty or load.code in {zone.code for zone in heads}])


def _head(org: Organisation | None, heads: Sequence[Organisation]) -> int | None:
    """The zone an organisation lies in; where no zones are told apart, the organisation itself."""
    if org is None or not heads:
        return org.pk if org else None
    return next((zone.pk for zone in heads if org.path.startswith(zone.path)), None)


def _named(org: Organisation | None) -> tuple[str, str]:
    return (str(org.name_shown), org.code) if org is not None else (str(_("Outside the zones")), "")


def _folded(loads: list[Load]) -> list[Load]:
    """At most ``ZONES_SHOWN`` rows: what is beyond is told together."""
    if len(loads) <= ZONES_SHOWN:
        return loads
    rest: Counter[str] = Counter()
    for load in loads[ZONES_SHOWN - 1 :]:
        rest.update(load.states)
    return [*loads[: ZONES_SHOWN - 1], Load(str(_("All others")), "", rest)]


def board_choices(actor: Actor) -> list[dict[str, Any]]:
    """The boards one may switch to: everything in reach, and each zone of it."""
    zones = [org for org in organisations("zone") if actor.sees_all or org.pk in actor.org_ids]
    return [{"code": org.code, "name": str(org.name_shown)} for org in zones]
