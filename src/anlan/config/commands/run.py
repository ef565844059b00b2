"""``anlan run`` and ``anlan migrate``."""

from __future__ import annotations

import sys

import click

from anlan.config.lanes import WEB_THREADS
from anlan.config.not_fit import NotFit
from anlan.config.server import Centre, prepare, web_workers


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port of pages and API; the live stream has the next.")
@click.option(
    "--workers", default=web_workers, type=click.IntRange(1, 64), help="Processes that serve pages and API."
)
@click.option("--threads", default=WEB_THREADS, show_default=True, help="Threads of each of them.")
def run(host: str, port: int, workers: int, threads: int) -> None:
    """Start the centre: pages, API, live stream, clocks."""
    try:
        prepare()
    except NotFit as problem:
        raise click.ClickException(str(problem)) from problem
    centre = Centre(host=host, port=port, workers=workers, threads=threads)
    centre.start_copies()
    click.echo(f"Anlan 安澜 {centre.url}")
    sys.exit(centre.wait())


@click.command()
def migrate() -> None:
    """Bring the tables up to date and check the store."""
    try:
        prepare()
    except NotFit as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo("The store is up to date and fit. / 数据库已更新并通过检查。")
