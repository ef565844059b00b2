"""Editions of the vocabulary: in force, renewed, never rewritten."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from anlan.config.commands.tag import group as tag_command
from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.tagging import packaged
from anlan.tagging.errors import EditionChanged, EditionUnreadable, TagUnknown, TypeUnknown
from anlan.tagging.models import IncidentType, TagValue, TaxonomyVersion, TransferItem
from anlan.tagging.rules import DIMENSIONS, TAXONOMY, TRANSFERS, edition_packaged, edition_read
from anlan.tagging.selectors import (
    external_code,
    incident_type,
    incident_types,
    is_type,
    tag_value,
    tag_values,
    takes_many,
    transfer_items,
    vocabulary,
)
from anlan.tagging.services import external_code_map, taxonomy_load
from world import T0

LATER = T0 + timedelta(days=30)

pytestmark = pytest.mark.django_db


def test_the_packaged_edition_has_83_types_in_14_groups(taxonomy):
    assert len(incident_types()) == 83
    assert len(vocabulary().groups) == 14
    assert IncidentType.objects.filter(taxonomy=taxonomy).count() == 83


def test_loading_the_same_edition_again_changes_nothing(taxonomy):
    before = Event.objects.count()
    assert taxonomy_load(by=SYSTEM, at=LATER) == taxonomy
    assert Event.objects.count() == before
    assert TaxonomyVersion.objects.count() == 1


def test_a_new_edition_ends_the_old_one_and_keeps_it(taxonomy):
    second = replace(edition_packaged(), version=2, sha256="2" * 64)
    newer = taxonomy_load(by=SYSTEM, at=LATER, edition=second)
    taxonomy.refresh_from_db()
    assert (taxonomy.is_in_force, taxonomy.valid_to) == (False, LATER)
    assert newer.is_in_force
    assert vocabulary().version == 2
    assert IncidentType.objects.filter(code="0401").count() == 2


@pytest.mark.parametrize(("there", "chosen"), [(["9", "10"], "10"), (["2", "1"], "2"), (["1"], "1")])
def test_of_the_packaged_files_of_a_kind_the_newest_is_used(tmp_path, monkeypatch, there, chosen):
    (tmp_path / "data").mkdir()
    for number in there:
        (tmp_path / "data" / f"taxonomy-{number}.json").touch()
    (tmp_path / "data" / "transfer-list-77.json").touch()
    monkeypatch.setattr(packaged, "files", lambda _package: tmp_path)
    assert packaged.newest("taxonomy") == f"taxonomy-{chosen}.json"


@pytest.fixture
def _store_is_fit(monkeypatch):
    """The command looks after the store on lines of its own, which would wait for the test's transaction."""
    monkeypatch.setattr("anlan.config.server.prepare", lambda: None)


@pytest.mark.usefixtures("_store_is_fit")
def test_the_command_brings_the_packaged_edition_into_force_once():
    first, second = (json.loads(CliRunner().invoke(tag_command, ["load"]).output) for _ in range(2))
    assert first == second
    assert (first["edition"], first["in_force"]) == (edition_packaged().version, True)
    assert TaxonomyVersion.objects.get().is_in_force


@pytest.mark.usefixtures("_store_is_fit")
def test_the_command_refuses_a_list_that_was_changed_under_its_number(taxonomy):
    TaxonomyVersion.objects.update(sha256="f" * 64)
    refused = CliRunner().invoke(tag_command, ["load"])
    assert refused.exit_code == 1
    assert "Edition 1 has been in force since" in refused.output


def test_it_refuses_other_contents_under_a_number_that_is_taken(taxonomy):
    other = replace(edition_packaged(), sha256="f" * 64)
    with pytest.raises(EditionChanged, match="Edition 1 has been in force since 2026-03-02"):
        taxonomy_load(by=SYSTEM, at=LATER, edition=other)
    assert vocabulary().version == 1


def test_a_tag_worded_anew_ends_the_old_wording_and_leaves_the_others(taxonomy):
    packaged = edition_packaged()
    tags = tuple(replace(tag, name_zh="马路") if tag.value == "road" else tag for tag in packaged.tags)
    taxonomy_load(by=SYSTEM, at=LATER, edition=replace(packaged, version=2, sha256="2" * 64, tags=tags))
    assert tag_value("place_type", "road").name_zh == "马路"
    assert TagValue.objects.filter(value="road", valid_to=LATER).count() == 2  # as a place and as a cause
    assert TagValue.objects.filter(dimension="place_type", value="estate").count() == 1


def test_the_transfer_list_is_renewed_as_a_whole(taxonomy):
    n = TransferItem.objects.filter(valid_to=None).count()
    taxonomy_load(by=SYSTEM, at=LATER, edition=replace(edition_packaged(), version=2, sha256="2" * 64))
    assert TransferItem.objects.filter(valid_to=LATER).count() == n
    assert [item.partner_code for item in transfer_items("1101")] == ["12345"]


def test_before_anything_is_loaded_the_packaged_edition_answers(db):
    assert not TaxonomyVersion.objects.exists()
    assert incident_type("0401").name("zh-hans") == "家庭婚恋"


def test_an_unknown_code_is_read_as_other_unless_it_must_exist(taxonomy):
    assert incident_type("4242").code == "9901"
    assert not is_type("4242")
    with pytest.raises(TypeUnknown, match="no incident type 4242 in edition 1"):
        incident_type("4242", must_exist=True)


def test_an_unknown_tag_is_refused_with_the_possible_ones(taxonomy):
    with pytest.raises(TagUnknown, match="Choose one of: first, second, third_plus"):
        tag_value("repeat", "fourth")
    assert tag_values("nonsense") == []
    assert takes_many("conditions")
    assert not takes_many("cause")


def test_arrival_targets_follow_the_setting(taxonomy):
    burglary = incident_type("0105")
    assert [burglary.arrive_within(s) for s in ("town", "suburb", "rural")] == [
        timedelta(minutes=10),
        timedelta(minutes=15),
        timedelta(minutes=30),
    ]
    assert incident_type("1101").arrive_within("town") is None


def test_another_systems_code_is_mapped_and_mapped_anew(taxonomy):
    external_code_map(system="old110", code="010203", maps_to="0105", by=SYSTEM, at=T0)
    assert external_code("old110", "010203") == "0105"
    external_code_map(system="old110", code="010203", maps_to="0107", by=SYSTEM, at=LATER)
    assert external_code("old110", "010203") == "0107"
    assert external_code("old110", "999999") is None


def test_a_mapping_to_no_type_is_refused(taxonomy):
    with pytest.raises(TypeUnknown):
        external_code_map(system="old110", code="1", maps_to="4242", by=SYSTEM, at=T0)


@pytest.mark.parametrize("spoilt", [b"{", b'{"version": "1"}', b'{"version": "x", "level1": [], "level2": []}'])
def test_a_spoilt_file_is_named(spoilt):
    from importlib.resources import files

    folder = files("anlan.tagging") / "data"
    contents = {name: (folder / name).read_bytes() for name in (TAXONOMY, DIMENSIONS, TRANSFERS)}
    with pytest.raises(EditionUnreadable, match=r"taxonomy-1\.json"):
        edition_read(contents | {TAXONOMY: spoilt})
