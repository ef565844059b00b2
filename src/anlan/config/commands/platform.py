"""``anlan platform …``: the town's governance platform."""

from __future__ import annotations

import click
from django.conf import settings

from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.selectors import Cursor
from anlan.integrations.town_platform.outgoing import deliveries_replay
from anlan.integrations.town_platform.signing import keys_read


@click.group("platform")
def group() -> None:
    """The town's governance platform: what it is told."""


@group.command()
@click.option("--after", default="", help="Place in the event table (0.4000); from the beginning by default.")
def replay(after: str) -> None:
    """Tell the platform again everything after a place in the event table."""
    if not settings.TOWN_PLATFORM_URL:
        raise click.ClickException("no platform is switched on: set ANLAN_PLATFORM_URL and ANLAN_PLATFORM_KEYS")
    if after and str(Cursor.parse(after)) != after:
        raise click.BadParameter(f"{after} is no place; write it as it stands in sequence, 0.4000")
    keys = keys_read(settings.TOWN_PLATFORM_KEYS)
    told = deliveries_replay(keys=keys, after=Cursor.parse(after), by=SYSTEM, at=now())
    click.echo(f"{told} changes are on their way / {told} 条变化已排队重发")
