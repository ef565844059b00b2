"""Rows that can't be read are parked with their reason; every row of a file is accounted for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from anlan.core.models import ImportBatch, QuarantinedRow
from anlan.core.services import row_quarantine

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def batch(**counts) -> ImportBatch:
    return ImportBatch.objects.create(kind="calls", source="calls.csv", sha256="0" * 64, started_at=AT, **counts)


def test_a_finished_file_counts_every_row_somewhere():
    row = batch(received=10, accepted=7, repeated=2, quarantined=1, finished_at=AT)
    assert row.pk


@pytest.mark.parametrize(("accepted", "repeated", "quarantined"), [(7, 2, 0), (8, 2, 1), (10, 10, 10)])
def test_a_finished_file_with_a_lost_or_doubled_row_is_refused(accepted, repeated, quarantined):
    with pytest.raises(IntegrityError), transaction.atomic():
        batch(received=10, accepted=accepted, repeated=repeated, quarantined=quarantined, finished_at=AT)


def test_a_file_still_being_read_need_not_add_up():
    assert batch(received=10).pk


def test_a_parked_row_is_kept_whole_with_its_reason_in_both_languages():
    raw = "1,张三\u202e,<script>\x01," + "长" * 100_000
    row_quarantine(
        source="calls.csv" * 40,
        line=3,
        raw=raw,
        code="bad_time",
        reason_zh="时间无法识别",
        reason_en="the time can't be read",
        at=AT,
        batch=batch(),
    )
    kept = QuarantinedRow.objects.get()
    assert kept.raw == raw
    assert (kept.line, kept.status, len(kept.source)) == (3, "open", 200)
    assert kept.reason_zh
    assert kept.reason_en
