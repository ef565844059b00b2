"""Every change and every look at protected data is written down once, in order, and sealed now and then."""

from __future__ import annotations

import hashlib
import stat
from datetime import timedelta

import pytest
from django.db import transaction

from anlan.core.actor import SYSTEM
from anlan.core.models import Event, ViewLog
from anlan.engines.ledger import Frontier, inclusion_holds
from anlan.ledger.errors import LedgerEmpty, LedgerKeyLost, NotSealedYet
from anlan.ledger.jobs import ledger_follow
from anlan.ledger.models import Entry, Head, SignedCheckpoint, SigningKey, Subtree
from anlan.ledger.offline.anlan_verify import key_read, note_fault, note_read, proof_check, witness_read
from anlan.ledger.rules import CHECKPOINT_EVERY, CHECKPOINT_ROWS, EVENT, LOOK, checkpoint_due
from anlan.ledger.selectors import export_lines, ledger_check, ledger_state, proof_of_incident
from anlan.ledger.services import checkpoint_hand_over, checkpoint_sign, key_rotate, rows_append
from ledger.conftest import seal, witness_file
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def test_each_event_and_each_look_is_written_down_once_and_in_order(happen, look):
    happen(7)
    look()
    assert rows_append(at=T0, limit=3) == 3
    look()
    while rows_append(at=T0, limit=3):
        pass
    assert rows_append(at=T0) == 0
    rows = list(Entry.objects.order_by("seq").values_list("seq", "source", "row_id"))
    assert [seq for seq, _, _ in rows] == list(range(9))
    for source, model in ((EVENT, Event), (LOOK, ViewLog)):
        ids = [row_id for _, kind, row_id in rows if kind == source]
        assert ids == list(model.objects.order_by("txid", "id").values_list("id", flat=True))


def test_the_head_holds_the_tree_over_everything_written_down(happen):
    happen(11)
    while rows_append(at=T0, limit=4):
        pass
    tree = Frontier()
    tree.extend(bytes.fromhex(leaf) for leaf in Entry.objects.order_by("seq").values_list("leaf", flat=True))
    assert Head.objects.get().subtrees.split() == [found.hex() for found in tree.hashes]


def test_of_two_workers_at_the_same_place_one_goes_on(happen, monkeypatch):
    happen(3)
    rows_append(at=T0)
    happen(3, start=T0 + timedelta(hours=1))
    from anlan.ledger.services import sealing

    real = sealing.rows_new

    def beaten(head, *, limit):
        rows = real(head, limit=limit)
        monkeypatch.setattr(sealing, "rows_new", real)
        assert rows_append(at=T0) == 3  # the other one is quicker
        return rows

    monkeypatch.setattr(sealing, "rows_new", beaten)
    assert rows_append(at=T0) == 0
    assert Entry.objects.count() == Head.objects.get().size == 6


def test_a_checkpoint_is_signed_with_the_key_in_the_file_that_only_its_owner_reads(happen, settings):
    happen(3)
    row = seal(T0)
    assert stat.S_IMODE(settings.LEDGER_KEY_FILE.stat().st_mode) == 0o600
    note = note_read(row.note)
    assert (note["size"], note["time"]) == (3, T0.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert note_fault(note, key_read(SigningKey.objects.get().text)) == ""


def test_nothing_new_is_not_sealed_again(happen):
    happen(3)
    assert seal(T0)
    assert seal(T0 + timedelta(hours=1)) is None


def test_it_is_sealed_every_ten_minutes_or_when_much_has_happened():
    assert not checkpoint_due(0, last=None, at=T0)
    assert checkpoint_due(1, last=None, at=T0)
    assert not checkpoint_due(1, last=T0, at=T0 + CHECKPOINT_EVERY - timedelta(seconds=1))
    assert checkpoint_due(1, last=T0, at=T0 + CHECKPOINT_EVERY)
    assert checkpoint_due(CHECKPOINT_ROWS, last=T0, at=T0)


def test_the_worker_writes_down_seals_and_hands_over(happen, settings, tmp_path):
    path = witness_file(tmp_path)
    path.parent.mkdir()
    settings.LEDGER_WITNESS = str(path)
    happen(3)
    assert ledger_follow(at=T0) == 3
    assert ledger_follow(at=T0 + timedelta(seconds=10)) == 0
    happen(1)
    ledger_follow(at=T0 + timedelta(minutes=9))
    assert SignedCheckpoint.objects.count() == 1
    ledger_follow(at=T0 + timedelta(minutes=10))
    notes, faults = witness_read(str(path), SigningKey.objects.get().text)
    assert [note["size"] for note in notes] == [3, 4]
    assert not faults


def test_a_witness_out_of_reach_is_told_and_gets_it_all_later(happen, settings, tmp_path):
    path = witness_file(tmp_path)
    settings.LEDGER_WITNESS = str(path)
    for hour in range(2):
        happen(1)
        seal(T0 + timedelta(hours=hour))
    assert checkpoint_hand_over(at=T0) == 0
    assert "FileNotFoundError" in SignedCheckpoint.objects.first().witness_fault
    assert ledger_state().witness_is_behind
    path.parent.mkdir()
    assert checkpoint_hand_over(at=T0) == 2
    assert len(path.read_text().splitlines()) == 2
    assert not ledger_state().witness_is_behind


def test_a_printer_or_another_host_is_a_command(happen, settings, tmp_path):
    path = tmp_path / "printed"
    settings.LEDGER_WITNESS = f"run:tee -a {path}"
    happen(1)
    seal(T0)
    assert checkpoint_hand_over(at=T0) == 1
    assert SignedCheckpoint.objects.get().digits.replace(" ", "-") in path.read_text()
    settings.LEDGER_WITNESS = "run:false"
    happen(1)
    seal(T0 + timedelta(hours=1))
    assert checkpoint_hand_over(at=T0) == 0
    assert SignedCheckpoint.objects.last().witness_fault.startswith("exit 1")


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_change_of_keys_is_signed_by_the_old_one(happen, settings):
    happen(3)
    seal(T0)
    old = settings.LEDGER_KEY_FILE.read_text()
    key_rotate(by=SYSTEM, at=T0 + timedelta(hours=1))
    assert settings.LEDGER_KEY_FILE.read_text() != old
    happen(2)
    seal(T0 + timedelta(hours=2))
    assert [finding.en for finding in ledger_check()] == []
    assert SigningKey.objects.filter(until=None).count() == 1
    proof = proof_of_incident(7)
    assert len(proof["rows"]) == 5
    assert proof_check(proof, SigningKey.objects.first().text) == []
    assert proof_check({**proof, "keys": []}, SigningKey.objects.first().text)


def test_a_change_of_keys_cut_off_by_a_crash_is_finished(happen, settings, monkeypatch):
    happen(3)
    seal(T0)
    monkeypatch.setattr(transaction, "on_commit", lambda act: None)  # the machine went down right after the commit
    key_rotate(by=SYSTEM, at=T0)
    happen(1)
    assert seal(T0 + timedelta(hours=1)).key.until is None
    assert not settings.LEDGER_KEY_FILE.with_name("ledger_key.next").exists()
    assert ledger_check() == []


def test_a_key_that_is_gone_is_not_replaced_by_another(happen, settings):
    happen(3)
    seal(T0)
    settings.LEDGER_KEY_FILE.unlink()
    happen(1)
    rows_append(at=T0)
    with pytest.raises(LedgerKeyLost):
        checkpoint_sign(at=T0)
    assert not settings.LEDGER_KEY_FILE.exists()


def test_the_history_of_a_matter_is_proven_row_by_row(sealed):
    proof = proof_of_incident(7, subject="A20260420-0007")
    assert [row["seq"] for row in proof["rows"]] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert proof["waiting"] == 0
    key = ledger_state().first_key
    assert proof_check(proof, key) == []
    note = note_read(proof["checkpoint"])
    for row in proof["rows"]:
        path = [bytes.fromhex(step) for step in row["path"]]
        leaf = Frontier().by.leaf(row["row"].encode())
        assert inclusion_holds(row["seq"], note["size"], leaf, path, note["root"])
        row["row"] = row["row"].replace("test.step", "test.other").replace("call_back", "other")
    assert len(proof_check(proof, key)) == 11


def test_what_no_checkpoint_covers_yet_is_counted_and_not_proven(sealed, happen):
    happen(2)
    assert proof_of_incident(7)["waiting"] == 2
    happen(1, incident=9)
    with pytest.raises(NotSealedYet):
        proof_of_incident(9)


def test_before_the_first_checkpoint_there_is_nothing_to_hand_out(happen):
    happen(1)
    with pytest.raises(LedgerEmpty):
        list(export_lines())
    with pytest.raises(LedgerEmpty):
        proof_of_incident(7)


def test_a_proof_in_a_long_ledger_reads_tiles_and_not_everything(happen, django_assert_max_num_queries):
    happen(600)
    happen(1, incident=99)
    seal(T0)
    assert Subtree.objects.count() == 2
    with django_assert_max_num_queries(14):
        proof = proof_of_incident(99)
    assert proof_check(proof, ledger_state().first_key) == []


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="this OpenSSL has no SM3")
def test_a_ledger_may_be_kept_in_sm3(happen, settings):
    settings.LEDGER_HASH = "sm3"
    happen(3)
    seal(T0)
    settings.LEDGER_HASH = "sha256"  # a ledger that was begun goes on as it was begun
    happen(3)
    seal(T0 + timedelta(hours=1))
    assert next(export_lines()).split()[2] == b"sm3"
    assert ledger_check() == []


def test_the_words_of_a_look_may_be_erased_and_not_changed(sealed):
    ViewLog.objects.update(note="")
    assert ledger_check() == []
    ViewLog.objects.filter(incident_id=8).update(note="另一用途")
    assert [finding.what for finding in ledger_check()] == ["words_changed"]


def test_no_words_stand_in_an_export(sealed):
    told = b"".join(export_lines())
    assert "字".encode() in told  # what stands there is seen as it is
    assert "张三".encode() not in told
