"""The facts of a file that decide its colour, gathered from its reports and its own course."""

from __future__ import annotations

from datetime import datetime

from anlan.dispatch.models import Feedback
from anlan.disputes.models import DisputeFile
from anlan.disputes.rules import RETURN_WITHIN
from anlan.disputes.selectors.files import file_ids_beneath, incident_ids_of
from anlan.disputes.weighing import Facts
from anlan.intake.models import Incident, IncidentTag


def file_facts(file: DisputeFile, *, at: datetime) -> Facts:
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
    sheets = list(Feedback.objects.filter(incident_id__in=ids).values_list("injuries", "loss_band"))
    if any(injuries for injuries, _ in sheets):
        dangers.add("injury")
    return Facts(
        dangers=frozenset(dangers),
        conditions=frozenset(conditions),
        words=words,
        reports_30d=max(recent, 1),
        amount_band=file.amount_band,
        people_count=file.people_count,
        agreement_broken=file.state == "defaulted",
        property_damage=any(band not in ("", "none") for _, band in sheets),
    )
