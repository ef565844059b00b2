"""The vocabulary of tags and incident types, as versions in time."""

from __future__ import annotations

from django.db import models


class TaxonomyVersion(models.Model):
    """One edition of the incident types. Statistics of older editions are re-stated by mapping.

    ``groups`` are the level-1 rows ``{code, zh, en}``; ``escalations`` what brings a dispute to the
    joint track ``{when, scope, track, zh, en}``.
    """

    version = models.PositiveSmallIntegerField(unique=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    is_in_force = models.BooleanField(default=False)
    groups = models.JSONField(default=list)
    escalations = models.JSONField(default=list)

    class Meta:
        constraints = [
            # On valid_to itself the rule would hold nothing: two NULLs never collide.
            models.UniqueConstraint(
                fields=["is_in_force"], condition=models.Q(is_in_force=True), name="tagging_one_taxonomy_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class IncidentType(models.Model):
    """A row of the taxonomy: what it is called, how urgent, whose track, how soon, how it is closed.

    ``exceptions`` are ``{when, priority, zh, en}``: what on the spot makes it more urgent.
    Invalid types have neither priority nor track.
    """

    taxonomy = models.ForeignKey(TaxonomyVersion, models.PROTECT, related_name="types")
    code = models.CharField(max_length=4)
    parent_code = models.CharField(max_length=2, blank=True)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=80)
    priority = models.CharField(max_length=2, blank=True)
    track = models.CharField(max_length=1, blank=True)
    tracks_also = models.CharField(max_length=4, blank=True)
    arrive_town_s = models.PositiveIntegerField(null=True)
    arrive_suburb_s = models.PositiveIntegerField(null=True)
    arrive_rural_s = models.PositiveIntegerField(null=True)
    close_rule = models.CharField(max_length=24, blank=True)
    push = models.CharField(max_length=8, blank=True)
    family = models.CharField(max_length=12, blank=True)
    external_code = models.CharField(max_length=16, blank=True)
    is_valid_incident = models.BooleanField(default=True)
    arrive_note = models.JSONField(default=dict, blank=True)
    exceptions = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["taxonomy", "code"], name="tagging_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"


class TagValue(models.Model):
    """One value of one tag dimension; ``set_by`` says what proposes it (engine, clock, feed, officer, intake)."""

    dimension = models.CharField(max_length=24)
    value = models.CharField(max_length=40)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    set_by = models.CharField(max_length=10, blank=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["dimension", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["dimension", "value"],
                condition=models.Q(valid_to=None),
                name="tagging_one_value_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dimension}:{self.value}"


class TransferItem(models.Model):
    """A type of matter on the list agreed with a partner desk (12345, 119, 120)."""

    list_version = models.CharField(max_length=16)
    code = models.CharField(max_length=4)
    partner_code = models.CharField(max_length=8)
    is_non_urgent = models.BooleanField(default=False)
    police_also = models.BooleanField(default=False)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["code", "partner_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "partner_code"],
                condition=models.Q(valid_to=None),
                name="tagging_one_transfer_item_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} → {self.partner_code}"


class ExternalCode(models.Model):
    """How another system's code maps to ours."""

    system = models.CharField(max_length=32)
    code = models.CharField(max_length=32)
    maps_to = models.CharField(max_length=4)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["system", "code"],
                condition=models.Q(valid_to=None),
                name="tagging_one_mapping_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.system}:{self.code} → {self.maps_to}"
