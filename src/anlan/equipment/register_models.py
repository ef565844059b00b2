"""What stands beside things: photos and papers, and stores that are counted by the piece (batteries, rounds)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from anlan.core.scope import ScopedQuerySet
from anlan.equipment.register_rules import PAPER_KINDS, STOCK_REASONS


class ItemPaper(models.Model):
    """A photo of a thing or a paper about it; its content lies under its digest. Taken off it stays on record."""

    item = models.ForeignKey("equipment.Item", models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=8, choices=list(PAPER_KINDS.items()))
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("item__owner_id", "item__place_id")

    class Meta:
        ordering = ["-added_at", "-id"]
        indexes = [models.Index(fields=["sha256"], name="equipment_paper_content")]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "sha256"], condition=Q(removed_at=None), name="equipment_one_paper_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Stock(models.Model):
    """So many of a kind in a store, without a number each. Below ``least`` it is filled up; never below none."""

    place = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    model = models.ForeignKey("equipment.ItemModel", models.PROTECT, related_name="stocks")
    count = models.IntegerField(default=0)
    least = models.PositiveIntegerField(default=0)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("place_id",)

    class Meta:
        ordering = ["place", "model"]
        constraints = [
            models.UniqueConstraint(fields=["place", "model"], name="equipment_one_stock_a_kind"),
            models.CheckConstraint(condition=Q(count__gte=0), name="equipment_stock_never_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.count}"


class StockMove(models.Model):
    """So many came or went, why, and how many there were then."""

    stock = models.ForeignKey(Stock, models.PROTECT, related_name="moves")
    change = models.IntegerField()
    reason = models.CharField(max_length=12, choices=list(STOCK_REASONS.items()))
    note = models.CharField(max_length=120, blank=True)
    count_after = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("stock__place_id",)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(change=0) | Q(reason="counted"), name="equipment_move_moves"),
            models.CheckConstraint(
                condition=Q(count_after__gte=F("change")), name="equipment_stock_was_never_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stock_id} {self.change:+d}"
