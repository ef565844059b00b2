"""Notices about a matter that is shut to one person for a while: their words name its file."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from anlan.core.actor import Actor
from anlan.core.shut import FILE, INCIDENT, shutter_of
from anlan.disputes.models import DisputeFile
from anlan.notices.models import Notice


def notices_shut(actor: Actor, notice_ids: Iterable[int]) -> set[int]:
    """Which of these notices tell of a file or report shut to the actor. No query for whoever never asks."""
    files, reports = (shutter.keys(actor) if (shutter := shutter_of(sort)) else None for sort in (FILE, INCIDENT))
    about = Q()
    if files is not None:
        numbers = list(DisputeFile.objects.filter(pk__in=files).values_list("number", flat=True))
        if numbers:
            about |= Q(blanks__file__in=numbers)
    if reports is not None:
        about |= Q(incident_id__in=reports)
    wanted = list(notice_ids) if about else []
    return set(Notice.objects.filter(about, pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
