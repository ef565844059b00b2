"""Response plans as versions in time, the alarm level of a matter, and what was learned about arrival times."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.core import shut
from anlan.core.scope import ScopedQuerySet
from anlan.dispatch.plan_rules import MOST_LEVELS
from anlan.intake.models import Incident

OF_INCIDENT = tuple(f"incident__{field}" for field in Incident.scope_fields)


class ResponsePlan(models.Model):
    """One version of a response plan (``plan_rules.Plan``); the one in force has no end."""

    key = models.CharField(max_length=32)
    version = models.PositiveSmallIntegerField()
    content = models.JSONField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    set_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="dispatch_plan_version_once"),
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(valid_to=None), name="dispatch_one_plan_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class PlanProposal(models.Model):
    """A new version of a plan as one person wrote it, until another approves or refuses it.

    ``base_version`` is the version in force it was written from; once another came into force in between it can't be
    approved any more.
    """

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("waits for a second person")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")

    key = models.CharField(max_length=32)
    base_version = models.PositiveSmallIntegerField()
    content = models.JSONField()
    proposed_at = models.DateTimeField()
    proposed_by = models.BigIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(outcome="waiting"), name="dispatch_one_plan_proposal"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None)
                | models.Q(outcome="refused")
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="dispatch_plan_needs_two",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="waiting", decided_at=None)
                | (~models.Q(outcome="waiting") & models.Q(decided_at__isnull=False)),
                name="dispatch_plan_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} after v{self.base_version}: {self.outcome}"


class ResponseLevel(models.Model):
    """At which alarm level a matter is answered, by which version of which plan; without a row, the first."""

    incident = models.OneToOneField("intake.Incident", models.PROTECT, related_name="response_level")
    level = models.PositiveSmallIntegerField()
    plan = models.CharField(max_length=32)
    plan_version = models.PositiveSmallIntegerField()
    set_at = models.DateTimeField()
    set_by = models.BigIntegerField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = OF_INCIDENT
    shut_fields = shut.BY_INCIDENT

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__range=(1, MOST_LEVELS)), name="dispatch_response_level_range"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} level {self.level}"


class ArrivalFit(models.Model):
    """What was learned from closed assignments about turn-out and driving; the newest is in use.

    ``content`` is the fit as ``anlan.engines.arrival`` gives it: medians and spreads by group, no unit and no matter.
    """

    learned_at = models.DateTimeField(db_index=True)
    trips = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    content = models.JSONField()

    def __str__(self) -> str:
        return f"{self.learned_at:%Y-%m-%d} n={self.trips}"
