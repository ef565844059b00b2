"""F17: running numbers and keys of rows stand just before a limit of somebody's making, and work goes on over it."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.chaos.inside import Inside, inside
from anlan.assurance.findings import Look
from anlan.assurance.verify import broken, store_verify
from anlan.core.clock import now
from anlan.core.services import number_next
from anlan.intake.models import Call

EDGES = (9_998, 99_998, 2**31 - 3, 2**53 - 3)
"""The end of a number's width on a form, of 32 bits, and of what a browser reads exactly."""
PLANT = "numbers begin anew at 100000"
COMMANDS = 6


class CountersAtEdges(Fault):
    """Each trial takes some calls over one edge: the day's numbers, or the keys of a table, in turn."""

    id, title = "F17", "running numbers and keys of rows cross 10^4, 10^5, 2^31 and 2^53"
    plants = (PLANT,)

    def run(self, setting: Setting) -> Outcome:
        outcome, crossed = Outcome(), set()
        turns = [(edge, what) for edge in EDGES for what in ("numbers of the day", "keys of rows")]
        for trial in range(1, setting.count + 1):
            edge, what = turns[(trial - 1) % len(turns)]
            # A store of its own: what stood before the edge would leave a gap that is none.
            with inside(setting) as centre:
                _put_before(edge, what)
                also = self._trial(centre, edge, what, setting.plant)
                wrong = broken(store_verify(Look(at=now(), history=centre.history)))
            also += [
                f"{finding.invariant.id} {finding.verdict.broken[0]}"
                for finding in wrong
                if not (finding.invariant.id == "I6" and what == "numbers of the day")
            ]
            outcome.trials += 1
            crossed.add((edge, what))
            if also:
                outcome.failed += 1
                outcome.examples.append(f"{what} at {edge}: " + "; ".join(also))
            setting.on_trial(trial)
        outcome.figures = {"different edges": len(crossed)}
        return outcome

    def _trial(self, centre: Inside, edge: int, what: str, plant: str) -> list[str]:
        told = []
        for _ in range(COMMANDS):
            status, answer = centre.send(centre.call())
            if status >= 300:
                return [f"a call was answered with {status}"]
            told.append((answer["call"]["id"], answer["call"]["number"]))
        if plant == PLANT:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {Call._meta.db_table} SET number = number || 'x' WHERE id = %s", [told[-1][0]]
                )
        numbers = [int(Call.objects.get(pk=pk).number.rpartition("-")[2].rstrip("x")) for pk, _ in told]
        ids = [pk for pk, _ in told]
        kept = [Call.objects.get(pk=pk).number == number for pk, number in told]
        wrong = [] if all(kept) else ["a call bears another number than was told"]
        if what == "numbers of the day" and numbers != list(range(edge + 1, edge + 1 + COMMANDS)):
            wrong.append(f"after {edge} the numbers were {numbers}")
        if what == "keys of rows" and ids != sorted(ids):
            wrong.append(f"the keys were {ids}")
        newest = Call.objects.order_by("-id").values_list("id", flat=True)[0]
        return wrong if newest == ids[-1] else [*wrong, "the newest call is not the last in order"]


def _put_before(edge: int, what: str) -> None:
    """Stand just before the edge."""
    if what == "numbers of the day":
        day = _local_day()
        for kind in ("call", "incident"):
            number_next(f"{kind}-{day}", edge)
        return
    with connection.cursor() as cursor:
        for table in ("intake_call", "intake_incident", "core_event", "core_idempotencykey", "dispatch_assignment"):
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, edge])


def _local_day() -> str:
    return f"{timezone.localtime(now()):%y%m%d}"
