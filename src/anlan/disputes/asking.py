"""Asked blindly: what a person may not read while they ask the parties of a closed file.

The file with those merged into it, and its reports as far as they are over. A report somebody still has to drive
to is shut to nobody: help goes before the worth of an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from anlan.core import shut
from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.core.permissions import permitted
from anlan.disputes import events
from anlan.disputes.models import DisputeFile, FileIncident, FileRevisit
from anlan.disputes.revisit_errors import AskedBlindly
from anlan.intake.models import Incident
from anlan.intake.selectors import UNDONE_STATES
from anlan.notices.models import Notice
from anlan.notices.selectors import notice_shutter_register

_CHANGED_BY = frozenset(
    (
        events.REVISIT_ASSIGNED,
        events.REVISIT_GIVEN_BACK,
        events.REVISIT_DONE,
        events.REVISIT_UNREACHED,
        events.REVISIT_DROPPED,
        events.INCIDENT_LINKED,
        events.INCIDENT_UNLINKED,
        events.FILES_MERGED,
        events.FILES_UNMERGED,
    )
)
_FILES, _REVISITS = DisputeFile._meta.db_table, FileRevisit._meta.db_table
_LINKS, _INCIDENTS = FileIncident._meta.db_table, Incident._meta.db_table
_UNDONE = ", ".join(f"'{state}'" for state in UNDONE_STATES)


def _asked(whose: str) -> str:
    """Who asks after which file, those merged into it included: ``asked(person, id)``.

    The last condition is that of the partial index of merged files, in its very words.
    """
    return f"""WITH RECURSIVE asked(person, id) AS (
        SELECT assigned_to_id, file_id FROM {_REVISITS} WHERE state = 'assigned' {whose}
        UNION SELECT asked.person, within.id FROM {_FILES} within
        JOIN asked ON within.merged_into_id IN (asked.id) AND NOT (within.merged_into_id IS NULL)
    )"""


_OF_ONE, _OF_ALL = _asked("AND assigned_to_id = %s"), _asked("")
_FILES_ASKED = "FROM asked"
# Joined in this order whatever the statistics say: beginning with the reports would read all there are.
_REPORTS_ASKED = f"""FROM asked CROSS JOIN {_LINKS} link CROSS JOIN {_INCIDENTS} report
    WHERE link.file_id = asked.id AND link.undone_at IS NULL
    AND report.id = link.incident_id AND report.state NOT IN ({_UNDONE})"""


def _rows(sql: str, *params: Any) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [(int(person), int(key)) for person, key in cursor.fetchall()]


class _Asked:
    """Rows of one sort, shut to whoever asks; ``key`` and ``rows`` are the SQL that finds them."""

    changed_by = _CHANGED_BY

    def __init__(self, key: str, rows: str) -> None:
        self._key, self._rows = key, rows

    def keys(self, actor: Actor) -> RawSQL | None:
        """Keys of what is shut to the actor; None for whoever never asks."""
        if actor.kind != "person" or actor.id is None or not permitted(actor, "disputes.revisit"):
            return None
        return RawSQL(f"{_OF_ONE} SELECT {self._key} {self._rows}", [actor.id])

    def people(self) -> Iterable[tuple[int, int]]:
        """Everybody who asks, with the keys of what is shut to them."""
        return _rows(f"{_OF_ALL} SELECT asked.person, {self._key} {self._rows}")


class AskedFiles(_Asked):
    """Files whose parties are being asked, with those merged into them."""

    def __init__(self) -> None:
        super().__init__("asked.id", _FILES_ASKED)

    def refuse(self, actor: Actor, key: int) -> None:
        """Say that the actor asks blindly, since when, and where what they need stands."""
        row = DisputeFile.objects.select_related("merged_into").filter(pk=key).first()
        seen: set[int] = set()
        while row is not None and row.pk not in seen:
            seen.add(row.pk)
            revisit = FileRevisit.objects.filter(file=row, state="assigned", assigned_to_id=actor.id).first()
            if revisit is not None:
                raise AskedBlindly(file=row.number, since=revisit.assigned_at, revisit=revisit.pk)
            row = row.merged_into

    def named_in(self, event: Event) -> int | None:
        """The file; the revisit itself is its asker's own business."""
        if event.subject_type == FileRevisit._meta.label_lower:
            return None
        if event.subject_type == DisputeFile._meta.label_lower:
            return event.subject_id
        told = event.data.get("file_id")
        return told if isinstance(told, int) else None


class AskedIncidents(_Asked):
    """Reports of those files that nobody has to drive to any more."""

    def __init__(self) -> None:
        super().__init__("link.incident_id", _REPORTS_ASKED)

    def refuse(self, actor: Actor, key: int) -> None:
        """Say it as for the file."""
        for link in FileIncident.objects.filter(incident_id=key, undone_at=None):
            FILES.refuse(actor, link.file_id)

    def named_in(self, event: Event) -> int | None:
        """The report; the revisit itself is its asker's own business."""
        return None if event.subject_type == FileRevisit._meta.label_lower else event.incident_id


FILES, INCIDENTS = AskedFiles(), AskedIncidents()


class AskedNotices:
    """Notices whose words name such a file or report."""

    def about(self, actor: Actor) -> Q:
        """By the number that stands in the words, and by the report; empty for whoever asks nobody."""
        files, reports = FILES.keys(actor), INCIDENTS.keys(actor)
        if files is None or reports is None:
            return Q()
        numbers = list(DisputeFile.objects.filter(pk__in=files).values_list("number", flat=True))
        return Q(blanks__file__in=numbers) | Q(incident_id__in=reports) if numbers else Q()

    def refuse(self, actor: Actor, notice: Notice) -> None:
        """Say it as for the file."""
        file = DisputeFile.objects.filter(number=notice.blanks.get("file", "")).first()
        if file is not None:
            FILES.refuse(actor, file.pk)
        if notice.incident_id is not None:
            INCIDENTS.refuse(actor, notice.incident_id)


def register() -> None:
    """Let the rule be asked by all who show files, reports, notices and what hangs on them."""
    shut.shutter_register(shut.FILE, FILES)
    shut.shutter_register(shut.INCIDENT, INCIDENTS)
    notice_shutter_register(AskedNotices())
