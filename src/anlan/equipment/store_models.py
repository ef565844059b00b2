"""What stations share and count: bookings, transfers with two signatures, counts of the store."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from anlan.core.scope import ScopedQuerySet
from anlan.equipment.life_rules import BOOKING, TRANSFER


class Booking(models.Model):
    """Somebody wants a thing for a time. Its hours stand in ``BookedHour``: the store lets no hour be taken twice."""

    item = models.ForeignKey("equipment.Item", models.PROTECT, related_name="bookings")
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=BOOKING.choices, default="asked")
    state_since = models.DateTimeField()
    decided_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("item__owner_id", "item__place_id")

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            BOOKING.constraint(),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="equipment_booking_forward"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("person")), name="equipment_booking_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"


class BookedHour(models.Model):
    """An hour (counted from 1970) in which a thing is spoken for; free again when the booking is over."""

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="hours")
    item = models.ForeignKey("equipment.Item", models.PROTECT, related_name="+")
    hour = models.PositiveIntegerField()

    class Meta:
        ordering = ["hour"]
        constraints = [models.UniqueConstraint(fields=["item", "hour"], name="equipment_hour_booked_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.hour}"


class ItemTransfer(models.Model):
    """A thing goes from one station's store to another's: one signs it out, another signs it in."""

    item = models.ForeignKey("equipment.Item", models.PROTECT, related_name="transfers")
    origin = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    goal = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=TRANSFER.choices, default="under_way")
    state_since = models.DateTimeField()
    given_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    taken_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("origin_id", "goal_id")

    class Meta:
        ordering = ["-given_at", "-id"]
        constraints = [
            TRANSFER.constraint(),
            models.UniqueConstraint(
                fields=["item"], condition=Q(state="under_way"), name="equipment_one_transfer_under_way"
            ),
            models.CheckConstraint(
                condition=Q(taken_by=None) | ~Q(taken_by=F("given_by")), name="equipment_two_signatures"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"


class StockCount(models.Model):
    """The store counted with a handheld, against the book: numbers of items seen and missing.

    ``others`` are numbers of things the book says are elsewhere (another store, lent, missing), ``strangers`` what
    nobody knows. ``model``: only things of that kind were counted. Open until it is settled, so that sweeps add up.
    """

    place = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    model = models.ForeignKey("equipment.ItemModel", models.PROTECT, null=True, related_name="+")
    counted_at = models.DateTimeField()
    counted_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    expected = models.PositiveIntegerField()
    seen = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    others = models.JSONField(default=list)
    strangers = models.JSONField(default=list)
    settled_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("place_id",)

    class Meta:
        ordering = ["-counted_at", "-id"]

    def __str__(self) -> str:
        return f"{self.place_id} {self.counted_at:%Y-%m-%d}"
