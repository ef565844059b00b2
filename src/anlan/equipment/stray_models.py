"""What readers told and no door could take: kept, with a bound, until somebody enters the door or throws it away."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from anlan.equipment.rules import STRAYS


class StrayReader(models.Model):
    """Of one ``reader``, for one ``reason``: how many messages (or lines) came, and how many of them are kept.

    Beyond the bound they are counted and no longer kept: a flood of nonsense must not fill the disk.
    """

    reader = models.CharField(max_length=60)
    reason = models.CharField(max_length=12, choices=list(STRAYS.items()))
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    messages = models.PositiveBigIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    kept_bytes = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["reason", "reader"]
        constraints = [
            models.UniqueConstraint(fields=["reader", "reason"], name="equipment_one_stray_reader"),
            models.CheckConstraint(condition=Q(kept__lte=F("messages")), name="equipment_strays_kept_came"),
        ]

    def __str__(self) -> str:
        return f"{self.reader} {self.reason}"

    @property
    def rest(self) -> int:
        """Came, and wasn't kept."""
        return self.messages - self.kept


class StrayMessage(models.Model):
    """One message of a reader that nobody has entered (its events, a line each), or one line that tells no event."""

    stray = models.ForeignKey(StrayReader, models.CASCADE, related_name="told")
    digest = models.CharField(max_length=32)
    received_at = models.DateTimeField()
    raw = models.TextField()
    count = models.PositiveIntegerField(default=0)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["stray", "digest"], name="equipment_one_stray_once")]

    def __str__(self) -> str:
        return self.digest[:12]
