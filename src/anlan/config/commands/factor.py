"""``anlan factor …``: of which roles a second proof is demanded, and the way back from a lost telephone."""

from __future__ import annotations

import click

from anlan.accounts.models import FactorDemand, Organisation, Person, Role, SecondFactor
from anlan.accounts.services import factor_demand, factor_demand_end, factor_remove
from anlan.core.actor import SYSTEM
from anlan.core.clock import now

EVERYBODY = "everybody"
ROLES = click.Choice([*(role for role in Role.values if role != Role.INTEGRATION), EVERYBODY])
AT = click.option("--org", "code", default="", help="Only there and beneath: the code of an organisation.")


@click.group("factor")
def group() -> None:
    """Two proofs at sign-in: a password, and the code of a telephone."""


def _whom(role: str, code: str) -> tuple[str, Organisation | None]:
    where = Organisation.objects.filter(code=code).first() if code else None
    if code and where is None:
        raise click.ClickException(f"there is no organisation {code}")
    if role == EVERYBODY and where is None:
        raise click.ClickException("everybody of which organisation? Add --org CODE; for all, that of the bureau")
    return ("" if role == EVERYBODY else role), where


@group.command()
@click.argument("role", type=ROLES)
@AT
def demand(role: str, code: str) -> None:
    """Demand a second proof of whoever holds ROLE (or of everybody, with --org), from their next sign-in on."""
    asked, where = _whom(role, code)
    done = factor_demand(role=asked, organisation=where, by=SYSTEM, at=now())
    whom = f"{role} of {code}" if code else role
    click.echo(f"{whom} signs in with two proofs from now on" if done else f"of {whom} it is demanded already")


@group.command()
@click.argument("role", type=ROLES)
@AT
def spare(role: str, code: str) -> None:
    """Demand no second proof of ROLE any more; those that are set stay in force."""
    asked, where = _whom(role, code)
    done = factor_demand_end(role=asked, organisation=where, by=SYSTEM, at=now())
    whom = f"{role} of {code}" if code else role
    click.echo(f"{whom} may sign in with a password alone" if done else f"of {whom} nothing is demanded")


@group.command()
@click.argument("username")
def reset(username: str) -> None:
    """Take away the second proof of USERNAME, whose telephone is lost. See first that it is really them."""
    person = Person.objects.filter(username=username).first()
    if person is None:
        raise click.ClickException(f"there is no account {username}")
    done = factor_remove(person=person, by=SYSTEM, at=now(), is_reset=True)
    click.echo(f"{username} signs in with the password, and sets a new one where the role demands it" if done
               else f"{username} has none")  # fmt: skip


@group.command("list")
def list_() -> None:
    """Roles of which a second proof is demanded, and accounts that have one, each since when."""
    for row in FactorDemand.objects.filter(valid_to=None).select_related("organisation").order_by("role"):
        whom = f"{row.role or EVERYBODY} {row.organisation.code if row.organisation else ''}".strip()
        click.echo(f"role     {whom:<24}{row.valid_from:%Y-%m-%d %H:%M}")
    for factor in SecondFactor.objects.exclude(set_at=None).select_related("person").order_by("person__username"):
        click.echo(f"account  {factor.person.username:<24}{factor.set_at:%Y-%m-%d %H:%M}")
