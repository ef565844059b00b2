"""What citizens asked for and answered, and how often somebody guessed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.citizen.rules import ASKED_BY, NOT_ASKED, RATING_REASONS, REQUEST, REQUEST_KINDS
from anlan.core import shut
from anlan.core.scope import ScopedQuerySet
from anlan.intake.models import Incident

OF_INCIDENT = tuple(f"incident__{field}" for field in Incident.scope_fields)
"""Whose rows these are: whose their incident is."""


class GuessCount(models.Model):
    """Wrong tries at a code, or from an address, by a keyed hash of it; neither of them is kept."""

    key = models.CharField(max_length=32, unique=True)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(db_index=True)
    locked_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.failures} guesses"


class CitizenRequest(models.Model):
    """Who reported it takes it back, or says it is not settled. A person answers, with words, by a date."""

    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="citizen_requests")
    call = models.ForeignKey("intake.Call", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=list(REQUEST_KINDS.items()))
    state = models.CharField(max_length=8, choices=REQUEST.choices, default="waiting")
    state_since = models.DateTimeField()
    text = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    asked_of = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False)
    due_at = models.DateTimeField()
    due_sum = models.JSONField(default=dict)
    answer = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.BigIntegerField(null=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = (*OF_INCIDENT, "asked_of_id")
    shut_fields = shut.BY_INCIDENT

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["due_at"], name="citizen_request_waiting", condition=Q(state="waiting")),
            models.Index(fields=["incident", "asked_at"], name="citizen_request_incident"),
        ]
        constraints = [
            REQUEST.constraint(),
            models.UniqueConstraint(
                fields=["call", "kind"], condition=Q(state="waiting"), name="citizen_one_waiting_request"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", answered_at=None) | (~Q(state="waiting") & Q(answered_at__isnull=False)),
                name="citizen_answered_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.incident_id}"


class RatingInvite(models.Model):
    """One closing, one who may say how it went: asked, or not asked and by which rule not.

    ``closing`` is the moment the matter was closed; opened and closed again it is another closing. ``party_id``
    is the party of a dispute file, empty for who reported. The link is worked out from the row, never stored.
    """

    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="rating_invites")
    file_id = models.BigIntegerField(null=True, blank=True)
    party_id = models.BigIntegerField(null=True, blank=True)
    party_role = models.CharField(max_length=16, blank=True)
    rule = models.CharField(max_length=12, choices=list(ASKED_BY.items()))
    not_asked = models.CharField(max_length=12, choices=list(NOT_ASKED.items()), blank=True)
    closing = models.DateTimeField()
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    holder = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False)
    expires_at = models.DateTimeField()
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=12, choices=list(RATING_REASONS.items()), blank=True)
    note = models.CharField(max_length=300, blank=True)
    rated_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = OF_INCIDENT
    shut_fields = shut.BY_INCIDENT

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [models.Index(fields=["closing"], name="citizen_invite_closing")]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "closing"], condition=Q(party_id=None), name="citizen_reporter_asked_once"
            ),
            models.UniqueConstraint(
                fields=["party_id", "closing"], condition=Q(party_id__isnull=False), name="citizen_party_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(rating=None, rated_at=None) | Q(rating__range=(1, 5), rated_at__isnull=False),
                name="citizen_rated_1_to_5",
            ),
            models.CheckConstraint(condition=Q(not_asked="") | Q(rating=None), name="citizen_only_asked_rate"),
        ]

    def __str__(self) -> str:
        return f"rating of {self.incident_id}"
