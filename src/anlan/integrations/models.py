"""Which record of another system became which of ours, and what a town platform is told and tells."""

from __future__ import annotations

from django.db import models

from anlan.integrations.rules import DELIVERY, OUTCOMES


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


class PlatformDelivery(models.Model):
    """One change of a matter on its way to a town platform, in the words it is told; kept for telling again."""

    key_name = models.CharField(max_length=32)
    event_txid = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField()
    matter = models.CharField(max_length=24)
    body = models.JSONField()
    state = models.CharField(max_length=8, choices=DELIVERY.choices, default="waiting")
    state_since = models.DateTimeField()
    made_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=24, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"], name="integrations_delivery_due", condition=models.Q(next_at__isnull=False)
            ),
            models.Index(
                fields=["matter", "event_id"],
                name="integrations_delivery_matter",
                condition=models.Q(next_at__isnull=False),
            ),
        ]
        constraints = [
            DELIVERY.constraint(),
            models.UniqueConstraint(fields=["event_id", "key_name"], name="integrations_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=("waiting", "sending"), next_at__isnull=False)
                | (~models.Q(state__in=("waiting", "sending")) & models.Q(next_at=None)),
                name="integrations_delivery_next",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key_name} {self.matter} {self.event_id}"


class PlatformEvent(models.Model):
    """One change a town platform told us, once however often it came; ``said_at`` is its own time."""

    key_name = models.CharField(max_length=32)
    external_id = models.CharField(max_length=64)
    body_sha256 = models.CharField(max_length=64)
    matter = models.CharField(max_length=24)
    state = models.CharField(max_length=12)
    said_at = models.DateTimeField()
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=list(OUTCOMES.items()))

    class Meta:
        indexes = [models.Index(fields=["matter", "-said_at"], name="integrations_platform_matter")]
        constraints = [models.UniqueConstraint(fields=["key_name", "external_id"], name="integrations_platform_once")]

    def __str__(self) -> str:
        return f"{self.key_name}/{self.external_id}"
