"""Agreement beyond chance, and silence where chance explains everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.intervals import cohen_kappa

LABELS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=80)


def test_kappa_on_paper() -> None:
    # 50 items: 20 both yes, 15 both no, 5 yes/no, 10 no/yes. Seen .70, by chance .50.
    first = ["y"] * 25 + ["n"] * 25
    second = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_opposite_raters_score_minus_one() -> None:
    assert cohen_kappa([0, 1], [1, 0]) == -1.0


def test_it_is_undefined_without_items_or_without_variety() -> None:
    assert cohen_kappa([], []) is None
    assert cohen_kappa(["P1"] * 9, ["P1"] * 9) is None


def test_it_refuses_lists_of_different_length() -> None:
    with pytest.raises(ValueError, match="length"):
        cohen_kappa([1, 2], [1])


@given(LABELS)
def test_order_of_raters_does_not_matter_and_one_is_the_ceiling(pairs: list[tuple[str, str]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    kappa = cohen_kappa(first, second)
    assert kappa == cohen_kappa(second, first)
    if kappa is not None:
        assert -1.0 <= kappa <= 1.0
        assert (kappa == 1.0) == (first == second)
