"""The facts of a file that decide its colour, gathered from its reports and its own course."""

from __future__ import annotations

from datetime import datetime

from anlan.dispatch.models import Feedback
from anlan.disputes.models import DisputeFile
from anlan.disputes.rules import RETURN_WITHIN
from anlan.disputes.selectors.files import file_ids_beneath, incident_ids_of
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


def file_facts(file: DisputeFile, *, at: datetime) -> LevelFacts:
    """What stands in the reports of the file and of those merged into it. A handful of queries, however many."""
    ids = incident_ids_of(file_ids_beneath(file.pk))
    dangers: set[str] = set()
    recent = 0
    for flags, received_at in Incident.objects.filter(pk__in=ids).values_list("danger", "received_at"):
        dangers.update(flags)
        recent += received_at >= at - RETURN_WITHIN
    conditions: set[str] = set()
    words: dict[str, tuple[str, ...]] = {}
    tags = IncidentTag.objects.filter(incident_id__in=ids, dimension="conditions", superseded_by=None)
    for value, evidence in tags.order_by("id").values_list("value", "evidence"):
        conditions.add(value)
        words[value] = tuple(dict.fromkeys((*words.get(value, ()), *(str(word) for word in evidence))))[:8]
    if "injury" in conditions:
        dangers.add("injury")
    sheets = list(Feedback.objects.filter(incident_id__in=ids).values_list("injuries", "loss_band"))
    if any(injuries for injuries, _ in sheets):
        dangers.add("injury")
    return LevelFacts(
        dangers=frozenset(dangers),
        words=words,
        reports_30d=max(recent, 1),
        alcohol="alcohol" in conditions,
        property_damage=any(band not in ("", "none") for _, band in sheets),
        agreement_broken=file.state == "defaulted",
        amount_yuan=AMOUNT_FROM_YUAN[file.amount_band],
        people=file.people_count,
    )
