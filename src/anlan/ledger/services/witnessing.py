"""Checkpoints go to somebody outside: who can change the store must not be able to change what was seen of it."""

from __future__ import annotations

import os
import shlex
import subprocess
from datetime import datetime
from pathlib import Path

from django.conf import settings

from anlan.ledger.models import SignedCheckpoint
from anlan.ledger.selectors.state import witness_line

RUN = "run:"
WAIT_S = 30.0
AT_ONCE = 100


def checkpoint_hand_over(*, at: datetime) -> int:
    """Hand every checkpoint the witness lacks to it, oldest first; returns how many it took.

    The witness is a file (better one on another machine) to which a line is appended, or with ``run:`` a command
    (a printer, a copy to another host) that gets the line on its standard input. One that can't be reached is tried
    again the next time; why stands with the checkpoint.
    """
    where, taken = settings.LEDGER_WITNESS, 0
    if not where:
        return 0
    for row in SignedCheckpoint.objects.filter(witnessed_at=None).order_by("id")[:AT_ONCE]:
        fault = _hand(where, witness_line(row) + "\n")
        found = SignedCheckpoint.objects.filter(pk=row.pk)
        if fault:
            found.update(witness_fault=fault[:200])
            break
        found.update(witnessed_at=at, witness_fault="")
        taken += 1
    return taken


def _hand(where: str, line: str) -> str:
    """Why the line was not taken; empty when it was."""
    try:
        if where.startswith(RUN):
            done = subprocess.run(
                shlex.split(where.removeprefix(RUN)),
                input=line.encode(),
                capture_output=True,
                timeout=WAIT_S,
                check=False,
            )
            return (
                ""
                if done.returncode == 0
                else f"exit {done.returncode}: {done.stderr.decode(errors='replace').strip()}"
            )
        with Path(where).open("ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
    except (OSError, subprocess.SubprocessError, ValueError) as problem:
        return f"{type(problem).__name__}: {problem}"
    return ""
