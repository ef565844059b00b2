"""Passwords, sessions and administrators as the profile in force asks for them: 等保 (gb) or ASVS 5.0 (asvs)."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

import pytest
from click.testing import CliRunner
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from anlan.accounts.checks import profile_is_known
from anlan.accounts.errors import PasswordUnfit, PasswordWrong, RolesApart
from anlan.accounts.models import FactorDemand, Person, Role, SignedIn
from anlan.accounts.profiles import APART, FIRST_HOLDS, HOUSE_WORDS, PROFILES, SESSION_LASTS, STALE_AFTER
from anlan.accounts.profiles import password_problem as problem
from anlan.accounts.selectors import (
    factor_demand_on,
    password_due,
    people_by_sessions,
    people_stale,
    sessions_of,
)
from anlan.accounts.services import (
    factor_demand,
    factor_demand_end,
    password_change,
    password_reset,
    role_grant,
    sessions_end,
)
from anlan.config.commands.people import group as people
from anlan.core import clock
from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from world import PASSWORD, T0

GB, ASVS = PROFILES["gb"], PROFILES["asvs"]
GOOD = "Nine-Herons-9"
database = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def at_time(monkeypatch):
    """Sets the clock of the edges; it stands still until it is set anew."""

    def put(instant):
        stopped = type("Stopped", (clock.datetime,), {"now": classmethod(lambda cls, tz=None: instant)})
        monkeypatch.setattr(clock, "datetime", stopped)

    put(T0)
    return put


@pytest.fixture
def browser(at_time):
    client = Client()
    client.cookies["anlan_language"] = "en"
    return client


def come_in(client, password=PASSWORD, username="ada"):
    return client.post(reverse("accounts:sign_in"), {"username": username, "password": password, "next": "/account"})


def is_in(client):
    return client.get(reverse("accounts:account")).status_code == 200


# Passwords, without a store


@pytest.mark.parametrize(
    ("password", "gb", "asvs"),
    [
        ("Kd7-qwe", "short", "short"),
        ("Kd7-qwex", "", "short"),
        ("herons fly over water", "kinds", ""),
        ("夜里有九只白鹭飞过河", "kinds", "short"),
        ("夜里有九只白鹭飞过安静的河", "kinds", ""),
        ("白鹭Nine只9河边", "", "short"),
        ("x" * 129, "long", "long"),
        ("Anlan-110-Police", "name", "name"),
        ("Ada-Ada-2026", "name", "name"),
        ("Password1!", "listed", "short"),
        ("Manchester1!", "listed", "listed"),
    ],
)
def test_each_profile_refuses_for_its_own_reasons(password, gb, asvs):
    assert problem(password, username="ada", name="艾达", rule=GB) == gb
    assert problem(password, username="ada", name="艾达", rule=ASVS) == asvs


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=12, max_size=128))
def test_no_letter_is_forbidden_and_length_is_enough_for_asvs(password):
    assert problem(password, username="zoë", rule=ASVS) in ("", "name", "listed")


@given(st.sampled_from(HOUSE_WORDS), st.text("0123456789!", max_size=5))
def test_a_word_of_the_house_with_figures_around_it_is_nobodys(word, more):
    for rule in (GB, ASVS):
        assert problem(word + more, username="zoe", rule=rule)


def test_the_two_differ_where_the_standards_do():
    assert (GB.kinds, GB.renewed_after, GB.idle, GB.is_apart) == (3, timedelta(days=90), timedelta(minutes=15), True)
    assert (ASVS.kinds, ASVS.renewed_after, ASVS.is_apart) == (0, None, False)
    assert ASVS.least > GB.least >= 8


def test_a_profile_misspelt_is_said_at_start(settings):
    assert not profile_is_known(None)
    settings.SECURITY_PROFILE = "gb2"
    assert [each.id for each in profile_is_known(None)] == ["accounts.E003"]


# Changing one's own


@database
def test_one_changes_it_by_the_old_one_and_every_session_ends(world, browser):
    ada = world.people["ada"]
    come_in(browser)
    elsewhere = Client()
    come_in(elsewhere)
    assert is_in(elsewhere)
    told = {"deed": "password", "old": PASSWORD, "new": GOOD, "again": GOOD}
    answer = browser.post(reverse("accounts:account"), told)
    assert answer.status_code == 302
    assert is_in(browser)
    assert not is_in(elsewhere)
    ada.refresh_from_db()
    assert ada.check_password(GOOD)
    assert [row.data["is_first"] for row in Event.objects.filter(kind="accounts.password_set")] == [False]


@database
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"old": "wrong"}, "The password you have is another one"),
        ({"again": "other"}, "the two are not the same"),
        ({"new": "short"}, "shorter than 8 letters"),
    ],
)
def test_a_refused_change_changes_nothing(world, browser, more, said):
    come_in(browser)
    told = {"deed": "password", "old": PASSWORD, "new": GOOD, "again": GOOD, **more}
    answer = browser.post(reverse("accounts:account"), told)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Person.objects.get(username="ada").check_password(PASSWORD)
    assert is_in(browser)


@database
def test_the_same_again_is_no_change(world):
    ada, by = world.people["ada"], world.actor("ada")
    with pytest.raises(PasswordWrong):
        password_change(person=ada, old="wrong", new=GOOD, again=GOOD, by=by, at=T0)
    password_change(person=ada, old=PASSWORD, new=GOOD, again=GOOD, by=by, at=T0)
    with pytest.raises(PasswordUnfit, match="the one you have"):
        password_change(person=ada, old=GOOD, new=GOOD, again=GOOD, by=by, at=T0)


@database
def test_whoever_tries_old_passwords_at_a_screen_left_open_waits_as_at_the_door(world, browser):
    come_in(browser)
    told = {"deed": "password", "old": "wrong", "new": GOOD, "again": GOOD}
    answers = [browser.post(reverse("accounts:account"), told).status_code for _ in range(5)]
    assert answers == [422] * 4 + [429]
    right = browser.post(reverse("accounts:account"), {**told, "old": PASSWORD})
    assert right.status_code == 429


# A first password, and an old one


@database
def test_a_first_password_opens_only_the_way_to_ones_own(world, browser):
    first = password_reset(person=world.people["ada"], by=SYSTEM, at=T0)
    assert not problem(first, username="ada", rule=GB)
    assert not problem(first, username="ada", rule=ASVS)
    assert come_in(browser, first)["Location"] == reverse("accounts:new_password")
    assert not is_in(browser)
    assert "set by the administrator" in browser.get(reverse("accounts:new_password")).content.decode()
    refused = browser.post(reverse("accounts:new_password"), {"new": first, "again": first})
    assert refused.status_code == 422
    done = browser.post(reverse("accounts:new_password"), {"new": GOOD, "again": GOOD})
    assert done["Location"] == "/account"
    assert is_in(browser)
    assert not password_due(Person.objects.get(username="ada"), at=T0)


@database
def test_a_first_password_nobody_used_in_time_opens_nothing(world, browser, at_time):
    first = password_reset(person=world.people["ada"], by=SYSTEM, at=T0)
    at_time(T0 + FIRST_HOLDS - timedelta(seconds=1))
    assert come_in(Client(), first).status_code == 302
    at_time(T0 + FIRST_HOLDS)
    late = come_in(browser, first)
    assert late.status_code == 403
    assert "was good until" in late.content.decode()


@database
def test_a_new_password_is_no_way_around_the_second_proof(world, browser):
    first = password_reset(person=world.people["ada"], by=SYSTEM, at=T0)
    factor_demand(role="dispatcher", by=SYSTEM, at=T0)
    assert come_in(browser, first)["Location"] == reverse("accounts:code")
    assert browser.get(reverse("accounts:new_password"))["Location"] == reverse("accounts:sign_in")


@database
@pytest.mark.parametrize(("name", "asked"), [("gb", "old"), ("asvs", "")])
def test_gb_renews_after_90_days_and_asvs_never(world, settings, browser, name, asked):
    settings.SECURITY_PROFILE = name
    Person.objects.filter(username="ada").update(password_set_at=T0 - timedelta(days=90))
    assert password_due(Person.objects.get(username="ada"), at=T0) == asked
    assert not password_due(Person.objects.get(username="ada"), at=T0 - timedelta(seconds=1))
    where = come_in(browser)["Location"]
    assert where == (reverse("accounts:new_password") if asked else "/account")


# Sessions


@database
@pytest.mark.parametrize(
    ("name", "minutes", "who", "stays"),
    [
        ("gb", 14.9, "gus", True),
        ("gb", 15, "gus", False),
        ("asvs", 15, "gus", True),
        ("asvs", 30, "gus", False),
        ("gb", 60, "ada", True),  # watches an emergency line
        ("gb", 60, "jia", True),  # is told what nobody answers
        ("gb", 60, "eve", True),  # alone with a phone that asks whether all is well
    ],
)
def test_a_session_ends_when_nobody_is_there(world, settings, browser, at_time, name, minutes, who, stays):
    settings.SECURITY_PROFILE = name
    come_in(browser, username=who)
    key = browser.session.session_key
    at = T0 + timedelta(minutes=minutes)
    at_time(at)
    assert bool(people_by_sessions([key], at=at)) is stays  # as the live stream asks
    answer = browser.get(reverse("accounts:account"))
    assert (answer.status_code == 200) is stays
    if not stays:
        assert answer["Location"].endswith("&left=over")
        assert "Your session has ended" in browser.get(answer["Location"]).content.decode()
        assert not Session.objects.filter(pk=key).exists()


@database
def test_the_operator_may_end_emergency_desks_too_or_nobody(world, settings, browser, at_time):
    come_in(browser)
    settings.IDLE_DESKS = True
    at_time(T0 + timedelta(minutes=16))
    assert not is_in(browser)
    settings.IDLE_MINUTES = 0
    at_time(T0)
    come_in(browser, username="gus")
    at_time(T0 + timedelta(hours=3))
    assert is_in(browser)


@database
def test_what_a_page_asks_by_itself_shows_nobody_at_the_screen_and_a_touch_does(world, browser, at_time):
    come_in(browser, username="gus")
    for minute in range(1, 15):
        at_time(T0 + timedelta(minutes=minute))
        browser.get(reverse("accounts:account"), headers={"Sec-Fetch-Mode": "cors"})
    at_time(T0 + timedelta(minutes=14))
    assert browser.post(reverse("accounts:here")).status_code == 204
    at_time(T0 + timedelta(minutes=28))
    assert is_in(browser)


@database
def test_a_store_that_takes_nothing_spoils_no_page(world, browser, at_time, monkeypatch):
    come_in(browser, username="gus")
    at_time(T0 + timedelta(minutes=5))
    tried = []

    def full(row, *told, **more):
        tried.append(row)
        raise DatabaseError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Session, "save", full)  # where Django's own store of sessions writes
        assert is_in(browser)
    assert tried


@database
def test_no_session_lasts_longer_than_a_shift(world, browser, at_time):
    come_in(browser)
    for hour in range(1, 12):
        at_time(T0 + timedelta(hours=hour))
        assert is_in(browser)
    at_time(T0 + SESSION_LASTS)
    assert not is_in(browser)


@database
def test_one_sees_ones_sessions_and_ends_another_but_nobody_elses(world, browser):
    other, stranger = Client(headers={"User-Agent": "Mozilla/5.0 (Linux) Firefox/140"}), Client()
    for client, name in ((browser, "ada"), (other, "ada"), (stranger, "ben")):
        come_in(client, username=name)
    assert "Firefox · Linux" in browser.get(reverse("accounts:account")).content.decode()
    theirs = SignedIn.objects.get(person=world.people["ben"])
    browser.post(reverse("accounts:account"), {"deed": "end", "session": theirs.pk})
    assert is_in(stranger)
    mine = SignedIn.objects.get(session_key=other.session.session_key)
    browser.post(reverse("accounts:account"), {"deed": "end", "session": mine.pk})
    assert not is_in(other)
    assert is_in(browser)
    assert len(sessions_of(world.people["ada"], at=T0)) == 1


@database
def test_who_guards_the_doors_ends_sessions_of_others(world, browser):
    guard = Person.objects.create(username="leo", name="Leo", organisation=world.orgs["bureau"])
    role_grant(person=guard, role="security_admin", by=SYSTEM, at=T0)
    come_in(browser)
    client = Client()
    client.force_login(guard)
    page = client.get(reverse("accounts:people")).content.decode()
    assert reverse("accounts:people_out", args=[world.people["ada"].pk]) in page
    client.post(reverse("accounts:people_out", args=[world.people["ada"].pk]), {"idempotency_key": "k" * 32})
    assert not is_in(browser)
    event = Event.objects.get(kind="accounts.sessions_ended")
    assert (event.data["sessions"], event.data["why"]) == (1, "administrator")


@database
def test_what_is_noted_of_a_session_does_not_outlive_it_for_long(world, browser, at_time):
    come_in(browser)
    at_time(T0 + 3 * SESSION_LASTS)
    come_in(Client(), username="ben")
    assert list(SignedIn.objects.values_list("person__username", flat=True)) == ["ben"]


@database
def test_a_reason_nobody_wrote_down_ends_nothing(world):
    with pytest.raises(ValueError, match="no reason"):
        sessions_end(person=world.people["ada"], by=SYSTEM, at=T0, why="whim")


# Administrators, and accounts nobody uses


@database
@pytest.mark.parametrize("pair", list(combinations(sorted(APART), 2)))
def test_no_two_of_the_three_administrators_are_one_person(world, settings, pair):
    kim = Person.objects.create(username="kim", name="Kim", organisation=world.orgs["bureau"])
    for role in sorted(set(Role.values) - APART):
        role_grant(person=kim, role=role, by=SYSTEM, at=T0)
    role_grant(person=kim, role=pair[0], by=SYSTEM, at=T0)
    with pytest.raises(RolesApart):
        role_grant(person=kim, role=pair[1], by=SYSTEM, at=T0)
    kim.grants.filter(role=pair[0]).update(valid_to=T0)
    role_grant(person=kim, role=pair[1], by=SYSTEM, at=T0)
    settings.SECURITY_PROFILE = "asvs"
    role_grant(person=kim, role=pair[0], by=SYSTEM, at=T0)


@database
def test_an_account_nobody_came_in_with_for_90_days_is_told(world):
    Person.objects.update(last_login=T0, password_set_at=T0)
    assert not people_stale(at=T0 + STALE_AFTER - timedelta(seconds=1))
    Person.objects.exclude(username="ada").update(last_login=T0 + timedelta(days=1))
    assert [each.username for each in people_stale(at=T0 + STALE_AFTER)] == ["ada"]


@database
def test_the_administrator_makes_opens_and_closes_accounts_by_command(world, browser):
    run = CliRunner()
    made = run.invoke(people, ["add", "mia", "--name", "米娅", "--org", "west", "--role", "admin"])
    assert made.exit_code == 0, made.output
    first = made.stdout.strip().splitlines()[0]
    assert come_in(browser, first, "mia")["Location"] == reverse("accounts:new_password")
    assert run.invoke(people, ["add", "mia", "--name", "x", "--org", "west"]).exit_code == 1
    refused = run.invoke(people, ["grant", "mia", "auditor"])
    assert refused.exit_code == 1
    assert "three administrators" in refused.output
    assert run.invoke(people, ["end", "mia", "admin"]).output == "1 ended\n"
    assert run.invoke(people, ["close", "mia"]).output == "closed\n"
    assert come_in(Client(), first, "mia").status_code == 422


# A second proof demanded by organisation


@database
@pytest.mark.parametrize(
    ("role", "org", "asked"),
    [
        ("station_room", "", {"cleo", "ida"}),
        ("station_room", "west", {"ida"}),
        ("", "zone", {"cleo", "ida", "eve"}),
        ("patrol", "east", set()),
    ],
)
def test_a_second_proof_is_demanded_of_a_role_there_or_of_everybody_there(world, role, org, asked):
    where = world.orgs[org] if org else None
    assert factor_demand(role=role, organisation=where, by=SYSTEM, at=T0)
    assert not factor_demand(role=role, organisation=where, by=SYSTEM, at=T0)
    on = {name for name, person in world.people.items() if factor_demand_on(person, at=T0)}
    assert on == asked
    assert factor_demand_end(role=role, organisation=where, by=SYSTEM, at=T0)
    assert not FactorDemand.objects.filter(valid_to=None).exists()
