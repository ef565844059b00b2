"""The facts of a file that decide its colour, gathered from its reports and its own course."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from anlan.dispatch.models import Feedback
from anlan.disputes.models import DisputeFile, FileIncident
from anlan.disputes.rules import RETURN_WITHIN
from anlan.disputes.selectors.files import BENEATH_SQL
from anlan.engines.levels import LevelFacts
from anlan.intake.models import Incident, IncidentTag

AMOUNT_FROM_YUAN = {
    "": None,
    "none": 0,
    "under_1k": 0,
    "under_10k": 1_000,
    "under_100k": 10_000,
    "over_100k": 100_000,
}
"""What at least is claimed, by band."""

_SAID_SQL = f"""{BENEATH_SQL}, said(id) AS (
    SELECT incident_id FROM {FileIncident._meta.db_table}
    WHERE file_id IN (SELECT id FROM beneath) AND undone_at IS NULL
)
SELECT 1 AS kind, id, CAST(danger AS text) AS words, '' AS value, CASE WHEN received_at >= %s THEN 1 ELSE 0 END
    FROM {Incident._meta.db_table} WHERE id IN (SELECT id FROM said)
UNION ALL SELECT 2, id, CAST(evidence AS text), value, 0
    FROM {IncidentTag._meta.db_table}
    WHERE incident_id IN (SELECT id FROM said) AND dimension = 'conditions' AND superseded_by_id IS NULL
UNION ALL SELECT 3, id, '[]', loss_band, injuries
    FROM {Feedback._meta.db_table} WHERE incident_id IN (SELECT id FROM said)
ORDER BY 1, 2"""
"""Reports, confirmed conditions and feedback of the file in one question: every step weighs its file."""
_REPORT, _CONDITION = 1, 2


def file_facts(file: DisputeFile, *, at: datetime) -> LevelFacts:
    """What stands in the reports of the file and of those merged into it. One query, however many."""
    dangers: set[str] = set()
    recent = 0
    words: dict[str, tuple[str, ...]] = {}
    is_damaged = False
    for kind, told, value, number in _said(file, at - RETURN_WITHIN):
        if kind == _REPORT:
            dangers.update(told)
            recent += number
        elif kind == _CONDITION:
            words[value] = tuple(dict.fromkeys((*words.get(value, ()), *(str(word) for word in told))))[:8]
        else:
            is_damaged = is_damaged or value not in ("", "none")
            if number:
                dangers.add("injury")
    if "injury" in words:
        dangers.add("injury")
    return LevelFacts(
        dangers=frozenset(dangers),
        words=words,
        reports_30d=max(recent, 1),
        alcohol="alcohol" in words,
        property_damage=is_damaged,
        agreement_broken=file.state == "defaulted",
        amount_yuan=AMOUNT_FROM_YUAN[file.amount_band],
        people=file.people_count,
    )


def _said(file: DisputeFile, since: datetime) -> Iterable[tuple[int, Any, str, int]]:
    """(kind, words, value, number): dangers of a report and whether it came since; a condition; a feedback."""
    with connection.cursor() as cursor:
        cursor.execute(_SAID_SQL, [file.pk, connection.ops.adapt_datetimefield_value(since)])
        for kind, _pk, told, value, number in cursor.fetchall():
            yield kind, json.loads(told), value, number
