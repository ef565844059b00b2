"""What every room's end of keeping shares: parked rows lose their content with the matter they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import Q

from anlan.core.models import QuarantinedRow

AT_ONCE = 100


def rows_blank(*, prefixes: Sequence[str]) -> int:
    """Empty the parked rows whose source begins with one of ``prefixes``; code and reason stay.

    Whoever erases the matter records it; returns how many rows were emptied.
    """
    emptied = 0
    for start in range(0, len(prefixes), AT_ONCE):
        named = reduce(or_, (Q(source__startswith=prefix) for prefix in prefixes[start : start + AT_ONCE]))
        emptied += QuarantinedRow.objects.filter(named).exclude(raw="").update(raw="")
    return emptied
