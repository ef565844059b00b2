"""Things of a store out of a table: whoever kept them in Excel takes them in once, or again and again."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import DomainError
from anlan.engines.rfid import EpcProblem, epc_decode
from anlan.equipment.models import Item, ItemModel
from anlan.equipment.selectors import item_entered
from anlan.equipment.services import item_add
from anlan.integrations.imports.convert import RowRefused, code_text, instant, is_empty, number, text
from anlan.integrations.imports.reading import BrokenRow, FileRefused, SourceRow, rows_of
from anlan.integrations.imports.reference import table_import
from anlan.integrations.imports.runner import refused

COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("number", "编号", "装备编号", "资产编号", "物品编号"),
    "kind": ("kind", "种类", "装备种类", "装备名称", "名称", "品名", "类别"),
    "organisation": ("organisation", "所属单位", "单位", "归属单位", "配发单位"),
    "place": ("place", "存放单位", "存放地点", "保管单位"),
    "serial": ("serial", "序列号", "出厂编号", "机身号"),
    "bought_on": ("bought_on", "购置日期", "采购日期", "购入日期"),
    "price_yuan": ("price_yuan", "单价", "价格", "购置金额"),
    "epc": ("epc", "标签", "标签号", "电子标签", "rfid"),
    "tid": ("tid", "芯片号"),
}
"""Our field and what tables call it, whatever its case."""
NEEDED = ("number", "kind", "organisation")
NAMES = {"model": "kind", "owner": "organisation"}
LONGEST = 10_000
"""Nothing that names a thing is cut here: what the register can't keep whole it refuses."""
ALIKE = 0.5
PRICE_MOST = 100_000_000
LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Looked:
    """One row as it would be read: taken, known already (neither), or why not in both languages."""

    line: int
    fields: dict[str, str]
    is_new: bool
    reason: tuple[str, str] | None


def things_import(path: Path, *, by: Actor, clock: Callable[[], datetime]) -> dict[str, Any]:
    """Enter the things of a CSV or Excel table; one that is entered the same already is known.

    Each row is a transaction of its own. Raises ``FileRefused`` for a file that can't be read as a whole or lacks a
    column.
    """
    columns = _columns(path)
    return table_import(path, "things", by, clock, lambda row: _thing(_named(row, columns), by, clock()))


def things_look(path: Path, *, by: Actor, at: datetime) -> list[Looked]:
    """The first rows as :func:`things_import` would read them; nothing is kept. Raises ``FileRefused``."""
    columns = _columns(path)
    with transaction.atomic():
        looked = [_looked(row, columns, by, at) for row in islice(rows_of(path), LOOKED_AT)]
        transaction.set_rollback(True)
    return looked


def _looked(row: SourceRow | BrokenRow, columns: Mapping[str, str], by: Actor, at: datetime) -> Looked:
    if isinstance(row, BrokenRow):
        return Looked(row.line, {}, False, (row.reason_zh, row.reason_en))
    fields = _named(row.fields, columns)
    shown = {name: "" if value is None else str(value)[:60] for name, value in fields.items()}
    try:
        with transaction.atomic():
            return Looked(row.line, shown, _thing(fields, by, at), None)
    except RowRefused as why:
        found = refused(row, why)
        return Looked(row.line, shown, False, (found.reason_zh, found.reason_en))
    except DomainError as why:
        return Looked(row.line, shown, False, (why.detail("zh-hans"), why.detail("en")))


def _columns(path: Path) -> dict[str, str]:
    """Our fields by the table's column names. Raises ``FileRefused`` where one of ``NEEDED`` is missing."""
    first = next((row for row in rows_of(path) if isinstance(row, SourceRow)), None)
    there = list(first.fields) if first else []
    lower = {name.strip().casefold(): name for name in reversed(there)}
    found = {
        lower[word.casefold()]: field
        for field, words in COLUMNS.items()
        for word in reversed(words)
        if word.casefold() in lower
    }
    missing = [field for field in NEEDED if field not in found.values()]
    if missing:
        zh = "、".join("/".join(COLUMNS[field][1:3]) for field in missing)
        raise FileRefused(
            f"{path.name} 缺少列：{zh}；文件中的列：{'、'.join(there[:30]) or '（无）'}。请按导入页所列改列名",
            f"{path.name} lacks columns: {', '.join(missing)}; it has: {', '.join(there[:30]) or '(none)'}. "
            "Rename them as the page for tables has them",
        )
    return found


def _named(fields: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """A row by our fields; of two columns that say the same the first one that says anything."""
    named: dict[str, Any] = {}
    for theirs, ours in columns.items():
        value = fields.get(theirs)
        if not is_empty(value) and ours not in named:
            named[ours] = value
    return named


def _thing(fields: Mapping[str, Any], by: Actor, at: datetime) -> bool:
    """Enter one; False where it is entered just so. Raises ``RowRefused`` and what :func:`item_add` raises."""
    told = code_text(fields.get("number"), LONGEST)
    if not told:
        raise RowRefused("number", "缺少编号", "there is no number")
    model = _kind(text(fields.get("kind"), 80))
    owner = _organisation(text(fields.get("organisation"), 64))
    place = _organisation(text(fields["place"], 64)) if "place" in fields else owner
    serial, epc, tid = (code_text(fields.get(name), LONGEST) for name in ("serial", "epc", "tid"))
    says: dict[str, Any] = {"serial": serial, "bought_on": _day(fields.get("bought_on"))}
    says["price_yuan"] = _price(fields.get("price_yuan"))
    there = item_entered(told)
    if there is not None:
        _must_be_the_same(there, {"model": model, "owner": owner, **says}, epc)
        return False
    twin = model.items.filter(serial=serial).first() if serial else None
    if twin is not None:
        zh = f"出厂编号“{serial}”已登记在 {twin.number}；请核对是否同一件"
        raise RowRefused(
            "serial_twice", zh, f"the serial number “{serial}” is that of {twin.number}; is it the same?"
        )
    item_add(number=told, model=model, owner=owner, place=place, epc=epc, tid=tid, by=by, at=at, **says)
    return True


def _must_be_the_same(there: Item, says: Mapping[str, Any], epc: str) -> None:
    """What the row says must be what is entered; where it says nothing, nothing is held against it."""
    differs = [name for name, value in says.items() if value not in ("", None, getattr(there, name))]
    if epc and not there.tags.filter(off_at=None, epc=_tag_kept(epc)).exists():
        differs.append("epc")
    if not differs:
        return
    named_zh, named_en = "、".join(COLUMNS[NAMES.get(name, name)][1] for name in differs), ", ".join(differs)
    now_zh = f"编号 {there.number} 已登记为{there.model.name}（{there.owner.name_zh}），与本行的{named_zh}不同"
    now_en = f"{there.number} is entered as {there.model.name} of {there.owner.code} already; other: {named_en}"
    zh, en = f"{now_zh}；请改编号，或在该装备页更正", f"{now_en}; give this one another number, or correct that one"
    raise RowRefused("number_twice", zh, en)


def _tag_kept(epc: str) -> str:
    """The number as the register keeps it; what is none, as it came: no tag bears it."""
    try:
        return epc_decode(epc).hex
    except EpcProblem:
        return epc


def _kind(told: str) -> ItemModel:
    known = {name: model for model in ItemModel.objects.all() for name in (model.name_en, model.name, model.code)}
    return _one_of(known, told, "kind", ("装备种类", "kind of thing"))


def _organisation(told: str) -> Organisation:
    known = {name: one for one in Organisation.objects.all() for name in (one.name_en, one.name_zh, one.code)}
    return _one_of(known, told, "organisation", ("机构", "organisation"))


def _one_of(known: Mapping[str, Any], told: str, code: str, word: tuple[str, str]) -> Any:
    """What bears that name in either language or that code; a refusal names what is most alike."""
    lower = {name.casefold(): one for name, one in known.items() if name}
    found = lower.get(told.casefold())
    if found is not None:
        return found
    alike = difflib.get_close_matches(told.casefold(), list(lower), n=1, cutoff=ALIKE)
    zh = f"；是否为“{alike[0]}”？" if alike else "；请先登记，或改正写法"
    en = f"; is it “{alike[0]}”?" if alike else "; enter it first, or write it as it is known here"
    shown = told or "–"
    raise RowRefused(code, f"没有{word[0]}“{shown}”{zh}", f"there is no {word[1]} “{shown}”{en}")


def _day(value: Any) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    found = instant(value, ZoneInfo(settings.TIME_ZONE))
    return timezone.localtime(found).date() if found else None


def _price(value: Any) -> int | None:
    if is_empty(value):
        return None
    found = number(str(value).replace(",", "").removeprefix("¥").removesuffix("元").strip())
    if found is None or not 0 <= found <= PRICE_MOST:
        raise RowRefused("price", f"金额“{value}”无法识别", f"the price “{value}” can't be read")
    return round(found)
