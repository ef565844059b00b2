"""``anlan intake dedupe-eval``: how well the duplicate suggestion does on labelled calls."""

from __future__ import annotations

import json
from pathlib import Path

import click

from anlan.intake.dedupe_eval import CodeOf, LabelledCallsError, evaluate_duplicates, read_labelled_calls
from anlan.tagging.data import load_tagger


@click.command("dedupe-eval")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def dedupe_eval(file: Path) -> None:
    """Measure the duplicate suggestion on FILE (JSON lines) and print one JSON object.

    Counts pairs of calls with the same event_id. The engine sees the text, minute and place
    of each call and the code suggested from its words, not its labels.
    """
    try:
        with file.open(encoding="utf-8-sig") as lines:
            calls = read_labelled_calls(lines, code_of=_suggested_code())
    except (LabelledCallsError, UnicodeDecodeError) as problem:
        raise click.ClickException(f"{file}: {problem}") from problem
    click.echo(json.dumps(evaluate_duplicates(calls), ensure_ascii=False))


def _suggested_code() -> CodeOf:
    """The code the tagger suggests for a text, or None where it abstains."""
    tagger = load_tagger()
    return lambda text: tagger.suggest(text).code
