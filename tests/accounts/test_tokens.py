"""Secrets of programs run out; somebody is told before, and the program is told what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import DatabaseError
from django.urls import reverse

from anlan.accounts import middleware
from anlan.accounts.errors import TokenRevoked
from anlan.accounts.middleware import _noted
from anlan.accounts.models import ApiToken
from anlan.accounts.selectors import ANONYMOUS, TOKEN_WARNED, actor_by_token, tokens_told
from anlan.accounts.services import role_grant, token_issue, token_renew, token_revoke
from anlan.config.commands.tokens import group
from anlan.core import clock
from anlan.core.actor import SYSTEM
from anlan.notices.jobs import tokens_warn
from anlan.notices.messages import TOKEN_ENDS
from anlan.notices.models import Notice
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
DAYS = timedelta(days=1)
END = T0 + 180 * DAYS
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock_at(monkeypatch):
    """Sets the program's clock."""

    class Held(clock.datetime):
        at = T0

        @classmethod
        def now(cls, tz=None):
            return cls.at

    monkeypatch.setattr(clock, "datetime", Held)
    _noted.clear()
    return lambda at: setattr(Held, "at", at)


@pytest.fixture
def secret(world):
    return token_issue(person=world.people["ada"], label="110 switch", by=SYSTEM, at=T0, expires_at=END)


def ask(client, secret, **headers):
    return client.get("/api/incidents", headers={"Authorization": f"Bearer {secret}", **headers})


def test_a_token_is_good_to_the_second_and_then_nobodys(world, secret):
    assert actor_by_token(secret, at=END - SECOND).id == world.people["ada"].pk
    assert actor_by_token(secret, at=END) is ANONYMOUS


def test_who_comes_with_one_that_ran_out_is_told_since_when_and_what_to_do(client, secret, clock_at):
    assert ask(client, secret).status_code == 200
    clock_at(END)
    refused = ask(client, secret, **{"Accept-Language": "en"})
    assert (refused.status_code, refused.json()["code"]) == (401, "token_over")
    told = refused.json()["facts"]
    assert (told["label"], told["until"]) == ("110 switch", END.isoformat())
    assert f"anlan token renew {told['number']}" in refused.json()["detail_i18n"]["zh-hans"]


def test_a_secret_nobody_has_is_told_nothing_of_the_kind(client, secret, clock_at):
    clock_at(END)
    assert ask(client, "made up").json()["code"] == "not_signed_in"


def test_a_new_one_beside_the_old_so_that_nothing_is_missed(world, secret):
    row = ApiToken.objects.get()
    other = token_renew(token=row, by=SYSTEM, at=END - DAYS, expires_at=END + 180 * DAYS)
    for each in (secret, other):
        assert actor_by_token(each, at=END - SECOND).id == world.people["ada"].pk
    assert actor_by_token(other, at=END).id == world.people["ada"].pk


def test_what_was_made_useless_is_not_renewed(secret):
    row = ApiToken.objects.get()
    token_revoke(token=row, by=SYSTEM, at=T0)
    with pytest.raises(TokenRevoked):
        token_renew(token=row, by=SYSTEM, at=T0, expires_at=None)


def test_that_it_is_used_is_known_to_the_hour(client, secret, clock_at):
    for minutes, known in ((0, 0), (59, 0), (61, 61), (300, 300)):
        clock_at(T0 + timedelta(minutes=minutes))
        ask(client, secret)
        assert ApiToken.objects.get().last_used_at == T0 + timedelta(minutes=known)


def test_a_store_that_takes_nothing_just_now_spoils_no_answer(client, secret, clock_at, monkeypatch):
    def refuse(**told):
        raise DatabaseError("disk full")

    monkeypatch.setattr(middleware, "token_used", refuse)
    assert ask(client, secret).status_code == 200


def test_those_who_guard_the_accounts_are_told_once_a_fortnight_before(world, secret):
    role_grant(person=world.people["gus"], role="security_admin", by=SYSTEM, at=T0)
    assert tokens_warn(at=END - TOKEN_WARNED - SECOND) == 0
    assert tokens_warn(at=END - TOKEN_WARNED) == 1
    assert tokens_warn(at=END - DAYS) == 0
    notice = Notice.objects.get(message=TOKEN_ENDS)
    assert notice.blanks == {"number": ApiToken.objects.get().pk, "until": END.isoformat()}


def test_nobody_is_told_of_one_that_was_made_useless_or_never_ends(world, secret):
    token_revoke(token=ApiToken.objects.get(), by=SYSTEM, at=T0)
    token_issue(person=world.people["ada"], label="for ever", by=SYSTEM, at=T0)
    assert tokens_warn(at=END - DAYS) == 0


def test_the_page_lists_them_by_what_runs_out_first(client, world, secret, clock_at):
    token_issue(person=world.people["ada"], label="for ever", by=SYSTEM, at=T0)
    token_issue(person=world.people["ada"], label="soon", by=SYSTEM, at=T0, expires_at=T0 + DAYS)
    role_grant(person=world.people["gus"], role="security_admin", by=SYSTEM, at=T0)
    told = tokens_told(world.actor("gus"), at=T0)
    assert [(row.label, row.is_ending, row.is_over) for row in told] == [
        ("soon", True, False),
        ("110 switch", False, False),
        ("for ever", False, False),
    ]
    client.force_login(world.people["gus"])
    page = client.get(reverse("accounts:people")).content.decode()
    assert page.index("soon") < page.index("110 switch") < page.index("for ever")


def test_at_the_machine_a_token_lasts_as_long_as_the_setting_says(world, settings):
    run = CliRunner()
    for days, words in ((30, []), (7, ["--days", "7"]), (0, ["--days", "0"])):
        settings.TOKEN_DAYS = 30
        made = run.invoke(group, ["issue", "ada", "--label", f"of {days}", *words])
        assert made.exit_code == 0, made.output
        row = ApiToken.objects.get(label=f"of {days}")
        assert (row.expires_at - row.created_at if row.expires_at else timedelta()) == days * DAYS
    again = run.invoke(group, ["renew", str(row.pk), "--days", "5"])
    assert (again.exit_code, ApiToken.objects.filter(label="of 0").count()) == (0, 2)
    assert "never used" in run.invoke(group, ["list"]).output
