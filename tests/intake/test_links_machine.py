"""Whatever is linked and unlinked in whatever order, no call is lost and every link can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from anlan.intake.errors import AlreadyLinked, NotLinked, SameIncident
from anlan.intake.models import Call, Incident, IncidentLink
from anlan.intake.services import (
    CallSheet,
    call_link,
    call_receive,
    call_unlink,
    incident_merge,
    incident_unmerge,
)
from world import T0, build_world

REFUSALS = (AlreadyLinked, NotLinked, SameIncident)


class Links(RuleBasedStateMachine):
    """Calls come in, are linked, merged, parted; a small model on paper says where each should be."""

    calls = Bundle("calls")

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.atomic()
        self.point.__enter__()
        self.ben = build_world(units=False, roads=False).actor("ben")
        self.at = T0
        self.filed: dict[int, int] = {}  # call → the incident a person put it under
        self.merged: dict[int, int] = {}  # incident → the one it was merged into

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.point.__exit__(None, None, None)

    def root(self, incident: int) -> int:
        while incident in self.merged:
            incident = self.merged[incident]
        return incident

    @rule(target=calls, danger=st.sampled_from([(), (), ("weapon",)]))
    def receive(self, danger):
        self.at += timedelta(seconds=30)
        got = call_receive(line=CallSheet(narrative="有事", danger=danger), at=self.at, by=self.ben)
        self.filed[got.call.pk] = got.incident.pk
        return got.call.pk

    @rule(target=calls, about=calls)
    def receive_about(self, about):
        to = self.root(self.filed[about])
        got = call_receive(line=CallSheet(narrative="同一件事", link_to=to), at=self.at, by=self.ben)
        self.filed[got.call.pk] = to
        return got.call.pk

    @rule(call=calls, about=calls)
    def link(self, call, about):
        row = Call.objects.get(pk=call)
        target = Incident.objects.get(pk=self.filed[about])
        own, root = self.filed[call], self.root(target.pk)
        try:
            call_link(call=row, incident=target, by=self.ben, at=self.at)
        except REFUSALS:
            assert row.state == "linked_duplicate" or self.root(own) == root
        else:
            self.merged[own] = root

    @rule(call=calls, about=calls)
    def merge(self, call, about):
        one, into = self.filed[call], self.filed[about]
        try:
            incident_merge(
                incident=Incident.objects.get(pk=one), into=Incident.objects.get(pk=into), by=self.ben, at=self.at
            )
        except REFUSALS:
            assert one in self.merged or self.root(into) == one
        else:
            self.merged[one] = self.root(into)

    @rule(call=calls)
    def unlink(self, call):
        row = Call.objects.get(pk=call)
        try:
            opened = call_unlink(call=row, by=self.ben, at=self.at)
        except NotLinked:
            assert row.is_opening
            assert self.filed[call] not in self.merged
            return
        if row.is_opening and opened.pk == self.filed[call]:
            del self.merged[opened.pk]
        else:
            self.filed[call] = opened.pk

    @rule(call=calls)
    def unmerge(self, call):
        incident = self.filed[call]
        try:
            incident_unmerge(incident=Incident.objects.get(pk=incident), by=self.ben, at=self.at)
        except NotLinked:
            assert incident not in self.merged
        else:
            del self.merged[incident]

    @invariant()
    def every_call_stands_where_the_links_lead(self):
        rows = {row.pk: row for row in Call.objects.all()}
        assert rows.keys() == self.filed.keys()
        for pk, row in rows.items():
            assert row.filed_under_id == self.filed[pk]
            assert row.incident_id == self.root(self.filed[pk])

    @invariant()
    def merged_incidents_point_on_and_the_others_have_calls(self):
        counted = 0
        for incident in Incident.objects.all():
            assert (incident.state == "merged") == (incident.pk in self.merged)
            assert incident.merged_into_id == self.merged.get(incident.pk)
            n = incident.calls.count()
            assert (n == 0) == (incident.state == "merged")
            counted += n
        assert counted == len(self.filed)

    @invariant()
    def an_opening_call_shows_whether_its_incident_stands(self):
        for call in Call.objects.filter(is_opening=True).select_related("filed_under"):
            assert (call.state == "incident_open") == (call.filed_under.state != "merged")

    @invariant()
    def there_is_one_open_link_for_each_merge(self):
        links = IncidentLink.objects.filter(kind="duplicate", undone_at=None)
        assert dict(links.values_list("incident_id", "earlier_id")) == self.merged


@pytest.mark.django_db
def test_links_hold_in_any_order():
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Links, settings=settings(max_examples=15, stateful_step_count=25, deadline=None))
