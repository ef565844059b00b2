"""A trial of extra visits as it was fixed before its start, its days as they were lived, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from anlan.core.scope import ScopedQuerySet
from anlan.patrol.trials.rules import DESIGNS, STOPPED, TRIAL, UNSIGNED


class PatrolTrial(models.Model):
    """``protocol`` is all that is fixed before the start: design, blocks, coins' seed, analysis, harm rule, power.

    ``protocol_sha256`` names it and stands in the public register under ``register_number``. The database holds that
    nothing but a draft exists without hash, register entry and the signature of another person than drafted it, given
    before the first day. ``result`` is what came of it, worked out by the protocol alone.
    """

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    plan = models.ForeignKey("patrol.PatrolPlan", models.PROTECT, related_name="trials")
    design = models.CharField(max_length=12, choices=list(DESIGNS.items()))
    family = models.CharField(max_length=12)
    first_day = models.DateField()
    last_day = models.DateField()
    state = models.CharField(max_length=12, choices=TRIAL.choices, default="draft")
    state_since = models.DateTimeField()
    seed = models.PositiveIntegerField()
    protocol = models.JSONField()
    protocol_sha256 = models.CharField(max_length=64)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_on = models.DateField(null=True, blank=True)
    approved_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    register_number = models.CharField(max_length=16, null=True, blank=True, unique=True)
    stopped_day = models.DateField(null=True, blank=True)
    stopped_reason = models.CharField(max_length=8, choices=list(STOPPED.items()), blank=True)
    result = models.JSONField(default=dict)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("organisation_id",)

    class Meta:
        ordering = ["-first_day", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-first_day"], name="patrol_trial_days"),
            models.Index(
                fields=["first_day"],
                name="patrol_trial_open",
                condition=Q(state__in=("approved", "running", "stopped", "ended")),
            ),
        ]
        constraints = [
            TRIAL.constraint(),
            models.CheckConstraint(condition=Q(last_day__gt=F("first_day")), name="patrol_trial_forward"),
            models.CheckConstraint(
                condition=Q(state__in=UNSIGNED)
                | Q(
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    approved_on__lt=F("first_day"),
                    register_number__isnull=False,
                )
                & ~Q(protocol_sha256=""),
                name="patrol_trial_fixed_first",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by")), name="patrol_trial_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state="stopped") | Q(stopped_day__isnull=False) & ~Q(stopped_reason=""),
                name="patrol_trial_stop_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.register_number or f"trial {self.pk}"


class PatrolTrialDay(models.Model):
    """One day of a trial: which blocks have extra visits (``extra``, their numbers), told before it begins.

    ``counts`` are citizens' calls by block and in the ring around each; ``visits`` planned and paid visits by block;
    ``look`` what the harm rule saw after this day. ``is_known`` is None until the day is counted, False where
    the record of calls has a hole.
    """

    trial = models.ForeignKey(PatrolTrial, models.PROTECT, related_name="days")
    day = models.DateField()
    assigned_at = models.DateTimeField()
    extra = models.JSONField()
    is_washout = models.BooleanField(default=False)
    counted_at = models.DateTimeField(null=True, blank=True)
    is_known = models.BooleanField(null=True, blank=True)
    counts = models.JSONField(default=dict)
    visits = models.JSONField(default=dict)
    look = models.JSONField(default=dict)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("trial__organisation_id",)

    class Meta:
        ordering = ["trial_id", "day"]
        constraints = [models.UniqueConstraint(fields=["trial", "day"], name="patrol_trial_day_once")]

    def __str__(self) -> str:
        return f"{self.trial_id} {self.day}"
