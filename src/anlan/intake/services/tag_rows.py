"""Rows for the labels of a new incident."""

from __future__ import annotations

from datetime import datetime

from anlan.intake.models import Incident, IncidentTag
from anlan.intake.suggested import Suggested


def tags_suggested(
    incident: Incident, facts: Suggested, *, at: datetime, without: frozenset[str] = frozenset()
) -> list[IncidentTag]:
    """What the text suggests (not saved yet), leaving out the dimensions a person has filled."""
    return [
        IncidentTag(
            incident=incident,
            dimension=dimension,
            value=tag.value,
            state=IncidentTag.State.SUGGESTED,
            source=tag.source,
            confidence=tag.confidence,
            evidence=list(tag.evidence),
            model_version=facts.model_version,
            set_at=at,
        )
        for dimension, tags in facts.tags.items()
        if dimension not in without
        for tag in tags
    ]


def tag_chosen(
    incident: Incident,
    dimension: str,
    value: str,
    *,
    state: str,
    source: str,
    at: datetime,
    set_by: int | None,
) -> IncidentTag:
    """A label a person has set (not saved yet)."""
    return IncidentTag(
        incident=incident, dimension=dimension, value=value, state=state, source=source, set_at=at, set_by=set_by
    )
