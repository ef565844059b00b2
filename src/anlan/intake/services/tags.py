"""Labels of an incident: suggested, then confirmed or corrected, then audited. Nothing is overwritten."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.errors import Overtaken
from anlan.core.services import event_record
from anlan.intake import events
from anlan.intake.models import Incident, IncidentTag
from anlan.intake.parts import orgs_of, taker_id
from anlan.tagging.selectors import tag_value, takes_many


@transaction.atomic
def incident_tag_confirm(
    *,
    incident: Incident,
    dimension: str,
    value: str,
    by: Actor,
    at: datetime,
    source: str = IncidentTag.Source.OFFICER,
) -> IncidentTag:
    """Say which value holds. It is confirmed if it was the standing one, corrected if another stood.

    In a dimension that takes many values, the value is confirmed or added beside the others. Raises
    ``TagUnknown`` for a value that is not in the vocabulary.
    """
    row, kind = _said(incident, dimension, value, source=source, by=by, at=at)
    _told(kind, incident, [row], by=by, at=at)
    return row


@transaction.atomic
def incident_tags_confirm(
    *,
    incident: Incident,
    values: Mapping[str, Collection[str]],
    by: Actor,
    at: datetime,
    source: str = IncidentTag.Source.OFFICER,
) -> list[IncidentTag]:
    """Say for several dimensions at once which values hold, as on a feedback sheet; one event for all."""
    rows = []
    is_corrected = False
    for dimension, wanted in values.items():
        for value in wanted:
            row, kind = _said(incident, dimension, value, source=source, by=by, at=at)
            rows.append(row)
            is_corrected = is_corrected or kind == events.TAG_CORRECTED
    if rows:
        _told(events.TAG_CORRECTED if is_corrected else events.TAG_CONFIRMED, incident, rows, by=by, at=at)
    return rows


@transaction.atomic
def incident_tags_set(
    *,
    incident: Incident,
    values: Mapping[str, Collection[str]],
    by: Actor,
    at: datetime,
    source: str = IncidentTag.Source.OFFICER,
) -> list[IncidentTag]:
    """Say for whole dimensions what holds and nothing else: what stands is confirmed or corrected, the rest goes.

    What was confirmed before and still holds is left as it is. Returns the new rows, one event for all.
    """
    rows: list[IncidentTag] = []
    is_corrected = False
    for dimension, wanted in values.items():
        standing = {
            row.value: row
            for row in IncidentTag.objects.filter(incident=incident, dimension=dimension, superseded_by=None)
        }
        for value in wanted:
            if value not in standing or standing[value].state == IncidentTag.State.SUGGESTED:
                row, kind = _said(incident, dimension, value, source=source, by=by, at=at)
                rows.append(row)
                is_corrected = is_corrected or kind == events.TAG_CORRECTED
        gone = [row for value, row in standing.items() if value and value not in wanted]
        if gone and (takes_many(dimension) or not wanted):
            rows.append(_none_instead(gone, source=source, by=by, at=at))
            is_corrected = True
    if rows:
        _told(events.TAG_CORRECTED if is_corrected else events.TAG_CONFIRMED, incident, rows, by=by, at=at)
    return rows


def _none_instead(gone: list[IncidentTag], *, source: str, by: Actor, at: datetime) -> IncidentTag:
    """A closed row in the place of labels that do not hold."""
    first = gone[0]
    return _put(
        first.incident,
        first.dimension,
        "",
        state=IncidentTag.State.CORRECTED,
        source=source,
        ends=gone,
        by=by,
        at=at,
    )


def _said(
    incident: Incident, dimension: str, value: str, *, source: str, by: Actor, at: datetime
) -> tuple[IncidentTag, str]:
    tag_value(dimension, value)
    standing = list(IncidentTag.objects.filter(incident=incident, dimension=dimension, superseded_by=None))
    same = [row for row in standing if row.value == value]
    ends = same if takes_many(dimension) else standing
    is_corrected = bool(standing) and not same and not takes_many(dimension)
    state = IncidentTag.State.CORRECTED if is_corrected else IncidentTag.State.CONFIRMED
    row = _put(incident, dimension, value, state=state, source=source, ends=ends, by=by, at=at)
    return row, events.TAG_CORRECTED if is_corrected else events.TAG_CONFIRMED


@transaction.atomic
def incident_tag_withdraw(*, tag: IncidentTag, by: Actor, at: datetime) -> IncidentTag:
    """Say that a label does not hold, where no other takes its place: a closed row stands instead."""
    row = _none_instead([tag], source=IncidentTag.Source.OFFICER, by=by, at=at)
    _told(events.TAG_CORRECTED, tag.incident, [row], by=by, at=at)
    return row


@transaction.atomic
def incident_tag_audit(*, tag: IncidentTag, by: Actor, at: datetime, value: str | None = None) -> IncidentTag:
    """A reviewer agrees with a standing label, or puts another ``value`` in its place; either is final.

    Raises ``Overtaken`` where the label does not stand any more, ``TagUnknown`` for a value that is not
    in the vocabulary.
    """
    wanted = tag.value if value is None else value
    if wanted != tag.value:
        tag_value(tag.dimension, wanted)
    now_held = IncidentTag.objects.select_for_update(of=("self",)).get(pk=tag.pk)
    if now_held.superseded_by_id is not None:
        other = IncidentTag.objects.get(pk=now_held.superseded_by_id)
        raise Overtaken(subject=f"{tag.incident.number} {tag}", state=other.get_state_display())
    row = _put(
        tag.incident,
        tag.dimension,
        wanted,
        state=IncidentTag.State.AUDITED,
        source=IncidentTag.Source.REVIEWER,
        ends=[tag],
        by=by,
        at=at,
    )
    _told(events.TAG_AUDITED, tag.incident, [row], by=by, at=at, is_agreed=wanted == tag.value)
    return row


def _put(
    incident: Incident,
    dimension: str,
    value: str,
    *,
    state: str,
    source: str,
    ends: list[IncidentTag],
    by: Actor,
    at: datetime,
) -> IncidentTag:
    row = IncidentTag.objects.create(
        incident=incident,
        dimension=dimension,
        value=value,
        state=state,
        source=source,
        set_at=at,
        set_by=taker_id(by),
    )
    IncidentTag.objects.filter(pk__in=[old.pk for old in ends], superseded_by=None).update(superseded_by=row)
    return row


def _told(kind: str, incident: Incident, rows: list[IncidentTag], *, by: Actor, at: datetime, **facts: Any) -> None:
    event_record(
        kind,
        subject=incident,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=orgs_of(incident),
        number=incident.number,
        tags=[f"{row.dimension}:{row.value}" for row in rows],
        source=rows[0].source,
        **facts,
    )
