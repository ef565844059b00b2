"""Who was sent, when each step happened by button and by position, and what they reported."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.core import shut
from anlan.core.scope import ScopedQuerySet
from anlan.dispatch.duty_models import CheckIn as CheckIn
from anlan.dispatch.duty_models import Handover as Handover
from anlan.dispatch.duty_models import HandoverNote as HandoverNote
from anlan.dispatch.plan_models import ArrivalFit as ArrivalFit
from anlan.dispatch.plan_models import PlanProposal as PlanProposal
from anlan.dispatch.plan_models import ResponseLevel as ResponseLevel
from anlan.dispatch.plan_models import ResponsePlan as ResponsePlan
from anlan.dispatch.rules import ACTIVE, ADVICE, ASSIGNMENT, RESULT_CODES, WORK_ORDER
from anlan.intake.models import Incident

OF_INCIDENT = tuple(f"incident__{field}" for field in Incident.scope_fields)
"""Whose rows these are: whose their incident is."""


class Assignment(models.Model):
    """One unit sent to one incident, from sending to closing (处警单).

    ``…_at`` are button times; ``…_inferred_at`` what positions say. Both are kept, neither corrects the other.
    ``travel_s, eta_s, eta_p90_s, fix_age_s`` are what the recommendation showed when the unit was chosen: bare
    driving, the median and the 90th percentile until it is there, the age of its position. ``advised_unit`` is
    whom it advised and ``advice`` by which rule, whoever was sent.
    """

    class Part(models.TextChoices):
        LEAD = "lead", _("first unit")
        SUPPORT = "support", _("support")

    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="assignments")
    unit = models.ForeignKey("units.Unit", models.PROTECT, related_name="assignments")
    part = models.CharField(max_length=8, choices=Part.choices, default=Part.LEAD)
    state = models.CharField(max_length=16, choices=ASSIGNMENT.choices, default="sent")
    state_since = models.DateTimeField()
    sent_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    departed_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    feedback_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    moved_inferred_at = models.DateTimeField(null=True, blank=True)
    arrived_inferred_at = models.DateTimeField(null=True, blank=True)
    sent_lon = models.FloatField(null=True, blank=True)
    sent_lat = models.FloatField(null=True, blank=True)
    eta_s = models.FloatField(null=True, blank=True)
    eta_source = models.CharField(max_length=12, blank=True)
    travel_s = models.FloatField(null=True, blank=True)
    eta_p90_s = models.FloatField(null=True, blank=True)
    fix_age_s = models.FloatField(null=True, blank=True)
    advised_unit = models.BigIntegerField(null=True, blank=True)
    advice = models.CharField(max_length=12, choices=list(ADVICE.items()), blank=True)
    rank = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)
    alarmed_at = models.DateTimeField(null=True, blank=True)
    reassign_proposed_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.BigIntegerField(null=True)
    sheet = models.ForeignKey("Feedback", models.PROTECT, null=True, blank=True, related_name="spoken_for")

    objects = ScopedQuerySet.as_manager()
    scope_fields = (*OF_INCIDENT, "unit__organisation_id")
    shut_fields = shut.BY_INCIDENT

    class Meta:
        ordering = ["sent_at", "id"]
        indexes = [
            models.Index(fields=["incident", "sent_at"], name="dispatch_assign_incident"),
            models.Index(fields=["unit", "-sent_at"], name="dispatch_assign_unit"),
            models.Index(
                fields=["state", "sent_at"], name="dispatch_assign_open", condition=~models.Q(state="closed")
            ),
        ]
        constraints = [
            ASSIGNMENT.constraint(),
            models.UniqueConstraint(
                fields=["unit"],
                condition=models.Q(state__in=ACTIVE),
                name="dispatch_one_active_assignment_per_unit",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=("arrived", "finished")) | models.Q(arrived_at__isnull=False),
                name="dispatch_arrived_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} → {self.incident_id}"


class ClockAlarm(models.Model):
    """A clock that ran out, raised once: which clock of what, since when it ran, when it was due.

    A clock that starts anew (feedback returned, another unit sent) is another clock.
    """

    kind = models.CharField(max_length=16)
    subject_type = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="alarms")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()
    scope_fields = OF_INCIDENT
    shut_fields = shut.BY_INCIDENT

    class Meta:
        indexes = [models.Index(fields=["incident", "raised_at"], name="dispatch_alarm_incident")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id", "started_at"], name="dispatch_alarm_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type} {self.subject_id}"


class Feedback(models.Model):
    """What came of it (反馈单), with the confirmed type; a correction is a new row, the old one stays."""

    class Review(models.TextChoices):
        WAITING = "waiting", _("waiting for review")
        AGREED = "agreed", _("agreed")
        RETURNED = "returned", _("returned for correction")

    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="feedback")
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, blank=True, related_name="feedback")
    code = models.CharField(max_length=4)
    priority = models.CharField(max_length=2)
    result = models.CharField(max_length=24, choices=list(RESULT_CODES.items()))
    occurred_from = models.DateTimeField(null=True, blank=True)
    occurred_to = models.DateTimeField(null=True, blank=True)
    injuries = models.PositiveSmallIntegerField(default=0)
    loss_band = models.CharField(max_length=12, blank=True)
    people_helped = models.PositiveSmallIntegerField(default=0)
    transferred_to = models.CharField(max_length=64, blank=True)
    case_number = models.CharField(max_length=32, blank=True)
    narrative = models.TextField(blank=True)
    filed_at = models.DateTimeField()
    filed_by = models.BigIntegerField(null=True)
    review = models.CharField(max_length=10, choices=Review.choices, default=Review.WAITING)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.BigIntegerField(null=True)
    review_note = models.CharField(max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = OF_INCIDENT
    shut_fields = shut.BY_INCIDENT

    class Meta:
        indexes = [
            models.Index(fields=["incident", "-filed_at"], name="dispatch_feedback_incident"),
            models.Index(fields=["filed_at"], name="dispatch_feedback_waiting", condition=models.Q(review="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.result}"


class WorkOrder(models.Model):
    """A matter on the community track, in the hands of a town room and its street team.

    ``routed_from`` held the incident when it was routed, and gets it back when it is sent back.
    """

    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="work_orders")
    town_room = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    routed_from = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=12, choices=WORK_ORDER.choices, default="routed")
    state_since = models.DateTimeField()
    routed_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    contacted_at = models.DateTimeField(null=True, blank=True)
    assigned_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=24, blank=True)
    moved_on_to = models.CharField(max_length=64, blank=True)
    bounce_reason = models.CharField(max_length=200, blank=True)
    escalate_reason = models.CharField(max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("town_room_id", "incident__station_id", "incident__holder_id")
    shut_fields = shut.BY_INCIDENT

    class Meta:
        indexes = [
            models.Index(
                fields=["town_room", "routed_at"],
                name="dispatch_order_board",
                condition=~models.Q(state__in=("closed", "escalated", "bounced")),
            ),
            models.Index(fields=["incident"], name="dispatch_order_incident"),
        ]
        constraints = [
            WORK_ORDER.constraint(),
            models.UniqueConstraint(
                fields=["incident"],
                condition=~models.Q(state__in=("closed", "escalated", "bounced")),
                name="dispatch_one_open_order",
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.incident_id}"


class Revisit(models.Model):
    """A call to the citizen after closing, drawn by a logged sampling rule."""

    class Outcome(models.TextChoices):
        SATISFIED = "satisfied", _("satisfied")
        NOT_SATISFIED = "not_satisfied", _("not satisfied")
        NOT_REACHED = "not_reached", _("not reached")
        DECLINED = "declined", _("did not want to answer")

    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="revisits")
    rule = models.CharField(max_length=32)
    probability = models.FloatField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_sum = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = OF_INCIDENT
    shut_fields = shut.BY_INCIDENT

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="dispatch_revisit_due", condition=models.Q(done_at=None))]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=models.Q(done_at=None), name="dispatch_one_open_revisit"
            ),
            models.CheckConstraint(
                condition=models.Q(rating=None) | models.Q(rating__range=(1, 5)),
                name="dispatch_rating_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return f"revisit {self.incident_id}"


class FieldAttachment(models.Model):
    """A photo or voice note from the spot. The content lies under its digest; the row says what it belongs to.

    ``assignment`` is the unit's that sent it; None where somebody came later to see how it stands.

    ``taken_at`` is the phone's own clock, a claim; ``received_at`` is the server's. When its term is over the
    content goes (``erased_at``); that there was one stays.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", _("photo")
        VOICE = "voice", _("voice note")

    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="attachments")
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, blank=True, related_name="attachments")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    media_type = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    size_bytes = models.PositiveIntegerField()
    duration_s = models.FloatField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    received_from = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = (*OF_INCIDENT, "assignment__unit__organisation_id")
    shut_fields = shut.BY_INCIDENT

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [
            models.Index(fields=["incident", "received_at"], name="dispatch_attachment_incident"),
            models.Index(
                fields=["expires_at"], name="dispatch_attachment_kept", condition=models.Q(erased_at__isnull=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256="", erased_at__isnull=False)
                | ~models.Q(sha256="") & models.Q(erased_at=None),
                name="dispatch_attachment_kept_or_erased",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.incident_id}"
