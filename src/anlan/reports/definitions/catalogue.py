"""The figures themselves, edition by edition. A change of meaning is a new edition, never an edit."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.reports.definitions.citizens import CITIZENS, VOLUMES
from anlan.reports.definitions.conditions import (
    ATTENDED,
    CALLED,
    URBAN_P1,
    arrival_cells,
    in_order,
    on_target,
    within,
)
from anlan.reports.definitions.disputes import DISPUTES
from anlan.reports.definitions.labels import LABELS
from anlan.reports.definitions.lacking import LACKING
from anlan.reports.definitions.shape import Kind, Kpi, Records

SECONDS_10 = timedelta(seconds=10)
SECONDS_30 = timedelta(seconds=30)
SECONDS_60 = timedelta(seconds=60)
MINUTES_5 = timedelta(minutes=5)
MINUTES_30 = timedelta(minutes=30)

GROUPS = {
    "answer": _("Answering and sending"),
    "arrive": _("Getting there"),
    "report": _("Reporting back"),
    "track": _("Police and community"),
    "safety": _("Is it safe: the price of diverting and of speed"),
    "dispute": _("Disputes: settled means it did not come back"),
    "citizen": _("What citizens say"),
    "volume": _("How much there was (context, never scored)"),
    "beyond": _("What the trade counts and the data here don't tell"),
}


def _percentiles(
    key: str,
    group: str,
    span: tuple[str, str],
    words: dict[int, tuple[Promise, Promise]],
    *,
    records: Records = Records.INCIDENT,
    denominator: Q = CALLED,
) -> list[Kpi]:
    return [
        Kpi(
            key=f"{key}_p{q}",
            group=group,
            kind=Kind.PERCENTILE,
            records=records,
            name=name,
            formula=formula,
            denominator=denominator,
            numerator=in_order(*span),
            span=span,
            q=float(q),
        )
        for q, (name, formula) in words.items()
    ]


ANSWERING = (
    Kpi(
        key="answer_10s",
        group="answer",
        kind=Kind.SHARE,
        records=Records.CALL,
        name=_("Answered within 10 s"),
        formula=_("Telephone calls answered at most 10 s after the first ring / telephone calls that rang."),
        denominator=Q(ringing_at__isnull=False),
        numerator=within("answered_at", "ringing_at", SECONDS_10),
    ),
    *_percentiles(
        "ring_answer",
        "answer",
        ("ringing_at", "answered_at"),
        {
            50: (
                _("Ring to answer, median"),
                _(
                    "From the first ring to the answer: "
                    "half of the calls waited no longer; unanswered calls have none."
                ),
            ),
            90: (
                _("Ring to answer, 90th percentile"),
                _(
                    "From the first ring to the answer: "
                    "nine in ten calls waited no longer; unanswered calls have none."
                ),
            ),
        },
        records=Records.CALL,
        denominator=Q(ringing_at__isnull=False),
    ),
    *_percentiles(
        "ring_send",
        "answer",
        ("rang_at", "first_sent_at"),
        {
            50: (
                _("Ring to send, median"),
                _(
                    "From the first ring of the call that opened the incident to sending the first unit: "
                    "half took no longer; incidents told by other ways are left out."
                ),
            ),
            90: (
                _("Ring to send, 90th percentile"),
                _(
                    "From the first ring of the call that opened the incident to sending the first unit: "
                    "nine in ten took no longer; incidents told by other ways are left out."
                ),
            ),
        },
        denominator=CALLED & Q(rang_at__isnull=False),
    ),
    Kpi(
        key="intake_s",
        group="answer",
        kind=Kind.PERCENTILE,
        records=Records.INCIDENT,
        name=_("Answered to sent, median"),
        formula=_(
            "Median time from answering the call that opened the incident to sending the first unit; incidents "
            "found by officers themselves are left out."
        ),
        denominator=CALLED,
        numerator=in_order("answered_at", "first_sent_at"),
        span=("answered_at", "first_sent_at"),
        counter=("sign_30s",),
    ),
    Kpi(
        key="send_60",
        group="answer",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("P1 sent within 60 s"),
        formula=_(
            "P1 incidents whose first unit was sent at most 60 s after the answer / P1 incidents answered and sent."
        ),
        denominator=Q(priority="P1") & CALLED & in_order("answered_at", "first_sent_at"),
        numerator=within("first_sent_at", "answered_at", SECONDS_60),
    ),
    *_percentiles(
        "dispatch",
        "answer",
        ("received_at", "first_sent_at"),
        {
            50: (
                _("Received to sent, median"),
                _(
                    "From receiving to sending the first unit: "
                    "half of the incidents took no longer; those found by officers are left out."
                ),
            ),
            90: (
                _("Received to sent, 90th percentile"),
                _(
                    "From receiving to sending the first unit: "
                    "nine in ten incidents took no longer; those found by officers are left out."
                ),
            ),
            95: (
                _("Received to sent, 95th percentile"),
                _(
                    "From receiving to sending the first unit: "
                    "nineteen in twenty incidents took no longer; those found by officers are left out."
                ),
            ),
        },
    ),
    Kpi(
        key="sign_30s",
        version=2,
        group="answer",
        kind=Kind.SHARE,
        records=Records.ASSIGNMENT,
        name=_("Signed within 30 s"),
        formula=_(
            "Dispatch sheets signed at most 30 s after sending / dispatch sheets sent; sendings taken back at "
            "once are left out, sheets never signed count as late."
        ),
        numerator=within("signed_at", "sent_at", SECONDS_30),
        counter=("arrive_5", "button_early"),
    ),
)

ARRIVING = (
    Kpi(
        key="arrive_5",
        group="arrive",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("P1 in town: there within 5 min of sending"),
        formula=_(
            "P1 incidents in town whose first unit pressed “arrived” at most 5 min after the first unit was "
            "sent / P1 incidents in town that were attended."
        ),
        denominator=URBAN_P1 & ATTENDED,
        numerator=within("first_arrived_at", "first_sent_at", MINUTES_5),
        counter=("arrive_5_position", "button_early"),
    ),
    Kpi(
        key="arrive_5_answered",
        group="arrive",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("P1 in town: there within 5 min of the answer"),
        formula=_(
            "P1 incidents in town whose first unit pressed “arrived” at most 5 min after the call was "
            "answered / P1 incidents in town that were attended."
        ),
        denominator=URBAN_P1 & CALLED & in_order("answered_at", "first_arrived_at"),
        numerator=within("first_arrived_at", "answered_at", MINUTES_5),
    ),
    Kpi(
        key="arrive_5_position",
        group="arrive",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("P1 in town: there within 5 min, by position"),
        formula=_(
            "P1 incidents in town where the first unit's position was at the place at most 5 min after the first "
            "unit was sent / P1 incidents in town with such a position."
        ),
        denominator=URBAN_P1 & CALLED & in_order("first_sent_at", "inferred_at"),
        numerator=within("inferred_at", "first_sent_at", MINUTES_5),
    ),
    Kpi(
        key="arrive_target",
        group="arrive",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("There within the target of its priority and setting"),
        formula=_(
            "Incidents whose first unit arrived within the target, counted from sending / incidents attended. "
            "Targets in town, suburb and countryside: P1 5, 10, 20 min; P2 10, 15, 30 min; P3 30, 45, 60 min; "
            "P4 24 h."
        ),
        denominator=ATTENDED,
        numerator=on_target(),
        splits=arrival_cells,
        counter=("button_early",),
    ),
    *_percentiles(
        "response",
        "arrive",
        ("received_at", "first_arrived_at"),
        {
            50: (
                _("Received to arrived, median"),
                _(
                    "From receiving to somebody on the spot: "
                    "half of the incidents took no longer; those found by officers are left out."
                ),
            ),
            90: (
                _("Received to arrived, 90th percentile"),
                _(
                    "From receiving to somebody on the spot: "
                    "nine in ten incidents took no longer; those found by officers are left out."
                ),
            ),
            95: (
                _("Received to arrived, 95th percentile"),
                _(
                    "From receiving to somebody on the spot: "
                    "nineteen in twenty incidents took no longer; those found by officers are left out."
                ),
            ),
        },
    ),
    Kpi(
        key="button_early",
        group="arrive",
        kind=Kind.SHARE,
        records=Records.ASSIGNMENT,
        name=_("“Arrived” pressed more than 60 s before getting there"),
        formula=_(
            "Arrivals whose button time lies more than 60 s before the time the unit's position was at the place "
            "/ arrivals that have both times."
        ),
        denominator=Q(arrived_at__isnull=False, arrived_inferred_at__isnull=False),
        numerator=~within("arrived_inferred_at", "arrived_at", SECONDS_60),
    ),
    Kpi(
        key="position_known",
        group="arrive",
        kind=Kind.SHARE,
        records=Records.ASSIGNMENT,
        name=_("Arrivals that a position can check"),
        formula=_("Arrivals for which the unit's position tells when it got there / arrivals by button."),
        denominator=Q(arrived_at__isnull=False),
        numerator=Q(arrived_inferred_at__isnull=False),
    ),
    Kpi(
        key="backwards",
        group="arrive",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("Arrived before being sent: times to be corrected"),
        formula=_(
            "Incidents whose first arrival is written down before the first sending / incidents with both times. "
            "They are left out of every arrival share."
        ),
        denominator=Q(first_sent_at__isnull=False, first_arrived_at__isnull=False),
        numerator=~in_order("first_sent_at", "first_arrived_at"),
    ),
)

REPORTING = (
    Kpi(
        key="feedback_30",
        group="report",
        kind=Kind.SHARE,
        records=Records.ASSIGNMENT,
        name=_("Feedback within 30 min"),
        formula=_(
            "Dispatch sheets with feedback at most 30 min after the unit finished / dispatch sheets finished. A "
            "sheet returned for correction counts by the corrected one."
        ),
        denominator=Q(finished_at__isnull=False),
        numerator=within("sheet_at", "finished_at", MINUTES_30),
        counter=("feedback_returned",),
    ),
    Kpi(
        key="feedback_returned",
        group="report",
        kind=Kind.SHARE,
        records=Records.FEEDBACK,
        name=_("Feedback returned for correction"),
        formula=_("Feedback sheets returned for correction / feedback sheets reviewed."),
        denominator=Q(review__in=("agreed", "returned")),
        numerator=Q(review="returned"),
    ),
)

SAFETY_OF_DIVERTING = ("diverted_escalated", "diverted_injured", "bounced", "bounce_time")
TRACKS = (
    Kpi(
        key="divert_rate",
        group="track",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("Community came first"),
        formula=_(
            "Valid incidents where a community team arrived first, or nobody went and a town room settled it or "
            "moved it on / all valid incidents, those found by officers included."
        ),
        numerator=Q(first_track="C") | Q(first_track__isnull=True, order_handled=True),
        counter=SAFETY_OF_DIVERTING,
    ),
    Kpi(
        key="joint_rate",
        group="track",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("Police and community both came"),
        formula=_("Valid incidents attended by both a police unit and a community team / all valid incidents."),
        numerator=Q(police_came=True, team_came=True),
        counter=SAFETY_OF_DIVERTING,
    ),
    Kpi(
        key="onsite_rate",
        group="track",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("Settled on the spot by the community"),
        formula=_(
            "Incidents a town room's team attended and settled on the spot / incidents a town room's team attended. "
            "Those handed to police later stay in the count as not settled."
        ),
        denominator=Q(order_attended=True),
        numerator=Q(order_settled=True, order_escalated=False),
        counter=("repeat_rate", *SAFETY_OF_DIVERTING),
    ),
    Kpi(
        key="repeat_rate",
        group="track",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("The same matter again"),
        formula=_("Valid incidents linked as a repeat of an earlier one / all valid incidents."),
        numerator=Q(is_repeat=True),
    ),
    Kpi(
        key="repeat_rate_year_ago",
        group="track",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("The same matter again, a year ago"),
        formula=_(
            "The same share in the same days of the year before, to be read beside this year's; without incidents "
            "on record from then there is none."
        ),
        numerator=Q(is_repeat=True),
        counter=("repeat_rate",),
        years_back=1,
    ),
)

SAFETY = (
    Kpi(
        key="diverted_escalated",
        group="safety",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("Handed to a town room, later to police"),
        formula=_("Incidents where a town room called for police / incidents handed to a town room."),
        denominator=Q(has_order=True),
        numerator=Q(order_escalated=True),
    ),
    Kpi(
        key="diverted_injured",
        group="safety",
        kind=Kind.SHARE,
        records=Records.INCIDENT,
        name=_("Handed to a town room, somebody injured"),
        formula=_("Incidents whose feedback tells of injuries / incidents handed to a town room."),
        denominator=Q(has_order=True),
        numerator=Q(was_injured=True),
    ),
    Kpi(
        key="bounced",
        group="safety",
        kind=Kind.SHARE,
        records=Records.ORDER,
        name=_("Sent back by a town room"),
        formula=_("Orders a town room sent back / orders handed to town rooms."),
        numerator=~Q(bounce_reason=""),
    ),
    Kpi(
        key="bounce_time",
        group="safety",
        kind=Kind.TOTAL,
        records=Records.ORDER,
        name=_("Time lost by sending back"),
        formula=_("Summed time from handing an order to a town room until it was sent back."),
        denominator=~Q(bounce_reason=""),
        numerator=Q(state="bounced") & in_order("routed_at", "state_since"),
        span=("routed_at", "state_since"),
    ),
)


CATALOGUE: tuple[Kpi, ...] = (
    *ANSWERING,
    *ARRIVING,
    *REPORTING,
    *LABELS,
    *TRACKS,
    *SAFETY,
    *DISPUTES,
    *CITIZENS,
    *VOLUMES,
    *LACKING,
)
