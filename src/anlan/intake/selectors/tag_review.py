"""Labels a reviewer looks at: all that was said of urgent matters, and a tenth of the rest drawn by lot."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.services import keyed_hash
from anlan.intake.models import Incident, IncidentTag
from anlan.intake.rules import TAG_REVIEW_ALL_OF, TAG_REVIEW_SHARE, TAG_REVIEW_WINDOW

_BATCH = 500


def is_drawn_for_review(number: str) -> bool:
    """Whether an incident's labels are among the tenth drawn: by a keyed hash of its number.

    Nobody can pick or dodge it, and asking again gives the same answer.
    """
    return int(keyed_hash(f"tag review:{number}")[:13], 16) / 16**13 < TAG_REVIEW_SHARE


def tags_to_review(actor: Actor, *, at: datetime, limit: int = 200) -> list[IncidentTag]:
    """Standing labels that a person confirmed or corrected in the last 24 h, urgent matters first.

    Of P1 and P2 all, of the rest those of the incidents drawn; at most ``limit``. What was reviewed is
    not asked for again. A closed row with an empty value says that no label of its dimension holds.
    """
    rows = (
        IncidentTag.objects.filter(
            incident__in=Incident.objects.visible_to(actor).filter(is_valid=True).exclude(state="invalid"),
            state__in=(IncidentTag.State.CONFIRMED, IncidentTag.State.CORRECTED),
            superseded_by=None,
            set_at__gt=at - TAG_REVIEW_WINDOW,
            set_at__lte=at,
        )
        .select_related("incident")
        .order_by("incident__priority", "set_at", "id")
    )
    wanted = (
        row
        for row in rows.iterator(chunk_size=_BATCH)
        if row.incident.priority in TAG_REVIEW_ALL_OF or is_drawn_for_review(row.incident.number)
    )
    return list(islice(wanted, limit))


def tag_for(actor: Actor, tag_id: int) -> IncidentTag:
    """The label, if its incident lies in the actor's reach; else ``NotFound``."""
    row = IncidentTag.objects.select_related("incident").filter(pk=tag_id).first()
    if row is None or not Incident.objects.visible_to(actor).filter(pk=row.incident_id).exists():
        Incident.objects.refuse_shut(actor, pk=row.incident_id if row is not None else 0)
        raise NotFound
    return row
