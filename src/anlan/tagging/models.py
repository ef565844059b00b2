"""The vocabulary of tags and incident types, as versions in time."""

from __future__ import annotations

from django.db import models


class TaxonomyVersion(models.Model):
    """One edition of the incident types. Statistics of older editions are re-stated by mapping."""

    version = models.PositiveSmallIntegerField(unique=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valid_to"], condition=models.Q(valid_to=None), name="tagging_one_taxonomy_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class IncidentType(models.Model):
    """A row of the taxonomy: what it is called, how urgent, whose track, how soon, how it is closed."""

    taxonomy = models.ForeignKey(TaxonomyVersion, models.PROTECT, related_name="types")
    code = models.CharField(max_length=4)
    parent_code = models.CharField(max_length=2, blank=True)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=80)
    priority = models.CharField(max_length=2)
    track = models.CharField(max_length=1)
    tracks_also = models.CharField(max_length=4, blank=True)
    arrive_town_s = models.PositiveIntegerField(null=True)
    arrive_suburb_s = models.PositiveIntegerField(null=True)
    arrive_rural_s = models.PositiveIntegerField(null=True)
    close_rule = models.CharField(max_length=24, blank=True)
    push = models.CharField(max_length=8, blank=True)
    family = models.CharField(max_length=12, blank=True)
    external_code = models.CharField(max_length=16, blank=True)
    is_valid_incident = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["taxonomy", "code"], name="tagging_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"


class TagValue(models.Model):
    """One value of one tag dimension."""

    dimension = models.CharField(max_length=24)
    value = models.CharField(max_length=40)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
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
