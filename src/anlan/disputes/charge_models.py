"""In whose charge a file is within the organisation that owns it: a team, or one officer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.disputes.file_scope import FileRows

OF_FILE = tuple(f"file__{field}" for field in ("station_id", "town_room_id", "holder_id", "mediating_id"))


class FileCharge(models.Model):
    """The owner gave the file to one of its teams or officers (承办), from then until it gave it to another.

    It holds while ``organisation`` owns the file: once another accepts, that one gives it to its own people.
    """

    file = models.ForeignKey("disputes.DisputeFile", models.PROTECT, related_name="charges")
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey("units.Unit", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    person = models.ForeignKey(
        "accounts.Person", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    given_at = models.DateTimeField()
    given_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = FileRows.as_manager()
    scope_fields = OF_FILE
    file_field = "file_id"

    class Meta:
        ordering = ["given_at", "id"]
        indexes = [
            models.Index(fields=["unit"], name="disputes_charge_unit", condition=Q(ended_at=None)),
            models.Index(fields=["person"], name="disputes_charge_person", condition=Q(ended_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["file"], condition=Q(ended_at=None), name="disputes_one_charge_a_file"),
            models.CheckConstraint(
                condition=Q(unit=None, person__isnull=False) | Q(unit__isnull=False, person=None),
                name="disputes_charge_names_one",
            ),
        ]

    def __str__(self) -> str:
        return f"charge of {self.file_id}"

    @property
    def to(self) -> str:
        """The call sign of the team, or the officer's name."""
        if self.unit is not None:
            return str(self.unit.call_sign)
        return str(self.person.name) if self.person is not None else ""
