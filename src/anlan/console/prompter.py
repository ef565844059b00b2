"""What a simulated caller says, for the one who answers. Only in a demo; a real centre has real callers.

The drill writes a file for each ringing call, the call form reads it. It is labelled wherever it is
shown, and it is gone when the call is on the record.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

SECONDS_A_LINE = 2.5


@dataclass(frozen=True, slots=True)
class Prompt:
    """The lines in the order they are said; ``left_until`` when a simulated taker answers (ISO, may be empty)."""

    lines: tuple[str, ...]
    left_until: str = ""


def _file(number: str) -> Path:
    return Path(settings.HOME) / "prompter" / f"{number}.json"


def prompt_put(number: str, prompt: Prompt) -> None:
    """Let the one who answers call ``number`` hear this."""
    file = _file(number)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(prompt), ensure_ascii=False), encoding="utf-8")
    draft.replace(file)


def prompt_drop(number: str) -> None:
    """The call is on the record, or nobody speaks any more."""
    _file(number).unlink(missing_ok=True)


def prompt_of(number: str) -> Prompt | None:
    """What the simulated caller of this call says; None outside a demo and for everybody real."""
    if not settings.DEMO:
        return None
    try:
        held = json.loads(_file(number).read_text(encoding="utf-8"))
        return Prompt(tuple(held["lines"]), held["left_until"])
    except (OSError, ValueError, KeyError):
        return None


def prompts_clear() -> None:
    """Forget what callers of an earlier run said."""
    for file in (Path(settings.HOME) / "prompter").glob("*.json"):
        file.unlink(missing_ok=True)
