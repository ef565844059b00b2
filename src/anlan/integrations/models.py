"""Which record of another system became which of ours."""

from __future__ import annotations

from django.db import models


class ExternalRecord(models.Model):
    """A row of another system's sheet, known by its number there; a second import finds it here."""

    system = models.CharField(max_length=32)
    sheet = models.CharField(max_length=16)
    external_id = models.CharField(max_length=64)
    object_type = models.CharField(max_length=32)
    object_id = models.BigIntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "sheet", "external_id"], name="integrations_record_once")
        ]

    def __str__(self) -> str:
        return f"{self.system}/{self.sheet}/{self.external_id}"
