"""Agreement of two people (or a person and a machine) who labelled the same items."""

from collections import Counter
from collections.abc import Hashable, Sequence


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Cohen's kappa of two label lists over the same items: 1 full, 0 as by chance.

    None when it is undefined: no items, or both raters gave one and the same label
    throughout, so that chance alone already explains everything.

    Source: J. Cohen (1960), "A coefficient of agreement for nominal scales",
    Educational and Psychological Measurement 20:37-46.

    Raises ValueError when the lists differ in length.
    """
    if len(first) != len(second):
        raise ValueError(f"the two lists differ in length: {len(first)} and {len(second)}")
    n = len(first)
    if n == 0:
        return None
    agreed = sum(a == b for a, b in zip(first, second, strict=True))
    counts_first, counts_second = Counter(first), Counter(second)
    # Whole numbers as long as possible: the undefined case must be met exactly.
    by_chance = sum(times * counts_second[label] for label, times in counts_first.items())
    if by_chance == n * n:
        return None
    return (agreed * n - by_chance) / (n * n - by_chance)
