"""Past calls taken in: every row accepted, known already or parked with its line and reason - and counted."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from anlan.core.models import Event, ImportBatch, QuarantinedRow
from anlan.intake.models import Call, Incident
from anlan.integrations.imports import runner
from anlan.integrations.imports.mapping import mapping_load
from anlan.integrations.imports.reading import FileRefused
from anlan.integrations.imports.runner import CHUNK
from integrations.files import COLUMNS, HEADER, csv_file, mapping, parked, row, take
from world import build_world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_sheet_becomes_closed_incidents_with_their_calls(tmp_path, taxonomy, encoding):
    world = build_world(units=False, roads=False)
    full_width = row("２", "２０２６－０３－０２　０９：００", "其它", "问路", "１２０．１５", "２８．９")
    tally = take(csv_file(tmp_path, row(), full_width, encoding=encoding))
    assert tally.as_dict() == {"received": 2, "accepted": 2, "repeated": 0, "quarantined": 0}
    first, second = Incident.objects.order_by("received_at")
    assert (first.source, first.external_id, first.code, first.state) == ("t", "1", "0499", "closed")
    assert (first.narrative, first.station_id) == ("邻居吵架", world.orgs["west"].pk)
    assert first.received_at.isoformat() == "2026-03-02T00:30:00+00:00"
    assert (second.external_id, second.code, second.station_id) == ("2", "9901", world.orgs["east"].pk)
    assert Call.objects.filter(incident__isnull=False, is_opening=True).count() == 2


def test_every_bad_row_is_parked_with_line_and_reason_and_the_good_ones_are_taken(tmp_path):
    tally = take(
        csv_file(
            tmp_path,
            row("1"),
            row("2", time="昨天"),
            row("3", time=""),
            row("4", lon="28.90", lat="120.05"),
            row("5", lon="121.5", lat="31.2"),
            row("6", lat=""),
            "7,2026-03-02 08:30:00,纠纷",
            row("8") + ",多一列",
            row("9", lon="", lat=""),
        )
    )
    assert tally.as_dict() == {"received": 9, "accepted": 2, "repeated": 0, "quarantined": 7}
    assert parked() == [
        (3, "time"),
        (4, "no_time"),
        (5, "place_swapped"),
        (6, "place_outside_bounds"),
        (7, "place_unreadable"),
        (8, "columns"),
        (9, "columns"),
    ]
    assert all(r.reason_zh and r.reason_en and r.raw for r in QuarantinedRow.objects.all())
    assert [i.external_id for i in Incident.objects.order_by("id")] == ["1", "9"]
    assert QuarantinedRow.objects.filter(batch__source="calls.csv").count() == 7


def test_zero_bytes_right_to_left_marks_and_formulas_are_text_like_any_other(tmp_path):
    odd = [
        "=cmd|' /C calc'!A0",
        "+8613800000000",
        "@SUM(1)",
        "\u202e反转\u202c",
        "<script>alert(1)</script>",
        "a\x00b",
    ]
    tally = take(csv_file(tmp_path, *[row(str(k), words=words) for k, words in enumerate(odd)]))
    assert (tally.accepted, tally.quarantined) == (6, 0)
    kept = list(Incident.objects.order_by("id").values_list("narrative", flat=True))
    assert kept == [*odd[:5], "ab"]


def test_a_parked_row_with_zero_bytes_is_kept_with_the_zeros_made_visible(tmp_path):
    take(csv_file(tmp_path, row("1", time="x\x00y")[:-3] + ",a\x00b,c,d"))
    assert "␀" in QuarantinedRow.objects.get().raw


def test_a_narrative_of_a_megabyte_is_kept_whole(tmp_path):
    long = "邻居深夜施工" * 60_000
    assert take(csv_file(tmp_path, row(words=f'"{long}"'))).accepted == 1
    assert len(long.encode()) > 1_000_000
    assert Incident.objects.get().narrative == long
    assert Call.objects.get().narrative == long


def test_excel_days_and_real_datetimes_are_read_as_what_they_are(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(list(COLUMNS.values()))
    book.active.append([1001, datetime(2026, 3, 2, 8, 30), "纠纷", "甲", 120.05, 28.9])  # noqa: DTZ001 - a cell has no zone
    book.active.append([1002.0, 46083.354166666664, "纠纷", "乙", "120.05", "28.9"])
    book.active.append(["1003", "2026/3/2 8:30", "纠纷", "丙", None, None])
    book.save(tmp_path / "calls.xlsx")
    assert take(tmp_path / "calls.xlsx").accepted == 3
    found = Incident.objects.order_by("external_id")
    assert [i.external_id for i in found] == ["1001", "1002", "1003"]
    assert {i.received_at.isoformat() for i in found} == {"2026-03-02T00:30:00+00:00"}


def test_the_same_file_again_makes_no_doubles_and_a_longer_one_adds_only_what_is_new(tmp_path):
    rows = [row(str(k)) for k in range(5)]
    assert take(csv_file(tmp_path, *rows)).accepted == 5
    assert take(csv_file(tmp_path, *rows)).as_dict()["repeated"] == 5
    longer = take(csv_file(tmp_path, *rows, row("5"), row("6")))
    assert (longer.accepted, longer.repeated) == (2, 5)
    assert Incident.objects.count() == Call.objects.count() == 7


def test_a_number_that_comes_twice_with_the_same_words_is_one_incident(tmp_path):
    assert take(csv_file(tmp_path, row("1"), row("１"))).as_dict() == {
        "received": 2,
        "accepted": 1,
        "repeated": 1,
        "quarantined": 0,
    }


@pytest.mark.parametrize(
    ("between", "chunk"), [(0, CHUNK), (40, 40), pytest.param(CHUNK, CHUNK, marks=pytest.mark.release)]
)
def test_a_number_that_comes_twice_with_other_words_is_parked_the_second_time_and_never_lost(
    tmp_path, monkeypatch, between, chunk
):
    monkeypatch.setattr(runner, "CHUNK", chunk)
    rows = [row("1"), *[row(f"n{k}") for k in range(between)], row("１", words="同号")]
    tally = take(csv_file(tmp_path, *rows))
    assert (tally.accepted, tally.repeated, tally.quarantined) == (1 + between, 0, 1)
    assert Incident.objects.get(external_id="1").narrative == "邻居吵架"
    assert parked() == [(3 + between, "number_twice")]
    kept = QuarantinedRow.objects.get()
    assert "同号" in kept.raw
    assert "line 2" in kept.reason_en
    assert "第 2 行" in kept.reason_zh


def test_of_two_rows_with_one_number_the_one_that_can_be_read_is_taken(tmp_path):
    tally = take(csv_file(tmp_path, row("1", time="?"), row("1")))
    assert (tally.accepted, tally.quarantined) == (1, 1)
    assert parked() == [(2, "time")]


def test_a_parked_row_that_comes_again_put_right_is_closed_and_the_others_stay_open(tmp_path):
    bad = [row("1", time="?"), row("2", time="?"), row("", time="?"), row("3")]
    take(csv_file(tmp_path, *bad))
    again = take(csv_file(tmp_path, row("1"), bad[1], *bad[3:], name="longer.csv"))
    assert (again.accepted, again.repeated, again.quarantined, again.unparked) == (1, 1, 1, 1)
    first, *rest = QuarantinedRow.objects.order_by("pk")
    assert first.status == "taken"
    assert {r.status for r in rest} == {"open"}
    told = Event.objects.get(kind="core.quarantine_closed")
    assert (told.data["rows"], told.subject_id) == (1, ImportBatch.objects.order_by("-pk").first().pk)


def test_a_parked_row_of_another_source_with_the_same_number_stays_open(tmp_path):
    take(csv_file(tmp_path, row("1", time="?")))
    assert take(csv_file(tmp_path, row("1")), mapping(name="other")).unparked == 0
    assert QuarantinedRow.objects.get().status == "open"


def test_two_rows_that_say_the_same_without_a_number_are_two_calls_and_stay_two(tmp_path):
    same = [row(""), row(""), row("", words="另一件")]
    assert take(csv_file(tmp_path, *same)).accepted == 3
    again = take(csv_file(tmp_path, *same))
    assert (again.accepted, again.repeated) == (0, 3)
    longer = take(csv_file(tmp_path, *same, row("")))
    assert (longer.accepted, longer.repeated) == (1, 3)


def test_a_file_that_lacks_a_column_of_the_mapping_is_refused_with_both_lists(tmp_path):
    path = csv_file(tmp_path, "1,2026-03-02 08:30", header="编号,时间")
    with pytest.raises(FileRefused) as caught:
        take(path)
    assert "经度" in caught.value.reason_zh
    assert "编号" in caught.value.reason_en
    assert not ImportBatch.objects.exists()
    assert take(path, mapping(columns={"external_id": "编号", "received_at": "时间"})).accepted == 1


def test_a_file_that_is_not_there_or_broken_leaves_no_trace(tmp_path):
    (tmp_path / "half.parquet").write_bytes(b"PAR1 and then nothing")
    for name in ("none.csv", "half.parquet"):
        with pytest.raises(FileRefused):
            take(tmp_path / name)
    assert not ImportBatch.objects.exists()
    assert not Event.objects.filter(kind__startswith="core.import").exists()


def test_an_import_is_on_the_record_with_its_counts(tmp_path):
    take(csv_file(tmp_path, row("1"), row("2", time="?")))
    batch = ImportBatch.objects.get()
    assert (batch.received, batch.accepted, batch.quarantined) == (2, 1, 1)
    assert len(batch.sha256) == 64
    assert batch.finished_at is not None
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["core.import_started", "intake.history_imported", "core.import_finished"]
    assert not any("邻居" in str(e.data) for e in Event.objects.all())


def test_only_the_first_rows_are_taken_to_try_a_mapping(tmp_path):
    assert take(csv_file(tmp_path, *[row(str(k)) for k in range(9)]), limit=4).received == 4


@pytest.mark.parametrize(
    ("name", "folder"),
    [("nyc", "nyc_crime_2014_2015"), ("san_antonio", "san_antonio_cfs"), ("slo", "slo_calls_2021_22")],
)
def test_real_files_are_taken_with_the_mappings_that_come_along(shared_data, taxonomy, name, folder):
    path = shared_data / folder / "events.parquet"
    if not path.exists():
        pytest.skip(f"real data are not here: ../shared/data/{folder} is absent")
    tally = take(path, mapping_load(name), limit=2_000)
    assert tally.received == tally.accepted + tally.quarantined == 2_000
    assert tally.accepted > 1_900


CELLS = st.one_of(
    st.sampled_from(
        ["", "1", "2", "纠纷", "2026-03-02 08:30", "２０２６/3/2 8:30", "120.05", "28.9", '"', '"x', "a,b"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


def lines(cells, quoted) -> bytes:
    """Rows as a careless program writes them: quoted properly or just joined."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row_of_cells, is_quoted in zip(cells, quoted, strict=True):
        if is_quoted:
            writer.writerow(row_of_cells)
        else:
            out.write(",".join(row_of_cells) + "\r\n")
    return out.getvalue().encode()


class AnyFile(TestCase):
    """Whatever a file holds, each of its rows is counted once and nothing breaks."""

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.tuples(st.lists(CELLS, min_size=1, max_size=8), st.booleans()), max_size=8),
        st.binary(max_size=20),
        st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    )
    def test_received_is_accepted_and_repeated_and_quarantined(self, rows, rubbish, encoding):
        with tempfile.TemporaryDirectory() as folder:
            body = lines([r for r, _ in rows], [q for _, q in rows]).decode().encode(encoding)
            head = f"{HEADER}\r\n".encode(encoding)
            path = Path(folder) / "calls.csv"
            path.write_bytes(head + (body[2:] if encoding == "utf-16" else body) + rubbish)
            first = take(path)
            again = take(path)
        assert first.received == first.accepted + first.repeated + first.quarantined
        assert Incident.objects.count() == first.accepted
        assert QuarantinedRow.objects.count() == 2 * first.quarantined
        assert (again.accepted, again.repeated) == (0, first.accepted + first.repeated)
