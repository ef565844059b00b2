"""The auditor's page: how the evidence stands, the digits for the book, the proof of one matter."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from anlan.core.models import ViewLog
from anlan.ledger.models import SignedCheckpoint
from anlan.ledger.offline.anlan_verify import proof_check
from anlan.ledger.selectors import ledger_state
from anlan.ledger.services import checkpoint_hand_over, checkpoint_sign, rows_append
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _own_key(settings, tmp_path, seen_at_once):
    settings.LEDGER_KEY_FILE = tmp_path / "ledger_key"
    settings.LEDGER_WITNESS = ""


@pytest.fixture
def incident(take):
    """A matter with something on record."""
    return take("有人打架")


def seal(at=T0) -> SignedCheckpoint:
    while rows_append(at=at):
        pass
    return checkpoint_sign(at=at)


def page(desk, who="hua") -> str:
    return desk(who).get(reverse("console:ledger"), headers={"Accept-Language": "en"}).content.decode()


def test_before_the_first_checkpoint_it_says_when_there_will_be_one(desk):
    assert "within ten minutes" in page(desk)


def test_the_digits_for_the_book_are_those_of_the_last_checkpoint(desk, incident):
    row = seal()
    shown = page(desk)
    assert row.digits in shown
    assert "the book is the witness" in shown


def test_a_witness_that_is_behind_is_told(desk, incident, settings, tmp_path):
    settings.LEDGER_WITNESS = str(tmp_path / "away" / "seen")
    seal()
    checkpoint_hand_over(at=T0)
    assert "has nothing so far" in page(desk)
    (tmp_path / "away").mkdir()
    checkpoint_hand_over(at=T0)
    assert "has it" in page(desk)


def test_a_signature_that_is_overdue_is_told_and_one_that_nobody_needs_is_not(desk, incident):
    seal(T0 - timedelta(days=3000))
    assert "Nothing has been signed since" not in page(desk)
    ViewLog.objects.create(at=T0, actor_kind="system", purpose="x", object_type="x.y", object_id=1)
    assert "Nothing has been signed since" in page(desk)


def test_the_auditor_takes_a_proof_and_that_is_on_record(desk, incident):
    seal()
    answer = desk("hua").post(reverse("console:ledger_proof"), {"number": incident.number})
    proof = json.loads(answer.content)
    assert len(proof["rows"]) >= 1
    assert proof_check(proof, ledger_state().first_key) == []
    assert ViewLog.objects.filter(purpose="ledger_proof", incident_id=incident.pk).count() == 1


def test_a_number_nobody_knows_is_refused(desk, incident):
    seal()
    assert desk("hua").post(reverse("console:ledger_proof"), {"number": "A0"}).status_code == 404


def test_who_takes_calls_sees_no_ledger(desk, incident):
    assert desk("ben").get(reverse("console:ledger")).status_code == 403
    assert desk("ben").post(reverse("console:ledger_proof"), {"number": incident.number}).status_code == 403
