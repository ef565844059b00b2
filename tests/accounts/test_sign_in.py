"""Coming in: who can't say the password waits, each time longer, and is told until when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from anlan.accounts.models import SignInTry
from anlan.accounts.rules import FORGOTTEN_AFTER, FREE_TRIES, LONGEST_WAIT, wait_after
from anlan.accounts.selectors import ANONYMOUS, sign_in_locked
from anlan.accounts.services import sign_in_fail, sign_in_record
from anlan.core.models import Event
from world import PASSWORD, T0

pytestmark = pytest.mark.django_db(databases="__all__")
HERE = "10.0.0.7"


def fail(times, *, username="ada", address=HERE, at=T0):
    for _ in range(times):
        row = sign_in_fail(username=username, address=address, by=ANONYMOUS, at=at)
    return row


def is_locked(at, *, username="ada", address=HERE):
    return sign_in_locked(username=username, address=address, at=at) is not None


def come_in(client, password, username="ada"):
    return client.post(reverse("accounts:sign_in"), {"username": username, "password": password})


def test_the_wait_doubles_from_half_a_minute_to_a_quarter_of_an_hour():
    waits = [wait_after(n).total_seconds() for n in range(1, 13)]
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert wait_after(10_000) == LONGEST_WAIT


def test_four_wrong_tries_cost_nothing_and_the_fifth_half_a_minute(world):
    fail(FREE_TRIES - 1)
    assert not is_locked(T0)
    fail(1)
    assert is_locked(T0 + timedelta(seconds=29))
    assert not is_locked(T0 + timedelta(seconds=30))


def test_another_account_and_another_machine_are_free(world):
    fail(FREE_TRIES)
    assert is_locked(T0)
    assert not is_locked(T0, username="ben")
    assert not is_locked(T0, address="10.0.0.8")


def test_capital_letters_are_no_way_around(world):
    fail(FREE_TRIES, username="Ada")
    assert is_locked(T0, username="ADA ")


def test_coming_in_makes_the_tries_forgotten_and_so_does_half_a_day(world):
    fail(FREE_TRIES)
    sign_in_record(person=world.people["ada"], by=world.actor("ada"), at=T0, address=HERE)
    assert fail(1).failures == 1
    assert fail(1, at=T0 + FORGOTTEN_AFTER + timedelta(seconds=1)).failures == 1


def test_each_wrong_try_is_on_the_record_without_name_or_address(world):
    fail(FREE_TRIES)
    fail(1, username="nobody-here")
    rows = list(Event.objects.filter(kind="accounts.sign_in_failed").order_by("id"))
    assert [row.data["wait_s"] for row in rows] == [0, 0, 0, 0, 30, 0]
    assert (rows[0].data["person"], rows[-1].data["person"]) == (world.people["ada"].pk, None)
    for text in ("ada", "nobody", HERE, "艾达"):
        assert text not in str([row.data for row in rows])
        assert text not in str(list(SignInTry.objects.values_list("key")))


def test_the_page_says_until_when_in_both_languages_and_does_not_ask_the_password(world):
    client = Client()
    client.cookies["anlan_language"] = "en"
    answers = [come_in(client, "wrong") for _ in range(FREE_TRIES)]
    assert [answer.status_code for answer in answers] == [422] * (FREE_TRIES - 1) + [429]
    right = come_in(client, PASSWORD)
    page = right.content.decode()
    assert right.status_code == 429
    assert 0 < int(right["Retry-After"]) <= 30
    assert "Sign-in opens again at" in page
    assert "之后可再次登录" in page
    assert 'value="ada"' in page
    assert client.get(reverse("console:queue")).status_code == 302
    assert SignInTry.objects.get().failures == FREE_TRIES  # what is not looked at is not counted


def test_when_the_wait_is_over_the_right_password_opens(world):
    client = Client()
    for _ in range(FREE_TRIES):
        come_in(client, "wrong")
    SignInTry.objects.update(locked_until=T0)
    assert come_in(client, PASSWORD).status_code == 302
    assert not SignInTry.objects.exists()


def test_an_account_that_does_not_exist_is_told_the_same(world):
    answers = {name: [come_in(Client(), "wrong", name).status_code for _ in range(6)] for name in ("ada", "zoe")}
    assert answers["ada"] == answers["zoe"]
