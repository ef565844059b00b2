"""What has left the house: each cell of each closed month once, and never again otherwise."""

from __future__ import annotations

from django.db import models


class ReleasedMonth(models.Model):
    """A local month whose cells were released, with the rule of that day. ``month`` is ``2026-03``."""

    month = models.CharField(max_length=7, unique=True)
    least = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    released_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.month


class ReleasedCell(models.Model):
    """What is told of one area, month and family of types; no number where it counted too few."""

    month = models.ForeignKey(ReleasedMonth, models.PROTECT, related_name="cells")
    area = models.CharField(max_length=32)
    family = models.CharField(max_length=8)
    told = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "area", "family"], name="reports_cell_released_once")]

    def __str__(self) -> str:
        return f"{self.area} {self.month_id} {self.family}"
