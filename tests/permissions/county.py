"""A county of five organisations for the matrix: one person of every role at one station, and a record of every kind
at that station, beneath it, beside it and above it.

    bureau ┬ zone ("above") ┬ west ("own": here one of every role works) ─ west post ("beneath")
           │                └ east ("sister") ─ a town room
           └ another zone

Records are put into the store as they are and not by the services that would make them: each belongs to one
organisation alone, whatever its kind, so that nothing but the filter on that organisation decides who sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from anlan.accounts.models import GlassBroken, Organisation, Person, Role
from anlan.accounts.services import organisation_add, person_add, role_grant, token_issue
from anlan.citizen.models import CitizenRequest
from anlan.core.actor import SYSTEM
from anlan.core.files import content_put
from anlan.dispatch.duty_models import CheckIn, Handover
from anlan.dispatch.models import Assignment, Feedback, FieldAttachment, PlanProposal, Revisit, WorkOrder
from anlan.disputes import models as disputes
from anlan.engines.geo import cell_of
from anlan.intake.models import Call, CallBack, Incident, IncidentTag, Reporter, Transfer
from anlan.notices.models import Addressee, MessageRecipient, Notice, OutboundMessage
from anlan.notices.selectors import message_reference
from anlan.patrol.models import PatrolPlan, PatrolRoute, PatrolStop, PatrolTrial
from anlan.patrol.trials.rules import protocol_hash
from anlan.places.models import Place, Point, PremiseNote, RoadCondition
from anlan.tagging.services import taxonomy_load
from anlan.units.models import CrewMember, Unit, UnitPosition
from anlan.whatif.models import Question
from permissions.county_equipment import add_equipment
from permissions.county_over import add_over

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday 2 March 2026, 09:00 in Shanghai
NOW = T0 + timedelta(minutes=30)
RELATIONS = ("own", "beneath", "sister", "above")
FOREIGN = ("sister", "above")
ROLES = tuple(Role.values)
OVER = "over"
"""A duty leader of the zone, who sees what the station's people don't: nothing of it may be held for them."""
CREWS = ("patrol", "beat_officer", "street_team")
KNOWN_TO_ALL = {"organisation", "organisation_id", "desk", "person"}
"""That there is such an organisation or colleague is no secret: desks choose from all. What is in it is."""
LON, LAT = 120.065, 28.90
TRIAL: dict[str, Any] = {
    "design": "switchback", "family": "calls", "days": 28, "periods": 28, "period_days": 1, "washout_days": 0,
    "pairs": [[0, 1]], "seed": 1, "start_minute": 0, "minutes": 480, "visits": 1,
    "grid": {"cell_m": 500.0, "lon0": 120.0, "lat0": 28.8, "nx": 40, "ny": 40, "lat_mid": 28.9},
    "blocks": [
        {"number": k + 1, "cells": [3 * k], "ring": [3 * k + 1], "lon": LON, "lat": LAT, "expected": 1.0,
         "residents": None, "addresses": 8}
        for k in range(2)
    ],
    "analysis": {"alpha": 0.05, "draws": 99},
    "harm": {"alpha": 0.05, "first_look": 7, "draws": 99},
    "power": {
        "expected": 56.0, "scatter": 1.0, "fall": 0.6, "share": 0.8, "past_days": 60,
        "alarms": {"found": 1, "runs": 20, "low": 0.0, "high": 0.2},
        "finds": {"found": 16, "runs": 20, "low": 0.6, "high": 0.9},
    },
}  # fmt: skip
"""What a trial has fixed, in little."""
CELL = int(cell_of(LON, LAT))
CANARIES = {
    relation: (
        *(f"{word} {relation}" for word in ("secret", "caller", "party", "photo of")),
        *(f"{word}-{relation}" for word in ("U", "S")),
        *(f"{number}{nth}" for number in ("260302-", "JF26-", "A26-", "1390000000")),
    )
    for nth, relation in enumerate(RELATIONS, start=1)
    if relation in FOREIGN
}
"""Words that stand in one organisation's records and nowhere else: found in an answer they are a leak."""
# A JPEG's first bytes are enough: what is sent out is not looked into again.
PHOTO = b"\xff\xd8\xff\xe0 photo of "

NOBODYS: dict[str, Any] = {
    "incident_number": "260302-99999",
    "call_number": "L260302-99999",
    "file_number": "JF26-999999",
    "message": "m99999999-0123456789ab",
    "sha256": "0" * 64,
}
"""Names no record bears, where a record has one other than its key."""
NO_KEY = 99_999_999


@dataclass
class County:
    """Who and what there is. ``records[relation][kind]`` is how an address or a body names the record."""

    orgs: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def named(self, relation: str, kind: str) -> Any:
        """The record of that kind in that relation to the station; ``absent`` is one that nobody has."""
        if relation == "absent":
            return NOBODYS.get(kind, NO_KEY)
        return self.records[relation][kind]


def build_people() -> County:
    """Organisations and people, nothing to look at yet."""
    county = County()
    for code, kind, parent in (
        ("bureau", "bureau", None),
        ("above", "zone", "bureau"),
        ("own", "station", "above"),
        ("sister", "station", "above"),
        ("beneath", "town_room", "own"),
        ("far", "zone", "bureau"),
        ("beside", "town_room", "sister"),
    ):
        county.orgs[code] = organisation_add(
            code=code, kind=kind, name_zh=code, name_en=code, parent=county.orgs.get(parent or ""), by=SYSTEM, at=T0
        )
    for role in ROLES:
        person = person_add(
            username=role, name=f"<{role}>", organisation=county.orgs["own"], password=None, by=SYSTEM, at=T0
        )
        role_grant(person=person, role=role, by=SYSTEM, at=T0)
        county.people[role] = person
        county.tokens[role] = token_issue(person=person, label="matrix", by=SYSTEM, at=T0)
    for code in ("sister", "above", "beneath"):
        person = person_add(
            username=code, name=f"<{code}>", organisation=county.orgs[code], password=None, by=SYSTEM, at=T0
        )
        role_grant(person=person, role="mediator", by=SYSTEM, at=T0)
        county.people[code] = person
    over = person_add(
        username=OVER, name="<over>", organisation=county.orgs["above"], password=None, by=SYSTEM, at=T0
    )
    role_grant(person=over, role="duty_leader", by=SYSTEM, at=T0)
    county.people[OVER] = over
    county.tokens[OVER] = token_issue(person=over, label="matrix", by=SYSTEM, at=T0)
    taxonomy_load(by=SYSTEM, at=T0)
    Place.objects.create(pk=1, kind="road", name_zh="安澜大道", lon=LON, lat=LAT, cell=CELL)
    return county


def add_records(county: County, *relations: str) -> None:
    """One record of every kind for each relation."""
    for relation in relations:
        county.records[relation] = _Records(county, relation).all()


class _Records:
    """Makes one record of every kind that belongs to one organisation."""

    def __init__(self, county: County, relation: str) -> None:
        self.county = county
        self.relation = relation
        self.org = county.orgs[relation]
        self.nth = RELATIONS.index(relation) + 1
        self.person = county.people.get(relation, county.people["mediator"])
        self.names: dict[str, Any] = {"organisation": self.org.code, "organisation_id": self.org.pk}

    def all(self) -> dict[str, Any]:
        self.names["person"] = self.person.pk
        # Over before anybody knocks: nobody reaches further by it.
        glass = GlassBroken.objects.create(
            person=self.person, organisation=self.org, reason=f"secret {self.relation}", broken_at=T0, ends_at=T0
        )
        self.names["glass"] = glass.pk
        self._units()
        self._intake()
        self._dispatch()
        self._notices()
        self._places()
        self._disputes()
        self._mediation()
        self._patrol()
        add_over(self)
        return self.names

    def _units(self) -> None:
        columns = {"track": "P", "organisation": self.org, "state_since": T0}
        self.unit = Unit.objects.create(call_sign=f"U-{self.relation}", state="en_route", vehicle="car", **columns)
        self.spare = Unit.objects.create(call_sign=f"S-{self.relation}", state="available", vehicle="car", **columns)
        for unit in (self.unit, self.spare):
            UnitPosition.objects.create(pk=unit.pk, lon=LON, lat=LAT, cell=CELL, fixed_at=NOW, received_at=NOW)
        if self.relation == "own":
            for role in CREWS:
                CrewMember.objects.create(unit=self.unit, person=self.county.people[role], joined_at=T0)
        self.names |= {"unit": self.unit.pk, "spare": self.spare.pk}

    def _patrol(self) -> None:
        times = {"starts_at": T0, "ends_at": T0 + timedelta(hours=8)}
        plan = PatrolPlan.objects.create(
            organisation=self.org,
            state_since=T0,
            made_at=T0,
            settings={},
            seed=1,
            demand="year",
            travel="road",
            expected=1.0,
            covered=1.0,
            **times,
        )
        route = PatrolRoute.objects.create(
            plan=plan, unit=self.unit, state="published", state_since=T0, travel_s=60.0, **times
        )
        stop = PatrolStop.objects.create(
            route=route,
            position=1,
            kind="must",
            name_zh=f"secret {self.relation}",
            lon=LON,
            lat=LAT,
            cell=CELL,
            arrives_at=T0,
            leaves_at=NOW,
            state_since=T0,
        )
        question = Question.objects.create(
            organisation=self.org,
            first_day=NOW.date(),
            last_day=NOW.date(),
            policy_a="closest",
            policy_b=f"secret {self.relation}",
            runs=1,
            seed=1,
            state_since=T0,
            asked_at=T0,
        )
        trial = PatrolTrial.objects.create(
            organisation=self.org,
            plan=plan,
            design="switchback",
            family="calls",
            first_day=NOW.date() + timedelta(days=3),
            last_day=NOW.date() + timedelta(days=30),
            state_since=T0,
            seed=1,
            protocol=TRIAL,
            protocol_sha256=protocol_hash(TRIAL),
            drafted_at=T0,
            drafted_by=self.person,
        )
        self.names |= {"patrol_trial": trial.pk}
        self.names |= {"question": question.pk}
        add_equipment(self)
        self.names |= {"patrol_plan": plan.pk, "patrol_route": route.pk, "patrol_stop": stop.pk}

    def _incident(self, nth: int, **columns: Any) -> Incident:
        return Incident.objects.create(
            **{
                "number": f"260302-{self.nth}{nth:04d}",
                "code": "0402",
                "priority": "P3",
                "priority_rule": "type",
                "track": "J",
                "track_rule": "type",
                "state_since": T0,
                "received_at": T0,
                "narrative": f"secret {self.relation} {nth}",
                "address_text": "安澜大道1号",
                "lon": LON,
                "lat": LAT,
                "cell": CELL,
                "station": self.org,
                "holder": self.org,
                **columns,
            }
        )

    def _intake(self) -> None:
        self.incident = self._incident(1)
        self.second = self._incident(2)
        self.third = self._incident(3, state="on_scene")
        day = timedelta(days=1)
        self._incident(5, state="closed", received_at=T0 - 2 * day, closed_at=T0 - day)
        columns = {"state": "recorded", "state_since": T0, "ringing_at": T0, "answered_at": T0, "station": self.org}
        self.call = Call.objects.create(
            number=f"L260302-{self.nth}0001",
            incident=self.incident,
            filed_under=self.incident,
            narrative=f"secret {self.relation}",
            line="110-1",
            **columns,
        )
        Reporter.objects.create(
            call=self.call,
            name=f"caller {self.relation}",
            phone=f"1390000000{self.nth}",
            salt="s",
            created_at=T0,
            expires_at=T0 + timedelta(days=365),
        )
        self.loose = Call.objects.create(
            number=f"L260302-{self.nth}0002", line=f"110-{self.nth}", **{**columns, "state": "answered"}
        )
        back = CallBack.objects.create(call=self.loose, reason="abandoned", due_at=NOW)
        tag = IncidentTag.objects.create(
            incident=self.incident, dimension="cause", value="debt", source="rule", set_at=T0
        )
        transfer = Transfer.objects.create(
            incident=self.second, partner=self.org, offered_from=self.org, state_since=T0, offered_at=T0
        )
        self.names |= {
            "incident": self.incident.pk,
            "incident_number": self.incident.number,
            "second": self.second.pk,
            "second_number": self.second.number,
            "third": self.third.pk,
            "third_number": self.third.number,
            "call": self.call.pk,
            "call_number": self.call.number,
            "loose": self.loose.pk,
            "loose_number": self.loose.number,
            "call_back": back.pk,
            "tag": tag.pk,
            "transfer": transfer.pk,
        }

    def _dispatch(self) -> None:
        assignment = Assignment.objects.create(
            incident=self.third,
            unit=self.unit,
            state="arrived",
            state_since=T0,
            sent_at=T0,
            signed_at=T0,
            departed_at=T0,
            arrived_at=T0,
        )
        feedback = Feedback.objects.create(
            incident=self.third, code="0402", priority="P3", result="settled_on_site", filed_at=T0
        )
        order = WorkOrder.objects.create(
            incident=self.second, town_room=self.org, state_since=T0, routed_at=T0, routed_from=self.org
        )
        revisit = Revisit.objects.create(
            incident=self.third, rule="sample", probability=0.1, created_at=T0, due_at=NOW
        )
        photo = PHOTO + self.relation.encode()
        attachment = FieldAttachment.objects.create(
            incident=self.third,
            assignment=assignment,
            kind="photo",
            media_type="image/jpeg",
            sha256=content_put(photo),
            size_bytes=len(photo),
            received_at=T0,
            expires_at=T0 + timedelta(days=90),
        )
        timer = CheckIn.objects.create(
            assignment=assignment,
            unit=self.unit,
            incident=self.third,
            state_since=T0,
            every_s=900,
            started_at=T0,
            wakes_at=NOW,
        )
        handover = Handover.objects.create(
            organisation=self.org, state="signed", state_since=T0, opened_at=T0, signed_at=T0, outgoing=self.person
        )
        asked = CitizenRequest.objects.create(
            incident=self.incident, call=self.call, kind="appeal", state_since=T0, asked_at=T0, due_at=NOW
        )
        self.names |= {
            "assignment": assignment.pk,
            "feedback": feedback.pk,
            "order": order.pk,
            "revisit": revisit.pk,
            "attachment": attachment.pk,
            "checkin": timer.pk,
            "handover": handover.pk,
            "desk": self.org.pk,
            "request": asked.pk,
        }

    def _notices(self) -> None:
        notice = Notice.objects.create(
            message="notices.written",
            text=f"secret {self.relation}",
            state_since=T0,
            organisation=self.org,
            sent_at=T0,
            expires_at=T0 + timedelta(days=1),
            wakes_at=T0 + timedelta(days=1),
        )
        for role in ROLES:
            Addressee.objects.create(
                notice=notice,
                kind="role",
                role=role,
                organisation=self.org,
                within_s=600,
                counts="clock",
                told_at=T0,
            )
        message = OutboundMessage.objects.create(
            message="citizen.rate",
            channel="sms",
            state="sent",
            state_since=T0,
            organisation=self.org,
            queued_at=T0,
            sent_at=T0,
            expires_at=T0 + timedelta(days=1),
        )
        MessageRecipient.objects.create(message=message, address=f"1390000000{self.nth}")
        self.names |= {"notice": notice.pk, "message": message_reference(message.pk)}

    def _places(self) -> None:
        where = {"lon": LON, "lat": LAT, "cell": CELL, "source": "station"}
        note = PremiseNote.objects.create(
            hazard="dog",
            text=f"secret {self.relation}",
            address_text="安澜大道1号",
            organisation=self.org,
            created_at=T0,
            expires_at=T0 + timedelta(days=30),
            **where,
        )
        point = Point.objects.create(
            kind="booth", code=f"b-{self.nth}", name_zh="岗亭", organisation=self.org, valid_from=T0, **where
        )
        condition = RoadCondition.objects.create(
            kind="closed",
            cause="works",
            lon=LON,
            lat=LAT,
            organisation=self.org,
            set_at=T0,
            starts_at=T0,
            ends_at=T0 + timedelta(days=1),
        )
        proposal = PlanProposal.objects.create(
            key=f"plan-{note.pk}", base_version=1, content={}, proposed_at=T0, proposed_by=1
        )
        self.names["plan_proposal"] = proposal.pk
        self.names |= {"note": note.pk, "point": point.pk, "place": 1, "condition": condition.pk}

    def _file(self, nth: int, **columns: Any) -> disputes.DisputeFile:
        return disputes.DisputeFile.objects.create(
            **{
                "number": f"JF26-{self.nth}{nth:05d}",
                "code": "0402",
                "state_since": T0,
                "level_since": T0,
                "held_since": T0,
                "opened_at": T0,
                "last_report_at": T0,
                "station": self.org,
                "holder": self.org,
                "due_at": NOW,
                "due_kind": "push_1",
                "claim": f"secret {self.relation}",
                **columns,
            }
        )

    def _disputes(self) -> None:
        self.file = self._file(1, state="mediating", mediating=self.org)
        other = self._file(2)
        closed = self._file(3, state="closed", closed_at=T0, result="settled_on_site")
        push = disputes.Push.objects.create(
            file=self.file,
            seq=2,
            reason="by_hand",
            to_role="beat_officer",
            to_organisation=self.org,
            state_since=T0,
            pushed_at=T0,
            due_at=NOW,
        )
        disputes.FileIncident.objects.create(file=self.file, incident=self.third, kind="opening", made_at=T0)
        self.party = disputes.Party.objects.create(file=self.file, role="a", joined_at=T0)
        self.other_party = disputes.Party.objects.create(file=self.file, role="b", joined_at=T0)
        for party in (self.party, self.other_party):
            disputes.PartyIdentity.objects.create(
                party=party, name=f"party {self.relation}", created_at=T0, expires_at=T0 + timedelta(days=365)
            )
        match = disputes.MatchSuggestion.objects.create(
            file=self.file, incident=self.incident, score=0.9, version="1", made_at=T0
        )
        opening = disputes.OpeningSuggestion.objects.create(
            incident=self.second,
            earlier=self.incident,
            rule="second",
            made_at=T0,
            facts={"within_days": 30, "within_m": 50, "earlier": []},
        )
        revisit = disputes.FileRevisit.objects.create(
            file=closed,
            closing=T0,
            rule="sample",
            probability=0.1,
            state_since=T0,
            drawn_at=T0,
            due_at=NOW,
            unit_result="settled_on_site",
        )
        self.names |= {
            "file": self.file.pk,
            "file_number": self.file.number,
            "other_file": other.pk,
            "other_file_number": other.number,
            "closed_file": closed.pk,
            "closed_file_number": closed.number,
            "push": push.pk,
            "party": self.party.pk,
            "other_party": self.other_party.pk,
            "match": match.pk,
            "opening": opening.pk,
            "file_revisit": revisit.pk,
        }

    def _mediation(self) -> None:
        body = disputes.MediationBody.objects.create(
            organisation=self.org, type="county_centre", hours="08:30-12:00 14:00-17:30", methods=["people"]
        )
        room = disputes.MediationRoom.objects.create(body=body, name_zh="一号室", name_en="Room 1")
        mediator = disputes.Mediator.objects.create(body=body, person=self.person, joined_at=T0)
        ticket = disputes.DeskTicket.objects.create(
            body=body, day=date(2026, 3, 2), number=77, state_since=T0, made_at=T0, file=self.file
        )
        mediation = disputes.Mediation.objects.create(
            file=self.file, body=body, mediator=self.person, method="people", state_since=T0, started_at=T0
        )
        session = disputes.Session.objects.create(
            mediation=mediation,
            file=self.file,
            ordinal=1,
            state_since=T0,
            mediator=self.person,
            starts_at=T0,
            ends_at=NOW,
            booked_at=T0,
        )
        disputes.SessionMinutes.objects.create(session=session, text=f"secret {self.relation}", written_at=T0)
        agreement = disputes.Agreement.objects.create(
            number=f"A26-{self.nth}",
            file=self.file,
            mediation=mediation,
            form="written",
            state_since=T0,
            drafted_at=T0,
        )
        obligation = disputes.Obligation.objects.create(
            agreement=agreement,
            file=self.file,
            seq=1,
            debtor=self.party,
            what="repair the wall",
            way="deed",
            due_on=date(2026, 3, 9),
            state_since=T0,
        )
        paper = disputes.MediationPaper.objects.create(
            file=self.file,
            kind="agreement",
            format="pdf",
            language="zh",
            sha256=f"{self.nth}" * 64,
            size_bytes=1,
            made_at=T0,
        )
        self.names |= {
            "body": body.pk,
            "room": room.pk,
            "mediator": mediator.pk,
            "ticket": ticket.pk,
            "mediation": mediation.pk,
            "session": session.pk,
            "agreement": agreement.pk,
            "obligation": obligation.pk,
            "sha256": paper.sha256,
        }
