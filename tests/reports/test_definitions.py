"""The definitions themselves: complete, in both languages, in agreement with the clocks, and never a ranking."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation

from anlan.dispatch import rules
from anlan.reports.definitions import CATALOGUE, GROUPS, Kind, definitions_in_force
from anlan.reports.definitions.conditions import ARRIVE_WITHIN
from anlan.reports.definitions.records import SETTLED_ON_SITE, UNDONE
from anlan.reports.handbook import handbook
from anlan.reports.selectors.figures import duration_text, figure_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "kpi.md"
CHINESE = re.compile(r"[\u3400-\u9fff]")


def test_the_handbook_is_what_the_definitions_say():
    assert PAGE.read_text(encoding="utf-8") == handbook(), "write it anew: see its first lines"


@pytest.mark.parametrize("kpi", CATALOGUE, ids=lambda kpi: kpi.key)
def test_a_figure_is_told_in_both_languages_on_the_page(kpi):
    page = PAGE.read_text(encoding="utf-8")
    assert f"`{kpi.key}`" in page
    for language in ("en", "zh-hans"):
        with translation.override(language):
            for text in (str(kpi.name), str(kpi.formula)):
                assert text in page
                assert bool(CHINESE.search(text)) == (language == "zh-hans")


def test_keys_editions_groups_and_counter_figures_exist():
    editions = [(kpi.key, kpi.version) for kpi in CATALOGUE]
    assert len(editions) == len(set(editions))
    keys = {kpi.key for kpi in CATALOGUE}
    assert {other for kpi in CATALOGUE for other in kpi.counter} <= keys
    assert {kpi.group for kpi in CATALOGUE} == set(GROUPS)
    assert all(kpi.span for kpi in CATALOGUE if kpi.kind in (Kind.PERCENTILE, Kind.TOTAL))
    assert all(str(kpi.lacking) for kpi in CATALOGUE if kpi.kind == Kind.MISSING)


def test_diverting_never_stands_without_its_price():
    price = {"diverted_escalated", "diverted_injured", "bounced", "bounce_time"}
    for kpi in CATALOGUE:
        if kpi.key in ("divert_rate", "joint_rate", "onsite_rate"):
            assert price <= set(kpi.counter)


def test_edition_1_measures_against_the_clocks_of_its_time():
    """If a clock changes, the figure needs a new edition: change both, never only one."""
    assert ARRIVE_WITHIN == rules.ARRIVE_ALLOWS
    assert set(SETTLED_ON_SITE) == set(rules.SETTLED_ON_SITE)
    assert ("end_reason", rules.UNDO) in UNDONE.children


def test_a_new_edition_is_official_from_its_first_day_on():
    first = next(kpi for kpi in CATALOGUE if kpi.key == "arrive_5")
    second = replace(first, version=2, valid_from=date(2027, 1, 1))
    catalogue = (*CATALOGUE, second)
    for day, version in ((date(2021, 9, 1), 1), (date(2026, 12, 31), 1), (date(2027, 1, 1), 2)):
        held = definitions_in_force(day, catalogue)
        assert held["arrive_5"].version == version
        assert list(held) == [kpi.key for kpi in CATALOGUE]


def test_no_figure_is_about_one_person_or_scores_case_counts():
    words = re.compile(r"officer_|person|taker|clear(ance|ed)|arrest|solved")
    assert not [kpi.key for kpi in CATALOGUE if words.search(f"{kpi.key} {kpi.denominator} {kpi.numerator}")]


def by_key(key):
    return next(kpi for kpi in CATALOGUE if kpi.key == key)


@pytest.mark.parametrize(
    ("key", "counts", "seconds", "shown"),
    [
        ("sign_30s", (612, 970), (), ("63.1", "%", "612/970", "60.0–66.1")),
        ("sign_30s", (0, 0), (), ("–", "", "0/0", "")),
        ("dispatch_p50", (3, 4), (60.0, 200.0, 300.0), ("3:20", "min:s", "3/4", "")),
        ("dispatch_p50", (1, 1), (7_800.0,), ("2 h 10 min", "", "1/1", "")),
        ("volume", (1_234, 1_234), (), ("1,234", "", "", "1,166.1–1,304.8")),
        ("bounce_time", (2, 2), (60.0, 120.0), ("3:00", "min:s", "2/2", "")),
        ("cam_ok", (0, 0), (), ("–", "", "", "")),
    ],
)
def test_a_figure_shows_value_counts_and_interval(key, counts, seconds, shown):
    numerator, denominator = counts
    with translation.override("en"):
        f = figure_of(by_key(key), numerator=numerator, denominator=denominator, seconds=seconds, records={})
        assert (f.text, f.unit, f.fraction, f.spread) == shown


def test_durations_are_told_as_people_say_them():
    with translation.override("en"):
        assert [duration_text(s) for s in (0, 59.6, 3599, 3600)] == ["0:00", "1:00", "59:59", "1 h 0 min"]
    with translation.override("zh-hans"):
        assert duration_text(7_800) == "2 小时 10 分"
