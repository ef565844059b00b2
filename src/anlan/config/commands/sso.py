"""``anlan sso …``: whether the bureau's sign-in service answers as it should, and whom it is tied to."""

from __future__ import annotations

import click

from anlan.accounts.models import Person, ServiceIdentity
from anlan.accounts.services import identity_untie
from anlan.accounts.sign_in_service import provider
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.errors import DomainError


@click.group("sso")
def group() -> None:
    """Signing in at the bureau's own service (OpenID Connect; docs/single-sign-on.md)."""


@group.command()
def check() -> None:
    """Ask the service for its description and keys, as a sign-in would."""
    service = provider()
    if service is None:
        raise click.ClickException("no service is set up: ANLAN_OIDC_ISSUER is empty")
    at = now()
    try:
        service.begin("https://anlan.invalid/sign-in/service/back", at=at)
        keys = service.keys_count(at=at)
        leaves = service.leave("https://anlan.invalid/sign-in", at=at)
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{service.issuer} describes itself and publishes {keys} keys")
    click.echo(
        f"client {service.client}, {'with' if service.secret else 'without'} a secret; account by {service.claim}"
    )
    click.echo(f"second proof there counts here: {' '.join(sorted(service.factors)) or 'no'}")
    click.echo(f"accounts are made: {'at ' + service.admit if service.admit else 'no'}")
    click.echo(f"signing out there: {'yes' if leaves else 'the service has no address for it'}")


@group.command()
@click.argument("username")
def untie(username: str) -> None:
    """Forget as whom the service knows USERNAME; the next sign-in there under this name is tied anew."""
    person = Person.objects.filter(username=username).first()
    if person is None:
        raise click.ClickException(f"there is no account {username}")
    done = identity_untie(person=person, by=SYSTEM, at=now())
    click.echo(f"{username} is untied" if done else f"{username} was tied to nobody")


@group.command("list")
def list_() -> None:
    """Accounts that are tied to somebody at a service, each since when."""
    for row in ServiceIdentity.objects.select_related("person").order_by("person__username"):
        click.echo(f"{row.person.username:<24}{row.tied_at:%Y-%m-%d %H:%M}  {row.issuer}")
