"""Lists of files and pushes: what lies with an organisation, and what the town room has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.disputes.models import DisputeFile, FileIncident, LevelChange, MatchSuggestion, Obligation, Party, Push
from anlan.disputes.selectors.files import file_for, file_ids_beneath, file_root, files_live
from anlan.disputes.selectors.matching import suggestions_of
from anlan.intake.models import Incident
from anlan.intake.selectors import incident_root

AMBER_SHARE = 2 / 3
ROOM_STATES = ("pushed", "accepted", "triaged", "assigned")
PAGE = 50
TIMELINE_AT_MOST = 300


def due_colour(due_at: datetime | None, start: datetime, *, at: datetime) -> str:
    """ "red" when late, "amber" from two thirds of the time, else "ok"; "" where nothing is due."""
    if due_at is None:
        return ""
    if at >= due_at:
        return "red"
    return "amber" if at - start >= (due_at - start) * AMBER_SHARE else "ok"


def files_queue(actor: Actor) -> QuerySet[DisputeFile]:
    """The live files the actor sees, next due first; each with whose it is. One query."""
    rows: QuerySet[DisputeFile] = files_live(DisputeFile.objects.visible_to(actor))
    return rows.select_related("holder", "station", "town_room", "mediating", "responsible").order_by("due_at", "id")


def files_held(actor: Actor, *, after: tuple[datetime, int] | None = None, limit: int = PAGE) -> list[DisputeFile]:
    """What lies in the hands of the actor's organisation or is theirs to visit, by due time; ``after`` goes on."""
    mine = Q(holder_id=actor.org_id) | Q(mediating_id=actor.org_id)
    if actor.kind == "person":
        mine |= Q(responsible_id=actor.id)
    rows = files_queue(actor).filter(mine)
    if after is not None:
        rows = rows.filter(Q(due_at__gt=after[0]) | Q(due_at=after[0], pk__gt=after[1]))
    return list(rows[:limit])


@dataclass(frozen=True, slots=True)
class TownBoard:
    """What a town room has before it: how many files in each step, how many late, and the files next due."""

    counts: dict[str, int]
    late: int
    files: list[DisputeFile]


def town_board(actor: Actor, *, at: datetime, limit: int = PAGE) -> TownBoard:
    """The board of the actor's town room. Three queries."""
    rows = files_live(DisputeFile.objects.visible_to(actor)).filter(state__in=ROOM_STATES)
    if not actor.sees_all:
        rows = rows.filter(town_room_id__in=actor.org_ids)
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("id")))
    late = rows.filter(due_at__lte=at).count()
    files = rows.select_related("holder", "station", "town_room", "mediating").order_by("due_at", "id")
    return TownBoard({state: counts.get(state, 0) for state in ROOM_STATES}, late, list(files[:limit]))


@dataclass(frozen=True, slots=True)
class Earlier:
    """The quarrel so far, for the officer who is sent: earlier reports, what each push brought, what was promised."""

    file: DisputeFile
    reports: list[FileIncident]
    pushes: list[Push]
    promises: list[dict[str, Any]] = field(default_factory=list)
    suggestions: list[MatchSuggestion] = field(default_factory=list)


def earlier_of(incident: Incident, *, by: Actor) -> Earlier | None:
    """What is known of this quarrel before this report; None where nothing is. Some seven queries.

    Whoever is asking the parties of that file blindly gets nothing.
    """
    root = incident_root(incident)
    links = FileIncident.objects.unasked_by(by).filter(incident=root, undone_at=None)
    link = links.select_related("file").first()
    suggestions = suggestions_of(root.pk, by=by)
    if link is None:
        if not suggestions:
            return None
        return Earlier(suggestions[0].file, _reports(suggestions[0].file, root.pk), [], [], suggestions)
    file = file_root(link.file)
    ids = file_ids_beneath(file.pk)
    reports = _reports(file, root.pk)
    pushes = list(Push.objects.filter(file_id__in=ids).exclude(outcome="").order_by("-pushed_at", "-id")[:10])
    return Earlier(file, reports, pushes, promises_of(ids), suggestions)


def _reports(file: DisputeFile, but_id: int) -> list[FileIncident]:
    rows = FileIncident.objects.filter(file_id__in=file_ids_beneath(file.pk), undone_at=None)
    return list(
        rows.exclude(incident_id=but_id).select_related("incident").order_by("-incident__received_at", "-id")[:10]
    )


def promises_of(file_ids: Iterable[int]) -> list[dict[str, Any]]:
    """What was promised in agreements of these files, the next due first."""
    rows = Obligation.objects.filter(file_id__in=list(file_ids)).order_by("due_on", "id")
    return list(rows.values("id", "what", "condition", "due_on", "state", "performed_on")[:10])


@dataclass(frozen=True, slots=True)
class FilePage:
    """One file with everything that hangs on it."""

    file: DisputeFile
    links: list[FileIncident]
    pushes: list[Push]
    levels: list[LevelChange]
    parties: list[Party]
    merged: list[DisputeFile]
    suggestions: list[MatchSuggestion]
    events: list[Event]


def file_page(actor: Actor, file_id: int) -> FilePage:
    """The file and its whole course, those of files merged into it included. Ten queries, however long it was."""
    file = file_for(actor, file_id)
    ids = file_ids_beneath(file.pk)
    links = FileIncident.objects.filter(file_id__in=ids).select_related("incident", "file")
    sent = Push.objects.filter(file_id__in=ids).select_related("to_organisation", "to_person", "file")
    pushes = list(sent.order_by("pushed_at", "id"))
    suggested = MatchSuggestion.objects.filter(file_id__in=ids).select_related("incident", "file")
    return FilePage(
        file=file,
        links=list(links.order_by("made_at", "id")),
        pushes=pushes,
        levels=list(LevelChange.objects.filter(file_id__in=ids).order_by("at", "id")),
        parties=list(Party.objects.filter(file_id__in=ids).order_by("left_at", "role", "ordinal", "id")),
        merged=list(DisputeFile.objects.filter(pk__in=[pk for pk in ids if pk != file.pk])),
        suggestions=list(suggested.order_by("-made_at", "-id")[:20]),
        events=events_of(ids, [push.pk for push in pushes]),
    )


def events_of(file_ids: Iterable[int], push_ids: Iterable[int] = ()) -> list[Event]:
    """What happened to these files and pushes, oldest first. One query by the index of subjects."""
    rows = Event.objects.filter(
        Q(subject_type="disputes.disputefile", subject_id__in=list(file_ids))
        | Q(subject_type="disputes.push", subject_id__in=list(push_ids))
    )
    return list(rows.order_by("-txid", "-id")[:TIMELINE_AT_MOST])[::-1]


def suggestions_waiting(actor: Actor, *, limit: int = PAGE) -> list[MatchSuggestion]:
    """Matches nobody has decided yet, newest first."""
    rows = MatchSuggestion.objects.visible_to(actor).filter(state=MatchSuggestion.State.SUGGESTED)
    return list(rows.select_related("file", "incident").order_by("-made_at", "-id")[:limit])
