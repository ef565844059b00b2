"""The handbook of figures, ``docs/kpi.md``, written from the definitions themselves.

``python -m anlan.reports.handbook > docs/kpi.md``
"""

from __future__ import annotations

import os
import sys

HEAD = """# Figures 指标

Written from the definitions in `src/anlan/reports/definitions`; a test fails when this page and they differ.
Write it anew with `python -m anlan.reports.handbook > docs/kpi.md`.

## What holds for every figure

- **Which records.** A figure of a period speaks of incidents *received* in it (a telephone call: that rang in
  it), start included, end not. Sheets, orders, feedback and revisits belong to the period of their incident.
  Invalid incidents are left out everywhere; an incident merged into another is none of its own, but a unit
  sent to it was still sent. What officers found themselves (origin `patrol`) is left out of every time to
  send or arrive: nobody waited there. It counts in the volumes and in the shares of all valid incidents.
- **Dispute files.** A file belongs to the period in which it was *opened*, a push to that in which it was *sent*, a
  closing to that in which it *happened*, a revisit and its answers to that in which it was *drawn*, a promise to that
  in which it falls *due*. Files merged into others and files of no dispute are left out.
- **Drill-down.** Numerator, denominator and "missed" (looked at, not counted) open to lists made by the same
  conditions that counted them. A reader sees, and counts, only what lies in their own reach.
- **Shares** carry a Wilson score interval (95 %), **counts** an exact Poisson interval (Garwood, 95 %).
- **Percentiles.** With the n durations sorted as x[0] … x[n-1], the q-th percentile lies at position
  h = (n - 1) q / 100, linearly between x[floor h] and x[ceil h] (type 7 of Hyndman and Fan; the default of
  numpy and of spreadsheets). Durations are exact to the microsecond and never rounded before. The interval is
  made of two observed values whose ranks hold the true percentile with at least 95 %; where n is too small for
  that (below 36 for a 90th percentile) there is none. Their numerator is the number of records that have both
  moments in order, their denominator all that should.
- **Deadlines of dispute files** (pushes acted on, promises kept, revisits made in time): looked at is what is done,
  and what was due by the moment the figure is asked at; what is not due yet is neither kept nor missed.
- **Clocks of town rooms** (records: clock) stand on a page of their own, by the hour in which the order was routed
  and for the peak: the fewest hours of the day in which at least half of the period's orders were routed, the
  earlier of two alike. They are asked for up to this moment at most: what is not due yet is not looked at.
- **A year ago** means the same local days of the year before (29 February: the 28th). A ratio of two counts opens
  to this period's records as numerator and to those of a year ago as denominator.
- **Editions.** A change of meaning is a new edition with a first day of validity. A period is told by the edition
  that is official on its first day; days before the first edition are restated by it.
- **Never**: a ranking of single officers; a score made of case counts or clearance rates. Volumes are context.
"""


def handbook() -> str:
    """The page as Markdown: every figure with its key, both names, both formulas, edition and counter-figures."""
    from django.utils import translation

    from anlan.reports.definitions import CATALOGUE, CLOCKS, GROUPS

    lines = [HEAD]
    for group, title in GROUPS.items():
        names = []
        for language in ("en", "zh-hans"):
            with translation.override(language):
                names.append(str(title))
        lines.append("## {} {}\n".format(*names))
        lines += [_entry(kpi) for kpi in (*CATALOGUE, *CLOCKS) if kpi.group == group]
    return "\n".join(lines)


def _entry(kpi: object) -> str:
    from django.utils import translation

    from anlan.reports.definitions import Kpi
    from anlan.reports.selectors.figures import METHODS

    assert isinstance(kpi, Kpi)
    told = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            lacking = f" {kpi.lacking}" if kpi.lacking else ""
            told.append((str(kpi.name), f"{kpi.formula}{lacking}", str(METHODS[kpi.kind])))
    (name, formula, method), (name_zh, formula_zh, method_zh) = told
    counter = ", ".join(f"`{key}`" for key in kpi.counter)
    lines = [
        f"### `{kpi.key}` {name} · {name_zh}\n",
        f"- {formula}",
        f"- {formula_zh}",
        f"- Edition {kpi.version}, from {kpi.valid_from}. Records: {kpi.records.value}. {method}；{method_zh}。",
    ]
    if counter:
        lines.append(f"- Read together with {counter}.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    import django

    from anlan.core.i18n import translations_compile

    translations_compile()
    django.setup()
    sys.stdout.write(handbook())
