"""A store that was changed afterwards is found out, row by row; one whose words were erased is not accused."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db.models import F

from anlan.config.cli import main
from anlan.core.models import Event, ViewLog
from anlan.intake.models import Incident, Reporter
from anlan.intake.rules import REPORTER_KEPT_FOR
from anlan.intake.services import CallSheet, call_receive, reporter_reveal, reporters_erase
from anlan.intake.services.retention import contents_erase
from anlan.ledger.models import Entry, SignedCheckpoint, SigningKey
from anlan.ledger.selectors import export_lines, ledger_check, ledger_state
from anlan.ledger.services import checkpoint_hand_over
from ledger.conftest import seal
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")


def found() -> list[tuple[str, int | None]]:
    return [(finding.what, finding.seq) for finding in ledger_check()]


def test_a_store_nobody_touched_is_sound(sealed):
    assert found() == []


COLUMNS = {
    "kind": "test.other",
    "schema": 2,
    "at": T0 + timedelta(days=1),
    "actor_kind": "person",
    "actor_id": 5,
    "subject_type": "x.y",
    "subject_id": 99,
    "incident_id": None,
    "org_ids": [1],
    "data": {"step": 2, "字": "按"},
}


def test_every_column_of_an_event_is_sealed():
    assert set(COLUMNS) == {field.attname for field in Event._meta.concrete_fields} - {"id", "txid"}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_event_is_found_and_named(sealed, column):
    row = Event.objects.order_by("id")[2]
    Event.objects.filter(pk=row.pk).update(**{column: COLUMNS[column]})
    assert found() == [("row_changed", 2)]
    assert (ledger_check()[0].source, ledger_check()[0].row_id) == ("event", row.pk)


def test_a_changed_look_is_found_and_named(sealed):
    ViewLog.objects.filter(incident_id=7).update(purpose="complaint")
    assert found() == [("row_changed", 5)]


def test_a_row_taken_out_is_found_and_named(sealed):
    Event.objects.order_by("id")[3].delete()
    assert found() == [("row_changed", 3)]


def test_a_row_put_in_from_behind_is_found_and_named(sealed):
    row = Event.objects.order_by("id")[3]
    Event.objects.filter(pk=row.pk).delete()
    row.pk = 0  # a number nobody has had
    row.save(force_insert=True)
    assert found() == [("row_changed", 3), ("row_behind", None)]


def test_who_changes_row_and_leaf_alike_is_found_at_the_checkpoint(sealed):
    from anlan.engines.ledger import SHA256
    from anlan.ledger.selectors.rows import row_bytes

    Event.objects.filter(pk=Event.objects.order_by("id")[2].pk).update(kind="test.other")
    row = Event.objects.order_by("id").values()[2]
    Entry.objects.filter(seq=2).update(leaf=SHA256.leaf(row_bytes(1, row)).hex())
    assert found() == [("root", None)]
    assert "rows 0 to 5" in ledger_check()[0].en


def test_a_row_not_sealed_yet_is_held_against_its_leaf(sealed, happen):
    from anlan.ledger.services import rows_append

    happen(2, start=T0 + timedelta(hours=3))
    rows_append(at=T0)
    assert found() == []
    Event.objects.filter(pk=Event.objects.latest("id").pk).update(kind="test.other")
    assert found() == [("row_changed", 13)]


def test_an_entry_taken_out_of_the_ledger_is_found(sealed):
    Entry.objects.filter(seq=4).delete()
    assert ("row_missing", 4) in found()


def test_a_checkpoint_made_by_hand_is_found(sealed):
    SignedCheckpoint.objects.filter(size=6).update(note=SignedCheckpoint.objects.get(size=12).note)
    assert [what for what, _ in found()] == ["place"]
    SignedCheckpoint.objects.filter(size=6).update(note="x")
    assert [what for what, _ in found()] == ["signature"]


def test_a_key_put_in_another_s_place_is_found_by_whoever_noted_the_first(sealed, tmp_path):
    first = SigningKey.objects.get().text
    SigningKey.objects.update(text=first.replace("anlan/", "anlan/x"))
    assert found()


@pytest.fixture
def told(taxonomy):
    """A call with name, phone, words and place, and one look at who called."""
    world = build_world(units=False, roads=False)
    sheet = CallSheet(
        narrative="楼下两个人打起来了",
        address_text="安澜大道 12 号",
        reporter_name="陈某某",
        reporter_phone="13800000000",
    )
    got = call_receive(line=sheet, at=T0, by=world.actor("ben"))
    reporter_reveal(call=got.call, purpose="call_back", by=world.actor("ada"), at=T0)
    return got


def test_erasing_who_called_and_what_was_said_leaves_the_ledger_sound(told):
    seal(T0)
    before = b"".join(export_lines())
    Incident.objects.update(state="closed", closed_at=T0, state_since=T0)
    later = T0 + REPORTER_KEPT_FOR + timedelta(days=4000)
    assert reporters_erase(at=later)
    assert contents_erase(at=later)
    assert not Reporter.objects.exists()
    seal(later)
    assert ledger_check() == []
    after = b"".join(export_lines())
    assert after.startswith(before.rsplit(b"E ", 1)[0])
    for private in ("陈某某", "13800000000", "打起来", "安澜大道"):
        assert private.encode() not in after


# By the command line


def run(*words):
    return CliRunner().invoke(main, ["ledger", *map(str, words)])


def test_the_commands_seal_export_check_and_prove(told, settings, tmp_path):
    settings.LEDGER_WITNESS = str(tmp_path / "seen")
    assert run("status").exit_code == 0
    assert "rows signed" in run("checkpoint").output
    assert "nothing new" in run("checkpoint").output
    assert run("export", tmp_path / "ledger").exit_code == 0
    assert (tmp_path / "ledger").read_bytes() == b"".join(export_lines())
    assert run("verify", "--witness", tmp_path / "seen").exit_code == 0
    assert run("prove", told.incident.number, tmp_path / "proof.json").exit_code == 0
    rows = [json.loads(row["row"]) for row in json.loads((tmp_path / "proof.json").read_text())["rows"]]
    assert "intake.reporter_revealed" in {row["kind"] for row in rows if row["type"] == "event"}
    assert "look" in {row["type"] for row in rows}
    assert run("prove", "A0", tmp_path / "none").exit_code == 1
    assert str(ledger_state().first_key) in run("key").output
    assert run("verifier", tmp_path / "anlan_verify.py").exit_code == 0
    Event.objects.update(subject_id=F("subject_id") + 1)
    assert run("verify").exit_code == 1
    assert checkpoint_hand_over(at=T0) == 0


def test_the_check_needs_no_witness_to_be_sound_but_finds_one_that_saw_more(sealed, settings, tmp_path):
    settings.LEDGER_WITNESS = str(tmp_path / "seen")
    checkpoint_hand_over(at=T0)
    assert ledger_check(witness=tmp_path / "seen") == []
    SignedCheckpoint.objects.filter(size=12).delete()
    assert [finding.what for finding in ledger_check(witness=tmp_path / "seen")] == ["witness_beyond"]
