"""``anlan people …``: accounts, their passwords and sessions, for the administrator at the machine."""

from __future__ import annotations

import click

from anlan.accounts.models import Organisation, Person, Role, RoleGrant
from anlan.accounts.profiles import FIRST_HOLDS, STALE_AFTER
from anlan.accounts.selectors import people_stale
from anlan.accounts.services import (
    password_reset,
    person_add,
    person_deactivate,
    role_end,
    role_grant,
    sessions_end,
)
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.errors import DomainError


@click.group("people")
def group() -> None:
    """Accounts of people: made, given a first password, closed."""


def _person(username: str) -> Person:
    person = Person.objects.filter(username=username).first()
    if person is None:
        raise click.ClickException(f"there is no account {username}")
    return person


def _organisation(code: str) -> Organisation:
    row = Organisation.objects.filter(code=code).first()
    if row is None:
        raise click.ClickException(f"there is no organisation {code}")
    return row


def _first(person: Person) -> None:
    hours = FIRST_HOLDS.total_seconds() / 3600
    click.echo(password_reset(person=person, by=SYSTEM, at=now()))
    click.echo(f"opens once, within {hours:g} hours, the way to a password of their own", err=True)


@group.command()
@click.argument("username")
@click.option("--name", required=True, help="As it stands on the screens.")
@click.option("--org", "code", required=True, help="Code of the organisation.")
@click.option("--role", "roles", multiple=True, type=click.Choice(Role.values), help="May be given more than once.")
def add(username: str, name: str, code: str, roles: tuple[str, ...]) -> None:
    """Make the account USERNAME and print its first password, this once."""
    if Person.objects.filter(username=username).exists():
        raise click.ClickException(f"there is an account {username} already")
    at, home = now(), _organisation(code)
    person = person_add(username=username, name=name, organisation=home, password=None, by=SYSTEM, at=at)
    for role in roles:
        _granted(person, role, home)
    _first(person)


def _granted(person: Person, role: str, where: Organisation) -> None:
    try:
        role_grant(person=person, role=role, organisation=where, by=SYSTEM, at=now())
    except DomainError as refusal:
        raise click.ClickException(refusal.detail("en")) from refusal


@group.command()
@click.argument("username")
def password(username: str) -> None:
    """Print a first password for USERNAME, who has forgotten theirs. See first that it is really them.

    All their sessions end. A second proof that is set stays set.
    """
    _first(_person(username))


@group.command()
@click.argument("username")
@click.argument("role", type=click.Choice(Role.values))
@click.option("--org", "code", default="", help="Where; their own organisation by default.")
def grant(username: str, role: str, code: str) -> None:
    """Give USERNAME a role."""
    person = _person(username)
    _granted(person, role, _organisation(code) if code else person.organisation)
    click.echo(f"{username} is {role} from now on")


@group.command()
@click.argument("username")
@click.argument("role", type=click.Choice(Role.values))
def end(username: str, role: str) -> None:
    """End a role of USERNAME, wherever it is held."""
    grants = RoleGrant.objects.filter(person=_person(username), role=role, valid_to=None)
    ended = sum(role_end(grant=each, by=SYSTEM, at=now()) for each in grants)
    click.echo(f"{ended} ended")


@group.command()
@click.argument("username")
def out(username: str) -> None:
    """End all sessions of USERNAME; on pages at once, on the live stream within seconds."""
    ended = sessions_end(person=_person(username), by=SYSTEM, at=now(), why="administrator")
    click.echo(f"{ended} ended")


@group.command()
@click.argument("username")
def close(username: str) -> None:
    """Close the account USERNAME: nobody comes in by it any more, and who is in is out."""
    person, at = _person(username), now()
    done = person_deactivate(person=person, by=SYSTEM, at=at)
    sessions_end(person=person, by=SYSTEM, at=at, why="administrator")
    click.echo("closed" if done else "was closed already")


@group.command()
@click.option("--close", "is_to_close", is_flag=True, help="Close them, too.")
def stale(is_to_close: bool) -> None:
    """Accounts nobody came in with for 90 days."""
    at = now()
    for person in people_stale(at=at):
        seen = f"{person.last_login:%Y-%m-%d}" if person.last_login else "never"
        click.echo(f"{person.username:<24}{person.organisation.code:<16}{seen}")
        if is_to_close:
            person_deactivate(person=person, by=SYSTEM, at=at)
    click.echo(f"unused for {STALE_AFTER.days} days and more", err=True)
