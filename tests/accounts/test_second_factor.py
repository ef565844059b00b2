"""Two proofs at the door: a password, and the code a telephone shows now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse

from anlan.accounts.errors import CodeWrong, FactorDemanded, FactorInPlace
from anlan.accounts.models import RecoveryCode, SecondFactor, SignInTry
from anlan.accounts.rules import CODES_MADE, FREE_TRIES, HALF_WAY_FOR, app_of, step_of
from anlan.accounts.selectors import factor_of
from anlan.accounts.services import (
    factor_begin,
    factor_demand,
    factor_demand_end,
    factor_remove,
    factor_set,
    factor_take,
    recovery_codes_make,
    token_issue,
)
from anlan.config.commands.factor import group
from anlan.core import clock
from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from world import PASSWORD, T0

pytestmark = pytest.mark.django_db(databases="__all__")
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""``12345678901234567890``, of RFC 6238, appendix B."""


def shown(secret, at):
    """What the telephone shows at ``at``."""
    return app_of(secret).generate(at.timestamp()).decode()


def set_up(world, name="ada", at=T0):
    person = world.people[name]
    secret = factor_begin(person=person, by=world.actor(name), at=at)
    return secret, factor_set(person=person, code=shown(secret, at), by=world.actor(name), at=at)


def take(world, code, at, name="ada"):
    return factor_take(person=world.people[name], code=code, by=world.actor(name), at=at)


def later(minutes):
    return T0 + timedelta(minutes=minutes)


@pytest.fixture
def at_the_door(world, monkeypatch):
    """A browser at nine o'clock and a way to move the clock on."""
    held = {"at": T0}

    class Held(clock.datetime):
        @classmethod
        def now(cls, tz=None):
            return held["at"]

    monkeypatch.setattr(clock, "datetime", Held)
    browser = Client()
    browser.cookies["anlan_language"] = "en"

    def come(name="ada", code=None, **more):
        told = {"username": name, "password": PASSWORD, **more}
        answer = browser.post(reverse("accounts:sign_in"), told)
        if code is not None:
            answer = browser.post(reverse("accounts:code"), {"code": code})
        return answer

    browser.come, browser.held = come, held
    return browser


@pytest.mark.parametrize(("at_s", "code"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")])
def test_codes_are_those_of_the_standard(at_s, code):
    assert app_of(RFC_SECRET).generate(at_s).decode() == code


def test_a_telephone_may_be_half_a_minute_slow_or_fast_and_no_more():
    secret = RFC_SECRET
    assert [
        step_of(secret, shown(secret, T0 + timedelta(seconds=apart)), at=T0) is not None
        for apart in (-60, -30, 0, 30, 60)
    ] == [False, True, True, True, False]


def test_nothing_is_in_force_before_the_telephone_has_shown_a_code(world):
    ada = world.people["ada"]
    secret = factor_begin(person=ada, by=world.actor("ada"), at=T0)
    assert factor_of(ada) is None
    assert not take(world, shown(secret, T0), T0)
    with pytest.raises(CodeWrong):
        factor_set(person=ada, code="000000" if shown(secret, T0) != "000000" else "111111", by=SYSTEM, at=T0)
    factor_set(person=ada, code=shown(secret, T0), by=world.actor("ada"), at=T0)
    assert factor_of(ada).set_at == T0
    with pytest.raises(FactorInPlace):
        factor_begin(person=ada, by=world.actor("ada"), at=later(1))


def test_a_code_opens_once_and_none_older_ever_after(world):
    secret, _codes = set_up(world)
    assert not take(world, shown(secret, T0), T0)  # it set the factor up
    now, before = shown(secret, later(5)), shown(secret, later(5) - timedelta(seconds=30))
    assert take(world, now, later(5)) == "app"
    assert not take(world, now, later(5))
    assert not take(world, before, later(5))
    assert take(world, shown(secret, later(6)), later(6)) == "app"


def test_a_code_from_paper_opens_once_however_it_is_written(world):
    _secret, codes = set_up(world)
    assert len(set(codes)) == CODES_MADE
    assert take(world, f" {codes[0].upper()} ", later(1)) == "recovery"
    assert not take(world, codes[0], later(2))
    assert not take(world, codes[1], later(1), name="ben")
    new = recovery_codes_make(person=world.people["ada"], by=world.actor("ada"), at=later(3))
    assert not take(world, codes[1], later(4))
    assert take(world, new[1].replace("-", ""), later(4)) == "recovery"


def test_neither_secret_nor_codes_can_be_read_in_the_store_or_its_events(world):
    secret, codes = set_up(world)
    take(world, codes[0], later(1))
    kept = str(list(SecondFactor.objects.values())) + str(list(RecoveryCode.objects.values()))
    told = str(list(Event.objects.values_list("data", flat=True)))
    for word in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert word not in kept
        assert word not in told


def test_every_change_of_a_factor_is_on_the_record(world):
    _secret, codes = set_up(world)
    ada, by = world.people["ada"], world.actor("ada")
    take(world, codes[0], later(1))
    recovery_codes_make(person=ada, by=by, at=later(2))
    assert factor_remove(person=ada, by=by, at=later(3))
    assert not factor_remove(person=ada, by=by, at=later(4))
    factor_demand(role="dispatcher", by=SYSTEM, at=later(5))
    assert not factor_demand(role="dispatcher", by=SYSTEM, at=later(6))
    factor_demand_end(role="dispatcher", by=SYSTEM, at=later(7))
    kinds = Event.objects.filter(at__gte=T0, kind__contains="factor") | Event.objects.filter(
        kind__contains="recovery"
    )
    assert list(kinds.order_by("id").values_list("kind", flat=True)) == [
        f"accounts.{word}"
        for word in (
            "factor_begun",
            "factor_set",
            "recovery_code_used",
            "recovery_codes_made",
            "factor_removed",
            "factor_demanded",
            "factor_demand_ended",
        )
    ]


def test_with_a_factor_the_password_alone_opens_no_page(world, at_the_door):
    secret, _codes = set_up(world)
    at_the_door.held["at"] = later(1)
    half = at_the_door.come(next="/notices")
    assert half.headers["Location"] == reverse("accounts:code")
    assert at_the_door.get("/notices").headers["Location"].startswith("/sign-in")
    assert at_the_door.get("/api/notices", headers={"Accept": "application/json"}).status_code in (401, 404)
    assert at_the_door.get(reverse("accounts:second_factor")).headers["Location"].startswith("/sign-in")
    assert "telephone" in at_the_door.get(reverse("accounts:code")).content.decode()
    in_ = at_the_door.post(reverse("accounts:code"), {"code": shown(secret, later(1))})
    assert (in_.status_code, in_.headers["Location"]) == (302, "/notices")
    assert at_the_door.get("/notices").status_code == 200
    assert Event.objects.filter(kind="accounts.signed_in").last().data["factor"] == "app"


def test_the_first_proof_holds_ten_minutes(world, at_the_door):
    secret, _codes = set_up(world)
    at_the_door.come()
    at_the_door.held["at"] = T0 + HALF_WAY_FOR
    answer = at_the_door.post(reverse("accounts:code"), {"code": shown(secret, T0 + HALF_WAY_FOR)})
    assert answer.headers["Location"] == reverse("accounts:sign_in")


def test_whoever_guesses_codes_waits_as_with_passwords(world, at_the_door):
    secret, _codes = set_up(world)
    at_the_door.held["at"] = later(1)
    right = shown(secret, later(1))
    wrong = "000000" if right != "000000" else "111111"
    at_the_door.come()
    answers = [at_the_door.post(reverse("accounts:code"), {"code": wrong}) for _ in range(FREE_TRIES)]
    assert [answer.status_code for answer in answers] == [422] * (FREE_TRIES - 1) + [429]
    assert "opens nothing" in answers[0].content.decode()
    assert "此验证码" in answers[0].content.decode()
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 30
    assert at_the_door.post(reverse("accounts:code"), {"code": right}).status_code == 429
    assert SignInTry.objects.get().failures == FREE_TRIES
    assert at_the_door.come().status_code == 429  # and the password opens no way around


def test_whose_role_must_have_one_sets_it_up_at_the_door_and_goes_in(world, at_the_door):
    factor_demand(role="dispatcher", by=SYSTEM, at=T0)
    assert at_the_door.come("ben").headers["Location"] == "/"  # a call taker: nothing is demanded
    at_the_door.post(reverse("accounts:sign_out"))
    at_the_door.come("ada", next="/notices")
    page = reverse("accounts:second_factor")
    assert at_the_door.get(reverse("accounts:code")).headers["Location"] == page
    assert "demands it of your role (dispatcher)" in at_the_door.get(page).content.decode()
    at_the_door.post(page, {"deed": "begin"})
    picture = at_the_door.get(page)
    secret = picture.context["secret"].replace(" ", "")
    assert "data:image/svg+xml" in picture.content.decode()
    assert picture.headers["Cache-Control"] == "no-store"
    told = at_the_door.post(page, {"deed": "set", "code": shown(secret, T0)})
    assert (len(told.context["codes"]), told.context["next"]) == (CODES_MADE, "/notices")
    assert told.context["codes"][0] in told.content.decode()
    assert at_the_door.get("/notices").status_code == 200
    with pytest.raises(FactorDemanded):
        factor_remove(person=world.people["ada"], by=world.actor("ada"), at=later(1))


def test_a_screen_left_open_changes_nothing_without_the_telephone(world, at_the_door):
    page = reverse("accounts:second_factor")
    at_the_door.come("ben")
    at_the_door.post(page, {"deed": "begin"})
    secret = at_the_door.get(page).context["secret"].replace(" ", "")
    at_the_door.post(page, {"deed": "set", "code": shown(secret, T0)})
    for deed in ("remove", "codes"):
        assert at_the_door.post(page, {"deed": deed, "code": ""}).status_code == 422
    assert at_the_door.post(page, {"deed": "destroy"}).status_code == 422
    at_the_door.held["at"] = later(1)
    assert at_the_door.post(page, {"deed": "remove", "code": shown(secret, later(1))}).status_code == 302
    assert factor_of(world.people["ben"]) is None


def test_an_emergency_call_is_taken_whatever_is_demanded_and_however_many_codes_were_wrong(world, at_the_door):
    token = token_issue(person=world.people["ben"], label="switch", by=SYSTEM, at=T0)
    set_up(world, "ben")
    factor_demand(role="call_taker", by=SYSTEM, at=T0)
    at_the_door.come("ben")
    for _ in range(FREE_TRIES):
        at_the_door.post(reverse("accounts:code"), {"code": ""})
    assert at_the_door.come("ben").status_code == 429
    answer = Client().post(
        "/api/calls",
        {"narrative": "fire at the mill"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201


def test_the_command_demands_lists_and_resets(world):
    set_up(world)

    def told(*words):
        answer = CliRunner().invoke(group, list(words))
        assert answer.exit_code == 0, answer.output
        return answer.output

    assert "two proofs" in told("demand", "dispatcher")
    assert "dispatcher" in told("list")
    assert "ada" in told("list")
    assert "sets a new one" in told("reset", "ada")
    assert factor_of(world.people["ada"]) is None
    assert "password alone" in told("spare", "dispatcher")
    assert CliRunner().invoke(group, ["reset", "nobody"]).exit_code == 1
