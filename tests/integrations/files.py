"""Files as other systems write them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from anlan.core.actor import SYSTEM
from anlan.core.models import QuarantinedRow
from anlan.integrations.imports.mapping import Mapping, mapping_of
from anlan.integrations.imports.runner import Tally, calls_import

AT = datetime(2026, 4, 1, tzinfo=UTC)
COLUMNS = {
    "external_id": "编号",
    "received_at": "时间",
    "code": "类别",
    "narrative": "内容",
    "lon": "经度",
    "lat": "纬度",
}
HEADER = ",".join(COLUMNS.values())
COUNTY = {"west": 119.5, "south": 28.4, "east": 120.8, "north": 29.4}


def mapping(**more) -> Mapping:
    told = {"name": "t", "columns": COLUMNS, "codes": {"纠纷": "0499", "*": "9901"}, "bounds": COUNTY}
    return mapping_of({**told, **more})


def row(number="1", time="2026-03-02 08:30:00", code="纠纷", words="邻居吵架", lon="120.05", lat="28.90") -> str:
    return ",".join([number, time, code, words, lon, lat])


def csv_file(folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8", name="calls.csv") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join([header, *rows, ""]).encode(encoding))
    return path


def take(path: Path, how: Mapping | None = None, **more) -> Tally:
    return calls_import(path, how or mapping(), by=SYSTEM, clock=lambda: AT, **more)[1]


def parked() -> list[tuple[int | None, str]]:
    """Line and reason of every parked row."""
    return list(QuarantinedRow.objects.order_by("line", "pk").values_list("line", "code"))
