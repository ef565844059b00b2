"""What is to leave the house, and apart from it, to whom."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.core.scope import ScopedQuerySet
from anlan.notices.outbox_rules import CHANNELS, MESSAGE, WAITING
from anlan.notices.rules import URGENCIES


class OutboundMessage(models.Model):
    """A sentence by message id and blanks, to go out by one channel in its receiver's language.

    ``next_at`` is when it is tried next, or, while it is going out, when its worker counts as gone.
    ``problem`` is the code of what the last attempt met.
    """

    message = models.CharField(max_length=48)
    blanks = models.JSONField(default=dict)
    language = models.CharField(max_length=8, default="zh-hans")
    channel = models.CharField(max_length=8, choices=list(CHANNELS.items()))
    urgency = models.CharField(max_length=8, choices=list(URGENCIES.items()), default="routine")
    state = models.CharField(max_length=12, choices=MESSAGE.choices, default="queued")
    state_since = models.DateTimeField()
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", db_index=False)
    incident_id = models.BigIntegerField(null=True, blank=True)
    subject_type = models.CharField(max_length=32, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    key = models.CharField(max_length=64, blank=True)
    queued_at = models.DateTimeField()
    queued_by = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=24, blank=True)
    expires_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("organisation_id",)

    class Meta:
        ordering = ["-queued_at", "-id"]
        indexes = [
            models.Index(fields=["next_at"], name="notices_message_due", condition=Q(next_at__isnull=False)),
            models.Index(
                fields=["incident_id"], name="notices_message_incident", condition=Q(incident_id__isnull=False)
            ),
            models.Index(fields=["organisation", "-queued_at"], name="notices_message_organisation"),
            models.Index(
                fields=["state_since"],
                name="notices_message_keeping",
                condition=Q(erased_at__isnull=True, next_at__isnull=True),
            ),
        ]
        constraints = [
            MESSAGE.constraint(),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="notices_message_key_once"),
            models.CheckConstraint(
                condition=Q(state__in=WAITING, next_at__isnull=False) | (~Q(state__in=WAITING) & Q(next_at=None)),
                name="notices_message_only_waiting_tried",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("sent", "delivered")) | Q(sent_at__isnull=False),
                name="notices_message_sent_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk} {self.message}"


class MessageRecipient(models.Model):
    """Where a message goes, and the link only its receiver may see: kept apart, and removed in time."""

    message = models.OneToOneField(OutboundMessage, models.PROTECT, related_name="recipient")
    address = models.CharField(max_length=190)
    link = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"recipient of {self.message_id}"
