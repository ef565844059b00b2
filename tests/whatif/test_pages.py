"""The pages: a leader chooses two policies, the answer says what differs and how sure that is."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone, translation

from anlan.whatif import pages
from anlan.whatif.jobs import questions_work
from anlan.whatif.models import Question
from anlan.whatif.rules import FIGURES
from anlan.whatif.words import bound_rows, few_days, figure_rows, shown, verdict
from whatif.conftest import DAYS
from world import T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.store_free]
TODAY = timezone.localdate(T0)
ASKED = {
    "organisation": "west",
    "first_day": str(TODAY - timedelta(days=DAYS)),
    "last_day": str(TODAY - timedelta(days=1)),
    "runs": "2",
    "a_send": "closest",
    "b_send": "cover",
    "b_wait": "moveup",
    "b_units": "1",
    "b_divert": "off",
}


def browser(county, name, language="en"):
    client = Client()
    client.cookies["anlan_language"] = language
    client.force_login(county.people[name])
    return client


def ask(client, **changed):
    return client.post("/whatif/new", {**ASKED, **changed, "idempotency_key": str(uuid4())})


def test_a_leader_asks_and_reads_the_answer_in_both_languages(county, monkeypatch):
    monkeypatch.setattr(pages, "now", lambda: T0)
    monkeypatch.setattr("anlan.whatif.jobs.BOUND_RUNS", 1)
    jia = browser(county, "jia")
    assert b"Work it out" in jia.get("/whatif").content
    made = ask(jia)
    row = Question.objects.get()
    assert (made.status_code, made.url) == (302, f"/whatif/{row.pk}")
    assert (row.policy_a, row.policy_b) == ("closest", "cover+moveup+units:1+divert:off")
    assert "every 3s" in jia.get(made.url).content.decode()
    questions_work(clock=lambda: T0)
    page = jia.get(made.url).content.decode()
    assert "1 police unit more" in page
    assert "How sure" in page
    assert "112 calls" in page
    assert "Left to gain, at most" in page
    assert "every 3s" not in page
    assert "有多大把握" in browser(county, "jia", "zh-hans").get(made.url).content.decode()
    for wrong, said in (
        ({"runs": "many"}, "Runs are"),
        ({"b_units": "x"}, "units:x"),
        ({"first_day": "soon"}, "soon"),
    ):
        refused = ask(jia, **wrong)
        assert refused.status_code in (400, 409, 422)
        assert said in refused.content.decode()
    assert browser(county, "ben").get("/whatif").status_code == 403


def plain(text):
    """With the blanks one types."""
    return text.replace("\u2009", " ")


@pytest.fixture
def english():
    with translation.override("en"):
        yield


@pytest.mark.usefixtures("english")
def test_what_is_told_of_a_difference_is_true_as_it_is_shown():
    late = next(one for one in FIGURES if one.key == "late")
    assert plain(shown(0.0002, "share", signed=True)) == "+<0.1 %"
    assert shown(-0.4, "time", signed=True) == "−<0:01"
    assert plain(shown(0.0, "share", signed=True)) == "0.0 %"
    assert verdict([0.0, 0.0, 0.0], late) == "the same on every one of these days"
    # What is excluded is rounded away from nothing: 0.02 % would else read as 0.0 %.
    assert plain(verdict([0.0, -0.0001, 0.0002], late)).endswith("one above 0.1 % is excluded")
    assert plain(verdict([0.01, -0.01, 0.0301], late)).endswith("one above 3.1 % is excluded")
    assert verdict([-0.02, -0.03, -0.01], late) == "better with the second"


@pytest.mark.usefixtures("english")
def test_no_share_is_told_below_nothing_and_few_days_are_warned_of():
    answer = {
        "figures": {"a": {"late": [0.001, -0.002, 0.004]}}, "difference": {}, "blocks": 13,
        "bound": {
            "best": {"late": [0.001, -0.001, 0.003]}, "left": {"late": [0.0002, 0.0, 0.001]},
            "found": {"late": [0.001, -0.001, 0.003]}, "sure": {"late": [0.0, 0.0, 0.0]},
        },
    }  # fmt: skip
    told = Question(answer=answer)
    assert plain(figure_rows(told)[0]["a"]["between"]) == "0.0 % … 0.4 %"
    (bound,) = bound_rows(told)
    assert plain(bound["best"]["between"]) == "0.0 % … 0.3 %"
    assert bound["words"] == "nothing could have been saved"
    assert few_days(told)
    assert not few_days(Question(answer={**answer, "blocks": 14}))


def test_a_second_below_nothing_is_told_as_one_second():
    assert [shown(value, "time") for value in (-1.0, -119.0, -0.2, 61.0)] == ["−0:01", "−1:59", "0:00", "1:01"]
    assert shown(-61.0, "time", signed=True) == "−1:01"
