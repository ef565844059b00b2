"""New rows put in without the mapper: the same rows it would have left, and the same refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import IntegrityError, models

from anlan.core.models import Event, ImportBatch, QuarantinedRow
from anlan.core.rows import row_insert, row_new, rows_insert, values_insert
from anlan.units.models import Unit
from world import T0, build_world

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 1, 0, 0, 123456, tzinfo=UTC)


def test_rows_put_in_at_once_are_the_rows_objects_would_have_left():
    told = {"source": "a.csv", "line": None, "raw": "中文\u202e", "code": "time", "reason_zh": "坏", "at": AT}
    QuarantinedRow.objects.create(**told)
    values_insert(QuarantinedRow, list(told), [list(told.values())] * 2)
    first, *others = QuarantinedRow.objects.order_by("pk").values()
    assert len(others) == 2
    for row in others:
        assert {**row, "id": 0} == {**first, "id": 0}


def test_defaults_of_every_kind_are_filled_in():
    world = build_world(units=False, roads=False)
    columns = ["call_sign", "track", "organisation_id", "state_since", "base_lon"]
    values_insert(Unit, columns, [["P-77", "P", world.orgs["west"].pk, T0, 120.05]])
    by_object = Unit.objects.create(
        call_sign="P-78", track="P", organisation=world.orgs["west"], state_since=T0, base_lon=120.05
    )
    left, right = (Unit.objects.filter(call_sign=name).values().get() for name in ("P-77", by_object.call_sign))
    assert {**left, "id": 0, "call_sign": ""} == {**right, "id": 0, "call_sign": ""}


def test_what_the_store_refuses_is_refused_and_nothing_of_it_stays():
    columns = ["kind", "source", "sha256", "started_at", "finished_at", "received"]
    good, bad = ["calls", "a", "0" * 64, AT, AT, 0], ["calls", "b", "0" * 64, AT, AT, 9]
    with pytest.raises(IntegrityError):
        values_insert(ImportBatch, columns, [good, bad])
    assert not ImportBatch.objects.filter(source="a").exists()


def test_a_column_nobody_knows_is_refused_by_name():
    with pytest.raises(ValueError, match="colour"):
        values_insert(Unit, ["call_sign", "colour"], [])


def the_same(left, right):
    """Whether two rows hold the same, but for their ids."""
    one, two = (type(row).objects.filter(pk=row.pk).values().get() for row in (left, right))
    return {**one, "id": 0} == {**two, "id": 0}


class Word(str):
    """A text that is not quite a text."""


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"kind": Word("a.b")},
        {"kind": models.TextChoices("Kinds", "ONE").ONE},
        {"schema": True},
        {"schema": "3"},
        {"actor_id": Decimal(7)},
        {"at": AT.astimezone(timezone(timedelta(hours=8)))},
        {"at": AT.isoformat()},
        {"org_ids": (1, 2), "data": {"中": [None, 1.5]}},
        {"incident_id": 2**40},
    ],
)
def test_a_row_is_stored_as_the_mapper_would_store_it_whatever_its_values_are_made_of(odd):
    told = {"kind": "a.b", "at": AT, "actor_kind": "person", "subject_type": "t", "subject_id": 1} | odd
    ours, theirs = Event(**told), Event(**told)
    row_insert(ours)
    theirs.save()
    assert the_same(ours, theirs)
    assert not ours._state.adding


def test_a_row_made_from_columns_is_the_row_the_model_would_make():
    told = {"kind": "a.b", "at": AT, "actor_kind": "person", "subject_type": "t", "subject_id": 1}
    ours, theirs = row_new(Event, **told), Event(**told)
    assert {**vars(ours), "_state": 0} == {**vars(theirs), "_state": 0}
    assert (ours._state.adding, ours._state.db) == (theirs._state.adding, theirs._state.db)
    row_insert(ours)
    theirs.save()
    assert the_same(ours, theirs)


def test_rows_made_from_columns_share_nothing():
    one, other = (row_new(Event, kind="a") for _ in range(2))
    one.data["x"] = 1
    assert other.data == Event(kind="a").data == {}
    assert one._state is not other._state


def test_a_row_with_a_column_nobody_knows_is_not_made():
    with pytest.raises(TypeError, match="colour"):
        row_new(Event, colour="red")


def test_several_rows_get_their_ids_in_their_order():
    rows = [Event(kind=f"k{n}", at=AT, actor_kind="p", subject_type="t", subject_id=n) for n in range(5)]
    rows_insert(rows)
    assert [Event.objects.get(pk=row.pk).kind for row in rows] == ["k0", "k1", "k2", "k3", "k4"]


def test_a_row_that_is_stored_already_is_not_stored_again():
    row = Event(kind="k", at=AT, actor_kind="p", subject_type="t", subject_id=1)
    row_insert(row)
    with pytest.raises(ValueError, match="is a row already"):
        row_insert(row)
