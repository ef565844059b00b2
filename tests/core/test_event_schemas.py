"""What a newer edition of the program wrote is not guessed at, and nobody acts on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.translation import override

from anlan.console.selectors.past import past_snapshot
from anlan.core.actor import SYSTEM
from anlan.core.errors import EventTooNew
from anlan.core.event_schemas import event_must_be_known, schema_known
from anlan.core.models import Event, HandlerCursor
from anlan.core.sentences import sentence_for
from anlan.core.services import event_record
from anlan.dispatch.handlers import merges_follow
from anlan.intake import events as intake
from dispatch.scene import incident_of
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def from_the_future(world):
    """A merge that an edition of the program wrote which this one is older than."""
    incident = incident_of(world)
    with transaction.atomic():
        event = event_record(intake.INCIDENT_MERGED, subject=incident, by=SYSTEM, at=T0, incident_id=incident.pk)
    Event.objects.filter(pk=event.pk).update(schema=schema_known(event.kind) + 1)
    return Event.objects.get(pk=event.pk)


def test_it_says_which_event_which_edition_and_what_to_do_in_both_languages(from_the_future):
    with pytest.raises(EventTooNew) as refusal:
        event_must_be_known(from_the_future)
    told = refusal.value
    assert f"Event {from_the_future.pk} (intake.incident_merged" in told.detail("en")
    assert "edition 2, this one reads up to 1" in told.detail("en")
    assert "第 2 版" in told.detail("zh-hans")


@pytest.mark.django_db(transaction=True, databases="__all__")  # on PostgreSQL only what is committed is in the stream
def test_nobody_follows_from_it_and_the_place_in_the_stream_is_kept(from_the_future):
    with pytest.raises(EventTooNew):
        merges_follow(at=T0)
    assert not HandlerCursor.objects.filter(handler="dispatch.merges", event_id__gte=from_the_future.pk).exists()


def test_a_past_hour_is_not_rebuilt_from_it(world, from_the_future):
    with pytest.raises(EventTooNew):
        past_snapshot(world.actor("jia"), at=T0 + timedelta(minutes=1), today=T0 + timedelta(hours=1))


def test_a_timeline_goes_on_and_says_what_it_cannot_read(from_the_future):
    with override("en"):
        assert sentence_for(from_the_future).startswith("Recorded by a newer edition of the program")


def test_a_room_cannot_write_an_edition_it_has_not_registered(world):
    incident = incident_of(world)
    with transaction.atomic(), pytest.raises(RuntimeError, match="nobody has registered"):
        event_record(intake.INCIDENT_MERGED, subject=incident, by=SYSTEM, at=T0, schema=9)
