"""What Anlan is made of: listed, licensed, and held against the advisories; what was not looked at is not sound."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

import advisories
import sbom
from architecture.source import ROOT

TODAY = date(2026, 11, 23)


def test_the_list_of_parts_is_the_one_the_locks_give():
    assert sbom.PAGE.read_text(encoding="utf-8") == sbom.text(), "stale: python tools/sbom.py"


def test_each_part_that_is_shipped_stands_once_in_the_list_with_its_licence():
    listed = json.loads(sbom.PAGE.read_text(encoding="utf-8"))["components"]
    shipped = [each for each in listed if each["scope"] == "required"]
    assert len({each["bom-ref"] for each in listed}) == len(listed)
    assert not [each["name"] for each in shipped if not each.get("licenses")]
    assert {"django", "maplibre-gl", "libgeos"} <= {each["name"] for each in shipped}


def test_whatever_is_shipped_has_a_licence_that_allows_it():
    known = sbom.licences()
    wanted = {(part.kind, part.name) for part in [*sbom.pypi_parts(), *sbom.npm_parts()] if part.is_shipped}
    assert not wanted - set(known), "licences.csv lacks these"
    assert not {each for each in known if each[0] != "library"} - wanted, "licences.csv has these for nothing"
    assert list(sbom.refused(known)) == []


@pytest.mark.parametrize(
    ("expression", "note", "is_refused"),
    [
        ("MIT", "", False),
        ("GPL-3.0-only", "we like it", True),
        ("MIT OR GPL-3.0-only", "", False),
        ("MIT AND GPL-3.0-only", "", True),
        ("LGPL-3.0-only", "", True),
        ("LGPL-3.0-only", "a file of its own", False),
        ("AGPL-3.0-only", "", True),
        ("", "", True),
    ],
)
def test_a_licence_that_asks_for_our_own_source_is_refused(expression, note, is_refused):
    found = list(sbom.refused({("pypi", "planted"): sbom.Licence(expression, "", note)}))
    assert bool(found) is is_refused


CLASSES = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "Python Software Foundation License": "PSF-2.0",
}


def test_licences_are_those_that_the_packages_here_state():
    """A new version under another licence is seen when it is first installed."""
    known, wrong = sbom.licences(), []
    for part in sbom.pypi_parts():
        try:
            told = importlib.metadata.metadata(part.name)
        except importlib.metadata.PackageNotFoundError:
            continue
        ours = known["pypi", part.name].expression
        said = told.get("License-Expression")
        classes = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or [] if line[:7] == "License"]
        if said and said != ours:
            wrong.append(f"{part.name} states {said}, licences.csv {ours}")
        unlike = [one for one in classes if not said and CLASSES.get(one, one) not in ours and "ISC" not in ours]
        wrong += [f"{part.name} states {one}, licences.csv {ours}" for one in unlike]
    assert not wrong, "\n".join(wrong)


def test_libraries_inside_packages_are_named_too():
    known = {name for kind, name in sbom.licences() if kind == "library"}
    found: dict[str, str] = {}
    for part in sbom.pypi_parts():
        try:
            files = [str(path) for path in importlib.metadata.files(part.name) or []]
        except importlib.metadata.PackageNotFoundError:
            continue
        found |= dict.fromkeys(sbom.libraries_in(files), part.name)
    assert not {name: inside for name, inside in found.items() if name not in known}


def test_names_of_libraries_lose_what_packing_put_behind_them():
    names = ["numpy.libs/libgfortran-040039e1-0352e75f.so.5.0.0", "x.libs/libpng16-1d1ba958.so.16.58.0", "x/a.so"]
    assert sbom.libraries_in(names) == {"libgfortran", "libpng16"}


def test_each_wheel_of_a_bundle_is_listed_with_its_digest(tmp_path):
    version = next(part.version for part in sbom.pypi_parts() if part.name == "django")
    (tmp_path / f"django-{version}-py3-none-any.whl").write_bytes(b"a wheel")
    listed = json.loads(sbom.text(wheels=tmp_path, at=1_700_000_000))
    (one,) = [each for each in listed["components"] if each.get("purl", "").startswith("pkg:pypi")]
    digest = hashlib.sha256(b"a wheel").hexdigest()
    assert one["hashes"] == [{"alg": "SHA-256", "content": digest}]
    assert listed["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"


# Advisories


def advisory(name: str, *, ecosystem: str = "PyPI", id_: str = "PLANTED-1", **more: object) -> dict:
    events = [{"introduced": "0"}, {"fixed": "999"}] if ecosystem == "PyPI" else [{"introduced": "0"}]
    affected = {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {"id": id_, "modified": "2026-11-20T00:00:00Z", "affected": [affected], **more}


def copy_of(folder: Path, *records: dict, says: object = "all") -> advisories.Copy:
    path = folder / "copy.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("copy.json", json.dumps({"PyPI": says, "npm": says} if says else {}))
        for number, record in enumerate(records):
            archive.writestr(f"{number}.json", json.dumps(record))
    return advisories.copy_read(path)


def judged(copy: advisories.Copy, *parts: sbom.Part, waived: dict | None = None, today: date = TODAY) -> list[str]:
    return advisories.judge(list(parts), copy, today=today, oldest_days=30, waived=waived or {})


DJANGO = sbom.Part("pypi", "django", "5.2.19")
OTHER = advisory("something-else", id_="OTHER-1")


def test_a_pin_that_an_advisory_names_is_found(tmp_path):
    assert judged(copy_of(tmp_path, advisory("Django")), DJANGO) == ["pypi django 5.2.19: PLANTED-1"]


def test_an_advisory_about_something_else_says_nothing_of_the_pin(tmp_path):
    assert judged(copy_of(tmp_path, OTHER), DJANGO) == []


def test_a_package_that_the_copy_does_not_answer_for_fails(tmp_path):
    copy = copy_of(tmp_path, OTHER, says=["flask"])
    assert judged(copy, DJANGO) == ["not answered: pypi django 5.2.19: the copy does not answer for it"]


def test_a_small_copy_that_does_not_say_what_it_covers_answers_for_nothing(tmp_path):
    assert judged(copy_of(tmp_path, OTHER, says=None), DJANGO)[0].startswith("not answered")


def test_an_old_copy_fails_and_so_does_one_from_days_to_come(tmp_path):
    copy = copy_of(tmp_path, OTHER)
    assert judged(copy, DJANGO, today=date(2026, 12, 24)) == ["the copy is 34 days old; at most 30 are taken"]
    assert judged(copy, DJANGO, today=date(2026, 11, 1))[0].startswith("the copy speaks of 19 days from now")


def test_a_finding_that_was_waived_with_a_reason_is_let_pass_until_its_day(tmp_path):
    page = tmp_path / "waived.csv"
    page.write_text("advisory,package,until,why\nPLANTED-1,django,2026-12-01,the door it speaks of is not built\n")
    copy = copy_of(tmp_path, advisory("django"))
    assert judged(copy, DJANGO, waived=advisories.waivers(page, TODAY)) == []
    late = date(2026, 12, 2)
    assert judged(copy, DJANGO, waived=advisories.waivers(page, late), today=late) == [
        "pypi django 5.2.19: PLANTED-1"
    ]


def test_what_was_withdrawn_is_no_finding(tmp_path):
    copy = copy_of(tmp_path, advisory("django", withdrawn="2026-11-21T00:00:00Z"), OTHER)
    assert judged(copy, DJANGO) == []


def test_a_version_nobody_can_compare_is_not_taken_for_sound(tmp_path):
    part = sbom.Part("npm", "echarts", "six")
    assert judged(copy_of(tmp_path, advisory("echarts", ecosystem="npm")), part)[0].startswith("not answered")


@pytest.mark.parametrize(
    ("version", "is_inside"),
    [
        ("1.0", False),
        ("1.1", True),
        ("1.9", True),
        ("2.0", False),
        ("2.5rc1", False),
        ("3.0", True),
        ("3.1", True),
        ("3.2", False),
    ],
)
def test_a_range_turns_on_and_off_as_its_events_say(version, is_inside):
    events = [{"introduced": "3.0"}, {"last_affected": "3.1"}, {"introduced": "1.1"}, {"fixed": "2.0"}]
    assert advisories.in_range("PyPI", Version(version), events) is is_inside


ORDER = [
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
]
ORDER += ["1.0.0", "2.0.0", "2.1.0", "2.1.1", "2.10.0"]


def test_versions_of_npm_stand_in_the_order_of_their_standard():
    read = [advisories.ordered("npm", text) for text in ORDER]
    assert read == sorted(read)


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=2, max_size=2, unique=True))
def test_a_fixed_version_is_outside_and_the_one_before_inside(pair):
    low, high = sorted(pair)
    events = [{"introduced": "0"}, {"fixed": ".".join(map(str, high))}]
    for ecosystem in ("npm", "PyPI"):
        inside, outside = (advisories.ordered(ecosystem, ".".join(map(str, each))) for each in (low, high))
        assert advisories.in_range(ecosystem, inside, events)
        assert not advisories.in_range(ecosystem, outside, events)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    told = [sys.executable, str(ROOT / "tools" / "advisories.py"), *words]
    return subprocess.run(told, capture_output=True, text=True)


def test_without_a_copy_nothing_was_looked_at_and_that_is_a_failure(tmp_path):
    done = run("--advisories", str(tmp_path / "none.zip"))
    assert (done.returncode, "none of" in done.stdout) == (1, True)


def test_every_pin_of_both_locks_is_asked_about(tmp_path):
    copy_of(tmp_path, advisory("vite", ecosystem="npm"), advisory("pip", id_="PLANTED-2"))
    done = run("--advisories", str(tmp_path / "copy.zip"), "--today", TODAY.isoformat())
    parts = len(advisories.pinned())
    assert done.returncode == 1
    assert f"{parts} of {parts} packages looked at" in done.stdout
    assert {"PLANTED-1", "PLANTED-2"} == set(done.stdout.split()) & {"PLANTED-1", "PLANTED-2"}
