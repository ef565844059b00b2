"""Units that can be sent, who is on them, what they are doing, and where they were last seen."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.core.scope import ScopedQuerySet
from anlan.units.equipment import MOST_OF_A_KIND
from anlan.units.rules import UNIT_STATUS


class Unit(models.Model):
    """A patrol car, a pair on foot, a street team: whatever can be sent as one."""

    class Track(models.TextChoices):
        POLICE = "P", _("police")
        COMMUNITY = "C", _("community")

    class Vehicle(models.TextChoices):
        CAR = "car", _("patrol car")
        MOTORCYCLE = "motorcycle", _("motorcycle")
        FOOT = "foot", _("on foot")
        BOAT = "boat", _("boat")

    call_sign = models.CharField(max_length=24, unique=True)
    track = models.CharField(max_length=1, choices=Track.choices)
    vehicle = models.CharField(max_length=12, choices=Vehicle.choices, default=Vehicle.CAR)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="units")
    capabilities = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=16, choices=UNIT_STATUS.choices, default="off")
    state_since = models.DateTimeField()
    incident_id = models.BigIntegerField(null=True, blank=True)
    incident_number = models.CharField(max_length=16, blank=True)
    base_lon = models.FloatField(null=True, blank=True)
    base_lat = models.FloatField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("organisation_id",)

    class Meta:
        ordering = ["call_sign"]
        indexes = [models.Index(fields=["state", "track"], name="units_unit_state")]
        constraints = [UNIT_STATUS.constraint()]

    def __str__(self) -> str:
        return self.call_sign


class LoadItem(models.Model):
    """So many pieces of one kind of equipment on a unit, as its keeper last said; none is no row."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="load")
    kind = models.CharField(max_length=32)
    count = models.PositiveSmallIntegerField()
    said_at = models.DateTimeField()
    said_by = models.BigIntegerField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("unit__organisation_id",)

    class Meta:
        indexes = [models.Index(fields=["kind"], name="units_load_kind")]
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind"], name="units_load_kind_once"),
            models.CheckConstraint(
                condition=models.Q(count__range=(1, MOST_OF_A_KIND)), name="units_load_count_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.kind} {self.count}"


class StatusLog(models.Model):
    """Every status a unit had, by button or by position."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="status_log")
    state_from = models.CharField(max_length=16)
    state_to = models.CharField(max_length=16)
    at = models.DateTimeField()
    incident_id = models.BigIntegerField(null=True)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["unit", "-at"], name="units_statuslog_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.state_from}→{self.state_to}"


class Shift(models.Model):
    """When a unit is planned to be on duty."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["unit", "starts_at"], name="units_shift_unit")]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="units_shift_forward")
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.starts_at:%m-%d %H:%M}"


class CrewMember(models.Model):
    """Who is on a unit, from when to when."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="crew")
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="crew_duties")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(left_at=None), name="units_person_on_one_unit"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.unit_id}"


class DeskDuty(models.Model):
    """Who is on duty at a desk (an organisation's command room), in which role, from when to when."""

    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="desk_duties")
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=20)
    taken_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("organisation_id",)

    class Meta:
        ordering = ["taken_at", "id"]
        indexes = [
            models.Index(fields=["organisation"], name="units_desk_now", condition=models.Q(left_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(left_at=None), name="units_person_at_one_desk"
            ),
            models.CheckConstraint(
                condition=models.Q(left_at=None) | models.Q(left_at__gte=models.F("taken_at")),
                name="units_desk_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.organisation_id}"


class UnitPosition(models.Model):
    """Where a unit was last seen. Lives in the positions database; ``unit_id`` is no foreign key."""

    unit_id = models.BigIntegerField(primary_key=True)
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.BigIntegerField()
    speed_mps = models.FloatField(null=True)
    heading_deg = models.FloatField(null=True)
    fixed_at = models.DateTimeField()
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.unit_id}"


class PositionStream(models.Model):
    """How far a device's numbered fixes have been taken: all up to ``upto``, and the stretches beyond a gap.

    ``beyond`` holds pairs of first and last number. Lives in the positions database.
    """

    unit_id = models.BigIntegerField()
    boot = models.CharField(max_length=32)
    upto = models.BigIntegerField(default=0)
    beyond = models.JSONField(default=list)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit_id", "boot"], name="units_stream_once")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.boot} ≤{self.upto}"


class PositionFix(models.Model):
    """A reported position, kept for a limited time. One row per unit, device run and sequence number.

    That there is only one is seen to by the row of its stream, which is held while a batch is taken: an index that
    says it again would cost as much as all else that is written (docs/decisions/positions-once.md).
    """

    unit_id = models.BigIntegerField()
    boot = models.CharField(max_length=32)
    seq = models.BigIntegerField()
    lon = models.FloatField()
    lat = models.FloatField()
    speed_mps = models.FloatField(null=True)
    heading_deg = models.FloatField(null=True)
    fixed_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["unit_id", "fixed_at"], name="units_fix_track"),
            models.Index(fields=["received_at"], name="units_fix_age"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.boot}/{self.seq}"
