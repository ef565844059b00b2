"""What the records of one local day add up to: figures of a year come from these and not from all its files."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class DaySheet(models.Model):
    """The sums of one kind of record for one local day, made from the records and made again whenever one changed.

    ``edition`` tells which way of counting made ``content``. Each change seen adds one to ``marks``; a sheet whose
    ``counted_marks`` lies behind is to be counted anew, ``marked_at`` since when.
    """

    kind = models.CharField(max_length=16)
    day = models.DateField()
    edition = models.CharField(max_length=16, blank=True)
    marks = models.PositiveIntegerField(default=1)
    counted_marks = models.PositiveIntegerField(default=0)
    marked_at = models.DateTimeField()
    counted_at = models.DateTimeField(null=True, blank=True)
    content = models.BinaryField(default=bytes)

    class Meta:
        ordering = ["kind", "day"]
        indexes = [
            models.Index(fields=["-day"], name="disputes_sheet_behind", condition=~Q(marks=F("counted_marks"))),
            models.Index(fields=["counted_at"], name="disputes_sheet_age"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "day"], name="disputes_sheet_once"),
            models.CheckConstraint(
                condition=Q(counted_marks__lte=F("marks")), name="disputes_sheet_counts_what_was_marked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.day}"
