"""The field inventory: an allow-list of everything the tables may hold."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent

CLASSES = {
    "technical": "keys, counters, digests, versions: nothing about the world",
    "reference": "published or organisational data",
    "operational": "facts of the work: states, times, places, codes",
    "staff": "about somebody who works here, in their duty",
    "personal": "about a citizen",
    "free_text": "words somebody said or typed; may hold anything, so it is treated as personal",
    "secret": "what proves an identity or keys a hash",
}
RETENTIONS = {
    "with_record": "as long as the record it belongs to",
    "permanent": "kept; holds no names, phones or narrative",
    "versioned": "kept as long as decisions made under it are kept",
    "account": "as long as the account; then made anonymous",
    "duty": "as the duty record of the unit",
    "matter_term": "until the term of its class of matter is over, then erased; held while the matter is open",
    "notice_90d": "90 days after the notice ended, then erased",
    "message_30d": "30 days after the message ended, then removed",
    "reporter_180d": "180 days after the call, then erased",
    "party_term": "180 days after the file was archived, then erased; held while the file is open",
    "open_file": "while the dispute file is open; gone when it closes",
    "loan_term": "a year after the loan is over, five for what is controlled, then removed",
    "gate_day": "24 hours, then removed",
    "gate_8d": "eight days, then removed",
    "positions_30d": "30 days, then removed",
    "replaced": "overwritten by the next value",
    "session": "until sign-out or expiry",
    "key_30d": "30 days, so that a late repetition still finds its answer",
    "look_words_3y": "three years, then erased; that the look happened stays",
    "corrected": "until the row is taken or discarded",
}
MASKS = {
    "none": "shown to whoever may see the record",
    "purpose": "hidden; shown one at a time with a purpose, which is logged",
    "scope": "shown inside the owning organisations only",
    "never": "never shown",
}
# Kinds of column in which anything could be hidden: each needs a person's look at what it holds.
OPEN_KINDS = ("JSONField", "BinaryField", "ArrayField", "FileField", "ImageField", "HStoreField", "VectorField")
NEEDS_MASK = ("personal", "free_text", "secret")


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A column as the tables have it: ``app.Model.field`` and its kind."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the inventory."""

    field: str
    data_class: str
    purpose: str
    retention: str
    mask: str
    reviewed_on: str


def inventory_load(path: Path = HERE / "fields.csv") -> list[Listed]:
    """The inventory as written."""
    with path.open(encoding="utf-8", newline="") as sheet:
        return [
            Listed(row["field"], row["class"], row["purpose"], row["retention"], row["mask"], row["reviewed_on"])
            for row in csv.DictReader(sheet)
        ]


def inventory_problems(fields: Iterable[FieldInfo], listed: Iterable[Listed]) -> list[str]:
    """Everything in which the tables and the inventory disagree, one sentence each."""
    rows = {row.field: row for row in listed}
    found = []
    seen = set()
    for field in fields:
        seen.add(field.name)
        row = rows.get(field.name)
        if row is None:
            found.append(f"{field.name} is not in the field inventory: list it with class, purpose, retention, mask")
        elif field.kind in OPEN_KINDS and not _is_date(row.reviewed_on):
            found.append(f"{field.name} is a {field.kind}, which can hold anything: have it reviewed, with a date")
    found += [f"{name} is listed but no table has it: remove the row" for name in sorted(set(rows) - seen)]
    found += [problem for row in rows.values() for problem in _row_problems(row)]
    return found


def _row_problems(row: Listed) -> list[str]:
    found = []
    for value, known, what in (
        (row.data_class, CLASSES, "class"),
        (row.retention, RETENTIONS, "retention"),
        (row.mask, MASKS, "mask"),
    ):
        if value not in known:
            found.append(f"{row.field} has the unknown {what} {value!r}; known are {', '.join(known)}")
    if not row.purpose.strip():
        found.append(f"{row.field} has no purpose")
    if row.data_class in NEEDS_MASK and row.mask == "none":
        found.append(f"{row.field} is {row.data_class} and unmasked; choose purpose, scope or never")
    if row.data_class == "personal" and row.retention == "permanent":
        found.append(f"{row.field} is personal and kept for ever; give it an end")
    return found


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
