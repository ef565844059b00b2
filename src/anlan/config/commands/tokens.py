"""``anlan token …``: secrets for programs. A switch adapter or a position feed gets an account of its own."""

from __future__ import annotations

import click

from anlan.accounts.models import ApiToken, Organisation, Person, Role
from anlan.accounts.services import person_add, role_grant, token_issue, token_revoke
from anlan.core.actor import SYSTEM
from anlan.core.clock import now


@click.group("token")
def group() -> None:
    """Secrets for programs: made, listed, made useless. A secret is shown once and never again."""


@group.command()
@click.argument("name")
@click.option("--org", "code", default="", help="Code of the organisation it belongs to; the bureau by default.")
@click.option("--label", default="", help="What it is for, as it stands in the list.")
def feed(name: str, code: str, label: str) -> None:
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
    click.echo(token_issue(person=person, label=(label or name)[:64], by=SYSTEM, at=at))


def _organisation(code: str) -> Organisation:
    rows = Organisation.objects.filter(code=code) if code else Organisation.objects.filter(parent=None, kind="bureau")
    found = rows.first()
    if found is None:
        raise click.ClickException(f"there is no organisation {code or 'bureau'}; import the organisations first")
    return found


@group.command()
@click.argument("username")
@click.option("--label", required=True, help="What it is for, as it stands in the list.")
def issue(username: str, label: str) -> None:
    """Print a new token of an existing account; it may do what the account may do."""
    person = Person.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise click.ClickException(f"there is no active account {username}")
    click.echo(token_issue(person=person, label=label[:64], by=SYSTEM, at=now()))


@group.command("list")
def list_() -> None:
    """The tokens there are: number, account, label, since when, and until when if it was revoked."""
    for row in ApiToken.objects.select_related("person").order_by("id"):
        until = f"  revoked {row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else ""
        click.echo(f"{row.pk:>5}  {row.person.username:<24}{row.label:<32}{row.created_at:%Y-%m-%d %H:%M}{until}")


@group.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Make a token useless at once."""
    row = ApiToken.objects.filter(pk=number).first()
    if row is None:
        raise click.ClickException(f"there is no token {number}; anlan token list shows them")
    done = token_revoke(token=row, by=SYSTEM, at=now())
    click.echo(f"token {number} of {row.person.username} is useless from now on" if done else "it was already")
