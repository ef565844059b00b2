"""What was erased is gone from every table, from the record and from the store's own file; a certificate says so."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site

from anlan.citizen.services import words_erase as citizen_words_erase
from anlan.core.canary import files_with, tables_with
from anlan.core.models import DeletionCertificate, Event, ViewLog
from anlan.core.retention import LOOK_WORDS_KEPT_FOR, deletion_certify, look_words_erase, rows_digest
from anlan.core.scope_guard.inventory import RETENTIONS
from anlan.core.services import row_quarantine
from anlan.dispatch.models import FieldAttachment
from anlan.dispatch.services import attachments_erase
from anlan.dispatch.services.retention import words_erase
from anlan.intake.models import Incident, Reporter
from anlan.intake.services import CallSheet, call_receive, reporter_reveal, reporters_erase
from anlan.intake.services.retention import contents_erase
from anlan.ledger.selectors import ledger_check
from anlan.ledger.services import checkpoint_sign, rows_append
from anlan.units.jobs import positions_expire
from anlan.units.models import PositionFix
from anlan.units.rules import FIXES_KEPT_FOR
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")
NAME, PHONE, WORDS, ADDRESS, WHY = "金丝雀甲", "13711112222", "鹦鹉乙打翻了鱼缸", "夜莺丙路 77 号", "杜鹃丁来问"
CANARIES = (NAME, PHONE, WORDS, ADDRESS, WHY)
LATER = T0 + timedelta(days=20_000)


@pytest.fixture
def told(taxonomy, settings, tmp_path, seen_at_once):
    """A matter with canaries in everything a citizen says, and one in the words of a look."""
    settings.LEDGER_KEY_FILE = tmp_path / "ledger_key"
    world = build_world(units=False, roads=False)
    sheet = CallSheet(narrative=WORDS, address_text=ADDRESS, reporter_name=NAME, reporter_phone=PHONE)
    got = call_receive(line=sheet, at=T0, by=world.actor("ben"))
    reporter_reveal(call=got.call, purpose="call_back", by=world.actor("ada"), at=T0)
    ViewLog.objects.filter(purpose="call_back").update(note=WHY)
    row_quarantine(source=f"call {got.call.number} x", raw=WORDS, code="x", reason_zh="x", reason_en="x", at=T0)
    Incident.objects.update(state="closed", closed_at=T0, state_since=T0)
    return got


def erase_everything() -> None:
    for erase in (reporters_erase, contents_erase, words_erase, citizen_words_erase, look_words_erase):
        while erase(at=LATER):
            pass


def test_the_canaries_are_seen_while_they_live(told):
    """The search itself, or its silence would mean nothing."""
    found = {word: tables_with([word]) for word in CANARIES}
    assert all(found.values()), found
    assert "intake.reporter.phone" in found[PHONE]
    assert "core.quarantinedrow.raw" in found[WORDS]
    assert "core.viewlog.note" in found[WHY]


def test_after_their_term_no_table_holds_a_canary(told):
    erase_everything()
    assert tables_with(CANARIES) == []


def test_a_term_that_is_not_over_takes_nothing(told):
    assert not reporters_erase(at=T0)
    assert not look_words_erase(at=T0 + LOOK_WORDS_KEPT_FOR - timedelta(days=1))
    assert not DeletionCertificate.objects.exists()


def test_what_was_taken_away_is_certified_by_rule_number_and_hash(told):
    ids = list(Reporter.objects.values_list("id", flat=True))
    erase_everything()
    row = DeletionCertificate.objects.get(table="intake.reporter")
    assert (row.rule, row.rows, row.columns) == ("reporter_180d", len(ids), "name phone salt")
    assert row.rows_sha256 == rows_digest("intake.reporter", ids) != rows_digest("intake.reporter", [*ids, 0])
    assert {"intake.incident", "core.viewlog"} <= set(DeletionCertificate.objects.values_list("table", flat=True))
    assert {row.rule for row in DeletionCertificate.objects.all()} <= set(RETENTIONS)


def test_a_certificate_is_sealed_with_the_record(told):
    erase_everything()
    events = Event.objects.filter(kind="core.deletion_certified")
    assert events.count() == DeletionCertificate.objects.count() > 2
    while rows_append(at=LATER):
        pass
    checkpoint_sign(at=LATER)
    assert ledger_check() == []
    record = json.dumps(list(Event.objects.values_list("data", flat=True)), ensure_ascii=False)
    assert not [word for word in CANARIES if word in record]


def test_positions_by_the_million_are_certified_as_a_few_would_be(told):
    """Never held at once, nor in the transaction of the record: they lie in a store of their own."""
    for seq in range(5):
        PositionFix.objects.create(unit_id=1, boot="b", seq=seq, lon=0, lat=0, fixed_at=T0, received_at=T0)
    kept = PositionFix.objects.create(unit_id=1, boot="b", seq=9, lon=0, lat=0, fixed_at=LATER, received_at=LATER)
    ids = list(PositionFix.objects.exclude(pk=kept.pk).values_list("pk", flat=True))
    assert positions_expire(at=T0 + FIXES_KEPT_FOR) == 0
    assert not DeletionCertificate.objects.exists()
    at = T0 + FIXES_KEPT_FOR + timedelta(seconds=1)
    assert positions_expire(at=at) == 5
    row = DeletionCertificate.objects.get()
    assert (row.rule, row.rows, row.rows_sha256) == ("positions_30d", 5, rows_digest("units.positionfix", ids))
    assert "lon lat" in row.columns
    assert list(PositionFix.objects.values_list("pk", flat=True)) == [kept.pk]
    assert positions_expire(at=at) == 0
    assert DeletionCertificate.objects.count() == 1


def test_photos_and_voice_notes_are_certified_too(told):
    told_of = {"incident": told.incident, "kind": "photo", "media_type": "image/jpeg", "size_bytes": 1}
    row = FieldAttachment.objects.create(sha256="a" * 64, received_at=T0, expires_at=T0, **told_of)
    assert attachments_erase(at=LATER) == 1
    certificate = DeletionCertificate.objects.get(table="dispatch.fieldattachment")
    assert certificate.rows_sha256 == rows_digest("dispatch.fieldattachment", [row.pk])
    assert not attachments_erase(at=LATER)


def test_a_rule_nobody_wrote_down_certifies_nothing(told):
    from anlan.core.actor import SYSTEM

    with pytest.raises(ValueError, match="no term"):
        deletion_certify(rule="whim", model=Reporter, columns=(), ids=[1], by=SYSTEM, at=T0)
    assert deletion_certify(rule="matter_term", model=Reporter, columns=(), ids=[], by=SYSTEM, at=T0) is None


# The file itself


def store(path: Path, *, pragmas: str) -> sqlite3.Connection:
    line = sqlite3.connect(path, isolation_level=None)
    line.executescript(pragmas)
    line.execute("CREATE TABLE IF NOT EXISTS told (id INTEGER PRIMARY KEY, words TEXT)")
    line.executemany("INSERT INTO told (words) VALUES (?)", [(f"{WORDS} {n}",) for n in range(200)])
    return line


OURS = site.SQLITE_PRAGMAS if hasattr(site, "SQLITE_PRAGMAS") else ""


def test_our_stores_overwrite_what_is_deleted():
    assert "PRAGMA secure_delete=ON" in OURS


@pytest.mark.parametrize("act", ["DELETE FROM told", "UPDATE told SET words = ''"])
def test_in_our_file_no_erased_byte_is_left_once_the_log_is_folded_in(tmp_path, act):
    line = store(tmp_path / "a.sqlite3", pragmas=OURS.format(sync="FULL"))
    line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert files_with([WORDS], tmp_path) == ["a.sqlite3"]
    line.execute(act)
    line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert files_with([WORDS], tmp_path) == []


def test_until_the_log_is_folded_in_the_old_pages_are_still_in_it(tmp_path):
    """The truth about erasing at once: the words leave the file with the log, not with the commit."""
    line = store(tmp_path / "a.sqlite3", pragmas=OURS.format(sync="FULL"))
    line.execute("DELETE FROM told")
    assert files_with([WORDS], tmp_path)
    line.close()


def test_a_store_that_does_not_overwrite_is_found_out(tmp_path):
    """The planted fault: without the setting the words stay in free pages, and the search says so."""
    without = OURS.format(sync="FULL").replace("secure_delete=ON", "secure_delete=OFF")
    line = store(tmp_path / "a.sqlite3", pragmas=without)
    line.execute("DELETE FROM told")
    line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert files_with([WORDS], tmp_path) == ["a.sqlite3"]
