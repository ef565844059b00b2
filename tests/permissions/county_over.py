"""What is over or still rings: figures count it, boards show it, and nobody asks for it by name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from anlan.accounts.selectors import actor_for
from anlan.citizen.models import CitizenRequest
from anlan.console.services import replay_open
from anlan.core.actor import SYSTEM
from anlan.core.services import event_record
from anlan.dispatch.duty_models import HandoverNote
from anlan.dispatch.events import FIELD_ATTACHMENT_ADDED
from anlan.dispatch.models import Assignment, Feedback, FieldAttachment, Revisit
from anlan.disputes import models as disputes
from anlan.intake.models import Call, IncidentTag

if TYPE_CHECKING:
    from permissions.county import _Records

TAKERS = ("call_taker", "dispatcher", "duty_leader", "station_room")


def add_over(made: _Records) -> None:
    """Records of that organisation which are past, or wait for nobody in particular."""
    _calls(made)
    _labels(made)
    _field(made)
    _file_over(made)
    made._file(5, state="pushed", town_room=made.org)
    _in_hand(made)
    _past_looked_at(made)
    _left_with_another(made)


def _past_looked_at(made: _Records) -> None:
    """Somebody here had the past shown to them, and said what for."""
    from permissions.county import NOW

    if made.relation == "own":
        leader = actor_for(made.county.people["duty_leader"], at=NOW)
        replay_open(
            start=NOW - timedelta(hours=3), hours=1, purpose="training", words="what was said", by=leader, at=NOW
        )


LEFT = "260302-90001"
"""An incident of the other station that belongs to a file here."""


def _left_with_another(made: _Records) -> None:
    """A file here holds an incident of the other station; what was sent there from a visit is that station's.

    All of it is there before anybody looks: how far the record of events has come stands on every page.
    """
    from permissions.county import T0

    if made.relation != "own":
        return
    other = made.county.orgs["sister"]
    left = made._incident(9, number=LEFT, narrative="loud music", station=other, holder=other)
    disputes.FileIncident.objects.create(file=made.file, incident=left, kind="return", made_at=T0)
    sent = FieldAttachment.objects.create(
        incident=left,
        kind="photo",
        media_type="image/jpeg",
        sha256="9" * 64,
        size_bytes=1,
        received_at=T0,
        expires_at=T0 + timedelta(days=90),
    )
    event_record(
        FIELD_ATTACHMENT_ADDED,
        subject=sent,
        by=SYSTEM,
        at=T0,
        incident_id=left.pk,
        org_ids=[other.pk],
        unit="",
        unit_id=None,
        incident=LEFT,
        media="photo",
        size_bytes=1,
        taken_at=None,
    )


def _calls(made: _Records) -> None:
    from permissions.county import FOREIGN, NOW, T0

    columns = {"line": f"110-{made.nth}", "station": made.org, "ringing_at": T0, "state_since": T0}
    Call.objects.create(number=f"L260302-{made.nth}0003", state="ringing", **columns)
    if made.relation not in FOREIGN:
        return
    # A taker who moved on to another desk: the call stayed with the one where it was taken.
    for nth, role in enumerate(TAKERS, start=4):
        Call.objects.create(
            number=f"L260302-{made.nth}{nth:04d}",
            state="answered",
            answered_at=NOW,
            taker=made.county.people[role],
            **columns,
        )


def _labels(made: _Records) -> None:
    from permissions.county import T0

    urgent = made._incident(4, priority="P1")
    columns = {"incident": urgent, "dimension": "cause", "value": "debt", "set_at": T0}
    said = IncidentTag.objects.create(source="person", state="confirmed", **columns)
    IncidentTag.objects.create(source="text", state="suggested", superseded_by=said, **columns)


def _field(made: _Records) -> None:
    from permissions.county import NOW, T0

    sheet = Feedback.objects.create(
        incident=made.second,
        code="0402",
        priority="P3",
        result="settled_on_site",
        filed_at=T0,
        review="returned",
        reviewed_at=NOW,
    )
    Assignment.objects.create(
        incident=made.second,
        unit=made.spare,
        state="finished",
        state_since=T0,
        sent_at=T0,
        signed_at=T0,
        departed_at=T0,
        arrived_at=T0,
        finished_at=T0,
        eta_s=300,
        eta_p90_s=600,
        sheet=sheet,
    )
    CitizenRequest.objects.create(
        incident=made.incident,
        call=made.call,
        kind="withdraw",
        state="refused",
        state_since=NOW,
        asked_at=T0,
        due_at=NOW,
        answered_at=NOW,
        answer="no",
    )
    Revisit.objects.create(
        incident=made.second,
        rule="sample",
        probability=0.1,
        created_at=T0,
        due_at=NOW,
        done_at=NOW,
        outcome="satisfied",
        rating=5,
    )


def _file_over(made: _Records) -> None:
    """Settled, promised for today, asked after, and both sides content."""
    from permissions.county import NOW, T0

    today = date(2026, 3, 2)
    over = made._file(4, state="closed", closed_at=T0, result="settled_on_site")
    disputes.FileClosing.objects.create(
        file=over,
        event_id=900 + made.nth,
        opened_at=T0 - timedelta(days=1),
        closed_at=T0,
        closed_day=today,
        result="settled_on_site",
        code="0402",
        level="blue",
        station=made.org,
        holder=made.org,
    )
    asked = disputes.FileRevisit.objects.create(
        file=over,
        closing=T0,
        rule="sample",
        probability=0.1,
        state="done",
        state_since=NOW,
        drawn_at=T0,
        due_at=NOW,
        ended_at=NOW,
        finding="settled",
        unit_result="settled_on_site",
    )
    disputes.RevisitCall.objects.create(
        revisit=asked, side="a", seq=1, at=NOW, outcome="answered", script="1", settled="yes", rating=5
    )
    party = disputes.Party.objects.create(file=over, role="a", joined_at=T0)
    mediation = disputes.Mediation.objects.create(
        file=over,
        body=disputes.MediationBody.objects.get(organisation=made.org),
        mediator=made.person,
        method="people",
        state="agreed",
        state_since=T0,
        started_at=T0,
        ended_at=T0,
    )
    agreement = disputes.Agreement.objects.create(
        number=f"A26-{made.nth}9",
        file=over,
        mediation=mediation,
        form="written",
        state="in_force",
        state_since=T0,
        drafted_at=T0,
        agreed_at=T0,
        effective_at=T0,
    )
    promise = {"agreement": agreement, "file": over, "debtor": party, "what": "repair the wall", "way": "deed"}
    done = {"state": "performed", "performed_on": today}
    disputes.Obligation.objects.create(seq=1, due_on=today, state_since=T0, **promise, **done)
    disputes.Obligation.objects.create(seq=2, due_on=today, state_since=T0, **promise)


def _in_hand(made: _Records) -> None:
    """What others' organisations hold and left with somebody who works here: theirs it is, and not this station's."""
    from permissions.county import FOREIGN, NOW, ROLES, T0

    if made.relation not in FOREIGN:
        return
    body = disputes.MediationBody.objects.get(organisation=made.org)
    for nth, role in enumerate(ROLES, start=20):
        person = made.county.people[role]
        file = made._file(nth, responsible=person, state="mediating")
        disputes.Mediation.objects.create(
            file=file, body=body, mediator=person, method="people", state_since=T0, started_at=T0
        )
        disputes.Push.objects.create(
            file=file,
            seq=2,
            reason="by_hand",
            to_role=role,
            to_person=person,
            to_organisation=made.org,
            state_since=T0,
            pushed_at=T0,
            due_at=NOW,
        )
    HandoverNote.objects.create(
        handover_id=made.county.records["own"]["handover"], incident=made.incident, note="look", written_at=T0
    )
