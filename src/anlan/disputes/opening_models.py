"""A report that a rule holds for the second of its matter: a file is suggested, a person decides."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.core import shut
from anlan.core.scope import ScopedQuerySet
from anlan.disputes.opening_rules import OPENING_STATES


class OpeningSuggestion(models.Model):
    """By ``rule`` this report and ``earlier`` are one matter: open a file over both, or put it to the earlier's file.

    ``facts`` holds what the rule saw and its bounds: ``within_days``, ``within_m``, and ``earlier``, a list of
    reports with their days and metres away.
    """

    incident = models.OneToOneField("intake.Incident", models.PROTECT, related_name="opening_suggestion")
    earlier = models.ForeignKey("intake.Incident", models.PROTECT, related_name="+")
    rule = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=list(OPENING_STATES.items()), default="suggested")
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.BigIntegerField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = tuple(
        f"incident__{field}" for field in ("station_id", "town_room_id", "holder_id", "routed_to_id")
    )
    shut_fields = shut.BY_INCIDENT

    class Meta:
        indexes = [models.Index(fields=["-made_at"], name="disputes_opening_waiting", condition=Q(state="suggested"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="suggested", decided_at=None)
                | (~Q(state="suggested") & Q(decided_at__isnull=False)),
                name="disputes_opening_decided_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"file for {self.incident_id}?"
