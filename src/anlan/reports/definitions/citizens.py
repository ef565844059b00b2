"""Figures of what citizens say, and of how much there was."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.reports.definitions.conditions import volume_parts
from anlan.reports.definitions.shape import Kind, Kpi, Records, Split


def sampled_only() -> tuple[Split, ...]:
    """Ratings from callers drawn by lot: those asked for a special cause are no fair sample."""
    return (Split("sample", _("drawn by lot"), Q(rule="sample")),)


CITIZENS = (
    Kpi(
        key="revisit_cov",
        group="citizen",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("Callers reached afterwards"),
        formula=_(
            "Closed incidents whose caller was reached in a revisit / closed incidents. One in ten is drawn by lot, "
            "so about 10 % is what the rule allows. Matters a revisit opened again stay in the count."
        ),
        denominator=Q(closed_at__isnull=False) | Q(was_drawn=True),
        numerator=Q(was_revisited=True),
    ),
    Kpi(
        key="satisfied",
        group="citizen",
        kind=Kind.SHARE,
        records=Records.REVISIT,
        name=_("Satisfied callers"),
        formula=_("Revisits rated 4 or 5 of 5 / revisits rated."),
        denominator=Q(rating__isnull=False),
        numerator=Q(rating__gte=4),
        splits=sampled_only,
        counter=("revisit_cov",),
    ),
)

VOLUMES = (
    Kpi(
        key="volume",
        group="volume",
        kind=Kind.COUNT,
        records=Records.INCIDENT,
        name=_("Valid incidents"),
        formula=_("Incidents received in the period that were neither invalid nor merged into another."),
        splits=volume_parts,
    ),
    Kpi(
        key="volume_year",
        group="volume",
        kind=Kind.RATIO,
        records=Records.INCIDENT,
        name=_("Valid incidents against a year ago"),
        formula=_(
            "Valid incidents of the period / valid incidents of the same days of the year before: 100 % is as many. "
            "Without incidents on record from then there is none."
        ),
        years_back=1,
    ),
)
