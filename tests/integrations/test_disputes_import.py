"""Old disputes come in by their services: each taken, known, or parked with its reason - and nobody is written to."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import openpyxl
import pytest

from anlan.citizen.handlers import closings_follow
from anlan.citizen.models import RatingInvite
from anlan.core.actor import SYSTEM
from anlan.core.models import QuarantinedRow
from anlan.core.purpose import machine_use
from anlan.disputes.models import DisputeFile, PartyIdentity, Push
from anlan.disputes.rules import RESULTS
from anlan.intake.models import Incident
from anlan.integrations.imports.disputes import disputes_import
from anlan.integrations.imports.mapping import mapping_of
from anlan.integrations.imports.reading import FileRefused
from anlan.tagging.selectors import incident_type
from world import build_world

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
HEADER = "编号,登记时间,类型,地址,经度,纬度,办结时间,结果,甲方,甲方电话,乙方"
MAPPING = {
    "name": "old-town",
    "columns": {
        "external_id": "编号", "received_at": "登记时间", "code": "类型", "address": "地址", "lon": "经度",
        "lat": "纬度", "closed_at": "办结时间", "result": "结果", "party_a_name": "甲方",
        "party_a_phone": "甲方电话", "party_b_name": "乙方",
    },
    "codes": {"邻里": "0402", "噪音": "0410", "盗窃": "0107"},
    "results": {"调解成功": "settled_follow_up"},
}  # fmt: skip
GOES_ON = "D1,2026-05-20 09:00,邻里,安澜大道1号,120.05,28.90,,,张三,13800001234,李四"
RECENT = "D2,2026-05-01 09:00,噪音,安澜大道2号,120.05,28.90,2026-05-10 10:00,调解成功,王五,,"
LONG_AGO = "D3,2025-05-01 09:00,邻里,安澜大道3号,120.15,28.90,2025-06-10 10:00,调解成功,赵六,13911112222,"


@pytest.fixture
def county(db, taxonomy):
    return build_world(units=False, roads=False)


@pytest.fixture
def take(county, tmp_path):
    """``take(row, row)``: a sheet with these rows is taken in."""

    def act(*rows, name="old.csv", header=HEADER):
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return disputes_import(path, mapping_of(MAPPING), by=SYSTEM, clock=lambda: NOW)[1].as_dict()

    return act


def test_what_goes_on_is_given_to_the_beat_today_and_what_is_over_is_closed_with_its_time(take):
    assert take(GOES_ON, RECENT) == {"received": 2, "accepted": 2, "repeated": 0, "quarantined": 0}
    open_one, over = DisputeFile.objects.order_by("opened_at")[::-1]
    assert (open_one.state, open_one.holder.code) == ("follow_up", "west")
    assert open_one.due_at > NOW
    assert Push.objects.filter(file=open_one, seq=2).get().pushed_at == NOW
    assert (over.state, over.result) == ("closed", "settled_follow_up")
    assert over.closed_at == datetime(2026, 5, 10, 2, 0, tzinfo=UTC)
    assert over.opened_at == datetime(2026, 5, 1, 1, 0, tzinfo=UTC)


def test_the_same_sheet_again_and_a_longer_one_make_no_doubles(take):
    take(GOES_ON, RECENT)
    assert take(GOES_ON, RECENT, LONG_AGO)["repeated"] == 2
    assert DisputeFile.objects.count() == Incident.objects.count() == 3


def test_names_stand_apart_and_those_of_long_ago_are_left_where_they_are(take):
    take(GOES_ON, LONG_AGO)
    with machine_use("compare"):
        assert sorted(PartyIdentity.objects.exclude(name="").values_list("name", flat=True)) == ["张三", "李四"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (GOES_ON.replace("D1,", ",", 1), "number"),
        (GOES_ON.replace("2026-05-20 09:00", "明天"), "time"),
        (GOES_ON.replace("2026-05-20", "2026-07-20"), "future"),
        (RECENT.replace("2026-05-10", "2026-04-10"), "times"),
        (RECENT.replace("调解成功", "很好"), "result"),
        (RECENT.replace("2026-05-10 10:00", ""), "result"),
        (GOES_ON.replace("张三", "张三330726199001011234"), "party"),
        (GOES_ON.replace("邻里", "盗窃"), "not_a_dispute"),
        (GOES_ON.replace("120.05", "121.50"), "nobody"),
        (GOES_ON.replace("120.05,28.90", "28.90,120.05"), "place_swapped"),
        (GOES_ON + ",多", "columns"),
    ],
)
def test_a_row_that_can_not_be_so_is_parked_with_its_line_and_leaves_nothing_behind(take, row, code):
    assert take(row) == {"received": 1, "accepted": 0, "repeated": 0, "quarantined": 1}
    parked = QuarantinedRow.objects.get()
    assert (parked.line, parked.reason_zh != "", parked.reason_en != "") == (2, True, True)
    assert code in parked.code
    assert not DisputeFile.objects.exists()
    assert not Incident.objects.exists()


def test_put_right_it_is_taken_and_no_longer_waits(take):
    take(RECENT.replace("调解成功", "很好"))
    assert take(RECENT)["unparked"] == 1


def test_two_rows_of_one_number_that_say_different_things_are_told_apart(take):
    assert take(GOES_ON, GOES_ON.replace("1号", "9号"))["quarantined"] == 1


def test_excel_days_as_numbers_are_read(county, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    book.active.append(["D9", 46162.375, "邻里", "安澜大道1号", 120.05, 28.90, None, None, "张三", 13800001234, None])
    book.save(tmp_path / "old.xlsx")
    _batch, tally = disputes_import(tmp_path / "old.xlsx", mapping_of(MAPPING), by=SYSTEM, clock=lambda: NOW)
    assert tally.accepted == 1
    assert DisputeFile.objects.get().opened_at == datetime(2026, 5, 20, 1, 0, tzinfo=UTC)


def test_a_sheet_of_an_old_office_with_everything_wrong_loses_no_row(county, tmp_path):
    """GB18030, columns in another order, full-width figures, swapped cells, days to come, doubles, rare signs."""
    header = "类型,编号,地址,登记时间,纬度,经度,乙方,甲方,甲方电话,结果,办结时间"
    good = (
        "邻里,Ｄ１,安澜大道１号,２０２６－０５－２０　０９：００,２８．９０,１２０．０５,"
        "阿卜杜拉·买买提,张𠮷,１３８０００１２３４５,,"
    )
    rows = [
        good,
        good,
        "噪音,D2,安澜大道2号,2026/5/1 9:00,28.90,120.05,,,+86 138-0000-1234,调解成功,2026年5月10日10:00",
        "邻里,D3,2026-05-20 09:00,安澜大道3号,28.90,120.05,,,,,",
        "邻里,D4,安澜大道4号,2046-05-20 09:00,28.90,120.05,,,,,",
        "邻里,D5,安澜大道5号,2026-13-45 99:00,28.90,120.05,,,,,",
        "外星,D6,安澜大道6号,2026-05-20 09:00,28.90,120.05,,,,,",
        "邻里,D7,安澜大道7号,2026-05-20 09:00,120.05,28.90,,,,,",
        "邻里,D8,安澜大道8号,2026-05-20 09:00,北纬,东经,,,,,",
        "=cmd|' /C calc'!A0,D9,<script>,2026-05-20 09:00,28.90,120.05,,,,,",
    ]
    path = tmp_path / "旧档.csv"
    path.write_bytes("\r\n".join([header, *rows, ",,,,,,,,,,", ""]).encode("gb18030"))
    _batch, tally = disputes_import(path, mapping_of(MAPPING), by=SYSTEM, clock=lambda: NOW)
    told = tally.as_dict()
    assert told["accepted"] + told["repeated"] + told["quarantined"] == told["received"] == len(rows)
    assert DisputeFile.objects.count() == told["accepted"] == 2
    assert {row.opened_at.isoformat()[:10] for row in DisputeFile.objects.all()} == {"2026-05-20", "2026-05-01"}
    with machine_use("compare"):
        names = set(PartyIdentity.objects.exclude(name="").values_list("name", flat=True))
    assert names == {"张𠮷", "阿卜杜拉·买买提"}
    waiting = QuarantinedRow.objects.all()
    assert waiting.count() == told["quarantined"]
    assert all(row.line and row.reason_zh and row.reason_en for row in waiting)


def test_a_sheet_without_the_columns_is_refused_before_anything_is_written(take):
    with pytest.raises(FileRefused, match="登记时间"):
        take("1,2", header="编号,别的")
    assert not QuarantinedRow.objects.exists()


def test_the_example_to_copy_is_whole(taxonomy):
    example = files("anlan.integrations.imports") / "mappings" / "disputes.example.toml"
    mapping = mapping_of(tomllib.loads(example.read_text(encoding="utf-8")))
    assert set(mapping.results.values()) <= set(RESULTS)
    assert {incident_type(code).push for code in mapping.codes.values()} <= {"yes", "on_2nd"}


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_nobody_is_asked_about_quarrels_of_years_gone_by(take, settings):
    settings.MESSAGE_CHANNELS = {"sms": "json://127.0.0.1:9/?:to={address}"}
    settings.PUBLIC_URL = "https://anlan.example"
    closings_follow(at=NOW - timedelta(days=1))
    take(RECENT, LONG_AGO)
    closings_follow(at=NOW)
    assert not RatingInvite.objects.exists()
