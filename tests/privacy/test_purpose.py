"""Who called and who quarrels is read for a purpose and on record, or not at all, whichever way one asks."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from anlan.core.actor import SYSTEM
from anlan.core.errors import PurposeMissing
from anlan.core.models import ViewLog
from anlan.core.purpose import PROTECTED, looking, machine_use, purpose_now
from anlan.core.row_changes import row_reread, rows_read
from anlan.core.scope_guard.inventory import inventory_load
from anlan.intake.models import Call, Reporter
from anlan.intake.services import CallSheet, call_receive
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")
TEXTS = (models.CharField, models.TextField)


@pytest.fixture
def call(taxonomy) -> Call:
    world = build_world(units=False, roads=False)
    sheet = CallSheet(narrative="楼下打架", reporter_name="陈某某", reporter_phone="13800000000")
    return call_receive(line=sheet, at=T0, by=world.actor("ben")).call


def test_every_text_the_inventory_hides_behind_a_purpose_is_protected():
    fields = {f"{m._meta.label}.{f.name}": f for m in apps.get_models() for f in m._meta.concrete_fields}
    hidden = [fields[row.field] for row in inventory_load() if row.mask == "purpose"]
    assert len(hidden) >= 6
    open_texts = [str(f) for f in hidden if isinstance(f, TEXTS) and not isinstance(f, PROTECTED)]
    assert not open_texts, "make these ProtectedCharField or ProtectedTextField (core.purpose)"


def test_nothing_is_protected_that_the_inventory_does_not_hide():
    hidden = {row.field for row in inventory_load() if row.mask == "purpose"}
    protected = {
        f"{m._meta.label}.{f.name}"
        for m in apps.get_models()
        for f in m._meta.concrete_fields
        if isinstance(f, PROTECTED)
    }
    assert protected <= hidden


WAYS = {
    "a row": lambda call: Reporter.objects.get(call=call),
    "a row read anew": lambda call: Reporter.objects.only("id").get(call=call).refresh_from_db(fields=["phone"]),
    "a column later": lambda call: Reporter.objects.defer("name", "phone").get(call=call).phone,
    "values": lambda call: list(Reporter.objects.values("phone")),
    "a list of values": lambda call: list(Reporter.objects.values_list("name", flat=True)),
    "the other side of a key": lambda call: Call.objects.get(pk=call.pk).reporter,
    "a join": lambda call: Call.objects.select_related("reporter").get(pk=call.pk),
    "a prefetch": lambda call: list(Call.objects.prefetch_related("reporter")),
    "values through a key": lambda call: list(Call.objects.values_list("reporter__phone", flat=True)),
    "an annotation": lambda call: list(Call.objects.annotate(p=models.F("reporter__phone")).values("p")),
    "the greatest": lambda call: Reporter.objects.aggregate(p=models.Max("phone")),
    "rows read the short way": lambda call: rows_read(Reporter, call_id=call.pk),
    "a row read anew the short way": lambda call: row_reread(Reporter.objects.only("id").get(call=call)),
    "an iterator": lambda call: next(Reporter.objects.iterator()),
}


@pytest.mark.parametrize("way", WAYS)
def test_without_a_purpose_it_is_refused_whichever_way_one_asks(call, way):
    with pytest.raises(PurposeMissing):
        WAYS[way](call)
    with machine_use("compare"):
        WAYS[way](call)


def test_that_somebody_is_on_file_may_be_known_without_a_purpose(call):
    assert Reporter.objects.filter(call=call).exists()
    assert Reporter.objects.only("id", "is_confidential").get(call=call).is_confidential is False


def test_a_look_is_on_record_before_anything_is_shown(call):
    row = Reporter.objects.only("id").get(call=call)
    with looking("call_back", by=SYSTEM, at=T0, target=row):
        assert ViewLog.objects.filter(purpose="call_back", object_id=row.pk).count() == 1
        assert row.phone == "13800000000"
        assert purpose_now() == "call_back"
    assert purpose_now() == ""
    with pytest.raises(PurposeMissing):
        Reporter.objects.get(call=call)


def test_a_look_without_a_purpose_leaves_nothing_behind(call):
    row = Reporter.objects.only("id").get(call=call)
    with pytest.raises(PurposeMissing), looking(" ", by=SYSTEM, at=T0, target=row):
        pytest.fail("it was opened")
    assert not ViewLog.objects.exists()


def test_the_programs_own_uses_are_a_closed_list():
    with pytest.raises(ValueError, match="known use"), machine_use("curiosity"):
        pytest.fail("it was opened")


def test_an_error_within_closes_it_again(call):
    with pytest.raises(ZeroDivisionError), machine_use("compare"):
        raise ZeroDivisionError
    assert purpose_now() == ""


def test_the_refusal_tells_in_both_languages_what_and_what_now():
    refusal = PurposeMissing(what="intake.reporter.phone")
    assert "purpose" in refusal.detail("en")
    assert "用途" in refusal.detail("zh-hans")
    assert refusal.status == 403
