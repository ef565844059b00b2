"""Opening incidents: the row, its labels and its first event, for a new sheet or a call already taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.core.actor import Actor
from anlan.core.calendars import office_calendar
from anlan.core.rows import row_new
from anlan.engines.text_tags import Suggestion
from anlan.intake.deciding import decision_for, rules_version, suggestion_of
from anlan.intake.models import Call, Incident, IncidentTag
from anlan.intake.parts import incident_number
from anlan.intake.rules import CALL, ORIGIN_OF_CHANNEL, time_context, weather_context
from anlan.intake.suggested import Suggested, suggested_from
from anlan.intake.triage import Decision
from anlan.places.selectors import Located, locate, weather_then
from anlan.tagging.selectors import OTHER, incident_type, vocabulary

CLOCK_DIMENSION, WEATHER_DIMENSION = "time_context", "weather_context"
BY_INSTRUMENT = frozenset({CLOCK_DIMENSION, WEATHER_DIMENSION})
"""Told by clock and weather feed, whatever the words say."""


def incident_row(
    *,
    code: str,
    decision: Decision,
    danger: tuple[str, ...],
    facts: Suggested,
    located: Located | None,
    by: Actor,
    at: datetime,
    **columns: Any,
) -> Incident:
    """A new incident (not saved, not numbered), with who answers for its place; the rest in ``columns``."""
    return row_new(
        Incident,
        code=code,
        taxonomy_version=vocabulary().version,
        priority=decision.priority,
        priority_rule=decision.priority_rule,
        track=decision.track,
        track_rule=decision.track_rule,
        rules_version=rules_version(facts),
        danger=list(danger),
        is_valid=incident_type(code).is_valid_incident,
        state="open",
        state_since=at,
        cell=located.cell if located else None,
        setting=located.setting if located else "town",
        beat_code=located.beat_code if located else "",
        station_id=located.station_id if located else None,
        town_room_id=located.town_room_id if located else None,
        holder_id=by.org_id,
        **columns,
    )


def tag_rows_suggested(
    incident: Incident, facts: Suggested, *, at: datetime, without: frozenset[str] = frozenset()
) -> list[IncidentTag]:
    """What text, clock and weather feed suggest (not saved yet), leaving out the dimensions a person has filled."""
    by_clock = [] if CLOCK_DIMENSION in without else [_tag_row_by_clock(incident, facts, at=at)]
    by_feed = [] if WEATHER_DIMENSION in without else _tag_rows_by_weather(incident, at=at)
    by_text = [
        row_new(
            IncidentTag,
            incident_id=incident.pk,
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
        if dimension not in without | BY_INSTRUMENT
        for tag in tags
    ]
    return [*by_text, *by_clock, *by_feed]


def _tag_row_by_clock(incident: Incident, facts: Suggested, *, at: datetime) -> IncidentTag:
    """The time of day at which it happened, or else was reported."""
    places = frozenset(facts.tag_values.get("place_type", ()))
    moment = incident.occurred_from or incident.received_at
    return row_new(
        IncidentTag,
        incident_id=incident.pk,
        dimension=CLOCK_DIMENSION,
        value=time_context(moment, office_calendar(), place_types=places),
        state=IncidentTag.State.SUGGESTED,
        source=IncidentTag.Source.RULE,
        set_at=at,
    )


def _tag_rows_by_weather(incident: Incident, *, at: datetime) -> list[IncidentTag]:
    """The weather in which it happened, or else was reported, each label with the figure and whose that is."""
    moment = incident.occurred_from or incident.received_at
    then = weather_then(moment, at=at, lon=incident.lon, lat=incident.lat)
    row = then.measured
    told = (
        {name: getattr(row, name) for name in ("temperature_c", "rain_mm_h", "visibility_m")}
        if row is not None
        else {}
    )
    return [
        row_new(
            IncidentTag,
            incident_id=incident.pk,
            dimension=WEATHER_DIMENSION,
            value=value,
            state=IncidentTag.State.SUGGESTED,
            source=IncidentTag.Source.RULE,
            evidence=[{"words": f"{figure} · {row.source}"}] if figure and row is not None else [],
            set_at=at,
        )
        for value, figure in weather_context(**told, warnings=then.warnings).items()
    ]


def opening_facts(incident: Incident, call: Call, *, suggestion: Suggestion | None) -> dict[str, Any]:
    """What the event of an opening tells: codes, rules and numbers, nothing a caller said."""
    return {
        "number": incident.number,
        "call": call.number,
        "call_type": call.call_type,
        "channel": call.channel,
        "code": incident.code,
        "suggested": (suggestion.code or "") if suggestion else "",
        "priority": incident.priority,
        "priority_rule": incident.priority_rule,
        "track": incident.track,
        "track_rule": incident.track_rule,
        "rules": incident.rules_version,
        "danger": list(incident.danger),
        "location": incident.location_source,
    }


def incident_open_for_call(
    call: Call, *, by: Actor, at: datetime, danger: tuple[str, ...] = (), code: str = ""
) -> Incident:
    """An incident of its own for a call on the record, from what its sheet holds; the caller records it.

    ``danger`` are flags a person has found (say, when calling back); those of the text come on top.
    """
    suggestion = suggestion_of(call.narrative)
    facts = suggested_from(suggestion)
    dangers = tuple(dict.fromkeys((*danger, *facts.danger)))
    kind = code or facts.code or OTHER
    decision = decision_for(
        code=kind,
        danger=dangers,
        tags=facts.tag_values,
        suggestion=suggestion,
        call_type=call.call_type,
        is_named=bool(code),
    )
    is_located = call.lon is not None and call.lat is not None
    incident = incident_row(
        code=kind,
        decision=decision,
        danger=dangers,
        facts=facts,
        located=locate(call.lon, call.lat) if call.lon is not None and call.lat is not None else None,
        by=by,
        at=at,
        narrative=call.narrative,
        address_text=call.address_text,
        lon=call.lon,
        lat=call.lat,
        location_radius_m=call.location_radius_m,
        location_source="network" if is_located and call.location_radius_m else ("point" if is_located else ""),
        origin=ORIGIN_OF_CHANNEL.get(call.channel, "citizen"),
        received_at=call.answered_at or call.recorded_at or at,
    )
    incident.number = incident_number(at)
    incident.station_id = incident.station_id or call.station_id
    incident.save(force_insert=True)
    IncidentTag.objects.bulk_create(tag_rows_suggested(incident, facts, at=at))
    CALL.move(
        call,
        "incident_open",
        at=at,
        subject=call.number,
        incident=incident,
        filed_under=incident,
        is_opening=True,
        invalid_reason="",
    )
    return incident
