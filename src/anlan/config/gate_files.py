"""Streams of simulated doors read back from the files they were written to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import click
import msgspec

from anlan.config.gate_learning import Day, beside
from anlan.engines.gate import passages_of
from anlan.engines.gate_simulator import EDITION, TruePassage
from anlan.engines.rfid import BadLine, Event, journal_read


class _Head(msgspec.Struct):
    edition: int
    seed: int
    layout: str


def day_from(file: Path, line: Callable[[int, list[Event]], Iterable[Event]]) -> tuple[Day, str]:
    """The day of a file, its events sent over a line, and the layout of its door."""
    events: list[Event] = []
    truths: list[TruePassage] = []
    with file.open(encoding="utf-8") as lines:
        try:
            head = msgspec.json.decode(next(lines, ""), type=_Head)
        except msgspec.DecodeError as wrong:
            raise _refused(file, str(wrong)) from wrong
        if head.edition != EDITION:
            raise _refused(file, f"edition {head.edition} != {EDITION}")
        for text in lines:
            if '"kind":"truth"' in text[:20]:
                truths.append(msgspec.json.decode(text, type=TruePassage))
            else:
                events += [one for one in journal_read([text]) if not isinstance(one, BadLine)]
    if not truths:
        raise _refused(file, "no truth")
    reference = frozenset(thing.epc for thing in truths[0].things if thing.kind == "reference")
    arrived = list(line(head.seed, events))
    begin = time.process_time()
    cut = passages_of(arrived, reference)
    return Day(head.seed, list(beside(cut, truths)), truths, time.process_time() - begin), head.layout


def _refused(file: Path, why: str) -> click.ClickException:
    return click.ClickException(
        f"{file} 不是这一版 anlan gate simulate 写的文件（{why}）。请重新生成一个。\n"
        f"{file} wasn't written by this edition of anlan gate simulate ({why}). Make a new one."
    )
