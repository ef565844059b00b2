"""Throw bytes at every parser, led by what they reach: ``python tools/fuzz.py TARGET [--seconds N] [--plant]``.

Atheris (coverage-guided, libFuzzer beneath) is no part of the development environment: ``pip install --require-hashes
--no-deps -r requirements/fuzz.txt`` brings it. A target may answer, or refuse in the way its callers know; anything
else is a find, and so is an answer that contradicts itself, one that takes ten seconds (on a machine shared with
other work), and more than 1.5 GB in all. What was found is written to ``--into`` and is asked again by ``--again
FILE``, for which no Atheris is needed.

``--plant`` takes a guard out of the parser, which must be found. Without TARGET the targets are named.
"""

from __future__ import annotations

import argparse
import inspect
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LONGEST_S, MOST_MB = 10, 1536
DONE = re.compile(r"^Done (\d+) runs", re.MULTILINE)
SEEN = re.compile(r"^#(\d+)\s", re.MULTILINE)
MISSING = 3


LED_BY = {
    "positions": ("anlan.units",),
    "epc": ("anlan.engines.rfid",),
    "table": ("anlan.integrations.imports",),
    "sheet": ("anlan.integrations.imports",),
    "areas": ("anlan.integrations.imports", "anlan.engines.geo"),
    "roads": ("anlan.places.osm_import",),
    "road_tags": ("anlan.places.osm_import",),
}
"""Whose branches are watched; told before any of it is read."""


@dataclass(frozen=True)
class Target:
    """``ask`` raises what nobody expects. ``plant``: module, function, what stands in it and what stands there with
    its guard taken out. ``seeds`` are well-formed inputs."""

    what: str
    ask: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    plant: tuple[str, str, str, str]


@cache
def folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="anlan-fuzz-"))


def as_file(data: bytes, name: str) -> Path:
    path = folder() / name
    path.write_bytes(data)
    return path


# What is asked


def positions(data: bytes) -> None:
    """The short way reads nothing that the usual way refuses, and reads it alike."""
    import msgspec
    from pydantic import ValidationError

    from anlan.units import api

    try:
        short = api._short(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        short = None
    usual = None
    with suppress(ValidationError, UnicodeDecodeError):
        usual = api.PositionsIn.model_validate_json(data)
    if short is None:
        return
    if usual is None:
        raise AssertionError("the short way takes what the usual way refuses")
    told = [(fix.boot, fix.seq, fix.unit_id, fix.call_sign) for fix in short.fixes]
    if told != [(fix.boot, fix.seq, fix.unit_id, fix.call_sign) for fix in usual.fixes]:
        raise AssertionError("the two ways read it differently")


def epc(data: bytes) -> None:
    """A number once read is read again as the same."""
    from anlan.engines.rfid import epc

    with suppress(epc.EpcProblem):
        found = epc.epc_decode(data.decode("utf-8", errors="replace"))
        if epc.epc_decode(found.hex) != found or not found.uri.startswith("urn:epc:"):
            raise AssertionError(found.hex)


def table(data: bytes) -> None:
    """A table of calls: each row is one, or parked with its line; the file is refused at once or never."""
    _rows(as_file(data, "table.csv"))


def sheet(data: bytes) -> None:
    """The same of a workbook; what is thrown is its first sheet."""
    with zipfile.ZipFile(io.BytesIO(_workbook())) as whole, io.BytesIO() as out:
        with zipfile.ZipFile(out, "w") as put:
            for name in whole.namelist():
                put.writestr(name, data if name == SHEET else whole.read(name))
        path = as_file(out.getvalue(), "table.xlsx")
    _rows(path)


def _rows(path: Path) -> None:
    from anlan.integrations.imports import reading
    from anlan.integrations.imports.rows import BrokenRow, FileRefused, SourceRow

    with suppress(FileRefused):
        rows: Iterable[Any] = reading.rows_of(path)
        last = 0
        for row in rows:
            if not isinstance(row, SourceRow | BrokenRow) or row.line < last:
                raise AssertionError(row)
            last = row.line


def areas(data: bytes) -> None:
    """A GeoJSON file is refused, or each area in it has an outline or is refused by name."""
    from anlan.engines.geo.areas import AreaIndex
    from anlan.integrations.imports import reference

    with suppress(reference.AreaFileRefused):
        for feature in reference._features(as_file(data, "areas.geojson")):
            with suppress(ValueError):
                AreaIndex(["one"], [feature["geometry"]]).area_at(120.0, 28.9)


def roads(data: bytes) -> None:
    """A road file is whole or is told to be broken, and where."""
    from anlan.places import osm_import

    with suppress(osm_import.RoadFileBroken):
        osm_import.road_file_read(as_file(data, "roads.osm.pbf"))


def road_tags(data: bytes) -> None:
    """What anybody wrote into the tags of a way or a sign."""
    from anlan.engines.roads.ways import RoadClass
    from anlan.places import osm_import

    words = data.decode("utf-8", errors="replace").split("\n")
    tags = {key: value for key, _, value in (word.partition("=") for word in words)}
    osm_import.signs_of(tags)
    for kind in (RoadClass.MOTORWAY, RoadClass.SERVICE):
        osm_import.access_of_way(tags, kind)
    speed = osm_import.free_speed_kmh(tags)
    if speed <= 0 or speed > 400:
        raise AssertionError(speed)
    if any(len(name) > 200 for name in osm_import.names_of_way(tags)):
        raise AssertionError("a name is too long")


# With what it begins

SHEET = "xl/worksheets/sheet1.xml"
SQUARE = [[[120.0, 28.9], [120.1, 28.9], [120.1, 29.0], [120.0, 29.0], [120.0, 28.9]]]


@cache
def _workbook() -> bytes:
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (("number", "at", "lon"), ("1", "2026-03-02 09:00", 120.1)):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def _sheet_seed() -> bytes:
    with zipfile.ZipFile(io.BytesIO(_workbook())) as whole:
        return whole.read(SHEET)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _road_seed() -> bytes:
    """A file with one way, written by the library that reads them."""
    import osmium

    path = folder() / "seed.osm.pbf"
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as put:
        for key, lon in ((1, 120.0), (2, 120.1)):
            put.add_node(osmium.osm.mutable.Node(id=key, location=(lon, 28.9)))
        put.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags={"highway": "primary", "maxspeed": "60"}))
    return path.read_bytes()


FIX = {"unit_id": 7, "boot": "b", "seq": 1, "lon": 120.1, "lat": 28.9, "fixed_at": "2026-03-02T01:00:00Z"}


@cache
def targets() -> dict[str, Target]:
    """All of them; seeds are made only here, since some need the libraries of their formats."""
    reference, units, places = "anlan.integrations.imports.reference", "anlan.units.api", "anlan.places.osm_import"
    area = {"type": "Feature", "properties": {"code": "a"}, "geometry": {"type": "Polygon", "coordinates": SQUARE}}
    return {
        "positions": Target(
            "positions of units, as devices send them",
            positions,
            (
                _json({"datum": "wgs84", "fixes": [FIX]}),
                _json({"fixes": [FIX]}).replace(b"unit_id", b"unit\xffid"),
                _json({"datum": "gcj02", "fixes": [{**FIX, "call_sign": "A1", "unit_id": None}]}),
            ),
            (units, "_Positions", 'datum: Literal["wgs84", "gcj02", "bd09"]', "datum: str"),
        ),
        "epc": Target(
            "tag numbers, as readers report them",
            epc,
            (b"3034257BF7194E4000001A85", b"urn:30-34-25:7b", b"0x2D34257BF7194E4000000000"),
            ("anlan.engines.rfid.epc", "epc_decode", "[^0-9A-F]", "[^0-9A-FG]"),
        ),
        "table": Target(
            "tables of calls",
            table,
            (
                "报警编号,时间,地点\n1,2026-03-02 09:00,安澜大道1号\n".encode(),
                b'a;b\n"1\n2";3\n',
                "a\tb\n1\t2\n".encode("utf-16"),
            ),
            ("anlan.integrations.imports.delimited", "_opened", '"surrogateescape"', '"strict"'),
        ),
        "sheet": Target(
            "workbooks",
            sheet,
            (_sheet_seed(),),
            ("anlan.integrations.imports.reading", "_excel_rows", "except Exception", "except zipfile.BadZipFile"),
        ),
        "areas": Target(
            "areas and points as GeoJSON",
            areas,
            (_json({"type": "FeatureCollection", "features": [area]}),),
            (reference, "_features", "KeyError, TypeError", "KeyError"),
        ),
        "roads": Target(
            "road files (OpenStreetMap)",
            roads,
            (_road_seed(),),
            (places, "_block", "if len(prefix) == 4 else 0", "if prefix else 0"),
        ),
        "road_tags": Target(
            "tags of roads and signs",
            road_tags,
            (
                b"highway=primary\nmaxspeed=40 mph\noneway=-1\nname:zh=\xe8\xb7\xaf",
                b"restriction:conditional=no_left_turn @ (Mo-Fr 07:00-19:00)\nexcept=emergency",
            ),
            (places, "free_speed_kmh", "1.0 <= limit <= 200.0", "limit <= 200.0"),
        ),
    }


# Asking


def plant(target: Target) -> None:
    """The parser without its guard, made anew from its own source."""
    module_name, name, there, then = target.plant
    module = __import__(module_name, fromlist=[name])
    source = textwrap.dedent(inspect.getsource(getattr(module, name)))
    if source.count(there) != 1:
        raise SystemExit(f"{module_name}.{name} has no {there!r} to take out any more")
    # The project's own source with one guard less, and nothing from outside.
    exec(compile(source.replace(there, then), module.__file__ or name, "exec"), module.__dict__)  # noqa: S102
    if name == "_Positions":
        module._usual = type(module._usual)(module._Positions)


def begin() -> None:
    """Settings of a centre that is nobody's: parsers ask no store."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    os.environ.setdefault("ANLAN_HOME", str(folder()))
    os.environ.setdefault("ANLAN_SECRET_KEY", "fuzz only")
    sys.path.insert(0, str(ROOT / "src"))
    import django

    django.setup()


def throw(name: str, seconds: int, into: Path, *, planted: bool) -> int:
    """Run libFuzzer in a process of its own, which ends with the first find; returns its exit code."""
    into.mkdir(parents=True, exist_ok=True)
    corpus = folder() / "corpus"
    corpus.mkdir()
    begin()
    for number, seed in enumerate(targets()[name].seeds):
        (corpus / str(number)).write_bytes(seed)
    words = [sys.executable, __file__, name, "--inside", *(["--plant"] if planted else []), "--"]
    words += [f"-max_total_time={seconds}", f"-timeout={LONGEST_S}", f"-rss_limit_mb={MOST_MB}", "-max_len=8192"]
    words += [f"-artifact_prefix={into}/{name}-", "-print_final_stats=1", str(corpus)]
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=seconds + 300)
    said = done.stdout + done.stderr
    runs = max((int(number) for number in DONE.findall(said) or SEEN.findall(said)), default=0)
    print(f"{runs:,} inputs thrown at {name}")
    if done.returncode:
        print("\n".join(said.splitlines()[-40:]))
        print(f"again: python tools/fuzz.py {name} --again {into}/{name}-…")
    return done.returncode


def inside(name: str, words: list[str], *, planted: bool) -> None:
    """The process that is led by coverage."""
    try:
        import atheris
    except ImportError:
        print("Atheris is not here: pip install --require-hashes --no-deps -r requirements/fuzz.txt", file=sys.stderr)
        raise SystemExit(MISSING) from None
    with atheris.instrument_imports(include=list(LED_BY[name])):
        begin()
        target = targets()[name]
        target.ask(target.seeds[0])  # so that all its modules are read
    if planted:
        plant(target)
        module = __import__(target.plant[0], fromlist=["_"])
        changed = getattr(module, target.plant[1])
        if inspect.isfunction(changed):
            atheris.instrument_func(changed)
    # The target's own branches lead as well: without them what is well-formed looks like any other input.
    atheris.Setup([sys.argv[0], *words], atheris.instrument_func(target.ask))
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", nargs="?")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--into", type=Path, default=ROOT / "var" / "fuzz", help="where finds are written")
    parser.add_argument("--again", type=Path, help="ask once with what was found")
    parser.add_argument("--plant", action="store_true", help="with a guard taken out: must end with a find")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options, words = parser.parse_known_args()
    if options.target is None:
        begin()
        print("\n".join(f"{name:<12}{target.what}" for name, target in targets().items()))
        return 0
    if options.inside:
        inside(options.target, [word for word in words if word != "--"], planted=options.plant)
    if options.again:
        begin()
        target = targets()[options.target]
        if options.plant:
            plant(target)
        target.ask(options.again.read_bytes())
        return 0
    code = throw(options.target, options.seconds, options.into, planted=options.plant)
    if options.plant and code != MISSING:
        print("the planted fault was found" if code else "THE PLANTED FAULT WAS NOT FOUND")
        return int(not code)
    return code


if __name__ == "__main__":
    sys.exit(main())
