"""Timers of units alone on scene, and what one shift hands to the next."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from anlan.core import shut
from anlan.core.scope import ScopedQuerySet
from anlan.dispatch.duty_rules import CHECKIN, HANDOVER
from anlan.intake.models import Incident

OF_INCIDENT = tuple(f"incident__{field}" for field in Incident.scope_fields)


class CheckIn(models.Model):
    """A timer on one unit at one incident: every so often it is asked whether all is well.

    ``wakes_at`` is when time alone changes it next, by the server's clock; once the desk is told, nothing does.
    """

    assignment = models.ForeignKey("dispatch.Assignment", models.PROTECT, related_name="check_ins")
    unit = models.ForeignKey("units.Unit", models.PROTECT, related_name="+")
    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="check_ins")
    state = models.CharField(max_length=8, choices=CHECKIN.choices, default="running")
    state_since = models.DateTimeField()
    every_s = models.PositiveIntegerField()
    is_automatic = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    started_by = models.BigIntegerField(null=True)
    wakes_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.BigIntegerField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = (*OF_INCIDENT, "unit__organisation_id")
    shut_fields = shut.BY_INCIDENT

    class Meta:
        indexes = [
            models.Index(fields=["wakes_at"], name="dispatch_checkin_wakes", condition=Q(wakes_at__isnull=False)),
            models.Index(fields=["incident"], name="dispatch_checkin_incident"),
        ]
        constraints = [
            CHECKIN.constraint(),
            models.UniqueConstraint(
                fields=["assignment"], condition=~Q(state="ended"), name="dispatch_one_checkin_runs"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("running", "asked"), wakes_at__isnull=False)
                | (Q(state__in=("missed", "ended")) & Q(wakes_at=None)),
                name="dispatch_checkin_wakes_while_it_runs",
            ),
        ]

    def __str__(self) -> str:
        return f"check-in {self.assignment_id} {self.state}"


class Handover(models.Model):
    """One shift of a desk hands over to the next: signed off by who leaves, taken by who comes.

    ``stood`` is what stood when it was signed: numbers, codes, call signs and times, no words.
    """

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=HANDOVER.choices, default="open")
    state_since = models.DateTimeField()
    opened_at = models.DateTimeField()
    outgoing = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    signed_at = models.DateTimeField(null=True, blank=True)
    incoming = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    taken_at = models.DateTimeField(null=True, blank=True)
    stood = models.JSONField(default=dict)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("organisation_id",)

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [models.Index(fields=["organisation", "-opened_at"], name="dispatch_handover_history")]
        constraints = [
            HANDOVER.constraint(),
            models.UniqueConstraint(
                fields=["organisation"], condition=~Q(state="taken"), name="dispatch_one_handover_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(incoming=None) | ~Q(incoming=F("outgoing")), name="dispatch_handover_takes_two"
            ),
            models.CheckConstraint(
                condition=Q(state="open", signed_at=None, taken_at=None)
                | Q(state="signed", outgoing__isnull=False, signed_at__isnull=False, taken_at=None)
                | Q(state="taken", incoming__isnull=False, taken_at__isnull=False),
                name="dispatch_handover_signed_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"handover {self.organisation_id} {self.opened_at:%m-%d %H:%M}"


class HandoverNote(models.Model):
    """What the next shift must know about one incident; goes with the incident's own words."""

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="notes")
    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="handover_notes")
    note = models.CharField(max_length=500, blank=True)
    written_at = models.DateTimeField()
    written_by = models.BigIntegerField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = OF_INCIDENT
    shut_fields = shut.BY_INCIDENT

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handover", "incident"], name="dispatch_one_handover_note")]

    def __str__(self) -> str:
        return f"note {self.handover_id}/{self.incident_id}"
