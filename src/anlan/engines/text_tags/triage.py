"""How urgent, and whose track: the rules in their order, each decision with the rule that made it.

Danger overrides everything. Then the type's own row and its exceptions, what brings a dispute to the
joint track, the list agreed with the partner desks; and whoever got it first keeps the unclear.
``decide`` is the one place of these rules: the suggestion from a narrative and the decision about an
incident both come from it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from anlan.engines.text_tags.reading import Reading

DANGER_RULE, TYPE_RULE, EXCEPTION_RULE, INVALID_RULE = "danger", "taxonomy", "taxonomy.exception", "invalid"
JOINT_RULE, TRANSFER_RULE, FIRST_RECEIVER_RULE = "dispute.escalated", "transfer.list", "unknown.first_receiver"
"""Ids of the rules; in a ``Decision`` what fired within a rule follows after a colon."""
UNSURE_RULE = "taxonomy.unsure"
DEFAULT_TRACK = "P"
UNNAMED_PRIORITY = "P3"
REPEATS_FOR_JOINT = 3
WAGE_HEADS_ABOVE = 5
_REPEATED = re.compile(
    r"第[三四五六七八九十3-9]次|[三四五六七八九3-9]次(?:报警|打110|了)|报(?:了|过)?(?:好几|多|[三四五六七八九3-9])次|"
    r"(?:好几|多)次报警|反复报警|一直报警"
)
_WORSE = re.compile(
    r"要动手|快打起来|要打起来|快要打|越吵越|激化|扬言|威胁|情绪激动|叫了人|叫人来|失控|推搡|拦不住|劝不住|砸东西|摔东西"
)
_IN_PROGRESS = re.compile(
    r"人?还在(?:里面|屋里|家里|撬|翻|偷|搬)|正在(?:撬|偷|搬|翻|爬|进)|现在有人|响动|响声|动静|脚步声|没出来|躲在(?:卧室|房间|厕所|柜)|"
    r"(?:小偷|贼)(?:现在|还)|在撬|里面有人|翻东西|没走|在试钥匙|在搬"
)
_DANGEROUS_GOODS = re.compile(r"危化品|危险品|槽罐|油罐|罐车|液化气|酒精|甲醇|硫酸|盐酸|液氨|汽油车|化学品|酸罐|氯气")


class TypeFacts(Protocol):
    """What the rules need to know of an incident type."""

    @property
    def code(self) -> str: ...
    @property
    def priority(self) -> str: ...
    @property
    def track(self) -> str: ...
    @property
    def exceptions(self) -> Sequence[Mapping[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """Priority and track, each with the id of the rule that fired: ``danger:weapon``, ``taxonomy``."""

    priority: str
    priority_rule: str
    track: str
    track_rule: str


def decide(
    kind: TypeFacts,
    *,
    danger: Sequence[str],
    conditions: Collection[str],
    nth_report: int,
    on_transfer_list: bool,
    escalations: Sequence[Mapping[str, str]],
    is_type_sure: bool = True,
) -> Decision:
    """The decision for one incident, from its type and what is known of the spot.

    ``conditions`` are words of the vocabulary (alcohol, escalating, injury …); ``nth_report`` is 1 for
    a matter reported the first time, 3 for the third. Of what nobody could name (not ``is_type_sure``)
    the first receiver, the police, takes care.
    """
    if danger:
        rule = f"{DANGER_RULE}:{danger[0]}"
        return Decision("P1", rule, "P", rule)
    if not is_type_sure:
        return Decision(kind.priority, FIRST_RECEIVER_RULE, DEFAULT_TRACK, FIRST_RECEIVER_RULE)
    priority, priority_rule = _priority(kind, conditions)
    track, track_rule = _track(kind, conditions, nth_report, on_transfer_list, escalations)
    return Decision(priority, priority_rule, track, track_rule)


def _priority(kind: TypeFacts, conditions: Collection[str]) -> tuple[str, str]:
    for exception in kind.exceptions:
        if exception["when"] in conditions and "priority" in exception:
            return exception["priority"], f"{EXCEPTION_RULE}:{exception['when']}"
    return (kind.priority, TYPE_RULE) if kind.priority else ("P4", INVALID_RULE)


def _track(
    kind: TypeFacts,
    conditions: Collection[str],
    nth_report: int,
    on_transfer_list: bool,
    escalations: Sequence[Mapping[str, str]],
) -> tuple[str, str]:
    if kind.track == "C":
        for rule in escalations:
            if kind.code.startswith(rule["scope"]) and _escalates(rule["when"], conditions, nth_report):
                return rule["track"], f"{JOINT_RULE}:{rule['when']}"
    if kind.track == "T":
        return ("T", TRANSFER_RULE) if on_transfer_list else (DEFAULT_TRACK, FIRST_RECEIVER_RULE)
    return (kind.track, TYPE_RULE) if kind.track else (DEFAULT_TRACK, INVALID_RULE)


def _escalates(when: str, conditions: Collection[str], nth_report: int) -> bool:
    if when == f"repeat_{REPEATS_FOR_JOINT}":
        return nth_report >= REPEATS_FOR_JOINT or when in conditions
    return when in conditions


@dataclass(frozen=True, slots=True)
class Triage:
    """Priority P1 to P4, track P/J/C/T, the ids of the rules that set them, and the desk of a transfer."""

    priority: str
    priority_rule_id: str
    track: str
    track_rule_id: str
    transfer_to: str | None = None


@dataclass(frozen=True, slots=True)
class _Kind:
    """A row of the taxonomy file as ``decide`` reads it; invalid calls have neither priority nor track."""

    code: str
    priority: str
    track: str
    exceptions: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class TriageTable:
    """Rows of the taxonomy and of the transfer list by code, and what makes a dispute a joint matter."""

    rows: Mapping[str, Mapping[str, Any]]
    transfers: Mapping[str, Mapping[str, Any]]
    escalations: Sequence[Mapping[str, str]]

    def decide(
        self, code: str | None, flags: Collection[str], told: Collection[str], *, is_sure: bool = True
    ) -> Triage:
        """What ``decide`` says of what a narrative tells; ``told`` are its ``conditions``. ``is_sure`` False
        says the belief that this is urgent at all is weak: without danger words P1 becomes P2."""
        row = self.rows.get(code or "")
        kind = _Kind("", UNNAMED_PRIORITY, "", ()) if row is None else _kind(row)
        said = decide(
            kind,
            danger=tuple(flags),
            conditions=told,
            nth_report=1,
            on_transfer_list=kind.code in self.transfers,
            escalations=self.escalations,
            is_type_sure=row is not None,
        )
        priority, priority_rule = said.priority, _rule_id(said.priority_rule)
        if priority == "P1" and priority_rule == TYPE_RULE and not is_sure:
            priority, priority_rule = "P2", UNSURE_RULE
        to = str(self.transfers[kind.code]["to"]) if said.track == "T" else None
        return Triage(priority, priority_rule, said.track, _rule_id(said.track_rule), to)


def _kind(row: Mapping[str, Any]) -> _Kind:
    return _Kind(str(row["code"]), row["priority"] or "", row["track"] or "", row["exceptions"])


def _rule_id(rule: str) -> str:
    return rule.partition(":")[0]


def conditions(reading: Reading) -> list[str]:
    """Conditions on the spot that change priority or track, as values of the tag dimension."""
    told = {
        "in_progress": _holds("in_progress", reading),
        "people_over_5": reading.heads > WAGE_HEADS_ABOVE,
        "dangerous_goods": _holds("dangerous_goods", reading),
        "injury": _holds("injury", reading),
        "alcohol": "drunk" in reading.families,
        "escalating": bool(_WORSE.search(reading.text)),
        "repeat_3": bool(_REPEATED.search(reading.text)),
    }
    return [name for name, is_so in told.items() if is_so]


def _holds(when: str, reading: Reading) -> bool:
    if when == "in_progress":
        return bool(_IN_PROGRESS.search(reading.text))
    if when == "people_over_5":
        return reading.heads > WAGE_HEADS_ABOVE
    if when == "dangerous_goods":
        return bool(_DANGEROUS_GOODS.search(reading.text))
    if when == "injury":
        return bool({"hurt", "blood"} & reading.families)
    return False
