"""The colour of a dispute file: rules that can be read back, and that more danger never softens."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.levels import COLOURS, RED_DANGERS, RULE_IDS, YELLOW_DANGERS, LevelFacts, Thresholds, level

DANGERS = sorted(RED_DANGERS | YELLOW_DANGERS | {"something_new"})
FACTS = st.builds(
    LevelFacts,
    dangers=st.frozensets(st.sampled_from(DANGERS), max_size=3),
    reports_30d=st.integers(0, 5),
    alcohol=st.booleans(),
    property_damage=st.booleans(),
    agreement_broken=st.booleans(),
    amount_yuan=st.one_of(st.none(), st.integers(0, 100_000)),
    people=st.one_of(st.none(), st.integers(0, 60)),
)


def height(facts: LevelFacts) -> int:
    return COLOURS.index(level(facts).colour)


@pytest.mark.parametrize(
    ("facts", "colour", "rule"),
    [
        (LevelFacts(dangers=frozenset({"injury"})), "red", "danger.injury"),
        (LevelFacts(dangers=frozenset({"weapon"})), "red", "danger.weapon"),
        (LevelFacts(dangers=frozenset({"self_harm"})), "red", "danger.self_harm"),
        (LevelFacts(people=21), "red", "people.crowd"),
        (LevelFacts(reports_30d=3), "red", "reports.third"),
        (LevelFacts(reports_30d=2), "yellow", "reports.second"),
        (LevelFacts(alcohol=True), "yellow", "alcohol"),
        (LevelFacts(property_damage=True), "yellow", "property_damage"),
        (LevelFacts(amount_yuan=10_000), "yellow", "much_money"),
        (LevelFacts(agreement_broken=True), "yellow", "agreement_broken"),
        (LevelFacts(dangers=frozenset({"something_new"})), "yellow", "danger.something_new"),
    ],
)
def test_each_rule_gives_its_colour_and_its_name(facts: LevelFacts, colour: str, rule: str) -> None:
    found = level(facts)
    assert (found.colour, [reason.rule for reason in found.reasons]) == (colour, [rule])


def test_the_rest_is_blue_without_a_reason() -> None:
    found = level(LevelFacts(reports_30d=1, amount_yuan=9_999, people=20))
    assert (found.colour, found.reasons, found.to_police) == ("blue", (), False)


def test_the_words_that_raised_a_danger_stand_beside_it() -> None:
    facts = LevelFacts(
        dangers=frozenset({"weapon"}), words={"weapon": ("菜刀",), "alcohol": ("喝了酒",)}, alcohol=True
    )
    found = level(facts)
    assert found.words == ("菜刀", "喝了酒")
    assert [reason.colour for reason in found.reasons] == ["red", "yellow"]


def test_danger_goes_back_to_the_police_and_a_third_report_alone_does_not() -> None:
    assert level(LevelFacts(dangers=frozenset({"fight_ongoing"}))).to_police
    assert not level(LevelFacts(reports_30d=4)).to_police


@given(FACTS, st.sampled_from(DANGERS))
def test_adding_a_danger_never_lowers(facts: LevelFacts, danger: str) -> None:
    more = replace(facts, dangers=facts.dangers | {danger})
    assert height(more) >= height(facts)
    assert level(more).to_police >= level(facts).to_police
    assert {reason.rule for reason in level(facts).reasons} <= {reason.rule for reason in level(more).reasons}


@given(FACTS, st.integers(0, 3), st.integers(0, 50_000), st.integers(0, 30))
def test_more_reports_money_people_or_circumstances_never_lower(
    facts: LevelFacts, reports: int, yuan: int, people: int
) -> None:
    more = replace(
        facts,
        reports_30d=facts.reports_30d + reports,
        amount_yuan=(facts.amount_yuan or 0) + yuan,
        people=(facts.people or 0) + people,
    )
    assert height(more) >= height(facts)
    for name in ("alcohol", "property_damage", "agreement_broken"):
        assert height(replace(facts, **{name: True})) >= height(facts)


@given(FACTS)
def test_the_colour_is_that_of_the_strongest_reason_and_every_rule_is_known(facts: LevelFacts) -> None:
    found = level(facts)
    assert found.colour == max((r.colour for r in found.reasons), key=COLOURS.index, default="blue")
    assert {r.rule for r in found.reasons} <= {*RULE_IDS, "danger.something_new"}


def test_other_thresholds_carry_their_own_version() -> None:
    found = level(LevelFacts(reports_30d=2), Thresholds(version="county-7", reports_red=2))
    assert (found.colour, found.version) == ("red", "county-7")


def test_it_refuses_counts_below_nothing() -> None:
    with pytest.raises(ValueError, match="not negative"):
        level(LevelFacts(reports_30d=-1))
