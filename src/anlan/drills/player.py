"""The life of a drill's incidents: every step goes through the very services the screens use."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anlan.core.actor import Actor
from anlan.core.errors import DomainError
from anlan.core.row_changes import row_reread, rows_read
from anlan.dispatch.models import Assignment, Feedback, WorkOrder
from anlan.dispatch.rules import SETTLED_ON_SITE
from anlan.dispatch.selectors import recommend
from anlan.dispatch.services import (
    assignment_arrive,
    assignment_depart,
    assignment_finish,
    assignment_refuse,
    assignment_sign,
    feedback_file,
    feedback_review,
    first_report_give,
    incident_close,
    order_assign,
    order_close,
    order_contact,
    order_move_on,
    order_route,
    order_settle,
    order_sign,
    unit_assign,
)
from anlan.drills.behaviour import Behaviour, behaviour
from anlan.drills.fleet import Fleet
from anlan.drills.stage import Act, Stage
from anlan.intake.models import CallBack, Incident, Transfer
from anlan.intake.services import (
    CallReceived,
    CallSheet,
    call_back_done,
    call_mark_invalid,
    call_receive,
    transfer_accept,
    transfer_offer,
)
from anlan.units.models import Unit

log = logging.getLogger("anlan.drills")
SENT_AGAIN = timedelta(seconds=15)
NEXT_IN_LINE = timedelta(seconds=10)
LOOK_AGAIN = timedelta(minutes=10)
RING_BACK_AFTER = timedelta(seconds=40)
CLOSE_AGAIN = timedelta(minutes=20)
MAX_TRIES = 240
PARTNER_OF = {"07": "119", "0503": "120", "0502": "119"}
Place = tuple[str, datetime, int]


@dataclass
class Player:
    """Plays dispatchers, units, town rooms and reviewers for the incidents it is given."""

    stage: Stage
    fleet: Fleet
    by: Actor
    seed: int
    partners: frozenset[str] = frozenset()
    counts: Counter[str] = field(default_factory=Counter)
    only: Callable[[Incident], bool] = lambda incident: True
    _line: dict[str, dict[Place, Act]] = field(default_factory=lambda: {"P": {}, "C": {}})
    _played: int = 0
    _units: dict[int, Unit] = field(default_factory=dict)

    def call(self, sheet: CallSheet, at: datetime) -> Incident | None:
        """A call comes in; what follows is planned on the stage."""
        return self.taken(call_receive(line=sheet, at=at, by=self.by), at)

    def taken(self, taken: CallReceived, at: datetime) -> Incident | None:
        """A report is on the record; what follows from it is planned on the stage."""
        self.counts["calls"] += 1
        incident = taken.incident
        if taken.call_back is not None:
            self.call_back(taken.call_back, at)
        if incident is None or taken.is_repeated or not taken.call.is_opening:
            self.counts["joined_or_void"] += 1
            return incident
        if taken.duplicates:
            self.counts["duplicate_suggested"] += 1
        self.follow(incident, at)
        return incident

    def call_back(self, call_back: CallBack, at: datetime) -> None:
        """A silent caller is rung back within the minute; here nothing was wrong."""

        def ring(t: datetime) -> None:
            call_back.refresh_from_db()
            if call_back.done_at is None:
                call_back_done(call_back=call_back, outcome="reached", by=self.by, at=t)
                self.counts["called_back"] += 1
                if call_back.call.state in ("recorded", "abandoned"):
                    kind = "silent" if call_back.reason == "silent" else "no_matter"
                    call_mark_invalid(call=call_back.call, kind=kind, by=self.by, at=t)

        self.stage.plan(at + RING_BACK_AFTER, ring)

    def follow(self, incident: Incident, at: datetime, *, not_before: datetime | None = None) -> None:
        """Somebody decides on the incident after a while, from ``not_before`` on if a person may do it first."""
        ways = self._ways(incident)
        decides_at = at + timedelta(seconds=ways.unit.decide_s)
        self.stage.plan(max(decides_at, not_before or decides_at), lambda t: self._decide(incident, ways, t, 0))

    def _ways(self, incident: Incident) -> Behaviour:
        self._played += 1
        urgent = bool(incident.danger) or incident.priority == "P1"
        return behaviour(incident.code, urgent=urgent, seed=self.seed, number=self._played)

    def sent_by_person(self, assignment: Assignment, at: datetime) -> None:
        """A unit was sent by a person at the screen: it answers like any other."""
        if assignment.state == "sent":
            self._sent(assignment, self._ways(assignment.incident), at)

    def routed_by_person(self, order: WorkOrder, at: datetime) -> None:
        """A matter was routed to a town room by a person: the room works on it."""
        if order.state == "routed":
            self._work(order, self._ways(order.incident), at)

    def offered(self, transfer: Transfer, at: datetime) -> None:
        """A matter was handed to a partner desk by a person: the desk accepts it."""
        receipt = f"R{transfer.incident.number}"
        self.stage.plan(
            at + RING_BACK_AFTER, lambda t: transfer_accept(transfer=transfer, receipt=receipt, by=self.by, at=t)
        )

    def _decide(self, incident: Incident, ways: Behaviour, at: datetime, tries: int) -> None:
        row_reread(incident)
        if incident.state != "open" or not self.only(incident):
            return
        if incident.track == "T" and not tries and self._handed_over(incident, ways, at):
            return
        if incident.track == "C" and incident.town_room_id is not None:
            self._route(incident, ways, at)
            return
        if incident.track == "J" and incident.town_room_id is not None:
            self._joined(incident, ways, at)
        self._send(incident, ways, at, tries)

    def _send(self, incident: Incident, ways: Behaviour, at: datetime, tries: int) -> None:
        """Send the first unit of the recommendation; where nobody is free it waits in line."""
        track = "C" if incident.track == "C" else "P"
        ranked = recommend(incident, at=at, limit=1, track=track).ranked
        for choice in ranked:
            try:
                assignment = unit_assign(
                    incident=incident,
                    unit=self._unit(choice.unit.id),
                    by=self.by,
                    at=at,
                    eta_s=choice.eta_s,
                    eta_source=choice.eta_source,
                    travel_s=choice.travel_s,
                    eta_p90_s=choice.eta_p90_s,
                    fix_age_s=choice.fix_age_s,
                    rank=1,
                )
            except DomainError:
                continue
            self._sent(assignment, ways, at)
            return
        self.counts["nobody_free"] += 1
        self._wait(track, incident, lambda t: self._decide(incident, ways, t, tries + 1), at, tries)

    def _wait(self, track: str, incident: Incident, again: Act, at: datetime, tries: int) -> None:
        """Wait in line for a unit of ``track``: the most urgent first, then who has waited longest.

        Units are also freed by people, whom the player doesn't hear: it looks again by itself, now and then.
        """
        place = (incident.priority, incident.received_at, incident.pk)
        self._line[track][place] = again

        def look(t: datetime) -> None:
            if self._line[track].get(place) is again:
                self._line[track].pop(place)(t)

        if tries < MAX_TRIES:
            self.stage.plan(at + LOOK_AGAIN, look)

    def _freed(self, track: str, at: datetime) -> None:
        """A unit is free: the first in line is thought of."""
        if line := self._line[track]:
            self.stage.plan(at + NEXT_IN_LINE, line.pop(min(line)))

    def _sent(self, assignment: Assignment, ways: Behaviour, at: datetime) -> None:
        self.counts["sent"] += 1
        wait = timedelta(seconds=ways.unit.sign_s)
        self.stage.plan(at + wait, lambda t: self._sign(assignment, ways, t))

    def _sign(self, assignment: Assignment, ways: Behaviour, at: datetime) -> None:
        if not _stands(assignment, "sent"):
            return
        if ways.unit.refused and assignment.unit.track == "P":
            self.counts["refused"] += 1
            assignment_refuse(assignment=assignment, reason="车辆故障", by=self.by, at=at)
            calm = ways.willing()
            self.stage.plan(at + SENT_AGAIN, lambda t: self._decide(assignment.incident, calm, t, 0))
            self._freed("P", at)
            return
        assignment_sign(assignment=assignment, by=self.by, at=at)
        self.stage.plan(at + timedelta(seconds=ways.unit.turnout_s), lambda t: self._depart(assignment, ways, t))

    def _depart(self, assignment: Assignment, ways: Behaviour, at: datetime) -> None:
        if not _stands(assignment, "signed"):
            return
        assignment_depart(assignment=assignment, by=self.by, at=at)
        incident = assignment.incident
        travel_s = 420.0
        if incident.lon is not None and incident.lat is not None:
            urgent = incident.priority in ("P1", "P2") and assignment.unit.track == "P"
            travel_s = self.fleet.drive(assignment.unit_id, incident.lon, incident.lat, urgent=urgent, at=at)
        self.stage.plan(at + timedelta(seconds=max(5.0, travel_s)), lambda t: self._arrive(assignment, ways, t))

    def _arrive(self, assignment: Assignment, ways: Behaviour, at: datetime) -> None:
        if not _stands(assignment, "en_route"):
            return
        self.fleet.riders[assignment.unit_id].stand(at)
        assignment_arrive(assignment=assignment, by=self.by, at=at)
        self.counts["arrived"] += 1
        if assignment.incident.priority == "P1":
            self.stage.plan(at + timedelta(seconds=ways.report_s), lambda t: self._first_word(assignment, t))
        self.stage.plan(at + timedelta(seconds=ways.unit.on_scene_s), lambda t: self._finish(assignment, ways, t))

    def _first_word(self, assignment: Assignment, at: datetime) -> None:
        """The unit tells the desk what it found, unless it is done already."""
        if _stands(assignment, "arrived") and assignment.reported_at is None:
            first_report_give(assignment=assignment, by=self.by, at=at)
            self.counts["first_reports"] += 1

    def _finish(self, assignment: Assignment, ways: Behaviour, at: datetime) -> None:
        if not _stands(assignment, "arrived"):
            return
        order = self._order_on_site(assignment)
        if order is not None:
            self._settle(order, ways, at)
        else:
            assignment_finish(assignment=assignment, by=self.by, at=at)
        self._freed(assignment.unit.track, at)
        if order is not None:
            return
        self.stage.plan(at + timedelta(seconds=ways.unit.feedback_s), lambda t: self._feedback(assignment, ways, t))

    def _settle(self, order: WorkOrder, ways: Behaviour, at: datetime) -> None:
        """The team's own end: settled on site or moved on, and closed by the town room later."""
        if ways.result in SETTLED_ON_SITE:
            order_settle(order=order, result=ways.result, by=self.by, at=at)
        else:
            order_move_on(order=order, moved_on_to="县社会矛盾纠纷调处化解中心", by=self.by, at=at)
        self.counts["community_done"] += 1
        wait = timedelta(seconds=ways.review_s)
        self.stage.plan(at + wait, lambda t: self._order_close(order, t))

    def _order_close(self, order: WorkOrder, at: datetime) -> None:
        row_reread(order)
        if order.state in ("settled", "moved_on"):
            order_close(order=order, by=self.by, at=at)
            self.counts["orders_closed"] += 1

    def _feedback(self, assignment: Assignment, ways: Behaviour, at: datetime) -> None:
        if not _stands(assignment, "finished"):
            return
        incident = assignment.incident
        row_reread(incident)
        filed = feedback_file(
            incident=incident,
            assignment=assignment,
            code=incident.code,
            priority=incident.priority,
            result=ways.result,
            occurred_from=incident.received_at,
            occurred_to=assignment.finished_at,
            by=self.by,
            at=at,
        )
        self.counts["feedback"] += 1
        self.stage.plan(at + timedelta(seconds=ways.review_s), lambda t: self._review(filed, ways, t))

    def _review(self, filed: Feedback, ways: Behaviour, at: datetime) -> None:
        row_reread(filed)
        if filed.review != "waiting":
            return
        feedback_review(feedback=filed, by=self.by, at=at)
        self.stage.plan(at + timedelta(seconds=ways.close_s), lambda t: self._close(filed.incident, t))

    def _close(self, incident: Incident, at: datetime, tries: int = 0) -> None:
        """The desk closes; while a town room still works on it, later."""
        row_reread(incident)
        if incident.state != "in_review":
            return
        try:
            incident_close(incident=incident, by=self.by, at=at)
        except DomainError:
            if tries < MAX_TRIES:
                self.stage.plan(at + CLOSE_AGAIN, lambda t: self._close(incident, t, tries + 1))
            return
        self.counts["closed"] += 1

    def _route(self, incident: Incident, ways: Behaviour, at: datetime) -> None:
        """Community track: the town room signs, rings the caller, sends its team."""
        order = order_route(incident=incident, by=self.by, at=at)
        self.counts["routed"] += 1
        self._work(order, ways, at)

    def _work(self, order: WorkOrder, ways: Behaviour, at: datetime) -> None:
        sign, contact = timedelta(seconds=ways.unit.sign_s), timedelta(seconds=ways.unit.sign_s + ways.contact_s)
        self.stage.plan(at + sign, lambda t: order_sign(order=order, by=self.by, at=t))
        self.stage.plan(at + contact, lambda t: self._contacted(order, ways, t))

    def _contacted(self, order: WorkOrder, ways: Behaviour, at: datetime) -> None:
        row_reread(order)
        if order.state != "signed":
            return
        order_contact(order=order, by=self.by, at=at)
        self._team(order, ways, at, 0)

    def _team(self, order: WorkOrder, ways: Behaviour, at: datetime, tries: int) -> None:
        row_reread(order)
        if order.state != "contacted":
            return
        row_reread(order.incident)
        for choice in recommend(order.incident, at=at, limit=3, track="C").ranked:
            try:
                assignment = order_assign(order=order, unit=self._unit(choice.unit.id), by=self.by, at=at)
            except DomainError:
                continue
            self._sent(assignment, ways, at)
            return
        self._wait("C", order.incident, lambda t: self._team(order, ways, t, tries + 1), at, tries)

    def _joined(self, incident: Incident, ways: Behaviour, at: datetime) -> None:
        """Joint track: the town room is asked to come along; police go at once."""
        if WorkOrder.objects.filter(incident=incident).exists():
            return
        self._route(incident, ways, at)

    def _handed_over(self, incident: Incident, ways: Behaviour, at: datetime) -> bool:
        """Offer the matter to its partner desk; True where that is all, False where police go there too."""
        partner = PARTNER_OF.get(incident.code, PARTNER_OF.get(incident.code[:2], "12345"))
        if partner not in self.partners or incident.danger:
            return False
        if Transfer.objects.filter(incident=incident, partner__code=partner).exists():
            return False  # asked already: this is the police unit's turn
        try:
            transfer = self._transfer(incident, partner, ways, at)
        except DomainError:
            self.counts["transfer_refused"] += 1
            return False
        return not transfer.keeps_police

    def _transfer(self, incident: Incident, partner: str, ways: Behaviour, at: datetime) -> Transfer:
        transfer = transfer_offer(incident=incident, partner=partner, by=self.by, at=at)
        self.counts["transferred"] += 1
        receipt = f"R{incident.number}"
        self.stage.plan(
            at + timedelta(seconds=ways.unit.sign_s + 30),
            lambda t: transfer_accept(transfer=transfer, receipt=receipt, by=self.by, at=t),
        )
        return transfer

    def _unit(self, pk: int) -> Unit:
        """A unit of the fleet; the services read its status anew themselves."""
        if pk not in self._units:
            self._units[pk] = Unit.objects.get(pk=pk)
        return self._units[pk]

    def _order_on_site(self, assignment: Assignment) -> WorkOrder | None:
        """The town room's order a community team is working on there."""
        if assignment.unit.track != "C":
            return None
        found = rows_read(WorkOrder, incident_id=assignment.incident_id, state="on_site", limit=1)
        return found[0] if found else None


def _stands(assignment: Assignment, state: str) -> bool:
    """Whether the assignment is still where the plan left it; a person may have stepped in."""
    row_reread(assignment)
    return bool(assignment.state == state)
