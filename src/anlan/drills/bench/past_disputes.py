"""A past of dispute files of any size for measuring: some hundred carried by services, then multiplied in the store.

Of each fifty files one is still alive, in the states a live file has; the rest went from the first push over the
visit of the beat to the archive. Each copy lies at a place of its own, further back in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone

from anlan.core.actor import SYSTEM
from anlan.disputes.closing_handlers import file_closings_follow
from anlan.disputes.models import DisputeFile, FileClosing, FileIncident, FileKey, LevelChange, Push
from anlan.disputes.selectors import push_open_of
from anlan.disputes.selectors.matching import keys_of
from anlan.disputes.services import (
    file_accept,
    file_archive,
    file_close,
    file_open,
    file_settle_on_site,
    push_close,
    push_send,
)
from anlan.drills.bench.past import BLOCK, STEP, TABLES, Copied, first_block, table_copy
from anlan.engines.geo.cells import cell_of
from anlan.intake.models import Incident

MATTERS = (
    ("0410", "楼上邻居半夜装修电钻声很响，敲门不开，已经好几天了"),
    ("0402", "隔壁把垃圾堆在过道，说了几次不听，两家吵起来"),
    ("0406", "房东不退押金，说墙面弄坏了，租客不同意，在屋里争执"),
    ("0405", "朋友借了三万块不还，今天上门要钱吵起来了"),
    ("0403", "工地干了两个月工资没发，几个工友在门口讨说法"),
    ("0401", "夫妻俩为孩子上学的事吵架，摔东西，邻居报的警"),
    ("0404", "买的电动车三天就坏了，店家不肯退，双方争吵"),
)
LIVE_OF = 50
"""One file in so many is alive: at 2,500 a day, some seven days' worth."""
STEP_DEG = 0.00037
CAME_BACK_OF, MEDIATED_OF = 12, 7
"""One closing in so many came back, one in so many was a mediating organisation's."""


def _day(column: str) -> str:
    """The local day of an instant of the copy."""
    back_s = int(BLOCK * STEP.total_seconds())
    return f"date(old.{column}, '-' || ({{j}} * {back_s}) || ' seconds', '{local_hours():+d} hours')"


def local_hours() -> int:
    """How far the centre's clock is from UTC."""
    offset = timezone.localtime().utcoffset()
    assert offset is not None, "the centre's clock has a zone"
    return round(offset / timedelta(hours=1))


TABLES_OF_FILES = (
    Copied(
        DisputeFile,
        "id",
        (
            "state_since", "level_since", "held_since", "opened_at", "last_report_at", "due_at", "closed_at",
            "archived_at",
        ),
        {
            "number": "'D' || ({id})",
            "lon": f"old.lon + ({{j}} % 41) * {STEP_DEG}",
            "lat": f"old.lat + ({{j}} / 41) * {STEP_DEG}",
            "cell": f"h3_cell(old.lat + ({{j}} / 41) * {STEP_DEG}, old.lon + ({{j}} % 41) * {STEP_DEG})",
            "address_text": "old.address_text || ({j}) || '幢'",
        },
        of="disputes_disputefile",
    ),
    Copied(
        FileIncident,
        "file_id",
        ("made_at",),
        {"incident_id": f"old.incident_id + {{j}} * {BLOCK}"},
        of="disputes_disputefile",
    ),
    Copied(
        Push,
        "file_id",
        ("state_since", "pushed_at", "due_at", "received_at", "acted_at", "closed_at", "reminded_at"),
        {"incident_id": f"old.incident_id + {{j}} * {BLOCK}", "notice_id": "NULL"},
        of="disputes_disputefile",
    ),
    Copied(LevelChange, "file_id", ("at",), {"event_id": "NULL"}, of="disputes_disputefile"),
    Copied(
        FileClosing,
        "file_id",
        ("opened_at", "closed_at", "ended_at"),
        {"event_id": "-({id})", "closed_day": _day("closed_at"), "ended_day": _day("ended_at")},
        of="disputes_disputefile",
    ),
)  # fmt: skip


def disputes_build(size: int, *, until: datetime) -> None:
    """Give a fresh centre a past of ``size`` dispute files, one incident each, that ends at ``until``."""
    first_block(min(size, BLOCK), until, MATTERS)
    with transaction.atomic():
        for k, incident in enumerate(Incident.objects.order_by("id")):
            _file_carried(incident, k)
    _closings_put(until)
    with transaction.atomic():
        connection.ensure_connection()
        connection.connection.create_function("h3_cell", 2, _cell, deterministic=True)
        for table in (*TABLES, *TABLES_OF_FILES):
            table_copy(table, size)
    _keys_put()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _cell(lat: float | None, lon: float | None) -> int | None:
    return None if lat is None or lon is None else cell_of(lon, lat)


def _file_carried(incident: Incident, k: int) -> None:
    """One file from its first push: to the archive, or as far as a live one has come."""
    incident.address_text = f"临江路{k % 97 + 1}号"
    incident.save(update_fields=["address_text"])
    at = incident.received_at
    file = file_open(incident=incident, by=SYSTEM, at=at)
    push_send(file=file, seq=1, reason="dispatched", by=SYSTEM, at=at, incident=incident)
    file_settle_on_site(file=file, by=SYSTEM, at=at + timedelta(minutes=20), incident=incident)
    if k % LIVE_OF == 0 and k % (2 * LIVE_OF):
        return
    second = push_open_of(file.pk, 2)
    assert second is not None, "a file settled on site is followed up"
    visited = at + timedelta(hours=20)
    if k % LIVE_OF == 0:
        push_close(push=second, outcome="up", by=SYSTEM, at=visited)
        if k % (4 * LIVE_OF):
            file.refresh_from_db()
            file_accept(file=file, by=SYSTEM, at=visited + timedelta(minutes=30))
        return
    push_close(push=second, outcome="settled", by=SYSTEM, at=visited)
    file.refresh_from_db()
    if file.state not in ("closed", "archived"):
        file_close(file=file, result="settled_follow_up", by=SYSTEM, at=visited + timedelta(hours=1))
    file.refresh_from_db()
    file_archive(file=file, by=SYSTEM, at=visited + timedelta(days=3))


def _closings_put(until: datetime) -> None:
    """The closings of the first files, some of which came back; long enough after them that nobody is drawn."""
    while file_closings_follow(at=until + timedelta(days=60)):
        pass
    table = FileClosing._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        for k, row in enumerate(FileClosing.objects.order_by("id")):
            if k % MEDIATED_OF == 0:
                cursor.execute(
                    f"UPDATE {table} SET mediating_id = %s, push_level = 3 WHERE id = %s", [row.town_room_id, row.pk]
                )
            if k % CAME_BACK_OF == 0:
                ended = row.closed_at + timedelta(days=1 + k % 89)
                cursor.execute(
                    f"UPDATE {table} SET end_kind = 'came_back', ended_at = %s, ended_day = %s WHERE id = %s",
                    [
                        connection.ops.adapt_datetimefield_value(ended),
                        connection.ops.adapt_datefield_value(timezone.localtime(ended).date()),
                        row.pk,
                    ],
                )


def _keys_put() -> None:
    """By which places each copy is found again, worked out as for a file that was opened."""
    table, rows = FileKey._meta.db_table, _key_rows()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
        while some := list(islice(rows, 50_000)):
            cursor.executemany(f"INSERT INTO {table} (file_id, key, last_at) VALUES (%s, %s, %s)", some)


def _key_rows() -> Iterator[tuple[int, str, str | None]]:
    for file in DisputeFile.objects.order_by("id").iterator(chunk_size=5_000):
        last_at = connection.ops.adapt_datetimefield_value(file.last_report_at)
        for key in keys_of(file):
            yield file.pk, key, last_at
