"""Groups are compared with the same mix of cases, not at all when too small, and never ranked on noise."""

from collections import Counter

import numpy as np
import pytest

from anlan.engines.survival import Followed, compare_groups


def files(group: str, stratum: str, n: int, back: int, *, day: float = 20.0, competing: int = 0) -> list[Followed]:
    ended = [1] * back + [2] * competing + [0] * (n - back - competing)
    return [Followed(200.0 if o == 0 else day, o, group, stratum) for o in ended]


def test_a_group_below_thirty_is_refused_with_its_n() -> None:
    found = compare_groups(files("police", "noise", 40, 10) + files("joint", "noise", 29, 1), day=180)
    assert [(r.group, r.n, r.reason) for r in found.refused] == [("joint", 29, "too_few")]
    assert [g.group for g in found.groups] == ["police"]
    assert found.groups[0].verdict == "not_comparable"
    assert found.test is None


def test_the_harder_mix_does_not_make_a_group_look_worse() -> None:
    """Both settle noise at 90 % and land at 50 %; one gets mostly land. Crude figures differ, adjusted don't."""
    easy = files("town", "noise", 100, 10) + files("town", "land", 20, 10)
    hard = files("police", "noise", 20, 2) + files("police", "land", 100, 50)
    town, police = compare_groups(easy + hard, day=180).groups
    assert town.crude is not None
    assert police.crude is not None
    assert town.crude[0] == pytest.approx(100 / 120)
    assert police.crude[0] == pytest.approx(68 / 120)
    assert town.adjusted is not None
    assert police.adjusted is not None
    assert town.adjusted[0] == pytest.approx(0.7)
    assert police.adjusted[0] == pytest.approx(0.7)
    assert {town.verdict, police.verdict} == {"cannot_tell"}


def test_a_real_gap_is_told_in_both_directions() -> None:
    found = compare_groups(files("a", "x", 200, 20) + files("b", "x", 200, 100), day=180)
    assert [(g.group, g.verdict) for g in found.groups] == [("a", "higher"), ("b", "lower")]
    assert found.told_apart
    assert found.test is not None
    assert found.test.p_value < 0.001


def test_a_kind_of_case_that_only_one_group_has_is_left_out_and_named() -> None:
    found = compare_groups(
        files("a", "x", 60, 6) + files("a", "wages", 50, 40) + files("b", "x", 60, 6) + files("b", "wages", 2, 0),
        day=180,
    )
    assert (found.strata, found.strata_left_out) == (("x",), ("wages",))
    assert found.groups[0].covered == pytest.approx(60 / 110)
    assert found.groups[0].adjusted == found.groups[1].adjusted


def test_nothing_shared_nothing_compared() -> None:
    found = compare_groups(files("a", "x", 40, 4) + files("b", "y", 40, 4), day=180)
    assert found.strata == ()
    assert [g.verdict for g in found.groups] == ["not_comparable"] * 2


def test_who_was_not_watched_until_the_day_is_not_compared_on_it() -> None:
    young = [Followed(60.0, 0, "new", "x")] * 40
    found = compare_groups(files("old", "x", 40, 4) + young, day=180)
    assert found.groups[1].crude is None
    assert found.groups[1].verdict == "not_comparable"


def test_competing_ends_lower_nobodys_recurrence_free_share() -> None:
    (figure,) = compare_groups(files("a", "x", 100, 10, competing=30), day=180).groups
    assert figure.crude is not None
    assert figure.crude[0] == pytest.approx(0.9)
    assert figure.competing == 30


def test_no_return_at_all_still_leaves_room_for_doubt() -> None:
    first, second = compare_groups(files("a", "x", 30, 0) + files("b", "x", 30, 1), day=180).groups
    assert first.crude is not None
    assert first.crude[0] == 1.0 > first.crude[1]
    assert {first.verdict, second.verdict} == {"cannot_tell"}


def test_equal_groups_are_seldom_told_apart() -> None:
    """Six groups of one true rate, 150 times: at 95 % at most about one run in twenty may see a difference."""
    rng = np.random.default_rng(5)
    seen = 0
    for _ in range(150):
        back = rng.binomial(60, 0.3, size=6).tolist()
        world = [file for k, count in enumerate(back) for file in files(f"g{k}", "x", 60, count)]
        seen += compare_groups(world, day=180).told_apart
    assert seen <= 15


def test_it_refuses_a_day_that_is_none() -> None:
    with pytest.raises(ValueError, match="above 0"):
        compare_groups(files("a", "x", 40, 4), day=0)


def test_files_alike_counted_at_once_are_compared_as_if_each_stood_alone() -> None:
    each = (
        files("town", "noise", 60, 9) + files("town", "land", 35, 12, competing=3) + files("police", "noise", 40, 12)
    ) + files("police", "land", 80, 30, day=45.0)
    alike = Counter((f.days, f.outcome, f.group, f.stratum) for f in each)
    together = [Followed(*values, count=n) for values, n in alike.items()]
    assert len(together) < len(each)
    assert repr(compare_groups(together, day=90)) == repr(compare_groups(each, day=90))
