"""I11-I14, I16: who saw what, what stands where it must not, what figures say, how the server fared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from anlan.assurance.findings import NO_HISTORY, Group, Look, Verdict, judged, not_applicable
from anlan.assurance.history import PROBE
from anlan.core.actor import SYSTEM
from anlan.core.models import Event, IdempotencyKey
from anlan.intake.models import Call
from anlan.reports.selectors import kpi_one

GROUP = Group()
DIGITS = re.compile(r"[0-9]+")
DECLARED_FAILURES = (503, 507)
CLOSED_DOORS = (401, 403, 404)
ROOM_TO_GROW = 1.10
SPARE_FILES, SPARE_WAL_BYTES, SPARE_RSS_KB = 8, 16 * 1024**2, 64 * 1024
KPI_PERIOD = timedelta(days=7)
ANSWERED_WITHIN = timedelta(seconds=10)


@GROUP.invariant("I11", "无权者得到的一律是拒绝", "who may not see is refused, and told nothing")
def doors_stay_shut(look: Look) -> Verdict:
    probes = look.history.of(PROBE) if look.history else []
    if not probes:
        return not_applicable("这份记录里没有越权试探", "the history holds no knock of somebody not entitled")
    broken = []
    for probe in probes:
        wrong = [status for status in probe.statuses if status is not None and status not in CLOSED_DOORS]
        broken += [f"{probe.key} was answered with {status}" for status in wrong]
        if (probe.answer or {}).get("leaked"):
            broken.append(f"{probe.key} was told what a caller had said")
    return judged(len(probes), broken)


@GROUP.invariant(
    "I12",
    "来电人的电话不出现在事件、应答存根和日志里",
    "no caller's telephone stands in events, kept answers or logs",
)
def canaries_stay_in(look: Look) -> Verdict:
    canaries = look.history.canaries() if look.history else set()
    if not canaries:
        return not_applicable("这份记录里没有可查的来电人电话", "the history names no caller's telephone to look for")
    seen, broken = 0, []
    holds = seeker(canaries)
    for name, text in _texts(look):
        seen += 1
        broken += [f"{name} holds a caller's telephone"] if holds(text) else []
    if look.logs:
        return judged(seen, broken)
    return judged(seen, broken, ("未给出日志文件（--log）", "no log files were given (--log)"))


def seeker(canaries: set[str]) -> Callable[[str], bool]:
    """Whether a text holds one of the canaries, also within a longer number.

    An hour of a surge leaves tens of thousands of them and hundreds of thousands of texts: numbers are looked up by
    the runs of digits in a text, not one after the other.
    """
    numbers = {canary for canary in canaries if DIGITS.fullmatch(canary)}
    others = canaries - numbers
    lengths = {len(number) for number in numbers}

    def holds(text: str) -> bool:
        runs = DIGITS.findall(text)
        return any(
            run[at : at + n] in numbers for run in runs for n in lengths for at in range(len(run) - n + 1)
        ) or any(other in text for other in others)

    return holds


def _texts(look: Look) -> Iterator[tuple[str, str]]:
    for pk, data in Event.objects.values_list("pk", "data").iterator(2000):
        yield f"event {pk}", str(data)
    for pk, data in IdempotencyKey.objects.values_list("pk", "response").iterator(2000):
        yield f"kept answer {pk}", str(data)
    for path in look.logs:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                yield f"{path.name}:{number}", line


@GROUP.invariant(
    "I13",
    "报表数字与另行逐条计算的一致",
    "a report's figure equals one counted row by row without it",
)
def figures_agree(look: Look) -> Verdict:
    end, start = look.at + timedelta(seconds=1), look.at - KPI_PERIOD
    rows = Call.objects.filter(channel="phone", ringing_at__gte=start, ringing_at__lt=end)
    waited = [(row.answered_at - row.ringing_at) if row.answered_at else None for row in rows.iterator(2000)]  # type: ignore[operator]
    if not waited:
        return not_applicable("近七日没有来电可算", "no telephone call of the last seven days to count")
    soon = sum(wait is not None and wait <= ANSWERED_WITHIN for wait in waited)
    figure = kpi_one(SYSTEM, "answer_10s", start=start, end=end)
    pairs: Iterable[tuple[str, int, int]] = (
        ("answered within 10 s", figure.numerator, soon),
        ("calls that rang", figure.denominator, len(waited)),
    )
    return judged(len(waited), [f"{name}: the report says {a}, the rows {b}" for name, a, b in pairs if a != b])


@GROUP.invariant(
    "I14",
    "内存、打开文件数、日志文件回到起始水平附近",
    "memory, open files and the log are back near where they began",
)
def nothing_grows(look: Look) -> Verdict:
    gauges = look.history.gauges if look.history else []
    if len(gauges) < 2:
        return not_applicable("这份记录里没有两次量测", "the history holds no two readings of the server")
    first, last = gauges[0], gauges[-1]
    broken = []
    for name, spare in (("rss_kb", SPARE_RSS_KB), ("files", SPARE_FILES), ("wal_bytes", SPARE_WAL_BYTES)):
        if name in first and name in last and last[name] > max(first[name] * ROOM_TO_GROW, first[name] + spare):
            broken.append(f"{name}: {first[name]} at the beginning, {last[name]} at the end")
    return judged(len(gauges), broken)


@GROUP.invariant("I16", "除声明的 503、507 外没有服务器错误", "no answer was a failure but the declared 503 and 507")
def no_failures(look: Look) -> Verdict:
    if look.history is None:
        return not_applicable(*NO_HISTORY)
    answers = [(entry, status) for entry in look.history.entries.values() for status in entry.statuses]
    wrong = [(e, s) for e, s in answers if s is not None and s >= 500 and s not in DECLARED_FAILURES]
    return judged(len(answers), [f"{entry.kind} {entry.key} was answered with {status}" for entry, status in wrong])
