"""Figures of dispute files: the three pushes, what was settled, and whether it came back."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from anlan.disputes.selectors.revisits import CONTENT_FROM, SAID_SETTLED, SETTLED
from anlan.disputes.selectors.survival import FOLLOWED_RESULTS
from anlan.reports.definitions.conditions import in_order
from anlan.reports.definitions.shape import Kind, Kpi, Records, Split

PUSHES = {1: _("the officer sent"), 2: _("the officer of the beat"), 3: _("the town room and beyond")}
SAFETY_OF_SETTLING = ("back_30", "file_red", "civ_to_crim", "revisit_disagree")
FOLLOWED = Q(result__in=FOLLOWED_RESULTS)


def push_parts() -> tuple[Split, ...]:
    """One part for each push a file got as far as."""
    return tuple(
        Split(
            f"push-{seq}",
            format_lazy(_("got as far as push {seq}: {hands}"), seq=seq, hands=hands),
            Q(push_level=seq),
        )
        for seq, hands in PUSHES.items()
    )


def lot_only() -> tuple[Split, ...]:
    """Files drawn by lot: those drawn because they were red are no fair sample of all."""
    return (Split("sample", _("drawn by lot"), Q(rule="sample")),)


def _funnel() -> list[Kpi]:
    found = []
    for seq, hands in PUSHES.items():
        found.append(
            Kpi(
                key=f"push_{seq}",
                group="dispute",
                kind=Kind.SHARE,
                records=Records.FILE,
                name=format_lazy(_("Push {seq} sent: {hands}"), seq=seq, hands=hands),
                formula=_("Dispute files that were put into these hands / dispute files opened."),
                numerator=Q(**{f"pushed_{seq}": True}),
            )
        )
        found.append(
            Kpi(
                key=f"push_{seq}_settled",
                group="dispute",
                kind=Kind.SHARE,
                records=Records.FILE,
                name=format_lazy(_("Settled at push {seq}"), seq=seq),
                formula=_(
                    "Dispute files whose push of this step ended as settled / dispute files that were put into these "
                    "hands."
                ),
                denominator=Q(**{f"pushed_{seq}": True}),
                numerator=Q(**{f"settled_{seq}": True}),
                counter=SAFETY_OF_SETTLING,
            )
        )
    return found


def _back(days: int) -> Kpi:
    return Kpi(
        key=f"back_{days}",
        group="dispute",
        kind=Kind.SHARE,
        records=Records.CLOSING,
        name=format_lazy(_("Came back within {days} days of closing"), days=days),
        formula=_(
            "Closings after which a new report of the same quarrel came within so many days / closings as settled. "
            "Late closings had less time to come back: the curve of the disputes page allows for that, this share "
            "does not."
        ),
        denominator=FOLLOWED,
        numerator=Q(end_kind="came_back", ended_at__lte=F("closed_at") + timedelta(days=days)),
        counter=("revisit_disagree",),
    )


def _satisfied(side: str, name: object) -> Kpi:
    return Kpi(
        key=f"party_{side}_satisfied",
        group="dispute",
        kind=Kind.SHARE,
        records=Records.ANSWER,
        name=name,  # type: ignore[arg-type]
        formula=_("Answers of this side rated 4 or 5 of 5 / answers of this side, asked blindly. Never both in one."),
        denominator=Q(side=side, rating__isnull=False),
        numerator=Q(rating__gte=CONTENT_FROM),
        counter=("revisit_file_cov",),
    )


def _settle_time(q: int, name: object, formula: object) -> Kpi:
    return Kpi(
        key=f"settle_time_p{q}",
        group="dispute",
        kind=Kind.PERCENTILE,
        records=Records.CLOSING,
        name=name,  # type: ignore[arg-type]
        formula=formula,  # type: ignore[arg-type]
        denominator=FOLLOWED,
        numerator=in_order("opened_at", "closed_at"),
        span=("opened_at", "closed_at"),
        q=float(q),
        counter=("back_30",),
    )


DISPUTES: tuple[Kpi, ...] = (
    *_funnel(),
    Kpi(
        key="file_settled",
        group="dispute",
        kind=Kind.SHARE,
        records=Records.FILE,
        name=_("Files closed as settled"),
        formula=_(
            "Dispute files that are closed with a result that says settled, decided or withdrawn / dispute files "
            "opened. That a unit says so does not make it so: see who came back and what the parties say."
        ),
        numerator=Q(state__in=SETTLED, result__in=SAID_SETTLED),
        splits=push_parts,
        counter=SAFETY_OF_SETTLING,
    ),
    Kpi(
        key="loop_close",
        version=3,
        group="dispute",
        kind=Kind.SHARE,
        records=Records.PUSH,
        name=_("Pushes acted on in time"),
        formula=_(
            "Pushes acted on or ended by the moment they were due / pushes acted on or ended, and those that were "
            "not when they were due. What is not due yet is not looked at, nor what another push overtook."
        ),
        owing=Q(acted_at__isnull=True, closed_at__isnull=True),
        numerator=Q(acted_at__lte=F("due_at")) | Q(closed_at__lte=F("due_at")),
    ),
    _settle_time(
        50,
        _("Opened to closed, median"),
        _("From opening a file (or opening it again) to closing it as settled: half took no longer."),
    ),
    _settle_time(
        90,
        _("Opened to closed, 90th percentile"),
        _("From opening a file (or opening it again) to closing it as settled: nine in ten took no longer."),
    ),
    Kpi(
        key="promise_on_time",
        version=2,
        group="dispute",
        kind=Kind.SHARE,
        records=Records.PROMISE,
        name=_("Promises kept on time"),
        formula=_(
            "Promises of agreements performed by the day they were due / promises performed or given up as not "
            "performed, and those open when their day was over. Those waived and those not due yet are not looked at."
        ),
        owing=~Q(state__in=("performed", "defaulted")),
        numerator=Q(state="performed", performed_on__lte=F("due_on")),
    ),
    *(_back(days) for days in (30, 90, 180)),
    Kpi(
        key="revisit_file_cov",
        group="dispute",
        kind=Kind.SHARE,
        records=Records.CLOSING,
        name=_("Closings whose parties were asked blindly"),
        formula=_(
            "Closings of which at least one party answered somebody who had no part in the matter / closings. All "
            "that were ever red, all in which a party was not satisfied before and one in twenty of the others are "
            "drawn."
        ),
        numerator=Q(was_asked=True),
    ),
    Kpi(
        key="revisit_on_time",
        version=2,
        group="dispute",
        kind=Kind.SHARE,
        records=Records.FILE_REVISIT,
        name=_("Revisits made within three working days"),
        formula=_(
            "Revisits through with both sides by the moment they were due / revisits that are through, and those "
            "that were not when they were due. Those dropped and those not due yet are not looked at."
        ),
        denominator=~Q(state="dropped"),
        owing=Q(ended_at__isnull=True),
        numerator=Q(ended_at__lte=F("due_at")),
    ),
    Kpi(
        key="revisit_disagree",
        group="dispute",
        kind=Kind.SHARE,
        records=Records.FILE_REVISIT,
        name=_("The unit says settled, a party says not"),
        formula=_(
            "Revisits in which a party says it is not settled, or in part only / revisits answered of files the unit "
            "closed as settled. One less this share is how far unit and revisit agree."
        ),
        denominator=Q(state="done", unit_result__in=SAID_SETTLED),
        numerator=Q(finding__in=("partly", "not_settled")),
        splits=lot_only,
        counter=("revisit_file_cov",),
    ),
    _satisfied("a", _("Satisfied: party A")),
    _satisfied("b", _("Satisfied: party B")),
    Kpi(
        key="civ_to_crim",
        version=2,
        group="dispute",
        kind=Kind.SHARE,
        records=Records.FILE,
        name=_("Disputes that became a criminal case"),
        formula=_("Dispute files later linked to a criminal case / dispute files opened."),
        numerator=Q(case_linked_at__isnull=False),
    ),
    Kpi(
        key="file_red",
        group="dispute",
        kind=Kind.SHARE,
        records=Records.FILE,
        name=_("Disputes that were red at some time"),
        formula=_("Dispute files weighed red at least once / dispute files opened."),
        numerator=Q(was_red=True),
    ),
    Kpi(
        key="back_hurt",
        group="dispute",
        kind=Kind.SHARE,
        records=Records.CLOSING,
        name=_("Somebody was hurt when it came back"),
        formula=_("Closings whose return has feedback that tells of injured people / closings that came back."),
        denominator=FOLLOWED & Q(end_kind="came_back"),
        numerator=Q(back_injured=True),
    ),
)
