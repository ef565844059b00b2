"""A row read anew and changed in place is the row the object mapper would have read and changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.accounts.models import Organisation
from anlan.core.row_changes import row_change, row_reread, rows_read
from anlan.units.models import Unit
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def p01(world):
    return Unit.objects.select_related("organisation").get(call_sign="P-01")


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_read_anew_is_what_the_store_holds_with_every_type_of_column(p01):
    Unit.objects.filter(pk=p01.pk).update(state="busy", capabilities=["boat"], base_lon=None, state_since=T0)
    row_reread(p01)
    assert columns(p01) == columns(Unit.objects.get(pk=p01.pk))
    assert (p01.state, p01.capabilities, p01.base_lon) == ("busy", ["boat"], None)


def test_what_hangs_on_a_row_stays_while_its_key_is_the_same_and_goes_with_it(p01, django_assert_num_queries):
    row_reread(p01)
    with django_assert_num_queries(0):
        assert p01.organisation.code == "west"
    east = Organisation.objects.get(code="east")
    Unit.objects.filter(pk=p01.pk).update(organisation=east)
    row_reread(p01)
    assert p01.organisation == east


def test_a_row_that_is_gone_says_so(p01):
    with pytest.raises(Unit.DoesNotExist):
        row_reread(Unit(pk=p01.pk + 1_000_000))


def test_a_change_is_made_only_while_the_row_is_as_it_was_seen(p01):
    later = T0 + timedelta(minutes=5)
    assert row_change(p01, {"state": "busy", "state_since": later, "capabilities": []}, where={"state": "available"})
    assert not row_change(p01, {"state": "off"}, where={"state": "available"})
    assert row_change(p01, {"base_lon": None}, where={"incident_id": None, "state": "busy"})
    row_reread(p01)
    assert (p01.state, p01.state_since, p01.capabilities, p01.base_lon) == ("busy", later, [], None)


def test_a_key_may_be_set_by_the_row_it_points_at_or_by_its_id(p01):
    east = Organisation.objects.get(code="east")
    assert row_change(p01, {"organisation": east}, where={"organisation_id": p01.organisation_id})
    assert not row_change(p01, {"organisation_id": east.pk}, where={"organisation_id": p01.organisation_id})
    assert Unit.objects.get(pk=p01.pk).organisation_id == east.pk


def test_rows_are_read_by_value_by_list_and_by_what_is_missing(world):
    def signs(**tests):
        return [unit.call_sign for unit in rows_read(Unit, order=("-call_sign",), **tests)]

    assert signs(track="C", state="available") == ["C-02", "C-01"]
    assert signs(call_sign=("C-01", "P-03", "X-99"), incident_id=None) == ["P-03", "C-01"]
    assert signs(call_sign=()) == []
    assert [unit.call_sign for unit in rows_read(Unit, order=("call_sign",), limit=1, track="P")] == ["P-01"]
