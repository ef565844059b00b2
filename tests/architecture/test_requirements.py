"""What is installed is pinned by hash, comes from nowhere in particular, and was chosen on a page."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest

from architecture.source import ROOT

PINNED = ("build.txt", "bundle.txt", "node.txt", "run.txt", "dev.txt")
ADDRESS = re.compile(
    r"(index-url|find-links|extra-index|--trusted-host|\bhttps?://[^\s\"']*(simple|pypi|npm|registry))", re.IGNORECASE
)
LINE = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^ ;]+)")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def wanted(group: str) -> set[str]:
    lines = project()["dependencies"] if group == "run" else project()["optional-dependencies"][group]
    return {re.split(r"[\[<>=~! ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in lines}


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines():
        if hit := LINE.match(line):
            found.setdefault(hit[1], set()).add(hit[2])
    return found


@pytest.mark.parametrize("name", PINNED)
def test_every_pin_has_hashes(name):
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    assert not [line[:40] for line in text.splitlines() if line.strip() and "--hash=sha256:" not in line]


def test_the_pins_hold_what_the_project_asks_for():
    assert wanted("run") <= set(pins("run.txt"))
    assert wanted("run") | wanted("dev") <= set(pins("dev.txt"))


def test_tests_run_with_the_versions_that_are_shipped():
    run, dev = pins("run.txt"), pins("dev.txt")
    assert run == {name: dev.get(name) for name in run}


def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        return [str(p.relative_to(ROOT)) for p in ROOT.glob("[!.]*/**/*") if p.is_file()]
    return listed.stdout.splitlines()


def test_no_file_carries_the_address_of_a_registry():
    this = "tests/architecture/test_requirements.py"
    found = []
    for name in tracked_files():
        path = ROOT / name
        if name == this or not path.is_file() or path.stat().st_size > 5_000_000:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {hit[0]}" for hit in ADDRESS.finditer(text) if name != "tools/lock.sh"]
    assert not found, "\n".join(found)


def test_every_dependency_was_chosen_on_a_page():
    page = (ROOT / "docs" / "decisions" / "0006-dependencies.md").read_text(encoding="utf-8")
    assert not {name for name in wanted("run") | wanted("dev") if f"| {name} |" not in page}
