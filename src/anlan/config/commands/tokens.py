"""``anlan token …``: secrets for programs. A switch adapter or a position feed gets an account of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

import click
from django.conf import settings

from anlan.accounts.errors import TokenRevoked
from anlan.accounts.models import ApiToken, Organisation, Person, Role
from anlan.accounts.services import person_add, role_grant, token_issue, token_renew, token_revoke
from anlan.core.actor import SYSTEM
from anlan.core.clock import now


@click.group("token")
def group() -> None:
    """Secrets for programs: made, listed, made useless. A secret is shown once and never again."""


days_of = click.option(
    "--days", type=click.IntRange(min=0), help="Good for so long; usually ANLAN_TOKEN_DAYS (180). 0 for ever."
)


def _until(days: int | None, at: datetime) -> datetime | None:
    chosen = settings.TOKEN_DAYS if days is None else days
    return at + timedelta(days=chosen) if chosen else None


@group.command()
@click.argument("name")
@click.option("--org", "code", default="", help="Code of the organisation it belongs to; the bureau by default.")
@click.option("--label", default="", help="What it is for, as it stands in the list.")
@days_of
def feed(name: str, code: str, label: str, days: int | None) -> None:
    """Make (or find) the account NAME of a feed and print a new token for it.

    A feed may ring, answer and hang up lines, say whether the switch works, report positions of all
    units and hand in calls of another system. It can read nothing.
    """
    at = now()
    person = Person.objects.filter(username=name).first()
    if person is None:
        person = person_add(
            username=name, name=name, organisation=_organisation(code), password=None, by=SYSTEM, at=at
        )
        role_grant(person=person, role=Role.INTEGRATION, by=SYSTEM, at=at)
    elif set(person.grants.filter(valid_to=None).values_list("role", flat=True)) != {Role.INTEGRATION}:
        raise click.ClickException(
            f"{name} is no feed: it holds other roles. Choose another name; a feed has an account of its own."
        )
    until = _until(days, at)
    click.echo(token_issue(person=person, label=(label or name)[:64], by=SYSTEM, at=at, expires_at=until))


def _organisation(code: str) -> Organisation:
    rows = Organisation.objects.filter(code=code) if code else Organisation.objects.filter(parent=None, kind="bureau")
    found = rows.first()
    if found is None:
        raise click.ClickException(f"there is no organisation {code or 'bureau'}; import the organisations first")
    return found


@group.command()
@click.argument("username")
@click.option("--label", required=True, help="What it is for, as it stands in the list.")
@days_of
def issue(username: str, label: str, days: int | None) -> None:
    """Print a new token of an existing account; it may do what the account may do."""
    person = Person.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise click.ClickException(f"there is no active account {username}")
    at = now()
    click.echo(token_issue(person=person, label=label[:64], by=SYSTEM, at=at, expires_at=_until(days, at)))


@group.command("list")
def list_() -> None:
    """The tokens there are: number, account, label, since when, last used, and until when they are good."""
    for row in ApiToken.objects.select_related("person").order_by("id"):
        used = f"used {row.last_used_at:%Y-%m-%d %H}h" if row.last_used_at else "never used"
        until = f"until {row.expires_at:%Y-%m-%d %H:%M}" if row.expires_at else "without an end"
        until = f"revoked {row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else until
        since = f"{row.created_at:%Y-%m-%d %H:%M}"
        click.echo(f"{row.pk:>5}  {row.person.username:<24}{row.label:<32}{since}  {used:<20}{until}")


@group.command()
@click.argument("number", type=int)
@days_of
def renew(number: int, days: int | None) -> None:
    """Print a new token in place of one that runs out; the old one stays good for its time."""
    row, at = _token(number), now()
    try:
        click.echo(token_renew(token=row, by=SYSTEM, at=at, expires_at=_until(days, at)))
    except TokenRevoked as refusal:
        raise click.ClickException(str(refusal)) from refusal


def _token(number: int) -> ApiToken:
    row = ApiToken.objects.select_related("person").filter(pk=number).first()
    if row is None:
        raise click.ClickException(f"there is no token {number}; anlan token list shows them")
    return row


@group.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Make a token useless at once."""
    row = _token(number)
    done = token_revoke(token=row, by=SYSTEM, at=now())
    click.echo(f"token {number} of {row.person.username} is useless from now on" if done else "it was already")
