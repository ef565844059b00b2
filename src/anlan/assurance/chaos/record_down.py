"""F18: who keeps the record can't: the log of looks takes no row, the witness is away, the signing key is gone.

Calls are taken all the same; what a caller said of themselves is shown to nobody whose look can't be logged; and what
the witness missed it gets when it is back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.db import connection

from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.chaos.inside import Inside, inside
from anlan.core.clock import now
from anlan.core.models import ViewLog
from anlan.core.purpose import machine_use
from anlan.intake.models import Reporter
from anlan.ledger.models import SignedCheckpoint
from anlan.ledger.services import checkpoint_hand_over, checkpoint_sign, rows_append

PLANT = "who called is shown without a look being logged"
LOOKS, WITNESS, KEY = "log of looks full", "witness away", "signing key gone"
CALLS = 3


class RecordDown(Fault):
    """Each of the three in turn, with calls before, meanwhile and afterwards."""

    id, title = "F18", "log of looks takes no row, witness away, signing key gone"
    plants = (PLANT,)

    def run(self, setting: Setting) -> Outcome:
        outcome = Outcome()
        done = dict.fromkeys((LOOKS, WITNESS, KEY), 0)
        acts = {LOOKS: self._looks, WITNESS: self._witness, KEY: self._key}
        with inside(setting) as centre:
            folder = centre.store.parent
            with patch.object(settings, "LEDGER_KEY_FILE", folder / "key"):
                for trial in range(1, setting.count + 1):
                    name = list(acts)[trial % 3]
                    also = acts[name](centre, folder, setting.plant)
                    centre.judge(outcome, f"{name} {trial}", also + centre.again())
                    done[name] += 1
                    setting.on_trial(trial)
        outcome.figures = dict(done)
        return outcome

    def _looks(self, centre: Inside, _folder: Path, plant: str) -> list[str]:
        call = centre.sure(centre.call())["call"]
        phone = _phone(call["id"])
        before = ViewLog.objects.count()
        with _no_looks(), _unlogged() if plant == PLANT else nullcontext():
            wrong = _taken(centre)
            status, said = _revealed(centre, call["id"])
        if status < 300 or phone in said:
            wrong.append(f"who called was told with {status} though no look could be logged")
        if status >= 500 and status != 503:
            wrong.append(f"the look was answered with {status}")
        status, said = _revealed(centre, call["id"])
        if status >= 300 or phone not in said or ViewLog.objects.count() != before + 1:
            wrong.append(f"with the log back a look is answered with {status} and not logged once")
        return wrong

    def _witness(self, centre: Inside, folder: Path, _plant: str) -> list[str]:
        where = folder / "outside" / "checkpoints.txt"
        with patch.object(settings, "LEDGER_WITNESS", str(where)):
            # Away: the other machine's folder is not there.
            for path in (where, where.parent):
                if path.is_dir():
                    path.rename(folder / "away")
            wrong = _taken(centre)
            _sealed()
            waiting = SignedCheckpoint.objects.filter(witnessed_at=None)
            if not waiting.exists() or not waiting.order_by("id")[0].witness_fault:
                wrong.append("nothing says that the witness is away")
            away = folder / "away"
            away.rename(where.parent) if away.is_dir() else where.parent.mkdir()
            checkpoint_hand_over(at=now())
            lines = where.read_text(encoding="utf-8").splitlines()
            if waiting.exists() or len(lines) != SignedCheckpoint.objects.filter(witness_fault="").count():
                wrong.append("the witness did not get what it had missed, once each")
        return wrong

    def _key(self, centre: Inside, folder: Path, _plant: str) -> list[str]:
        _taken(centre)
        _sealed()
        key = folder / "key"
        key.rename(folder / "safe")
        wrong = _taken(centre)
        rows_append(at=now())
        size = SignedCheckpoint.objects.count()
        try:
            checkpoint_sign(at=now())
        except Exception as refusal:
            said = str(refusal)
        else:
            said = ""
        if not said or SignedCheckpoint.objects.count() != size or key.exists():
            wrong.append("a ledger whose key is gone was signed, or a new key made without a word")
        (folder / "safe").rename(key)
        _sealed()
        return wrong if SignedCheckpoint.objects.count() > size else [*wrong, "with the key back nothing is signed"]


def _taken(centre: Inside) -> list[str]:
    answers = [centre.send(centre.call())[0] for _ in range(CALLS)]
    return [f"a call was answered with {status}" for status in answers if status >= 300]


def _sealed() -> None:
    rows_append(at=now())
    checkpoint_sign(at=now())
    checkpoint_hand_over(at=now())


def _phone(call_id: int) -> str:
    with machine_use("compare"):
        return str(Reporter.objects.get(call_id=call_id).phone)


def _revealed(centre: Inside, call_id: int) -> tuple[int, str]:
    """What somebody who asks who called is answered."""
    got = centre.line.client.post(
        f"/api/calls/{call_id}/reporter",
        data=json.dumps({"purpose": "call_back"}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {centre.line.token}"},
    )
    return got.status_code, got.content.decode()


@contextmanager
def _no_looks() -> Iterator[None]:
    """The table of looks takes no row."""
    table = ViewLog._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TRIGGER no_looks BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no room here'); END"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER no_looks")


@contextmanager
def _unlogged() -> Iterator[None]:
    """A fault put in on purpose: a look that can't be logged is shown all the same."""

    def shrug(**_: Any) -> None:
        return None

    with patch("anlan.core.purpose.view_log", shrug):
        yield
