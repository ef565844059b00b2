"""F8: device messages doubled, out of order, lost and sent again, corrupted, and under another unit's name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.db import connections
from django.test import Client

from anlan.accounts.models import Organisation, Role
from anlan.accounts.services import person_add, role_grant, token_issue
from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.history import History
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.units.models import PositionFix, Unit
from anlan.units.services import crew_join

BATCH = 20
DOUBLED, LATE, LOST, CORRUPTED, FORGED = 0.30, 0.20, 0.05, 0.01, 0.02
BOOT = "run"
FOREIGN = "forged"


@dataclass
class _Told:
    """What went in, and what must therefore be there: unit to numbers, and the answers by kind."""

    valid: dict[int, set[int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)


class Mangled(Fault):
    """``count`` messages of numbered fixes through a bad line; each valid one is kept once, no other at all."""

    id, title = "F8", "device messages doubled, reordered, lost and resent, corrupted, forged"

    def run(self, setting: Setting) -> Outcome:
        random, told = Random(setting.seed), _Told()
        client = Client(raise_request_exception=False)
        stranger = _stranger()
        for done, batch in enumerate(self._batches(setting, random, told), 1):
            self._sent(client, setting.centre["feed"], batch, random, told)
            if random.random() < FORGED * BATCH / 2:
                self._forged(client, stranger, batch, told)
            setting.on_trial(done * BATCH)
        kept = self._kept(told)
        connections.close_all()
        outcome = Outcome(trials=setting.count - 1)
        outcome.failed = len(told.wrong)
        outcome.examples = told.wrong[:10]
        outcome.judge("after all messages", History())
        outcome.figures = {**told.answers, "kept": kept, "units": len(told.valid)}
        return outcome

    def _batches(self, setting: Setting, random: Random, told: _Told) -> Iterator[list[dict[str, Any]]]:
        """Fixes in the order in which the bad line delivers them."""
        units, at = setting.centre["units"], now().isoformat()
        west, south, _, _ = setting.centre["box"]
        seqs: dict[int, int] = {}
        line: list[tuple[float, dict[str, Any]]] = []
        for k in range(setting.count):
            unit = random.choice(units)
            seqs[unit] = seqs.get(unit, 0) + 1
            told.valid.setdefault(unit, set()).add(seqs[unit])
            fix = {"unit_id": unit, "boot": BOOT, "seq": seqs[unit], "fixed_at": at}
            fix |= {"lon": round(west + 0.1 * random.random(), 6), "lat": round(south + 0.1 * random.random(), 6)}
            # Lost means: it comes when the device sends again, much later.
            delay = 400.0 if random.random() < LOST else random.uniform(0, 200) if random.random() < LATE else 0.0
            line.append((k + delay, fix))
            if random.random() < DOUBLED:
                line.append((k + delay + random.uniform(0, 100), fix))
        line.sort(key=lambda pair: pair[0])
        for start in range(0, len(line), BATCH):
            yield [fix for _, fix in line[start : start + BATCH]]

    def _sent(self, client: Client, token: str, batch: list[dict[str, Any]], random: Random, told: _Told) -> None:
        text = json.dumps({"fixes": batch})
        if random.random() < CORRUPTED * BATCH:
            place = random.randrange(len(text))
            status, _ = self._post(client, token, text[:place] + random.choice('\x00}{"9e,') + text[place + 1 :][:-1])
            self._noted(told, "corrupted", status, wanted=range(400, 500))
        status, answer = self._post(client, token, text)
        self._noted(told, "sent", status, wanted=range(200, 201))
        if status == 200 and answer["accepted"] + answer["repeated"] + answer["quarantined"] != len(batch):
            told.wrong.append(f"of {len(batch)} fixes only some are accounted for: {answer}")

    def _forged(self, client: Client, token: str, batch: list[dict[str, Any]], told: _Told) -> None:
        forged = [{**fix, "boot": FOREIGN} for fix in batch]
        status, _ = self._post(client, token, json.dumps({"fixes": forged}))
        self._noted(told, "forged", status, wanted=(403, 404))

    def _post(self, client: Client, token: str, text: str) -> tuple[int, Any]:
        got = client.post(
            "/api/positions",
            data=text,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        return got.status_code, json.loads(got.content)

    def _noted(self, told: _Told, kind: str, status: int, *, wanted: Any) -> None:
        told.answers[kind] = told.answers.get(kind, 0) + 1
        if status not in wanted:
            told.wrong.append(f"a {kind} batch was answered with {status}")

    def _kept(self, told: _Told) -> int:
        """Compare what is kept with what was valid; returns how many fixes are kept."""
        total = 0
        for unit, seqs in told.valid.items():
            kept = list(PositionFix.objects.filter(unit_id=unit, boot=BOOT).values_list("seq", flat=True))
            total += len(kept)
            if sorted(kept) != sorted(seqs):
                lost, more = len(seqs - set(kept)), len(kept) - len(seqs & set(kept))
                told.wrong.append(
                    f"unit {unit}: {lost} fixes are lost, {more} are there that were not sent, or twice"
                )
        if foreign := PositionFix.objects.filter(boot=FOREIGN).count():
            told.wrong.append(f"{foreign} forged fixes were taken")
        return total


def _stranger() -> str:
    """The token of a patrol officer whose crew is none of the units that report: one of a unit of its own."""
    at = now()
    station = Organisation.objects.get(code="station")
    person = person_add(username="stranger", name="旁", organisation=station, password=None, by=SYSTEM, at=at)
    role_grant(person=person, role=Role.PATROL, by=SYSTEM, at=at)
    # The last unit is this officer's own; a batch nearly always names others too.
    crew_join(unit=Unit.objects.order_by("-id")[0], person=person, by=SYSTEM, at=at)
    return token_issue(person=person, label="stranger", by=SYSTEM, at=at)
