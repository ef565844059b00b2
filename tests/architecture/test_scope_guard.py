"""What the project refuses to become, checked; and the check itself, checked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from anlan.api.root import api
from anlan.core.scope_guard.inventory import FieldInfo, Listed, inventory_load, inventory_problems
from anlan.core.scope_guard.libraries import denied_in_requirements, denied_in_source, deny_libraries
from anlan.core.scope_guard.words import Reviewed, deny_words, exceptions_load, hits_in, hits_open
from architecture.source import PACKAGE, ROOT, modules

SCANNED = {
    ".py",
    ".html",
    ".txt",
    ".po",
    ".csv",
    ".json",
    ".jsonl",
    ".toml",
    ".js",
    ".ts",
    ".css",
    ".svg",
    ".md",
    ".xml",
}
# The lists themselves name what they refuse.
LISTS = {"deny_words.csv", "deny_libraries.csv", "exceptions.csv"}


# Built from frontend/, which is scanned instead: what it bundles of others is named in its lock file.
BUILT = PACKAGE / "console" / "static" / "console" / "island"


def scanned_files() -> Iterator[Path]:
    for path in sorted([*PACKAGE.glob("**/*"), *(ROOT / "frontend").glob("[st]*/**/*")]):
        if (
            path.is_file()
            and BUILT not in path.parents
            and path.suffix in SCANNED
            and not (path.parent.name == "scope_guard" and path.name in LISTS)
        ):
            yield path
    yield ROOT / "pyproject.toml"


def fields_of(all_models) -> list[FieldInfo]:
    return [
        FieldInfo(f"{model._meta.label}.{field.name}", type(field).__name__)
        for model in all_models
        for field in model._meta.concrete_fields
    ]


# The project as it is


def test_every_field_is_in_the_inventory():
    problems = inventory_problems(fields_of(apps.get_models(include_auto_created=True)), inventory_load())
    assert not problems, "\n".join(problems)


def test_no_deny_word_stands_anywhere():
    hits = [
        hit
        for path in scanned_files()
        for hit in hits_in(path.read_text(encoding="utf-8"), path=str(path.relative_to(ROOT)))
    ]
    left, stale = hits_open(hits, exceptions_load())
    assert not left, "\n".join(map(str, left))
    assert not stale, f"these reviewed exceptions cover nothing any more, remove them: {stale}"


def test_the_interface_offers_nothing_denied():
    schema = json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1)
    assert not list(hits_in(schema, path="openapi"))


def test_no_denied_library_is_installed_or_imported():
    found = [name for p in (ROOT / "requirements").glob("*.txt") for name in denied_in_requirements(p.read_text())]
    found += [
        f"{name} in {module.name}"
        for module in modules()
        for name in denied_in_source(module.path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_no_address_of_the_interface_lists_people():
    people = re.compile(r"/(persons?|people|reporters?|callers?|citizens?|victims?|suspects?)/?$")
    assert not [
        path for path, verbs in api.get_openapi_schema()["paths"].items() if people.search(path) and "get" in verbs
    ]


def test_every_exception_has_a_reason_and_a_date():
    for row in exceptions_load():
        assert len(row.reason) > 10, row
        assert date.fromisoformat(row.reviewed_on), row


def test_the_refusals_are_written_down_with_a_date():
    text = (ROOT / "SCOPE.md").read_text(encoding="utf-8")
    written = {int(number) for number in re.findall(r"^(\d+)\. ", text, flags=re.MULTILINE)}
    used = {word.refusal for word in deny_words()} | set(deny_libraries().values())
    assert used <= written
    assert re.search(r"\d{4}-\d{2}-\d{2}", text)


# The guard itself: forbidden samples, each planted where somebody might put it

FORBIDDEN_TEXTS = [
    ("a column", "face_embedding = models.BinaryField()"),
    ("a column in capitals", "faceEmbedding: bytes"),
    ("a column, letters made wide", "ｆａｃｅ_ｅｍｂｅｄｄｉｎｇ = models.BinaryField()"),
    ("a column, letters joined by nothing seen", "face\u200b_embedding = models.BinaryField()"),
    ("a class", "class RiskScore(models.Model): ..."),
    ("a migration", "migrations.AddField('reporter', 'ethnicity', models.CharField(max_length=8))"),
    ("a choice", 'WATCHLIST = "watchlist", _("on the watch list")'),
    ("a code in a table", "0901,重点人员管控,key person check,P3"),
    ("a tag value", "person,信访人员,petitioner"),
    ("a template", "<label>民族</label><input name='minzu'>"),
    ("a template, spaced out", "<th>民 族</th>"),
    ("a translation", 'msgid "Religion"\nmsgstr "宗教信仰"'),
    ("a fixture", '{"model": "intake.reporter", "fields": {"political_party": "x"}}'),
    ("a setting", "ENABLE_SENTIMENT = True"),
    ("an address of the interface", 'path("api/image-search", search)'),
    ("an interface schema", '"GaitOut": {"properties": {"gait": {}}}'),
    ("a device table", "imei = models.CharField(max_length=15)"),
    ("a device column", "mac_address = models.CharField(max_length=17)"),
    ("a vehicle table", "class PlateRecognition(models.Model): ..."),
    ("a vehicle column", "licensePlate = models.CharField(max_length=8)"),
    ("a word in Chinese for the same", "卡口过车记录导入"),
    ("a list of names", "高危人员名册.csv"),
    ("a trait", "native_place = models.CharField(max_length=20)"),
    ("a trait in Chinese", "政治面貌,籍贯"),
    ("health", "medical_history = models.TextField()"),
    ("a profile", "一人一档 = True"),
    ("a picture of a person's contacts", "social_graph = build(person)"),
    ("opinions", "舆情监测,public opinion"),
    ("protest", "protest_forecast = run(origin)"),
    ("listening in", "wiretap_ref = models.CharField(max_length=40)"),
    ("inner states", "emotion = detect(frame)"),
    ("lies", "lie-detector result"),
    ("a hidden way in", 'MASTER_PASSWORD = "…"'),
    ("voice", "voice_print = models.BinaryField()"),
    ("a scraper's target", "social-media collector"),
]

FORBIDDEN_LIBRARIES = [
    "face-recognition==1.3.0",
    "dlib==20.0 \\",
    "scapy==2.6",
    "Scrapy==2.12",
    "openalpr==1.0",
    "FER==25.1",
]

FORBIDDEN_IMPORTS = [
    "import face_recognition",
    "from deepface import DeepFace",
    "import importlib\nimportlib.import_module('scapy.all')",
    "def look():\n    import insightface as neutral_name",
]

LISTED = Listed("intake.Reporter.phone", "personal", "call back", "reporter_180d", "purpose", "")

FORBIDDEN_FIELDS = [
    ("a column nobody listed", [FieldInfo("intake.Reporter.hometown", "CharField")], []),
    ("a bag that can hold anything", [FieldInfo("intake.Reporter.extra", "JSONField")],
     [Listed("intake.Reporter.extra", "personal", "extra", "reporter_180d", "purpose", "")]),
    ("a vector of somebody", [FieldInfo("accounts.Person.features", "BinaryField")],
     [Listed("accounts.Person.features", "technical", "cache", "account", "never", "soon")]),
    ("free tags on a person", [FieldInfo("intake.Reporter.labels", "ArrayField")],
     [Listed("intake.Reporter.labels", "operational", "labels", "with_record", "none", "")]),
    ("a phone in plain sight", [FieldInfo(LISTED.field, "CharField")],
     [Listed(LISTED.field, "personal", "call back", "reporter_180d", "none", "")]),
    ("a phone for ever", [FieldInfo(LISTED.field, "CharField")],
     [Listed(LISTED.field, "personal", "call back", "permanent", "purpose", "")]),
    ("a column without purpose", [FieldInfo(LISTED.field, "CharField")],
     [Listed(LISTED.field, "personal", " ", "reporter_180d", "purpose", "")]),
    ("a class of data nobody defined", [FieldInfo(LISTED.field, "CharField")],
     [Listed(LISTED.field, "misc", "call back", "reporter_180d", "purpose", "")]),
    ("a row for a column that is gone", [], [LISTED]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "sample"), FORBIDDEN_TEXTS, ids=[what for what, _ in FORBIDDEN_TEXTS])
def test_a_planted_word_is_caught(what, sample):
    assert list(hits_in(sample)), what


@pytest.mark.parametrize("sample", FORBIDDEN_LIBRARIES)
def test_a_planted_requirement_is_caught(sample):
    assert denied_in_requirements(f"django==5.2\n{sample}\n")


@pytest.mark.parametrize("sample", FORBIDDEN_IMPORTS)
def test_a_planted_import_is_caught(sample):
    assert denied_in_source(sample)


@pytest.mark.parametrize(("what", "fields", "listed"), FORBIDDEN_FIELDS, ids=[what for what, *_ in FORBIDDEN_FIELDS])
def test_a_planted_field_is_caught(what, fields, listed):
    assert inventory_problems(fields, listed), what


def test_a_field_as_it_should_be_passes():
    assert inventory_problems([FieldInfo(LISTED.field, "CharField")], [LISTED]) == []


@isolate_apps("anlan.intake")
def test_a_column_planted_in_a_real_table_is_caught():
    class Reporter(models.Model):
        phone = models.CharField(max_length=24)
        extra = models.JSONField(default=dict)

        class Meta:
            app_label = "intake"

    problems = inventory_problems(fields_of([Reporter]), inventory_load())
    assert [line for line in problems if line.startswith("intake.Reporter.extra is not in the field inventory")]


def test_a_word_in_a_file_name_is_caught():
    assert list(hits_in("", path="src/anlan/intake/data/watch_list.csv"))


def test_ordinary_words_of_the_trade_pass():
    fine = (
        "trace, bracelet, Christmas, terrace; 车牌被盗, 民警, 信号, 面部受伤, 访客; irish; priority; regional; tricky"
    )
    assert not list(hits_in(fine))


def test_an_exception_covers_its_own_file_and_word_only():
    here = list(hits_in("a race between two writers", path="src/anlan/core/a.py"))
    row = Reviewed("src/anlan/core/a.py", "race", "two writers meeting", "2026-11-22")
    assert hits_open(here, [row]) == ([], [])
    elsewhere = list(hits_in("race", path="src/anlan/intake/models.py"))
    assert hits_open(elsewhere, [row]) == (elsewhere, [row])
