"""What Anlan is made of (CycloneDX 1.6), from the locks: ``python tools/sbom.py [--check]``.

Writes ``docs/security/sbom.cdx.json``. The same locks give the same bytes: no time, no chance, nothing of the
machine. Licences come from ``docs/security/licences.csv``, where people read them; ``refused`` holds them to what may
be shipped.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "security" / "sbom.cdx.json"
LICENCES = ROOT / "docs" / "security" / "licences.csv"
LINE = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^ ;\\]+)\s*(?:;\s*([^\\]*?))?\s*\\?$", re.MULTILINE)
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["']((?:@[a-z0-9-]+/)?[a-z][a-z0-9-]*)""")

PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU"),
    *("PSF-2.0", "PostgreSQL", "Zlib", "bzip2-1.0.6", "FTL", "IJG", "libpng-2.0", "libtiff", "OLDAP-2.8", "X11"),
    *("BSD-3-Clause-Attribution", "Unicode-3.0"),
}
WEAK = {"MPL-2.0", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only"}
"""Changes to the library itself must be given on; nothing is asked of what uses it. Each must be named with why."""
RUNTIME = {"GPL-3.0-or-later WITH GCC-exception-3.1"}
"""The compiler's own support libraries, free of any condition for what was compiled with it."""


@dataclass(frozen=True)
class Part:
    """A package of a registry, or a library that lies inside one."""

    kind: str
    name: str
    version: str
    is_shipped: bool = True


@dataclass(frozen=True)
class Licence:
    """What a person found: the SPDX expression, in which package a library lies, and why it is fine."""

    expression: str
    inside: str
    note: str


def pypi_parts(source: Path = ROOT, name: str = "run.txt") -> list[Part]:
    """Every pin of a lock that Linux could install, one for each version."""
    text = (source / "requirements" / name).read_text(encoding="ascii")
    found = [(hit[1], hit[2]) for hit in LINE.finditer(text) if "win32" not in (hit[3] or "")]
    return [Part("pypi", *pin) for pin in sorted(set(found))]


def npm_parts(source: Path = ROOT) -> list[Part]:
    """Every package of the other lock; shipped is what the map console's sources name, and what that brings along."""
    lock = json.loads((source / "frontend" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    texts = (source / "frontend" / "src").rglob("*.ts")
    open_ones = {hit for path in texts for hit in IMPORT.findall(path.read_text(encoding="utf-8"))}
    named: dict[str, dict[str, Any]] = {}
    versions: set[tuple[str, str]] = set()
    for path, told in lock.items():
        if path:
            name = path.rpartition("node_modules/")[2]
            named.setdefault(name, told)
            versions.add((name, told["version"]))
    shipped: set[str] = set()
    while open_ones:
        name = open_ones.pop()
        if name in named and name not in shipped:
            shipped.add(name)
            open_ones |= set(named[name].get("dependencies", {}))
    return [Part("npm", name, version, name in shipped) for name, version in sorted(versions)]


def npm_licences(source: Path = ROOT) -> dict[str, str]:
    """What the lock says of each package's licence."""
    lock = json.loads((source / "frontend" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {path.rpartition("node_modules/")[2]: told.get("license", "") for path, told in lock.items() if path}


def licences(path: Path = LICENCES) -> dict[tuple[str, str], Licence]:
    """The read licences, by kind and name."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["kind"], row["name"]): Licence(row["licence"], row["inside"], row["note"])
            for row in csv.DictReader(file)
        }


def refused(known: dict[tuple[str, str], Licence]) -> Iterator[str]:
    """What may not be shipped, or not so: each with the reason."""
    for (kind, name), licence in sorted(known.items()):
        choices = [re.split(r" AND ", choice.strip("() ")) for choice in licence.expression.split(" OR ")]
        unknown = [set(choice) - PERMISSIVE - WEAK - RUNTIME for choice in choices]
        if all(unknown):
            yield f"{kind} {name}: {licence.expression or 'no licence'} is not among those that may be shipped"
        elif not any(set(choice) <= PERMISSIVE for choice in choices) and not licence.note:
            yield f"{kind} {name}: {licence.expression} needs a note that says why it is fine"


def text(source: Path = ROOT, *, wheels: Path | None = None, at: int | None = None) -> str:
    """The list as CycloneDX JSON. With the folder of a bundle's ``wheels`` each part bears the digest of its wheel,
    and what is not among them is left out; ``at`` is the second of the commit it was made from."""
    known = licences()
    digests = _digests(wheels) if wheels else {}
    parts = [part for part in pypi_parts(source) if not wheels or (part.name, part.version) in digests]
    listed = [_component(part, known, digests) for part in [*parts, *npm_parts(source)]]
    listed += [_library(name, licence) for (kind, name), licence in sorted(known.items()) if kind == "library"]
    asked = {each["bom-ref"] for each in listed if each.get("scope") != "excluded"}
    metadata: dict[str, Any] = {"component": _ourselves(source)}
    if at is not None:
        metadata["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    whole: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": metadata,
        "components": listed,
        "dependencies": [{"ref": "anlan", "dependsOn": sorted(asked)}],
    }
    plain = json.dumps(whole, sort_keys=True, ensure_ascii=False)
    whole["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, plain)}"
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _ourselves(source: Path) -> dict[str, Any]:
    told = (source / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"$', told, re.MULTILINE)
    return {
        "bom-ref": "anlan",
        "type": "application",
        "name": "anlan",
        "version": version[1] if version else "",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }


def _component(
    part: Part, known: dict[tuple[str, str], Licence], digests: dict[tuple[str, str], str]
) -> dict[str, Any]:
    licence = known.get((part.kind, part.name))
    purl = f"pkg:{part.kind}/{part.name.replace('@', '%40')}@{part.version}"
    told: dict[str, Any] = {
        "bom-ref": purl,
        "type": "library",
        "name": part.name,
        "version": part.version,
        "purl": purl,
    }
    told["scope"] = "required" if part.is_shipped else "excluded"
    if licence:
        told["licenses"] = [{"expression": licence.expression}]
    if digest := digests.get((part.name, part.version)):
        told["hashes"] = [{"alg": "SHA-256", "content": digest}]
    return told


def _library(name: str, licence: Licence) -> dict[str, Any]:
    return {
        "bom-ref": f"library:{name}",
        "type": "library",
        "name": name,
        "scope": "required",
        "licenses": [{"expression": licence.expression}],
        "description": f"inside {licence.inside}",
    }


def _digests(wheels: Path) -> dict[tuple[str, str], str]:
    found = {}
    for path in sorted(wheels.glob("*.whl")):
        name, version, _build, _tags = parse_wheel_filename(path.name)
        found[(str(name), str(version))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def libraries_in(files: Iterable[str]) -> set[str]:
    """The libraries that lie in a wheel beside its modules (``….libs/``), without what packing put behind names."""
    found = set()
    for name in files:
        folder, _, last = name.rpartition("/")
        if folder.endswith(".libs") and ".so" in last:
            found.add(re.sub(r"(-[0-9a-f]{6,8}_?)*(-)?$", "", last.split(".so")[0]).rstrip("-_"))
    return found


def canonical(name: str) -> str:
    return str(canonicalize_name(name))


def main() -> int:
    wanted = text()
    if "--check" in sys.argv:
        fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted
        print("the SBOM is up to date" if fresh else "docs/security/sbom.cdx.json is stale: python tools/sbom.py")
        return int(not fresh)
    PAGE.write_text(wanted, encoding="utf-8")
    print(f"written {PAGE.relative_to(ROOT)}: {len(json.loads(wanted)['components'])} parts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
