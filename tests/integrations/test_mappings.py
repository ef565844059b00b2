"""Mapping files: what they may say, and what is refused before a row is read."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from anlan.integrations.imports.mapping import MappingRefused, mapping_load, mapping_names, mapping_of
from anlan.integrations.imports.sheets import _mappings

pytestmark = pytest.mark.django_db
PLAIN = {"name": "t", "columns": {"received_at": "t"}}


@pytest.mark.parametrize("name", ["nyc", "san_antonio", "slo"])
def test_a_mapping_that_comes_with_the_project_can_be_loaded(name):
    assert name in mapping_names()
    assert mapping_load(name).columns["received_at"] == "t"


def test_the_example_for_three_sheets_is_whole_and_no_mapping_for_one(tmp_path):
    example = files("anlan.integrations.imports") / "mappings" / "incumbent.example.toml"
    copy = tmp_path / "mine.toml"
    copy.write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    maps = _mappings(copy)
    assert {m.name for m in maps.values()} == {"incumbent"}
    assert maps["dispatches"].datum == "gcj02"
    assert not any("incumbent" in name for name in mapping_names())


@pytest.mark.parametrize(
    "change",
    [
        {"columns": {"received": "t"}},
        {"columns": "t"},
        {"timezone": "Asia/Nowhere"},
        {"datum": "gcj2"},
        {"bounds": {"west": 2, "south": 1, "east": 1, "north": 2}},
        {"bounds": {"west": 1}},
        {"codes": {"theft": "0000"}},
        {"codes": ["0107"]},
        {"origins": {"x": "somebody"}},
        {"channels": {"x": "pigeon"}},
        {"defaults": {"colour": "red"}},
    ],
    ids=str,
)
def test_a_mapping_that_says_what_nobody_knows_is_refused(change):
    mapping_of(PLAIN)
    with pytest.raises(MappingRefused, match=r"docs/imports\.md"):
        mapping_of({**PLAIN, **change})


def test_a_mapping_without_name_or_columns_or_that_is_no_file_is_refused(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"name = \xff")
    for bad in ({}, {"name": "t"}, {"columns": {"received_at": "t"}}):
        with pytest.raises(MappingRefused):
            mapping_of(bad)
    for where in (broken, tmp_path / "none.toml", "nowhere", "../mappings/nyc"):
        with pytest.raises(MappingRefused):
            mapping_load(where)


def test_a_file_for_three_sheets_that_lacks_one_is_refused(tmp_path):
    path = tmp_path / "two.toml"
    path.write_text('name = "t"\n[calls.columns]\nreceived_at = "t"\n[feedback.columns]\nfeedback_at = "t"\n')
    assert "dispatches" not in tomllib.loads(path.read_text())
    with pytest.raises(MappingRefused, match="dispatches"):
        _mappings(path)
