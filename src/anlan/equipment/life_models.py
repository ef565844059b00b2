"""How long things last and what is done for it: care, inspections, repairs, scrapping, and sets a station needs."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from anlan.core.scope import ScopedQuerySet
from anlan.equipment.life_rules import LIMITS, REPAIR, SCRAPPING


class CarePlan(models.Model):
    """What is to be looked at of every thing of a kind: after days, uses or rounds, whichever comes first."""

    model = models.ForeignKey("equipment.ItemModel", models.PROTECT, related_name="care_plans")
    name = models.CharField(max_length=60)
    every_days = models.PositiveIntegerField(null=True, blank=True)
    every_uses = models.PositiveIntegerField(null=True, blank=True)
    every_rounds = models.PositiveIntegerField(null=True, blank=True)
    checklist = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["model", "name"]
        constraints = [
            models.UniqueConstraint(fields=["model", "name"], name="equipment_care_plan_named_once"),
            models.CheckConstraint(
                condition=Q(every_days__gt=0) | Q(every_uses__gt=0) | Q(every_rounds__gt=0),
                name="equipment_care_plan_comes_due",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Inspection(models.Model):
    """A thing was looked at, by plan or after damage; ``failed`` are the lines of its list that weren't in order."""

    item = models.ForeignKey("equipment.Item", models.PROTECT, related_name="inspections")
    plan = models.ForeignKey(CarePlan, models.PROTECT, null=True, related_name="inspections")
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    uses = models.PositiveIntegerField()
    rounds = models.PositiveIntegerField()
    failed = models.JSONField(default=list)
    remark = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["item", "plan", "-at"], name="equipment_last_inspection")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.plan_id}"


class Repair(models.Model):
    """An order to put a thing right: what is wrong, and what came of it."""

    item = models.ForeignKey("equipment.Item", models.PROTECT, related_name="repairs")
    fault = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=REPAIR.choices, default="open")
    state_since = models.DateTimeField()
    ordered_at = models.DateTimeField()
    cost_yuan = models.PositiveIntegerField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("item__owner_id", "item__place_id")

    class Meta:
        ordering = ["-ordered_at", "-id"]
        constraints = [
            REPAIR.constraint(),
            models.UniqueConstraint(fields=["item"], condition=Q(state="open"), name="equipment_one_open_repair"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"


class Scrapping(models.Model):
    """A thing proposed for scrapping, by a person or because a ``limit`` of its life is reached.

    Another person approves, and a third line says how it was destroyed.
    """

    item = models.ForeignKey("equipment.Item", models.PROTECT, related_name="scrappings")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=SCRAPPING.choices, default="proposed")
    state_since = models.DateTimeField()
    limit = models.CharField(max_length=8, blank=True, choices=list(LIMITS.items()))
    proposed_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    destroyed_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    witness = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    method = models.CharField(max_length=80, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("item__owner_id", "item__place_id")

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            SCRAPPING.constraint(),
            models.UniqueConstraint(
                fields=["item"], condition=Q(state__in=("proposed", "approved")), name="equipment_one_scrapping"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(proposed_by=None) | ~Q(decided_by=F("proposed_by")),
                name="equipment_scrap_by_another",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=False) | ~Q(limit=""), name="equipment_scrap_by_whom_or_why"
            ),
            models.CheckConstraint(
                condition=~Q(state="destroyed")
                | (Q(witness__isnull=False) & ~Q(method="") & ~Q(witness=F("destroyed_by"))),
                name="equipment_destruction_witnessed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"


class KitNeed(models.Model):
    """So many of a kind a station must be able to field in a set; one line of a kit."""

    place = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    kit = models.CharField(max_length=60)
    model = models.ForeignKey("equipment.ItemModel", models.PROTECT, related_name="needs")
    count = models.PositiveIntegerField()

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("place_id",)

    class Meta:
        ordering = ["place", "kit", "model"]
        constraints = [
            models.UniqueConstraint(fields=["place", "kit", "model"], name="equipment_one_need_a_kind"),
            models.CheckConstraint(condition=Q(count__gt=0), name="equipment_need_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.kit} {self.count}"


class Budget(models.Model):
    """What an organisation may spend on equipment in a year."""

    place = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    amount_yuan = models.PositiveIntegerField()

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("place_id",)

    class Meta:
        ordering = ["year", "place"]
        constraints = [models.UniqueConstraint(fields=["place", "year"], name="equipment_one_budget_a_year")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.year}"
