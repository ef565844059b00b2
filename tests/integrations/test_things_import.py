"""Things of a store out of a keeper's table: entered once, known again, or put aside with the reason."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anlan.core.actor import SYSTEM
from anlan.core.models import QuarantinedRow
from anlan.equipment.models import Item, ItemTag
from anlan.equipment.services import model_add
from anlan.integrations.imports.reading import FileRefused
from anlan.integrations.imports.things import things_import, things_look
from world import T0, build_world

pytestmark = pytest.mark.django_db
HEAD = "装备编号,装备名称,所属单位,出厂编号,购置日期,单价,EPC"
GOOD = 'B-1,警棍,城西派出所,S1,2026-01-05,"¥1,200.00 元",e28011700000020a1b2c3d4e'


@pytest.fixture
def world(db):
    made = build_world(units=False, roads=False)
    model_add(code="baton", name="警棍", name_en="baton", measure_word="根", by=SYSTEM, at=T0)
    return made


@pytest.fixture
def table(tmp_path):
    def make(*rows, head=HEAD, name="things.csv"):
        path = tmp_path / name
        path.write_text("\n".join((head, *rows)), encoding="utf-8")
        return path

    return make


def take(path):
    return things_import(path, by=SYSTEM, clock=lambda: T0)


def reasons():
    return {row.line: (row.code, row.reason_zh, row.reason_en) for row in QuarantinedRow.objects.all()}


def test_a_row_becomes_a_thing_with_its_tag_and_the_same_table_again_changes_nothing(world, table):
    told = take(table(GOOD))
    assert (told["received"], told["accepted"], told["quarantined"]) == (1, 1, 0)
    item, tag = Item.objects.get(), ItemTag.objects.get()
    assert (item.number, item.owner, item.place) == ("B-1", world.orgs["west"], world.orgs["west"])
    assert (item.serial, item.bought_on, item.price_yuan) == ("S1", date(2026, 1, 5), 1200)
    assert tag.epc == "E28011700000020A1B2C3D4E"
    again = take(table(GOOD))
    assert (again["accepted"], again["repeated"], Item.objects.count()) == (0, 1, 1)


@pytest.mark.parametrize(
    ("row", "code", "words"),
    [
        (",警棍,城西派出所,,,,", "number", "没有编号|缺少编号"),
        ("B-2,警棒,城西派出所,,,,", "kind", "是否为“警棍”"),
        ("B-2,警棍,城西派出,,,,", "organisation", "城西派出所"),
        ("B-2,警棍,城西派出所,,2027-06-01,,", "equipment_bought_in_future", "2027"),
        ("B-2,警棍,城西派出所,,昨天,,", "time", "昨天"),
        ("B-2,警棍,城西派出所,,,贵,", "price", "贵"),
        ("B-2,警棍,城西派出所,,,,无效标签号", "bad_input", ""),
        ("B-1,警棍,城东派出所,,,,", "number_twice", "城西派出所"),
        ("B-2,警棍,城西派出所,,,,E28011700000020A1B2C3D4E", "equipment_tag_taken", "B-1"),
        ("B-1,警棍,城西派出所,,,1300,", "number_twice", "单价"),
        ("B-1,警棍,城西派出所,,2026-01-06,,", "number_twice", "购置日期"),
        ("B-1,警棍,城西派出所,,,,E28011700000020A1B2C3D4F", "number_twice", "标签"),
        ("B-2,警棍,城西派出所,S1,,,", "serial_twice", "B-1"),
        (f"{'9' * 41},警棍,城西派出所,,,,", "bad_input", ""),
        ("B-2,警棍,城西派出所,,,,,,多一格", "columns", "列"),
    ],
)
def test_a_row_that_cannot_be_taken_is_kept_with_its_reason_and_the_rest_goes_on(world, table, row, code, words):
    told = take(table(GOOD, row, "B-9,baton,west,,,,"))
    assert (told["accepted"], told["quarantined"]) == (2, 1)
    ((line, (found, zh, en)),) = reasons().items()
    assert line == 3
    assert found == code or code == "bad_input"
    assert any(word in zh for word in words.split("|"))
    assert en
    assert set(Item.objects.values_list("number", flat=True)) == {"B-1", "B-9"}
    assert ItemTag.objects.count() == 1, "a tag that is refused leaves no thing behind"


def test_a_table_that_lacks_a_column_is_refused_by_name_before_its_first_row(world, table):
    with pytest.raises(FileRefused) as refused:
        take(table("B-1,警棍", head="装备编号,装备名称"))
    assert "所属单位" in refused.value.reason_zh
    assert not Item.objects.exists()


def test_a_workbook_with_numbers_and_day_numbers_is_read(world, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["编号", "名称", "单位", "购置日期", "单价"])
    book.active.append([1007.0, "警棍", "城西派出所", 46027, 85.5])
    path = tmp_path / "things.xlsx"
    book.save(path)
    assert take(path)["accepted"] == 1
    item = Item.objects.get()
    assert (item.number, item.bought_on, item.price_yuan) == ("1007", date(2026, 1, 5), 86)


def test_looking_keeps_nothing_and_says_what_would_become_of_each_row(world, table):
    looked = things_look(table(GOOD, "B-2,警棒,城西派出所,,,,", GOOD), by=SYSTEM, at=T0)
    assert [(one.line, one.is_new, bool(one.reason)) for one in looked] == [
        (2, True, False), (3, False, True), (4, False, False)
    ]  # fmt: skip
    assert not Item.objects.exists()
    assert not QuarantinedRow.objects.exists()


def test_on_the_page_a_table_is_looked_at_then_taken_in_by_who_looked(world):
    def client(who):
        made = Client()
        made.cookies["anlan_language"] = "zh-hans"
        made.force_login(world.people[who])
        return made

    def sent(name="things.csv", text=f"{HEAD}\n{GOOD}\nB-2,警棒,城西派出所,,,,"):
        return SimpleUploadedFile(name, text.encode(), "text/csv")

    ida = client("ida")
    assert client("eve").get("/equipment/import").status_code == 403
    assert "装备编号" in ida.get("/equipment/import").content.decode()
    looked = ida.post("/equipment/import/look", {"file": sent()})
    assert "是否为“警棍”" in looked.content.decode()
    assert not Item.objects.exists()
    word = looked.context["word"]
    assert client("jia").post("/equipment/import/take", {"word": word}).status_code in (403, 422)
    told = ida.post("/equipment/import/take", {"word": word}).content.decode()
    assert "登记 1" in told
    assert "是否为“警棍”" in told
    assert Item.objects.get().number == "B-1"
    for wrong in ({}, {"file": sent("things.exe")}, {"file": sent(text="\0\0")}):
        assert ida.post("/equipment/import/look", wrong).status_code in (415, 422)
    assert ida.post("/equipment/import/take", {"word": "x"}).status_code == 422
