"""A notice, whom it is for step by step, and the proof that it reached them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.core.scope import ScopedQuerySet
from anlan.notices.outbox_models import MessageRecipient as MessageRecipient
from anlan.notices.outbox_models import OutboundMessage as OutboundMessage
from anlan.notices.rules import ASKS, COUNTS, KINDS, NOTICE, OPEN, URGENCIES


class Notice(models.Model):
    """Whole sentences by message id and blanks, so that each reader has them in their own language.

    ``text`` is what a person typed (a broadcast), at most 200 characters. ``step`` is how far up its chain it
    is; at ``step_due_at`` the next step is told. ``wakes_at`` is the next moment at which time alone changes it.
    """

    message = models.CharField(max_length=48)
    blanks = models.JSONField(default=dict)
    text = models.CharField(max_length=200, blank=True)
    urgency = models.CharField(max_length=8, choices=list(URGENCIES.items()), default="routine")
    asks = models.CharField(max_length=4, choices=list(ASKS.items()), default="one")
    state = models.CharField(max_length=12, choices=NOTICE.choices, default="sent")
    state_since = models.DateTimeField()
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    incident_id = models.BigIntegerField(null=True, blank=True)
    incident_number = models.CharField(max_length=16, blank=True)
    subject_type = models.CharField(max_length=32, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    key = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField()
    sent_by = models.BigIntegerField(null=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_kind = models.CharField(max_length=16, blank=True)
    acknowledged_by = models.BigIntegerField(null=True)
    step = models.PositiveSmallIntegerField(default=0)
    step_due_at = models.DateTimeField(null=True, blank=True)
    unanswered_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    wakes_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("organisation_id",)

    class Meta:
        ordering = ["-sent_at", "-id"]
        indexes = [
            models.Index(fields=["wakes_at"], name="notices_wakes", condition=Q(wakes_at__isnull=False)),
            models.Index(fields=["incident_id"], name="notices_incident", condition=Q(incident_id__isnull=False)),
            models.Index(fields=["organisation", "-sent_at"], name="notices_of_organisation"),
            models.Index(fields=["state_since"], name="notices_keeping", condition=Q(erased_at__isnull=True)),
        ]
        constraints = [
            NOTICE.constraint(),
            models.UniqueConstraint(
                fields=["key"], condition=Q(state__in=OPEN) & ~Q(key=""), name="notices_one_open_per_key"
            ),
            models.CheckConstraint(
                condition=Q(state="acknowledged", acknowledged_at__isnull=False)
                | (~Q(state="acknowledged") & Q(acknowledged_at=None)),
                name="notices_acknowledged_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, wakes_at__isnull=False) | (~Q(state__in=OPEN) & Q(wakes_at=None)),
                name="notices_only_open_wake",
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk} {self.message}"


class Addressee(models.Model):
    """One of those a notice is for, told at its step: a person, a role at an organisation, a crew or team.

    ``organisation`` is the role's, the person's or the group's own. ``group_id`` belongs to a higher room.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="addressees")
    step = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=list(KINDS.items()))
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    role = models.CharField(max_length=20, blank=True)
    group_kind = models.CharField(max_length=12, blank=True)
    group_id = models.BigIntegerField(null=True)
    group_name = models.CharField(max_length=24, blank=True)
    within_s = models.PositiveIntegerField()
    counts = models.CharField(max_length=6, choices=list(COUNTS.items()))
    told_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["step", "id"]
        indexes = [
            models.Index(fields=["person", "told_at"], name="notices_to_person", condition=Q(acknowledged_at=None)),
            models.Index(fields=["role", "organisation"], name="notices_to_role", condition=Q(acknowledged_at=None)),
            models.Index(
                fields=["group_kind", "group_id"], name="notices_to_group", condition=Q(acknowledged_at=None)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="person", person__isnull=False)
                | (Q(kind="role", person=None) & ~Q(role=""))
                | (Q(kind="group", person=None, group_id__isnull=False) & ~Q(group_kind="")),
                name="notices_addressee_is_somebody",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None) | Q(told_at__isnull=False), name="notices_told_before_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}/{self.step} {self.kind}"


class Receipt(models.Model):
    """Proof of delivery: shown to whom when, acknowledged when."""

    addressee = models.ForeignKey(Addressee, models.PROTECT, related_name="receipts")
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField()
    delivered_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["delivered_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["addressee", "actor_kind", "actor_id"], name="notices_receipt_once"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None) | Q(acknowledged_at__gte=models.F("delivered_at")),
                name="notices_seen_before_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.addressee_id} {self.actor_kind} {self.actor_id}"
