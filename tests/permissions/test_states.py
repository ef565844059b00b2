"""The same doors for who could come in a moment ago: signed out, account closed, roles or token over or taken back.

The table is held against people who have just signed in (``test_api_doors.py``, ``test_page_doors.py``); here each
door is asked again by somebody whom it let in, after that has ended. A second proof that is demanded holds from the
next time somebody signs in and is no state of a session: ``tests/accounts/test_second_factor.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session

from anlan.accounts import selectors
from anlan.accounts.models import ApiToken, RoleGrant
from anlan.accounts.services import person_deactivate, role_end, token_revoke
from anlan.core.actor import SYSTEM
from permissions.checking import asker
from permissions.county import NOW, ROLES, County
from permissions.doors import Door, doors
from permissions.knocking import Knocker, SignIns, as_if

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.sqlite,
    pytest.mark.slow,
    pytest.mark.release,
]
OTHER_STATES = "answers at doors to those who could come in a moment ago"


def signed_out(county: County) -> None:
    Session.objects.all().delete()


def account_closed(county: County) -> None:
    for role in ROLES:
        person_deactivate(person=county.people[role], by=SYSTEM, at=NOW)


def roles_ended(county: County) -> None:
    for grant in RoleGrant.objects.filter(person__in=[county.people[role] for role in ROLES], valid_to=None):
        role_end(grant=grant, by=SYSTEM, at=NOW)


def token_over(county: County) -> None:
    ApiToken.objects.update(expires_at=NOW)


def token_taken_back(county: County) -> None:
    for token in ApiToken.objects.all():
        token_revoke(token=token, by=SYSTEM, at=NOW)


def by_session(door: Door) -> bool:
    return not door.is_api


def by_token(door: Door) -> bool:
    return door.is_api


def by_role(door: Door) -> bool:
    """Doors of everybody who is signed in stay open to who holds no role any more."""
    return door.roles != frozenset(ROLES)


STATES: dict[str, tuple[Callable[[County], None], Callable[[Door], bool], str]] = {
    "signed out": (signed_out, by_session, "sign_in"),
    "account closed": (account_closed, lambda door: True, "sign_in"),
    "roles ended": (roles_ended, by_role, "refused"),
    "token over": (token_over, by_token, "sign_in"),
    "token taken back": (token_taken_back, by_token, "sign_in"),
}


def let_in(knocker: Knocker, state: str) -> list[str]:
    """Doors that still answer otherwise than they should once it has come to ``state``."""
    bring_about, concerned, wanted = STATES[state]
    told = []
    with as_if():
        bring_about(knocker.county)
        # What is held of people is told apart by a number that the taking back takes back as well.
        selectors._held._rows.clear()
        knocker.sign_ins = SignIns()
        for door in doors():
            if door.is_public or not concerned(door):
                continue
            verdict = knocker.ask(door, asker(door), brief=True).verdict
            if verdict != wanted:
                told.append(f"{door}: {asker(door)} should be answered {wanted} and is answered {verdict}")
    selectors._held._rows.clear()
    knocker.sign_ins = SignIns()
    return told


@pytest.mark.parametrize("state", STATES)
def test_who_could_come_in_a_moment_ago_comes_in_no_more(knocker, counted, state):
    before = knocker.answered
    told = let_in(knocker, state)
    counted(OTHER_STATES, knocker.answered - before)
    assert not told, "\n".join(told)


def test_a_state_that_nobody_looks_at_is_noticed(knocker, monkeypatch):
    """Planted: the account is closed, and nothing comes of it."""
    monkeypatch.setitem(STATES, "account closed", (lambda county: None, lambda door: True, "sign_in"))
    assert len(let_in(knocker, "account closed")) > len(doors()) / 2
