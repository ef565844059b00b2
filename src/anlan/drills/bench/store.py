"""Stores of a given size for measuring: a real small one, and a past multiplied inside the database."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, models, transaction

from anlan.accounts.services import organisation_add, person_add, role_grant, token_issue
from anlan.core.actor import SYSTEM
from anlan.core.services import import_start
from anlan.intake.models import Call, Incident
from anlan.intake.services.history import HistoryIncident, history_import
from anlan.places.services import area_put
from anlan.tagging.services import taxonomy_load
from anlan.units.services import PositionReport, positions_take, unit_add, unit_state_set

BOX = (120.0, 28.8, 120.2, 29.0)
UNITS = 60
STEP = timedelta(seconds=40)


def small_centre(*, at: datetime) -> str:
    """A bureau with a station, a town room, sixty units and a dispatcher; returns the dispatcher's token."""
    taxonomy_load(by=SYSTEM, at=at)
    bureau = organisation_add(code="bureau", kind="bureau", name_zh="局", name_en="Bureau", by=SYSTEM, at=at)
    station = organisation_add(
        code="station", kind="station", name_zh="所", name_en="Station", parent=bureau, by=SYSTEM, at=at
    )
    town = organisation_add(
        code="town", kind="town_room", name_zh="街道", name_en="Town", parent=bureau, by=SYSTEM, at=at
    )
    west, south, east, north = BOX
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    for kind, org in (("station", station), ("town", town), ("beat", station)):
        polygon = {"type": "Polygon", "coordinates": [ring]}
        area_put(kind=kind, code=kind, name_zh=kind, polygon=polygon, organisation=org, by=SYSTEM, at=at)
    for k in range(UNITS):
        home, track = (station, "P") if k % 3 else (town, "C")
        unit = unit_add(call_sign=f"{track}-{k:03d}", track=track, organisation=home, by=SYSTEM, at=at)
        unit_state_set(unit=unit, to="available", by=SYSTEM, at=at)
        fix = PositionReport(
            unit_id=unit.pk, boot="bench", seq=1, lon=west + 0.003 * k, lat=south + 0.003 * k, fixed_at=at
        )
        positions_take(fixes=[fix], by=SYSTEM, at=at)
    person = person_add(username="bench", name="测", organisation=bureau, password=None, by=SYSTEM, at=at)
    for role in ("dispatcher", "call_taker", "duty_leader"):
        role_grant(person=person, role=role, by=SYSTEM, at=at)
    return token_issue(person=person, label="bench", by=SYSTEM, at=at)


def past_grow(size: int, *, until: datetime) -> int:
    """Bring the past to ``size`` incidents: the first 500 one by one, the rest copied in the database."""
    have = Incident.objects.filter(source="bench").count()
    if have < min(size, 500):
        _import(have, min(size, 500), until)
        have = min(size, 500)
    while have < size:
        have += _copy(min(have, size - have), have)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return have


def _import(low: int, high: int, until: datetime) -> None:
    batch = import_start(kind="bench", source="bench", by=SYSTEM, at=until)
    west, south, east, north = BOX
    rows = [
        HistoryIncident(
            source="bench",
            external_id=str(k),
            code=("0410", "0402", "0303", "0107", "0599", "0307")[k % 6],
            received_at=until - STEP * (k + 1),
            closed_at=until - STEP * (k + 1) + timedelta(hours=1),
            narrative="报警人称楼上装修噪声扰民，多次沟通无果",
            lon=west + (east - west) * ((k * 0.618034) % 1),
            lat=south + (north - south) * ((k * 0.414214) % 1),
        )
        for k in range(low, high)
    ]
    history_import(rows=rows, batch=batch, by=SYSTEM, at=until)


@transaction.atomic
def _copy(count: int, have: int) -> int:
    """Copy the first ``count`` past incidents and their calls, moved ``have`` steps further into the past."""
    shift_s = have * STEP.total_seconds()
    first = Incident.objects.filter(source="bench").order_by("id").values_list("id", flat=True)[0]
    offset = Incident.objects.order_by("-id").values_list("id", flat=True)[0] - first + 1
    changes = {
        "id": f"id + {offset}",
        "number": f"'B' || (id + {offset})",
        "external_id": f"'c' || (id + {offset})",
        **{name: _earlier(name, shift_s) for name in ("received_at", "state_since", "closed_at")},
    }
    where = f"source = 'bench' AND id < {first + count}"
    done = _insert_select(Incident, changes, where)
    call_offset = Call.objects.order_by("-id").values_list("id", flat=True)[0] + 1
    changes = {
        "id": f"id + {call_offset}",
        "number": f"'B' || (id + {call_offset})",
        "incident_id": f"incident_id + {offset}",
        "filed_under_id": f"filed_under_id + {offset}",
    }
    _insert_select(Call, changes, f"incident_id >= {first} AND incident_id < {first + count}")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in (Incident, Call):
                table = model._meta.db_table
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                )
    return done


def _earlier(column: str, seconds: float) -> str:
    if connection.vendor == "postgresql":
        return f"{column} - interval '{seconds} seconds'"
    return f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-{seconds} seconds')"


def _insert_select(model: type[models.Model], changes: dict[str, str], where: str) -> int:
    columns = [str(field.column) for field in model._meta.concrete_fields]
    values = ", ".join(changes.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" WHERE {where}')
        return int(cursor.rowcount)
