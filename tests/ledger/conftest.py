"""A little record to be sealed: ten steps of one matter, and two looks at who called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from anlan.core.actor import SYSTEM
from anlan.core.models import Counter
from anlan.core.services import event_record, view_log
from anlan.ledger.services import checkpoint_sign, rows_append
from world import T0


@pytest.fixture(autouse=True)
def _own_key(settings, tmp_path, seen_at_once):
    """Each test signs with a key of its own, and nobody outside listens."""
    settings.LEDGER_KEY_FILE = tmp_path / "secrets" / "ledger_key"
    settings.LEDGER_WITNESS = ""
    settings.LEDGER_HASH = "sha256"


@pytest.fixture
def happen(db) -> Callable[..., None]:
    """Put ``count`` steps of an incident on record, one a minute from ``start``."""

    def run(count: int = 10, *, incident: int = 7, start: datetime = T0) -> None:
        subject, _ = Counter.objects.get_or_create(name="x")
        with transaction.atomic():
            for minute in range(count):
                at = start + timedelta(minutes=minute)
                event_record(
                    "test.step", subject=subject, by=SYSTEM, at=at, incident_id=incident, step=minute, 字="安"
                )

    return run


@pytest.fixture
def look(db) -> Callable[..., None]:
    """Somebody looks at who called."""

    def run(*, incident: int = 7, words: str = "回访 张三") -> None:
        subject, _ = Counter.objects.get_or_create(name="x")
        view_log(by=SYSTEM, at=T0, purpose="call_back", target=subject, incident_id=incident, note=words)

    return run


@pytest.fixture
def sealed(happen, look) -> None:
    """Twelve rows under two checkpoints, of 6 and of 12 rows."""
    happen(5)
    look()
    seal(T0 + timedelta(hours=1))
    happen(5, start=T0 + timedelta(hours=1))
    look(incident=8)
    seal(T0 + timedelta(hours=2))


def seal(at: datetime):
    """Write down everything and sign it."""
    while rows_append(at=at):
        pass
    return checkpoint_sign(at=at)


def witness_file(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "checkpoints.txt"
