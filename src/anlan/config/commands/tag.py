"""``anlan tag …``: train and measure the text suggestions without a database; bring the lists into force."""

from __future__ import annotations

import json
from pathlib import Path

import click

from anlan.engines.text_tags import Evidence
from anlan.tagging import data, evaluation

MODEL_PATH = Path(data.__file__).parent / data.MODEL_FILE


@click.group("tag")
def group() -> None:
    """Suggestions from the words of a call."""


@group.command("eval")
@click.argument("labelled", type=click.Path(path_type=Path), metavar="FILE.jsonl")
def evaluate(labelled: Path) -> None:
    """Measure the suggestions on labelled narratives; print one JSON object."""
    calls, bad = evaluation.read_calls(_text(labelled).splitlines())
    if not calls:
        first = bad[0] if bad else evaluation.BadLine(0, "文件是空的", "the file is empty")
        raise click.ClickException(
            f"{labelled}：没有一行可用的标注警情（第 {first.line} 行：{first.reason_zh}）。"
            "请给每行一个 JSON 对象的文件，至少含 text、code、priority、track。\n"
            f"{labelled} holds no labelled narrative (line {first.line}: {first.reason_en}). "
            "Give a file with one JSON object a line, with at least text, code, priority and track."
        )
    judged = evaluation.judge(calls, data.load_tagger().suggest)
    click.echo(json.dumps(evaluation.report(judged, bad), ensure_ascii=False))


@group.command("train")
@click.option("--out", type=click.Path(path_type=Path), default=MODEL_PATH, show_default="the packaged file")
def train(out: Path) -> None:
    """Fit the weights anew from the packaged patterns and write them; print what was fitted."""
    model = data.train_model()
    held = data.model_bytes(model)
    out.write_bytes(held)
    told = {
        "file": str(out),
        "bytes": len(held),
        "features": len(model.names),
        "texts": len(data.training_examples()),
    }
    click.echo(json.dumps(told))


@group.command("load")
def load() -> None:
    """Bring the newest packaged edition of types, tags and transfer list into force from now on; print which."""
    import django

    django.setup()
    from anlan.config.not_fit import NotFit
    from anlan.config.server import prepare
    from anlan.core.actor import SYSTEM
    from anlan.core.clock import now
    from anlan.core.errors import DomainError
    from anlan.tagging.services import taxonomy_load

    try:
        prepare()
        row = taxonomy_load(by=SYSTEM, at=now())
    except (DomainError, NotFit) as problem:
        raise click.ClickException(str(problem)) from problem
    told = {"edition": row.version, "in_force": row.is_in_force, "valid_from": row.valid_from.isoformat()}
    click.echo(json.dumps(told))


@group.command("suggest")
@click.argument("text")
def suggest(text: str) -> None:
    """Show what a narrative suggests, with the words that triggered it."""
    said = data.load_tagger().suggest(text)
    told = {
        "codes": [{"code": each.code, "score": each.score, "words": _words(each.evidence)} for each in said.codes],
        "flags": [{"flag": each.flag, "rule": each.rule_id, "words": _words(each.evidence)} for each in said.flags],
        "priority": said.priority,
        "track": said.track,
        "track_rule": said.track_rule_id,
        "tags": {f"{tag.dimension}={tag.value}": _words(tag.evidence) for tag in said.tags},
        "abstained": said.is_abstained,
        "note": said.note,
    }
    click.echo(json.dumps(told, ensure_ascii=False, indent=2))


def _words(evidence: tuple[Evidence, ...]) -> list[str]:
    return [each.words for each in evidence]


def _text(path: Path) -> str:
    try:
        held = path.read_bytes()
    except OSError as problem:
        raise click.ClickException(
            f"打不开 {path}：{problem.strerror}。请检查路径和权限。\n"
            f"{path} cannot be opened: {problem.strerror}. Check the path and its permissions."
        ) from problem
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return held.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise click.ClickException(
        f"{path} 不是文本文件（不是 UTF-8，也不是 GB18030）。请给 UTF-8 的 JSON 行文件。\n"
        f"{path} is not a text file (neither UTF-8 nor GB18030). Give a JSON-lines file in UTF-8."
    )
