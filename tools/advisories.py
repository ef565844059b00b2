"""Hold every pin against a dated copy of the advisories: ``python tools/advisories.py --advisories FILE``.

FILE is a zip, a folder, or one file of advisories in OSV's JSON (https://ossf.github.io/osv-schema/), as anybody with
a network can fetch and carry in; nothing here asks the network. What was not looked at is not sound, so each of these
fails: no copy, a copy that is too old, a package the copy cannot answer for, a version that can't be compared.

The age of a copy is that of the newest word in it, which nobody can make younger by touching a file. What a copy can
answer for it says itself in ``copy.json`` (``{"PyPI": ["django", …]}``, or ``"all"``); without one, an ecosystem
counts as whole from a thousand advisories up. A finding that does no harm here is written down, with why and
until when, in ``docs/security/advisories-waived.csv``.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

sys.path.insert(0, str(Path(__file__).parent))

import sbom

ROOT = Path(__file__).resolve().parents[1]
WAIVED = ROOT / "docs" / "security" / "advisories-waived.csv"
OLDEST_DAYS = 30
WHOLE = 1_000
"""From so many advisories on, an ecosystem's copy that says nothing of itself is taken to be a whole one."""
ECOSYSTEMS = {"PyPI": "pypi", "npm": "npm"}
Ordered = Any
"""A version that can be compared with others of its ecosystem."""


class Unanswered(Exception):
    """The copy can't answer: why."""


@dataclass
class Copy:
    """What a copy holds: advisories by ecosystem and package, and what it answers for."""

    known: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    says: dict[str, Any] = field(default_factory=dict)
    newest: datetime | None = None

    def answers_for(self, ecosystem: str, name: str) -> bool:
        """Whether silence about a package means that there is nothing about it."""
        said = self.says.get(ecosystem)
        if said is None:
            return self.counts[ecosystem] >= WHOLE
        return said == "all" or name in {_named(ecosystem, each) for each in said}

    def add(self, record: dict[str, Any]) -> None:
        for moment in (record.get("modified"), record.get("published")):
            if moment:
                at = datetime.fromisoformat(moment)
                at = at if at.tzinfo else at.replace(tzinfo=UTC)
                self.newest = max(self.newest or at, at)
        if record.get("withdrawn"):
            return
        for affected in record.get("affected", []):
            package = affected.get("package", {})
            ecosystem = package.get("ecosystem", "").partition(":")[0]
            self.known[ecosystem, _named(ecosystem, package.get("name", ""))].append({**affected, "id": record["id"]})
        for ecosystem in {each.get("package", {}).get("ecosystem", "") for each in record.get("affected", [])}:
            self.counts[ecosystem.partition(":")[0]] += 1


def _named(ecosystem: str, name: str) -> str:
    return sbom.canonical(name) if ecosystem == "PyPI" else name


def copy_read(path: Path) -> Copy:
    """Read a copy. Raises ``Unanswered`` where there is none, or one that can't be read."""
    copy = Copy()
    try:
        for name, text in _texts(path):
            told = json.loads(text)
            if name == "copy.json":
                copy.says = told
                continue
            for record in told if isinstance(told, list) else [told]:
                copy.add(record)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as problem:
        raise Unanswered(f"the copy can't be read: {path}: {problem}") from problem
    if copy.newest is None:
        raise Unanswered(f"the copy holds no advisory: {path}")
    return copy


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    if path.is_dir():
        for each in sorted(path.rglob("*.json")):
            yield each.name, each.read_text(encoding="utf-8")
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".json"):
                    yield name.rpartition("/")[2], archive.read(name).decode("utf-8")
    else:
        yield path.name, path.read_text(encoding="utf-8")


def hits(part: sbom.Part, copy: Copy) -> list[str]:
    """The advisories that name this version. Raises ``Unanswered`` where the copy can't tell."""
    ecosystem = next(name for name, kind in ECOSYSTEMS.items() if kind == part.kind)
    if not copy.answers_for(ecosystem, part.name):
        raise Unanswered(f"{part.kind} {part.name} {part.version}: the copy does not answer for it")
    found = {each["id"] for each in copy.known.get((ecosystem, part.name), []) if _names(each, part, ecosystem)}
    return sorted(found)


def _names(affected: dict[str, Any], part: sbom.Part, ecosystem: str) -> bool:
    """Whether an advisory means this version: by its list of versions, or by its ranges."""
    mine = ordered(ecosystem, part.version)
    if any(_same(ecosystem, listed, mine) for listed in affected.get("versions", [])):
        return True
    ranges = [each for each in affected.get("ranges", []) if each.get("type") in ("ECOSYSTEM", "SEMVER")]
    if not ranges and not affected.get("versions"):
        raise Unanswered(f"{affected['id']} says no versions that could be compared with {part.name} {part.version}")
    return any(in_range(ecosystem, mine, each.get("events", [])) for each in ranges)


def _same(ecosystem: str, listed: str, mine: Ordered) -> bool:
    try:
        return bool(ordered(ecosystem, listed) == mine)
    except Unanswered:
        return False  # an old version of a form nobody can read is not the one that is pinned


def in_range(ecosystem: str, mine: Ordered, events: Iterable[dict[str, str]]) -> bool:
    """Whether a version lies in a range, as OSV evaluates it: events in order, each turns it on or off."""
    steps = []
    for event in events:
        for kind, text in event.items():
            if kind in ("introduced", "fixed", "last_affected"):
                steps.append((None if text == "0" else ordered(ecosystem, text), kind))
    inside = False
    for at, kind in sorted(steps, key=lambda step: (step[0] is not None, _Order(step[0]))):
        if kind == "introduced" and (at is None or mine >= at):
            inside = True
        elif (kind == "fixed" and mine >= at) or (kind == "last_affected" and mine > at):
            inside = False
    return inside


class _Order:
    """Sorts versions; the one before all others is none."""

    def __init__(self, value: Ordered) -> None:
        self.value = value

    def __lt__(self, other: _Order) -> bool:
        return other.value is not None and (self.value is None or bool(self.value < other.value))


SEMVER = re.compile(r"^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$")


def ordered(ecosystem: str, text: str) -> Ordered:
    """A version as something that can be compared. Raises ``Unanswered`` for one of no known form."""
    if ecosystem == "PyPI":
        try:
            return Version(text)
        except InvalidVersion as problem:
            raise Unanswered(f"{text!r} is no version of PyPI") from problem
    hit = SEMVER.match(text)
    if not hit:
        raise Unanswered(f"{text!r} is no version of {ecosystem}")
    # Numbers before words, a shorter list before a longer one, every list before none (Semantic Versioning 2, 11).
    before = (
        [(0, int(word), "") if word.isdecimal() else (1, 0, word) for word in hit[4].split(".")] if hit[4] else []
    )
    return (int(hit[1]), int(hit[2]), int(hit[3]), 0 if hit[4] else 1, before)


def waivers(path: Path, today: date) -> dict[tuple[str, str], str]:
    """What was written down as harmless here, with why; what is over its day no longer counts."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["why"].strip()]
    return {
        (row["advisory"], row["package"]): row["why"] for row in rows if date.fromisoformat(row["until"]) >= today
    }


def judge(
    parts: list[sbom.Part], copy: Copy, *, today: date, oldest_days: int, waived: dict[tuple[str, str], str]
) -> list[str]:
    """Everything that keeps the answer from being "nothing known": findings, gaps, age."""
    wrong = []
    assert copy.newest is not None
    age = (today - copy.newest.date()).days
    if age < -1:
        wrong.append(f"the copy speaks of {-age} days from now: its age can't be told")
    if age > oldest_days:
        wrong.append(f"the copy is {age} days old; at most {oldest_days} are taken")
    for part in parts:
        try:
            named = [each for each in hits(part, copy) if (each, part.name) not in waived]
        except Unanswered as problem:
            wrong.append(f"not answered: {problem}")
        else:
            wrong += [f"{part.kind} {part.name} {part.version}: {each}" for each in named]
    return wrong


def pinned() -> list[sbom.Part]:
    """Every package that is installed for running, building, testing, or shown in the browser; each once."""
    files = sorted(path.name for path in (ROOT / "requirements").glob("*.txt"))
    return list(dict.fromkeys([*(part for name in files for part in sbom.pypi_parts(name=name)), *sbom.npm_parts()]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--advisories", type=Path, required=True)
    parser.add_argument("--today", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--oldest-days", type=int, default=OLDEST_DAYS)
    options = parser.parse_args()
    parts = pinned()
    try:
        copy = copy_read(options.advisories)
    except Unanswered as problem:
        print(f"FAILED: {problem}; none of {len(parts)} packages was looked at")
        return 1
    assert copy.newest is not None
    age = (options.today - copy.newest.date()).days
    counts = ", ".join(f"{count:,} for {name}" for name, count in sorted(copy.counts.items()))
    print(f"the copy is of {copy.newest:%Y-%m-%d}, {age} days old: {counts}")
    waived = waivers(WAIVED, options.today)
    wrong = judge(parts, copy, today=options.today, oldest_days=options.oldest_days, waived=waived)
    print(*wrong, sep="\n")
    unanswered = sum(line.startswith("not answered") for line in wrong)
    print(f"{len(parts) - unanswered} of {len(parts)} packages looked at, {len(waived)} findings waived")
    print("FAILED" if wrong else "no advisory names what is pinned")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
