"""Patrol plans of a shift, the route of each unit, and its stops with what became of them."""

from __future__ import annotations

from django.db import models

from anlan.core.scope import ScopedQuerySet
from anlan.patrol.rules import BY_HAND, KINDS, MISSED, PLAN, ROUTE, SIGNED_ANYWAY, STOP
from anlan.patrol.trials.models import PatrolTrial as PatrolTrial
from anlan.patrol.trials.models import PatrolTrialDay as PatrolTrialDay


class PatrolPlan(models.Model):
    """A shift's patrol as it was worked out: from what, by which seed, what it left out.

    ``settings`` is ``rules.Settings``; ``demand`` says whether a forecast or the yearly mean stood behind it, and
    ``travel`` whether roads or straight lines. ``unmet`` are codes with the numbers of stops they are about.
    ``expected`` is all demand of the shift in its area, ``covered`` what the planned visits collect of it.
    ``is_searching`` while better routes are still looked for: ``progress`` has the figures, ``stop_asked_at`` that it
    is to end with what it has. ``wanted`` are the places calls are expected at, ``held`` what the plan keeps to (the
    visits a beat may get, which unit keeps to which beat), ``cover`` the share of expected calls in reach over the
    shift. ``edition`` counts the changes by hand, ``faults`` is what no longer holds after them.
    """

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="patrol_plans")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=PLAN.choices, default="drawn")
    state_since = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    settings = models.JSONField()
    seed = models.PositiveIntegerField()
    demand = models.CharField(max_length=12)
    travel = models.CharField(max_length=8)
    expected = models.FloatField()
    covered = models.FloatField()
    unmet = models.JSONField(default=list)
    is_searching = models.BooleanField(default=False)
    stop_asked_at = models.DateTimeField(null=True, blank=True)
    progress = models.JSONField(default=dict)
    wanted = models.JSONField(default=list)
    held = models.JSONField(default=dict)
    cover = models.JSONField(default=dict)
    edition = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    approved_reason = models.CharField(max_length=12, choices=list(SIGNED_ANYWAY.items()), blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("organisation_id",)

    class Meta:
        ordering = ["-starts_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-starts_at"], name="patrol_plan_days"),
            models.Index(fields=["id"], name="patrol_plan_search", condition=models.Q(is_searching=True)),
        ]
        constraints = [
            PLAN.constraint(),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="patrol_plan_forward"),
            models.CheckConstraint(
                condition=models.Q(approved_at=None) | ~models.Q(state="drawn"), name="patrol_plan_signed"
            ),
        ]

    def __str__(self) -> str:
        return f"patrol {self.starts_at:%Y-%m-%d %H:%M}"


class PatrolRoute(models.Model):
    """What one unit does in a plan. ``slid_at`` is when its stops were last offered to its neighbours."""

    plan = models.ForeignKey(PatrolPlan, models.PROTECT, related_name="routes")
    unit = models.ForeignKey("units.Unit", models.PROTECT, related_name="patrol_routes")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=ROUTE.choices, default="planned")
    state_since = models.DateTimeField()
    travel_s = models.FloatField()
    slid_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("plan__organisation_id", "unit__organisation_id")

    class Meta:
        ordering = ["unit__call_sign"]
        indexes = [models.Index(fields=["unit", "starts_at"], name="patrol_route_unit")]
        constraints = [
            ROUTE.constraint(),
            models.UniqueConstraint(fields=["plan", "unit"], name="patrol_one_route_a_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.starts_at:%m-%d %H:%M}"


class PatrolStop(models.Model):
    """One visit of a route, and what became of it.

    ``prize`` is the demand it collects; ``chance`` the probability with which a place drawn by lot came to be
    visited. ``confirmed`` says by what a visit is known: the unit's position, or a hand with one of the reasons
    ``BY_HAND`` in ``reason``; of a missed one ``reason`` is of ``MISSED``. It begins between ``opens_at`` and
    ``closes_at``. A locked one stays where a person put it. ``came_from`` is the unit a neighbour took it over from.
    """

    route = models.ForeignKey(PatrolRoute, models.CASCADE, related_name="stops")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=list(KINDS.items()))
    name_zh = models.CharField(max_length=64, blank=True)
    name_en = models.CharField(max_length=64, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.BigIntegerField()
    beat_code = models.CharField(max_length=32, blank=True)
    prize = models.FloatField(default=0)
    chance = models.FloatField(null=True, blank=True)
    why = models.JSONField(default=dict)
    arrives_at = models.DateTimeField()
    leaves_at = models.DateTimeField()
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    is_locked = models.BooleanField(default=False)
    came_from = models.ForeignKey("units.Unit", models.PROTECT, null=True, blank=True, related_name="+")
    explained_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=STOP.choices, default="due")
    state_since = models.DateTimeField()
    reached_at = models.DateTimeField(null=True, blank=True)
    confirmed = models.CharField(max_length=8, blank=True)
    reason = models.CharField(max_length=12, choices=[*MISSED.items(), *BY_HAND.items()], blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("route__plan__organisation_id", "route__unit__organisation_id")

    class Meta:
        ordering = ["route_id", "position"]
        constraints = [
            STOP.constraint(),
            models.UniqueConstraint(fields=["route", "position"], name="patrol_stop_once"),
            models.CheckConstraint(
                condition=~models.Q(state="missed") | ~models.Q(reason=""), name="patrol_missed_says_why"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed__in=["", "position"]) | ~models.Q(reason=""),
                name="patrol_by_hand_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.route_id}.{self.position}"


class PatrolEdit(models.Model):
    """One change of a plan by hand, with the order of stops before it (``before``), so that it can be undone."""

    plan = models.ForeignKey(PatrolPlan, models.PROTECT, related_name="edits")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8)
    before = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    is_open = models.BooleanField(default=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("plan__organisation_id",)

    class Meta:
        ordering = ["plan_id", "number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="patrol_edit_once")]

    def __str__(self) -> str:
        return f"{self.plan_id}.{self.number} {self.kind}"


class PatrolQuarter(models.Model):
    """A quarter of an hour a published route takes of its unit: no unit drives two patrols at one time."""

    route = models.ForeignKey(PatrolRoute, models.CASCADE, related_name="quarters")
    unit = models.ForeignKey("units.Unit", models.PROTECT, related_name="+")
    begins_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("route__plan__organisation_id", "unit__organisation_id")

    class Meta:
        ordering = ["unit_id", "begins_at"]
        constraints = [models.UniqueConstraint(fields=["unit", "begins_at"], name="patrol_unit_once_a_time")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.begins_at:%m-%d %H:%M}"
