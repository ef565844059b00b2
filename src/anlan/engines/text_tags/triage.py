"""Priority and track from a suggested code and danger flags, by rules in order, each with its id."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from anlan.engines.text_tags.reading import Reading

DANGER, DEFAULT, EXCEPTION = "danger", "taxonomy", "taxonomy.exception"
UNSURE = "taxonomy.unsure"
ESCALATED, TRANSFER, UNKNOWN, INVALID = "dispute.escalated", "transfer.list", "unknown.first_receiver", "invalid"
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


@dataclass(frozen=True, slots=True)
class Triage:
    """Priority P1 to P4, track P/J/C/T, the rules that set them, and the desk of a transfer."""

    priority: str
    priority_rule_id: str
    track: str
    track_rule_id: str
    transfer_to: str | None = None


@dataclass(frozen=True, slots=True)
class TriageTable:
    """Rows of the taxonomy by code and of the transfer list by code."""

    rows: Mapping[str, Mapping[str, Any]]
    transfers: Mapping[str, Mapping[str, Any]]

    def decide(self, code: str | None, flags: Collection[str], reading: Reading, *, is_sure: bool = True) -> Triage:
        """Rules in order: danger; the type's own row and its exceptions; a dispute that escalates;
        the transfer list for what is not urgent; unknown stays with the police. ``is_sure`` False
        says the belief that this is urgent at all is weak: without danger words P1 becomes P2."""
        if flags:
            return Triage("P1", DANGER, "P", DANGER)
        if code is None or code not in self.rows:
            return Triage("P3", UNKNOWN, "P", UNKNOWN)
        row = self.rows[code]
        if row["priority"] is None:
            return Triage("P4", INVALID, "P", INVALID)
        priority, priority_rule = _priority(row, reading)
        if priority == "P1" and priority_rule == DEFAULT and not is_sure:
            priority, priority_rule = "P2", UNSURE
        if code.startswith("04") and row["track"] != "J" and escalating(reading):
            return Triage(priority, priority_rule, "J", ESCALATED)
        item = self.transfers.get(code)
        if item and item["non_urgent"] and row["track"] == "T":
            return Triage(priority, priority_rule, "T", TRANSFER, str(item["to"]))
        to = str(item["to"]) if item and row["track"] == "T" else None
        return Triage(priority, priority_rule, row["track"], DEFAULT, to)


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


def escalating(reading: Reading) -> bool:
    """A dispute with alcohol, on its third report or more, or visibly getting worse."""
    drunk = "drunk" in reading.families
    return drunk or bool(_REPEATED.search(reading.text)) or bool(_WORSE.search(reading.text))


def _priority(row: Mapping[str, Any], reading: Reading) -> tuple[str, str]:
    for exception in row["exceptions"]:
        if _holds(str(exception["when"]), reading):
            return str(exception["priority"]), EXCEPTION
    return str(row["priority"]), DEFAULT


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
