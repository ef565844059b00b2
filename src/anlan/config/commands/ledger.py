"""``anlan ledger …``: evidence that the record was not changed afterwards (docs/rooms/ledger.md)."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import click

from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.errors import DomainError
from anlan.ledger import selectors, services
from anlan.ledger.offline import anlan_verify

OUT = click.Path(dir_okay=False, path_type=Path)


@click.group("ledger")
def group() -> None:
    """Evidence that the record was not changed afterwards: sealed, checked, handed out."""


@group.command()
def status() -> None:
    """How many rows there are, when they were last signed, and whether the witness has it."""
    state = selectors.ledger_state()
    if state is None:
        click.echo("nothing has been written down so far; the worker begins with the first row")
        return
    click.echo(f"{state.size} rows ({state.waiting} more wait to be written down, {state.unsealed} to be signed)")
    if state.last is not None:
        click.echo(f"last signed {state.last.at:%Y-%m-%d %H:%M:%S %Z}: {state.last.size} rows\n  {state.last.digits}")
    seen = state.witnessed
    click.echo(f"witness: {f'{seen.size} rows, {seen.witnessed_at:%Y-%m-%d %H:%M %Z}' if seen else 'none so far'}")
    if state.last is not None and state.last.witness_fault:
        click.echo(f"  not taken: {state.last.witness_fault}")
    click.echo(f"key {state.key.partition('+')[0]}, hash {state.hash}")


@group.command()
def checkpoint() -> None:
    """Write down everything that is committed, sign it now and hand it to the witness."""
    at = now()
    while services.rows_append(at=at):
        pass
    with _refusals():
        row = services.checkpoint_sign(at=at)
    services.checkpoint_hand_over(at=at)
    click.echo(f"{row.size} rows signed\n{row.digits}" if row else "nothing new since the last checkpoint")


@group.command()
@click.argument("file", type=OUT)
def export(file: Path) -> None:
    """Write the ledger up to its last checkpoint into FILE, for the offline verifier."""
    with _refusals(), file.open("wb") as target:
        for line in selectors.export_lines():
            target.write(line)
    click.echo(f"written {file}; check it anywhere: python3 anlan_verify.py {file.name} --key {_first_key()}")


@group.command()
@click.option(
    "--witness", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Checkpoints kept outside."
)
def verify(witness: Path | None) -> None:
    """Hash every row of this store anew and compare with what was signed; exit 1 when anything differs."""
    findings = selectors.ledger_check(witness=witness)
    for finding in findings:
        click.echo(f"{finding.zh} / {finding.en}")
    state = selectors.ledger_state()
    told = "可疑 / NOT SOUND" if findings else "完好 / sound"
    click.echo(f"{told}: {state.size if state else 0} rows")
    sys.exit(1 if findings else 0)


@group.command()
@click.argument("number")
@click.argument("file", type=OUT)
def prove(number: str, file: Path) -> None:
    """Write the history of incident NUMBER with its proof into FILE, for the offline verifier."""
    from anlan.intake.models import Incident

    incident = Incident.objects.filter(number=number).first()
    if incident is None:
        raise click.ClickException(f"there is no incident {number}")
    with _refusals():
        proof = selectors.proof_of_incident(incident.pk, subject=number)
    file.write_text(json.dumps(proof, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(f"written {file}: {len(proof['rows'])} rows proven, {proof['waiting']} wait for the next checkpoint")


@group.command()
@click.option("--rotate", is_flag=True, help="Make a new key; the old one names it in its last checkpoint.")
def key(rotate: bool) -> None:
    """Print the public keys, the first one first: everything is checked against that one."""
    at = now()
    services.ledger_begin(at=at)
    if rotate:
        with _refusals():
            services.key_rotate(by=SYSTEM, at=at)
        services.checkpoint_hand_over(at=at)
    for row in selectors.keys_known():
        until = f"{row.until:%Y-%m-%d %H:%M}" if row.until else "now"
        click.echo(f"{row.text}  {row.since:%Y-%m-%d %H:%M} to {until}")


@group.command()
@click.argument("file", type=OUT)
def verifier(file: Path) -> None:
    """Copy the offline verifier to FILE: one file that needs nothing but Python."""
    shutil.copyfile(anlan_verify.__file__, file)
    click.echo(f"written {file}")


def _first_key() -> str:
    state = selectors.ledger_state()
    return state.first_key if state else ""


class _refusals:  # noqa: N801 - reads as a sentence where it is used
    """A refusal ends the command with its words in both languages."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if isinstance(problem, DomainError):
            raise click.ClickException(f"{problem.detail('zh-hans')} / {problem.detail('en')}")
