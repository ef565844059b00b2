"""Opening an incident for a call that is already on the record."""

from __future__ import annotations

from datetime import datetime

from anlan.core.actor import Actor
from anlan.intake.models import Call, Incident, IncidentTag
from anlan.intake.rules import CALL, ORIGIN_OF_CHANNEL
from anlan.intake.services.parts import incident_number
from anlan.intake.services.read import decision_for, rules_version, suggestion_of
from anlan.intake.services.tag_rows import tags_suggested
from anlan.intake.suggested import suggested_from
from anlan.places.selectors import locate
from anlan.tagging.rules import OTHER
from anlan.tagging.selectors import incident_type, vocabulary


def incident_open_for_call(
    call: Call, *, by: Actor, at: datetime, danger: tuple[str, ...] = (), code: str = ""
) -> Incident:
    """An incident of its own for ``call``, from what the call sheet holds; the caller records the event.

    ``danger`` are flags a person has found (say, when calling back); those of the text come on top.
    """
    suggestion = suggestion_of(call.narrative)
    facts = suggested_from(suggestion)
    dangers = tuple(dict.fromkeys((*danger, *facts.danger)))
    kind = code or facts.code or OTHER
    decision = decision_for(
        code=kind,
        danger=dangers,
        tags={name: {tag.value for tag in tags} for name, tags in facts.tags.items()},
        call_type=call.call_type,
    )
    located = locate(call.lon, call.lat) if call.lon is not None and call.lat is not None else None
    incident = Incident.objects.create(
        number=incident_number(at),
        code=kind,
        taxonomy_version=vocabulary().version,
        priority=decision.priority,
        priority_rule=decision.priority_rule,
        track=decision.track,
        track_rule=decision.track_rule,
        rules_version=rules_version(facts),
        danger=list(dangers),
        is_valid=incident_type(kind).is_valid_incident,
        state_since=at,
        narrative=call.narrative,
        address_text=call.address_text,
        lon=call.lon,
        lat=call.lat,
        location_radius_m=call.location_radius_m,
        location_source="network" if call.lon is not None else "",
        cell=located.cell if located else None,
        setting=located.setting if located else "town",
        beat_code=located.beat_code if located else "",
        station_id=located.station_id if located else call.station_id,
        town_room_id=located.town_room_id if located else None,
        holder_id=by.org_id,
        origin=ORIGIN_OF_CHANNEL.get(call.channel, "citizen"),
        received_at=call.answered_at or call.recorded_at or at,
    )
    IncidentTag.objects.bulk_create(tags_suggested(incident, facts, at=at))
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
