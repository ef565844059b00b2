"""Figures about tags: what people made of the suggestions, and how far reviewers agree with officers."""

from __future__ import annotations

from django.db.models import F, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from anlan.intake.models import IncidentTag
from anlan.intake.selectors import TAG_DIMENSIONS, TAGS_BY_HAND
from anlan.reports.definitions.shape import Kind, Kpi, Records, Split

ANSWERED = Q(state=IncidentTag.State.SUGGESTED, superseded_by__isnull=False)
"""Suggestions that a person has answered; one nobody looked at says nothing about agreement."""
SAME = Q(superseded_by__value=F("value"))
AUDITED = Q(source=IncidentTag.Source.OFFICER, superseded_by__state=IncidentTag.State.AUDITED)


def dimension_parts() -> tuple[Split, ...]:
    """One part for each dimension a person speaks of."""
    return tuple(Split(key, TAG_DIMENSIONS[key], Q(dimension=key)) for key in TAGS_BY_HAND)


LABELS: tuple[Kpi, ...] = (
    Kpi(
        key="tag_agreed",
        group="report",
        kind=Kind.SHARE,
        records=Records.TAG,
        name=_("Suggested tags that people confirmed"),
        formula=_(
            "Suggested tags in whose place a person put the same value / suggested tags a person answered. "
            "Suggestions nobody answered are left out."
        ),
        denominator=ANSWERED,
        numerator=SAME,
        splits=dimension_parts,
        counter=("tag_corrected",),
    ),
    Kpi(
        key="tag_corrected",
        group="report",
        kind=Kind.SHARE,
        records=Records.TAG,
        name=_("Suggested tags that people corrected"),
        formula=_(
            "Suggested tags in whose place a person put another value or none / suggested tags a person answered."
        ),
        denominator=ANSWERED,
        numerator=~SAME,
        splits=dimension_parts,
    ),
    *(
        Kpi(
            key=f"tag_kappa_{key}",
            group="report",
            kind=Kind.KAPPA,
            records=Records.TAG,
            name=format_lazy(_("Officer and reviewer beyond chance: {dimension}"), dimension=TAG_DIMENSIONS[key]),
            formula=_(
                "Cohen's kappa of the officer's value and the reviewer's over tags reviewed; counted are those on "
                "which both agree. The reviewer sees the officer's value, so it tells the most there can be."
            ),
            denominator=AUDITED & Q(dimension=key),
            numerator=SAME,
        )
        for key in TAGS_BY_HAND
    ),
)
