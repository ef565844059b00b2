"""Dispute files as the console shows them: the queue by what is due, and one file with all that hangs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.console.selectors.incident import Entry, entries_of
from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.core.permissions import permitted
from anlan.dispatch.models import FieldAttachment
from anlan.disputes.models import (
    Agreement,
    DisputeFile,
    FileCharge,
    FileIncident,
    LevelChange,
    MatchSuggestion,
    Obligation,
    OpeningSuggestion,
    Party,
    Push,
)
from anlan.disputes.rules import LEVELS, LIVE, PUSH_OPEN, PUSH_REASONS, SETTLED, TERM_LABELS
from anlan.disputes.selectors import PushesTold, PushSums, last_days, pushes_told
from anlan.disputes.selectors.charges import Chosen, charges_of, choices_of
from anlan.disputes.selectors.day_sheets import ONE_DAY, day_begins
from anlan.disputes.selectors.files import files_live, files_merged_into
from anlan.disputes.selectors.openings import OPENING_RULES, opening_of, openings_waiting
from anlan.disputes.selectors.push_sums import ENDED_WELL
from anlan.tagging.selectors import incident_type

NOT_SHOWN = ("identity__name", "identity__phone", "identity__address")
ROWS_SHOWN = 50
TIMELINE_ROWS = 120
AMBER_SHARE = 3
ROOM_STATES = ("pushed", "accepted", "triaged")
ROOM_FILES = 24
OPENINGS_SHOWN = 8
TABS: tuple[tuple[str, str | Promise], ...] = (
    ("ours", _("In our hands")),
    ("late", _("Overdue")),
    ("live", _("All that run")),
    ("back", _("Came back")),
    ("over", _("Over")),
)


@dataclass(frozen=True, slots=True)
class FileRow:
    """A line of the queue: the file, its type, and the push that runs, if any."""

    file: DisputeFile
    kind: Any
    push: Push | None
    charge: FileCharge | None = None

    @property
    def why(self) -> str:
        """Why it is here: the reason of the push that runs, else what the state waits for."""
        if self.push is not None:
            return str(PUSH_REASONS.get(self.push.reason, self.push.reason))
        return str(TERM_LABELS.get(self.file.due_kind, ""))

    @property
    def warn_s(self) -> float:
        return warn_before(self.file)


def warn_before(row: DisputeFile | Push) -> float:
    """The last third of what is allowed, in seconds: amber from there."""
    if row.due_at is None:
        return 0.0
    start = row.pushed_at if isinstance(row, Push) else row.state_since
    return max(0.0, (row.due_at - start).total_seconds() / AMBER_SHARE)


def files_of_tab(actor: Actor, tab: str, *, at: datetime) -> QuerySet[DisputeFile]:
    """The files of a tab in their order: next due first; what is over, newest first."""
    rows: QuerySet[DisputeFile] = DisputeFile.objects.visible_to(actor)
    if tab == "over":
        return rows.filter(state__in=SETTLED).order_by("-opened_at", "-id")
    rows = files_live(rows)
    if tab == "ours":
        mine = Q(responsible_id=actor.id) if actor.kind == "person" else Q(pk=None)
        rows = rows.filter(mine | Q(holder_id=actor.org_id) | Q(mediating_id=actor.org_id))
    elif tab == "late":
        rows = rows.filter(due_at__lt=at)
    elif tab == "back":
        rows = rows.filter(returns__gt=0)
    return rows.order_by("due_at", "id")


STEP_PARTS: dict[str, str | Promise] = {
    "files": _("all that got there"),
    "well": _("settled"),
    "up": _("handed up"),
    "late": _("overdue"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One number of the three pushes: of which step, and which of its files."""

    seq: int
    part: str

    @property
    def words(self) -> str | Promise:
        return STEP_PARTS[self.part]


def files_of_step(actor: Actor, step: Step, *, at: datetime) -> QuerySet[DisputeFile]:
    """The files one number of ``funnel`` counts, newest first; late ones by what is due."""
    first, last = last_days(FUNNEL_DAYS, at=at)
    there = Push.objects.filter(file_id=OuterRef("pk"), seq=step.seq)
    if step.part == "well":
        there = there.filter(outcome__in=ENDED_WELL)
    elif step.part == "up":
        there = there.filter(outcome="up")
    elif step.part == "late":
        there = there.filter(state__in=PUSH_OPEN, due_at__lt=at)
    rows: QuerySet[DisputeFile] = DisputeFile.objects.visible_to(actor).filter(
        Exists(there), opened_at__gte=day_begins(first), opened_at__lt=day_begins(last + ONE_DAY)
    )
    return rows.order_by("due_at", "id") if step.part == "late" else rows.order_by("-opened_at", "-id")


def files_shown(rows: QuerySet[DisputeFile], *, after: int = 0, **wanted: str) -> tuple[list[FileRow], bool]:
    """The first of these rows, and whether there are more; ``wanted`` narrows: ``level, state, beat, q``."""
    if wanted.get("level") in LEVELS:
        rows = rows.filter(level=wanted["level"])
    if wanted.get("state"):
        rows = rows.filter(state=wanted["state"])
    if wanted.get("beat"):
        rows = rows.filter(beat_code=wanted["beat"])
    if words := wanted.get("q"):
        rows = rows.filter(Q(number__startswith=words) | Q(address_text__contains=words))
    rows = rows.select_related("holder", "responsible", "mediating")
    found = list(rows[after : after + ROWS_SHOWN + 1])
    return _rows_of(found[:ROWS_SHOWN]), len(found) > ROWS_SHOWN


def _rows_of(files: list[DisputeFile]) -> list[FileRow]:
    """These files as lines, with the push that runs and who has them in charge. Two queries."""
    ids = [row.pk for row in files]
    pushes, charges = pushes_running(ids), charges_of(ids)
    return [FileRow(row, incident_type(row.code), pushes.get(row.pk), charges.get(row.pk)) for row in files]


def files_of_rooms(room_ids: list[int]) -> list[FileRow]:
    """Files pushed to these town rooms that wait to be accepted, triaged or assigned. Three queries."""
    rows = DisputeFile.objects.filter(town_room_id__in=room_ids, state__in=ROOM_STATES).order_by("due_at", "id")
    return _rows_of(list(rows.select_related("holder", "responsible", "mediating")[:ROOM_FILES]))


def pushes_running(file_ids: list[int]) -> dict[int, Push]:
    """The push that runs now of each file, the furthest one where several do. One query."""
    rows = Push.objects.filter(file_id__in=file_ids, state__in=PUSH_OPEN).select_related(
        "to_organisation", "to_person"
    )
    return {row.file_id: row for row in rows.order_by("seq", "pushed_at")}


@dataclass(slots=True)
class FileTold:
    """A file with everything that hangs on it."""

    file: DisputeFile
    kind: Any
    pushes: list[Push]
    links: list[FileIncident]
    undone: list[FileIncident]
    suggestions: list[MatchSuggestion]
    parties: list[Party]
    levels: list[LevelChange]
    agreements: list[Agreement]
    promises: list[Obligation]
    timeline: list[Entry]
    charge: FileCharge | None
    merged: list[DisputeFile] = field(default_factory=list)

    @property
    def running(self) -> Push | None:
        return next((push for push in reversed(self.pushes) if push.state in PUSH_OPEN), None)

    @property
    def is_live(self) -> bool:
        return self.file.state in LIVE

    @property
    def level_now(self) -> LevelChange | None:
        return self.levels[0] if self.levels else None

    @property
    def steps(self) -> list[tuple[int, list[Push]]]:
        """The three pushes in their order, each with every time it was sent."""
        return [(seq, [push for push in self.pushes if push.seq == seq]) for seq in (1, 2, 3)]


def file_for(actor: Actor, number: str) -> DisputeFile:
    """The file of that number, or ``NotFound``."""
    rows = DisputeFile.objects.select_related(
        "holder", "responsible", "mediating", "station", "town_room", "merged_into"
    )
    found: DisputeFile = rows.one_for(actor, number=number)
    return found


def file_told(file: DisputeFile, *, by: Actor) -> FileTold:
    """The file with everything that hangs on it, as ``by`` may see it; a fixed number of queries."""
    links = list(FileIncident.objects.filter(file=file).select_related("incident"))
    pushes = list(Push.objects.filter(file=file).select_related("to_organisation", "to_person", "assignment__unit"))
    suggestions = MatchSuggestion.objects.filter(file=file).exclude(state="undone").select_related("incident")
    return FileTold(
        file=file,
        kind=incident_type(file.code),
        pushes=pushes,
        links=[row for row in links if row.undone_at is None],
        undone=[row for row in links if row.undone_at is not None],
        suggestions=list(suggestions.order_by("state", "-score")),
        parties=list(Party.objects.filter(file=file).select_related("identity").defer(*NOT_SHOWN)),
        levels=list(LevelChange.objects.filter(file=file).order_by("-at", "-id")),
        agreements=list(Agreement.objects.filter(file=file).exclude(state="dropped")),
        promises=list(Obligation.objects.filter(file=file).select_related("debtor", "creditor", "agreement")),
        timeline=_timeline(file, pushes, by),
        charge=charges_of([file.pk]).get(file.pk),
        merged=files_merged_into(file),
    )


def _timeline(file: DisputeFile, pushes: list[Push], by: Actor) -> list[Entry]:
    """The last events of the file and its pushes, and what was sent from its visits, as sentences, newest first."""
    reports = FileIncident.objects.filter(file=file, undone_at=None).values("incident_id")
    sent = FieldAttachment.objects.visible_to(by).filter(incident_id__in=reports, assignment=None)
    about = Q(subject_type=DisputeFile._meta.label_lower, subject_id=file.pk)
    about |= Q(subject_type=FieldAttachment._meta.label_lower, subject_id__in=list(sent.values_list("pk", flat=True)))
    about |= Q(subject_type=Push._meta.label_lower, subject_id__in=[push.pk for push in pushes])
    return entries_of(list(Event.objects.filter(about).order_by("-txid", "-id")[:TIMELINE_ROWS]))


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the officer should know before going there: reports of this quarrel, and what was promised."""

    file: DisputeFile
    kind: Any
    links: list[FileIncident]
    promises: list[str]
    is_suggested: bool = False


def earlier_of_incident(incident_id: int, *, by: Actor) -> list[Earlier]:
    """The file the incident belongs to, else files it may belong to, with earlier reports and promises.

    For those who go to the incident or lead it: whoever may see the incident sees this of its quarrel. What was
    said at other reports stays with them; here are only their numbers, when, and what was promised. Nothing of a
    file whose parties ``by`` is asking.
    """
    files = DisputeFile.objects.unasked_by(by)
    mine = files.filter(links__incident_id=incident_id, links__undone_at=None)
    open_ = MatchSuggestion.objects.filter(incident_id=incident_id, state="suggested").values("file_id")
    maybe = files.filter(pk__in=open_)
    found = [(row, False) for row in mine] or [(row, True) for row in maybe[:3]]
    return [_earlier(row, incident_id, is_suggested) for row, is_suggested in found]


def _earlier(file: DisputeFile, incident_id: int, is_suggested: bool) -> Earlier:
    links = FileIncident.objects.filter(file=file, undone_at=None).exclude(incident_id=incident_id)
    return Earlier(
        file,
        incident_type(file.code),
        list(links.select_related("incident").order_by("-made_at")[:5]),
        promised(file),
        is_suggested,
    )


def promised(file: DisputeFile) -> list[str]:
    """What was promised in this quarrel: open obligations of an agreement, else what a push noted as settled."""
    owed = Obligation.objects.filter(file=file).exclude(state__in=("performed", "waived"))
    words = [f"{row.due_on:%m-%d} {row.what}" if row.due_on else row.what for row in owed.order_by("seq")[:5]]
    if words:
        return words
    noted = Push.objects.filter(file=file).exclude(action="").order_by("-pushed_at")
    return [push.action for push in noted[:2]]


FUNNEL_DAYS = 30


def funnel(actor: Actor, *, at: datetime) -> PushesTold:
    """The three pushes of files opened in the last thirty days, today included."""
    first, last = last_days(FUNNEL_DAYS, at=at)
    return pushes_told(actor, first=first, last=last, at=at)


FUNNEL_UNREAD = PushesTold([PushSums(seq, 0, 0, 0, 0, 0, 0, 0) for seq in (1, 2, 3)])
"""Its three steps before they are counted."""


@dataclass(frozen=True, slots=True)
class OpeningShown:
    """A file that a rule suggests, as a line: the report, its type, the rule in words, and what it saw."""

    row: OpeningSuggestion
    kind: Any
    rule: Any
    earlier: list[dict[str, Any]]


def openings_shown(actor: Actor) -> list[OpeningShown]:
    """Files that a rule suggests in the actor's reach, for whoever may decide on them. One query."""
    if not permitted(actor, "disputes.link"):
        return []
    return [_opening(row) for row in openings_waiting(actor, limit=OPENINGS_SHOWN)]


def opening_of_incident(actor: Actor, incident_id: int) -> OpeningShown | None:
    """What a rule suggests for this report. One query."""
    row = opening_of(incident_id) if permitted(actor, "disputes.link") else None
    return _opening(row) if row is not None else None


def _opening(row: OpeningSuggestion) -> OpeningShown:
    rule = OPENING_RULES.get(row.rule, row.rule)
    return OpeningShown(row, incident_type(row.incident.code), rule, row.facts.get("earlier", []))


def choices_for(actor: Actor, file: DisputeFile, *, at: datetime) -> Chosen | None:
    """To whom the actor may give this file within its owner; None where that is not theirs to do."""
    owner = file.holder
    if owner is None or file.state not in LIVE or not permitted(actor, "disputes.give"):
        return None
    return choices_of(owner, at=at) if actor.sees_all or owner.pk in actor.org_ids else None
