"""One file, its pushes and its incidents: which file a report belongs to, and where a merged file leads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Max, Q, QuerySet

from anlan.core.actor import Actor
from anlan.core.row_changes import rows_read
from anlan.disputes.models import DisputeFile, FileIncident, MatchSuggestion, Party, Push
from anlan.disputes.rules import LIVE, PUSH_OPEN
from anlan.intake.models import Incident

_FILES = DisputeFile._meta.db_table
# Spelt out for the partial indexes: the planner must be able to read the condition.
_LIVE_SQL = '"{}"."state" IN ({})'.format(DisputeFile._meta.db_table, ", ".join(f"'{state}'" for state in LIVE))
_RUNNING_SQL = '"{}"."state" IN ({})'.format(Push._meta.db_table, ", ".join(f"'{state}'" for state in PUSH_OPEN))


def files_live(rows: QuerySet[DisputeFile]) -> QuerySet[DisputeFile]:
    """Of these files those that are not over."""
    return rows.extra(where=[_LIVE_SQL])


def pushes_running(rows: QuerySet[Push]) -> QuerySet[Push]:
    """Of these pushes those that have not ended."""
    return rows.extra(where=[_RUNNING_SQL])


def file_for(actor: Actor, file_id: int) -> DisputeFile:
    """The file, or ``NotFound`` where it is none of the actor's."""
    found: DisputeFile = DisputeFile.objects.select_related(
        "holder", "station", "town_room", "mediating", "responsible", "merged_into"
    ).one_for(actor, pk=file_id)
    return found


def push_for(actor: Actor, push_id: int) -> Push:
    """The push, or ``NotFound``."""
    found: Push = Push.objects.select_related("file", "to_organisation", "to_person").one_for(actor, pk=push_id)
    return found


def party_for(actor: Actor, party_id: int) -> Party:
    """The party by role, or ``NotFound``; who it is stands apart."""
    found: Party = Party.objects.select_related("file").one_for(actor, pk=party_id)
    return found


def suggestion_for(actor: Actor, suggestion_id: int) -> MatchSuggestion:
    """The suggested match, or ``NotFound``."""
    found: MatchSuggestion = MatchSuggestion.objects.select_related("file", "incident").one_for(
        actor, pk=suggestion_id
    )
    return found


def file_root(file: DisputeFile) -> DisputeFile:
    """The file that stands for this one: itself, or where its merges lead."""
    seen = {file.pk}
    while file.merged_into_id is not None and file.merged_into_id not in seen:
        seen.add(file.merged_into_id)
        file = DisputeFile.objects.get(pk=file.merged_into_id)
    return file


# Every step asks these: written out, because the object mapper takes many times as long as the store.
BENEATH_SQL = f"""WITH RECURSIVE beneath(id) AS (
    SELECT id FROM {_FILES} WHERE id = %s
    UNION SELECT within.id FROM {_FILES} within JOIN beneath ON within.merged_into_id IN (beneath.id)
        AND NOT (within.merged_into_id IS NULL)
)"""
"""The last condition is that of the partial index, in its very words: without it every step reads all files. ``IN``
for ``=`` keeps SQLite from reading them all for a filter before it uses that index."""


def file_ids_beneath(file_id: int) -> list[int]:
    """The file and all that were merged into it, directly or through another. One query."""
    with connection.cursor() as cursor:
        cursor.execute(f"{BENEATH_SQL} SELECT id FROM beneath", [file_id])
        return [int(pk) for (pk,) in cursor.fetchall()]


def files_above(file: DisputeFile) -> list[DisputeFile]:
    """Where the file was merged into, and where that was, as far as it goes; usually nothing."""
    found: list[DisputeFile] = []
    while file.merged_into_id is not None and file.merged_into_id not in {one.pk for one in found}:
        file = DisputeFile.objects.get(pk=file.merged_into_id)
        found.append(file)
    return found


def files_merged_into(file: DisputeFile) -> list[DisputeFile]:
    """What was merged into this very file. One query by the index of merged files, told by its own condition."""
    return list(DisputeFile.objects.filter(merged_into=file).exclude(merged_into=None))


def report_last(file_id: int) -> datetime | None:
    """When the latest report of the file, or of one merged into it, came in."""
    links = FileIncident.objects.filter(file_id__in=file_ids_beneath(file_id), undone_at=None)
    found: datetime | None = links.aggregate(last=Max("incident__received_at"))["last"]
    return found


def link_of(incident_id: int) -> FileIncident | None:
    """The link by which an incident belongs to a file, if it does."""
    rows = rows_read(FileIncident, order=("made_at", "id"), limit=1, incident_id=incident_id, undone_at=None)
    return rows[0] if rows else None


def file_of_incident(incident: Incident | int) -> DisputeFile | None:
    """The file the incident belongs to - where that was merged, the one it leads to. None without one."""
    link = link_of(incident if isinstance(incident, int) else incident.pk)
    return file_root(link.file) if link is not None else None


def push_open_of(file: DisputeFile | int, seq: int) -> Push | None:
    """The push of this step that runs, if one does; it hangs on ``file`` itself where that is given."""
    rows = rows_read(Push, limit=1, file_id=_id_of(file), seq=seq, state=PUSH_OPEN)
    return _hung_on(file, rows)[0] if rows else None


def pushes_open_of(file: DisputeFile | int) -> list[Push]:
    """All pushes of the file that run, by step; they hang on ``file`` itself where that is given."""
    return _hung_on(file, rows_read(Push, order=("seq", "id"), file_id=_id_of(file), state=PUSH_OPEN))


def _id_of(file: DisputeFile | int) -> int:
    return file if isinstance(file, int) else int(file.pk)


def _hung_on(file: DisputeFile | int, rows: list[Push]) -> list[Push]:
    if not isinstance(file, int):
        for push in rows:
            push.file = file
    return rows


def incident_ids_of(file_ids: Iterable[int]) -> list[int]:
    """The incidents linked to these files, in the order they were linked."""
    rows = FileIncident.objects.filter(file_id__in=list(file_ids), undone_at=None)
    return list(rows.order_by("made_at", "id").values_list("incident_id", flat=True))


def of_files(file_ids: Iterable[int]) -> Q:
    """Rows that hang on one of these files."""
    return Q(file_id__in=list(file_ids))
