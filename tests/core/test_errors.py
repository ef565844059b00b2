"""Refusals have one shape, in both languages, and read like a colleague's words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from anlan.core import errors
from anlan.core.errors import (
    BadInput,
    DomainError,
    LookNotLogged,
    NotFound,
    Overtaken,
    PageFailed,
    StoreBusy,
    StoreFailing,
    StoreFull,
    StoreFullForGood,
    WrongState,
)

AT = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
EVERY = sorted(
    (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)),
    key=lambda kind: kind.__name__,
)
FACTS = {
    "subject": "P-01",
    "state": _("available"),
    "since": AT,
    "wanted": "on scene",
    "next": "–",
    "field": "lon",
    "problem": "190 is beyond 180",
    "action": "dispatch.send",
    "roles": "dispatcher",
    "used_at": AT,
    "waited_s": 10.0,
    "event": 7,
    "kind": "intake.incident_opened",
    "at": AT,
    "found": 3,
    "known": 2,
    "what": "a reporter's name",
}


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_a_refusal_has_one_shape_in_both_languages(kind):
    shape = kind(**FACTS).as_json()
    assert set(shape) == {"code", "detail", "detail_i18n", "facts"}
    assert set(shape["detail_i18n"]) == {"zh-hans", "en"}
    assert shape["detail_i18n"]["zh-hans"] != shape["detail_i18n"]["en"]
    assert "{" not in shape["detail_i18n"]["zh-hans"] + shape["detail_i18n"]["en"], "a blank was left open"
    # All are the asker's to put right, but for a store that is held by somebody else, fails or has no room, and our
    # faults.
    of_the_house = {StoreFull: 507, StoreFullForGood: 507, PageFailed: 500}
    of_the_house |= dict.fromkeys((StoreBusy, StoreFailing, LookNotLogged), 503)
    assert kind.status == of_the_house[kind] if kind in of_the_house else 400 <= kind.status < 500
    json.dumps(shape)


def test_codes_are_stable_and_each_says_one_thing():
    codes = [kind.code for kind in EVERY]
    assert len(codes) == len(set(codes))
    assert set(codes) >= {"not_found", "not_permitted", "not_signed_in", "bad_input", "wrong_state", "overtaken"}


def test_times_are_told_on_the_local_clock_and_given_as_data_in_utc():
    refusal = WrongState(subject="P-01", state="busy", since=AT, wanted="assigned", next="–")
    assert "since 09:05" in refusal.detail("en")
    assert refusal.as_json()["facts"]["since"] == "2026-03-02T01:05:00+00:00"


def test_the_language_asked_for_is_used_and_the_one_before_comes_back():
    with translation.override("en"):
        refusal = NotFound()
        assert refusal.detail("zh-hans") != refusal.detail("en")
        assert translation.get_language() == "en"
        assert refusal.detail() == refusal.detail("en")


def test_a_word_for_a_state_is_told_in_the_language_of_the_sentence():
    refusal = Overtaken(subject="P-01", state=_("Chinese"))
    assert refusal.detail("zh-hans") != refusal.detail("en")
    assert "Chinese" in refusal.detail("en")


def test_facts_of_any_kind_become_plain_data():
    facts = BadInput(
        field="f", problem="p", on=date(2026, 3, 2), words={"a": _("Chinese")}, many=frozenset({1}), thing=object
    ).as_json()["facts"]
    json.dumps(facts)
    assert facts["on"] == "2026-03-02"
    assert facts["many"] == [1]


def test_another_organisations_record_answers_like_one_that_never_was():
    assert NotFound().as_json() == NotFound().as_json()
    assert NotFound.status == 404
    assert "facts" in NotFound().as_json()
    assert NotFound().as_json()["facts"] == {}
