"""Beside another 110 system: its three sheets, taken in again and again without doubles."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.models import QuarantinedRow
from anlan.dispatch.models import Assignment, Feedback
from anlan.engines.geo import distance_m, wgs84_to_gcj02
from anlan.intake.models import Incident
from anlan.integrations.imports.mapping import MappingRefused
from anlan.integrations.imports.reading import FileRefused
from anlan.integrations.imports.sheets import sheets_import
from anlan.integrations.models import ExternalRecord
from anlan.units.models import Unit
from integrations.files import AT, csv_file
from world import build_world

pytestmark = pytest.mark.django_db(databases="__all__")

CALLS = "接警单编号,报警时间,警情类别,报警内容,事发地址,经度,纬度,报警方式"
DISPATCHES = "处警单编号,接警单编号,处警单位,派警时间,签收时间,出警时间,到达时间,处置完毕时间"
FEEDBACK = "反馈单编号,接警单编号,处警单编号,反馈时间,处理结果,反馈类别,处理情况,受伤人数"
LON, LAT = (float(value) for value in wgs84_to_gcj02(120.05, 28.90))
CALL_ROWS = [
    f"J1,2026-03-02 08:30:00,纠纷,邻居吵架,安澜大道5号,{LON},{LAT},电话",
    f"J2,2026-03-02 09:00:00,盗窃,电动车被偷,安澜大道7号,{LON},{LAT},网络",
]
DISPATCH_ROWS = [
    "C1,J1,P-01,2026-03-02 08:31,2026-03-02 08:32,2026-03-02 08:33,2026-03-02 08:40,2026-03-02 09:10",
    "C2,J2,巡特警9组,2026-03-02 09:02,,,2026-03-02 09:15,",
]
FEEDBACK_ROWS = [
    "F1,J1,C1,2026-03-02 09:20,调解成功,纠纷,双方和解,0",
    "F2,J2,C2,2026-03-02 10:00,受理刑事案件,盗窃,立案,０",
]


@pytest.fixture
def world(taxonomy):
    return build_world(roads=False)


def sheets(
    folder: Path, calls=CALL_ROWS, dispatches=DISPATCH_ROWS, feedback=FEEDBACK_ROWS, calls_header=CALLS, **encoding
):
    example = files("anlan.integrations.imports") / "mappings" / "incumbent.example.toml"
    mapping = folder / "ours.toml"
    mapping.write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    paths = [
        csv_file(folder, *rows, header=header, name=name, **encoding)
        for rows, header, name in (
            (calls, calls_header, "接警单.csv"),
            (dispatches, DISPATCHES, "处警单.csv"),
            (feedback, FEEDBACK, "反馈单.csv"),
        )
    ]
    return sheets_import(*paths, mapping=mapping, by=SYSTEM, clock=lambda: AT)


def day(hour: int, minute: int) -> datetime:
    """A moment of 2 March 2026, UTC: eight hours before the sheets' own."""
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


def counts(told) -> dict[str, tuple[int, int, int]]:
    return {name: (c["accepted"], c["repeated"], c["quarantined"]) for name, c in told.items()}


def reasons() -> list[tuple[str, int | None, str]]:
    return list(QuarantinedRow.objects.order_by("pk").values_list("source", "line", "code"))


def test_three_sheets_become_one_closed_matter_each(world, tmp_path):
    told = sheets(tmp_path, encoding="gb18030")
    assert counts(told) == {"calls": (2, 0, 0), "dispatches": (2, 0, 0), "feedback": (2, 0, 0)}
    first = Incident.objects.get(external_id="J1")
    assert (first.code, first.state, first.station_id) == ("0499", "closed", world.orgs["west"].pk)
    assert distance_m(first.lon, first.lat, 120.05, 28.90) < 1.0
    sent = Assignment.objects.get(incident=first)
    assert (sent.unit.call_sign, sent.state) == ("P-01", "closed")
    assert sent.arrived_at == datetime(2026, 3, 2, 0, 40, tzinfo=UTC)
    filed = Feedback.objects.get(incident=first)
    assert (filed.assignment_id, filed.result, filed.narrative) == (sent.pk, "mediated_agreement", "双方和解")
    assert Incident.objects.get(external_id="J2").calls.get().channel == "app"


def test_a_unit_that_is_new_here_is_added_off_duty_and_one_known_is_left_alone(world, tmp_path):
    before = Unit.objects.get(call_sign="P-01").state
    sheets(tmp_path)
    fresh = Unit.objects.get(call_sign="巡特警9组")
    assert (fresh.state, fresh.organisation_id) == ("off", world.orgs["bureau"].pk)
    assert Unit.objects.get(call_sign="P-01").state == before == "available"
    assert Unit.objects.count() == 6


def test_the_same_sheets_again_change_nothing(world, tmp_path):
    sheets(tmp_path)
    again = sheets(tmp_path)
    assert counts(again) == {"calls": (0, 2, 0), "dispatches": (0, 2, 0), "feedback": (0, 2, 0)}
    assert (Incident.objects.count(), Assignment.objects.count(), Feedback.objects.count()) == (2, 2, 2)
    assert ExternalRecord.objects.count() == 4


def test_longer_sheets_add_only_what_is_new(world, tmp_path):
    sheets(tmp_path)
    calls = [*CALL_ROWS, "J3,2026-03-03 08:00,求助,钥匙锁屋内,,,,电话"]
    dispatches = [*DISPATCH_ROWS, "C3,J3,P-02,2026-03-03 08:02,,,,"]
    feedback = [*FEEDBACK_ROWS, "F3,J3,C3,2026-03-03 08:40,提供帮助,,,", "F4,J3,,2026-03-03 09:00,提供帮助,,,"]
    told = sheets(tmp_path, calls, dispatches, feedback)
    assert counts(told) == {"calls": (1, 2, 0), "dispatches": (1, 2, 0), "feedback": (2, 2, 0)}
    assert Feedback.objects.filter(assignment=None).count() == 1
    assert Feedback.objects.get(assignment__unit__call_sign="P-02").code == "0599"


def test_a_sheet_whose_call_is_not_here_waits_parked_and_is_taken_when_it_is(world, tmp_path):
    told = sheets(tmp_path, CALL_ROWS[:1])
    assert counts(told) == {"calls": (1, 0, 0), "dispatches": (1, 0, 1), "feedback": (1, 0, 1)}
    assert reasons() == [("处警单.csv", 3, "incident"), ("反馈单.csv", 3, "incident")]
    assert counts(sheets(tmp_path)) == {"calls": (1, 1, 0), "dispatches": (1, 1, 0), "feedback": (1, 1, 0)}


def test_feedback_for_a_dispatch_nobody_knows_or_of_another_matter_is_parked(world, tmp_path):
    feedback = [FEEDBACK_ROWS[0].replace("C1", "C9"), FEEDBACK_ROWS[1].replace("C2", "C1")]
    assert counts(sheets(tmp_path, feedback=feedback))["feedback"] == (0, 0, 2)
    rows = QuarantinedRow.objects.order_by("line")
    assert [r.code for r in rows] == ["dispatch", "dispatch"]
    assert "没有派警“C9”" in rows[0].reason_zh
    assert "belongs to another incident" in rows[1].reason_en
    assert not Feedback.objects.exists()


def test_steps_whose_times_run_backwards_are_parked(world, tmp_path):
    dispatches = [
        "C1,J1,P-01,2026-03-02 08:31,2026-03-02 08:30,,,",
        "C2,J2,P-02,2026-03-02 09:02,,,2026-03-02 09:15,2026-03-02 09:14",
    ]
    feedback = ["F1,J1,,2026-03-02 08:29,提供帮助,,,"]
    told = sheets(tmp_path, dispatches=dispatches, feedback=feedback)
    assert (counts(told)["dispatches"], counts(told)["feedback"]) == ((0, 0, 2), (0, 0, 1))
    assert {code for _, _, code in reasons()} == {"times"}
    assert not Unit.objects.filter(call_sign="巡特警9组").exists()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("F9,J1,C1,2026-03-02 09:20,不了了之,纠纷,,0", "result"),
        ("F9,J1,C1,,调解成功,纠纷,,0", "no_time"),
        ("F9,J1,C1,2026-03-02 09:20,调解成功,纠纷,,-3", "count"),
        ("F9,J1,C1,2026-03-02 09:20,调解成功,纠纷,,1e300", "count"),
        (",J1,C1,2026-03-02 09:20,调解成功,纠纷,,0", "number"),
        ("F9,J1,C1,2026-03-02 09:20,调解成功,纠纷", "columns"),
    ],
)
def test_a_feedback_row_that_can_not_be_right_is_parked_and_the_others_are_taken(world, tmp_path, row, code):
    assert counts(sheets(tmp_path, feedback=[row, *FEEDBACK_ROWS]))["feedback"] == (2, 0, 1)
    assert reasons() == [("反馈单.csv", 2, code)]


def test_a_number_twice_in_one_sheet_is_one_sheet(world, tmp_path):
    told = sheets(tmp_path, dispatches=[*DISPATCH_ROWS, DISPATCH_ROWS[0]])
    assert counts(told)["dispatches"] == (2, 1, 0)


def test_a_number_twice_in_one_sheet_with_other_words_is_parked_the_second_time(world, tmp_path):
    other = DISPATCH_ROWS[0].replace("P-01", "P-02")
    told = sheets(tmp_path, dispatches=[*DISPATCH_ROWS, other])
    assert counts(told)["dispatches"] == (2, 0, 1)
    assert reasons() == [("处警单.csv", 4, "number_twice")]
    assert Assignment.objects.get(incident__external_id="J1").unit.call_sign == "P-01"


def test_a_parked_sheet_that_is_taken_later_is_closed(world, tmp_path):
    sheets(tmp_path, CALL_ROWS[:1])
    again = sheets(tmp_path)
    assert [again[name].get("unparked", 0) for name in ("calls", "dispatches", "feedback")] == [0, 1, 1]
    assert set(QuarantinedRow.objects.values_list("status", flat=True)) == {"taken"}
    assert sheets(tmp_path)["dispatches"] == {"received": 2, "accepted": 0, "repeated": 2, "quarantined": 0}


def test_the_dispatch_sheets_say_when_help_was_sent_and_came(world, tmp_path):
    dispatches = [*DISPATCH_ROWS, "C3,J1,P-02,2026-03-02 08:35,,,2026-03-02 08:38,2026-03-02 09:30"]
    sheets(tmp_path, dispatches=dispatches)
    first, second = Incident.objects.order_by("external_id")
    assert (first.first_sent_at, first.first_arrived_at) == (day(0, 31), day(0, 38))
    assert first.closed_at == first.state_since == day(1, 30)
    assert (second.first_sent_at, second.first_arrived_at) == (day(1, 2), day(1, 15))


def test_a_longer_dispatch_sheet_moves_the_first_times_only_to_earlier_ones(world, tmp_path):
    sheets(tmp_path)
    later = "C3,J1,P-02,2026-03-02 08:50,,,2026-03-02 08:55,"
    earlier = "C4,J2,P-02,2026-03-02 09:01,,,2026-03-02 09:05,"
    sheets(tmp_path, dispatches=[*DISPATCH_ROWS, later, earlier])
    first, second = Incident.objects.order_by("external_id")
    assert (first.first_sent_at, first.first_arrived_at) == (day(0, 31), day(0, 40))
    assert (second.first_sent_at, second.first_arrived_at) == (day(1, 1), day(1, 5))


def test_a_closing_time_the_other_system_told_stays(world, tmp_path):
    calls = [f"{CALL_ROWS[0]},2026-03-02 12:00"]
    sheets(tmp_path, calls, DISPATCH_ROWS[:1], FEEDBACK_ROWS[:1], calls_header=f"{CALLS},结案时间")
    assert Incident.objects.get().closed_at == day(4, 0)


def test_a_dispatch_before_its_call_is_parked(world, tmp_path):
    dispatches = ["C1,J1,P-01,2026-03-02 08:29,,,,", DISPATCH_ROWS[1]]
    assert counts(sheets(tmp_path, dispatches=dispatches, feedback=[]))["dispatches"] == (1, 0, 1)
    assert reasons() == [("处警单.csv", 2, "times")]


def test_when_one_of_the_three_can_not_be_read_none_is_taken(world, tmp_path):
    with pytest.raises(FileRefused):
        sheets_import(
            csv_file(tmp_path, *CALL_ROWS, header=CALLS, name="a.csv"),
            csv_file(tmp_path, *DISPATCH_ROWS, header=DISPATCHES, name="b.csv"),
            tmp_path / "none.xlsx",
            mapping=_example(tmp_path),
            by=SYSTEM,
            clock=lambda: AT,
        )
    wrong = csv_file(tmp_path, "x,y", header="甲,乙", name="c.csv")
    with pytest.raises(FileRefused, match="反馈时间"):
        sheets_import(
            csv_file(tmp_path, *CALL_ROWS, header=CALLS, name="a.csv"),
            csv_file(tmp_path, *DISPATCH_ROWS, header=DISPATCHES, name="b.csv"),
            wrong,
            mapping=_example(tmp_path),
            by=SYSTEM,
            clock=lambda: AT,
        )
    assert not Incident.objects.exists()


def _example(folder: Path) -> Path:
    example = files("anlan.integrations.imports") / "mappings" / "incumbent.example.toml"
    path = folder / "ours.toml"
    path.write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def test_a_mapping_that_can_not_be_read_is_refused_before_anything_else(world, tmp_path):
    path = csv_file(tmp_path, *CALL_ROWS, header=CALLS)
    with pytest.raises(MappingRefused):
        sheets_import(path, path, path, mapping=tmp_path / "none.toml", by=SYSTEM, clock=lambda: AT)
