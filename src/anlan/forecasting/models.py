"""Forecasts as they were issued, what became of them, and alarms that one is no longer what it was."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.forecasting.rules import ALARMS


class ForecastRelease(models.Model):
    """A version of the models as the register keeps it: judged once, audited, signed or withdrawn by a person.

    ``judged_on`` is the first local day it may speak of: everything it was judged and is fitted on lies before.
    ``record_sha256`` names that record. ``chosen`` says which model each family is shown by, ``card`` why.
    ``audit`` holds what the gates found, ``blocked`` the families they hold back (family to reasons): these are told
    by the bar until another version passes. ``approved_by`` is the person who signed, ``withdrawn_reason`` why one
    took it back.
    """

    version = models.CharField(max_length=40, unique=True)
    judged_on = models.DateField(unique=True)
    judged_at = models.DateTimeField()
    model_version = models.CharField(max_length=40)
    record_sha256 = models.CharField(max_length=64)
    record_days = models.PositiveIntegerField()
    seed = models.PositiveIntegerField()
    chosen = models.JSONField()
    scatter = models.JSONField()
    card = models.JSONField()
    audit = models.JSONField(default=dict)
    audited_at = models.DateTimeField(null=True, blank=True)
    blocked = models.JSONField(default=dict)
    approved_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-judged_on"]

    def __str__(self) -> str:
        return self.version


class ForecastRun(models.Model):
    """One night's forecast. What it said stands as it was issued; nothing is written over.

    ``day`` is the first local day it speaks of, made from days before it only; ``record_sha256`` names exactly what
    it was made from. ``chosen`` says which model each family is shown by, ``card`` why: the scores of the test days.
    ``facts`` are days used, holes, weather known. ``is_replayed`` marks a run made later from what was known then.
    """

    day = models.DateField(unique=True)
    issued_at = models.DateTimeField()
    is_replayed = models.BooleanField(default=False)
    model_version = models.CharField(max_length=40)
    record_sha256 = models.CharField(max_length=64)
    seed = models.PositiveIntegerField()
    cell_m = models.FloatField()
    grid = models.JSONField()
    cells = models.BinaryField()
    stations = models.JSONField()
    chosen = models.JSONField()
    card = models.JSONField()
    facts = models.JSONField()
    release = models.ForeignKey(ForecastRelease, models.PROTECT, null=True, related_name="runs")
    scored_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-day"]
        indexes = [models.Index(fields=["day"], name="forecasting_run_open", condition=Q(scored_at=None))]

    def __str__(self) -> str:
        return f"forecast for {self.day}"


class ForecastSheet(models.Model):
    """What a run said of one family on one day: means by shift and place, packed; the bar's beside the shown ones.

    ``places`` is "cell" or "station", ``lead_days`` 0 for the run's own day. ``scatter`` widens intervals of totals.
    """

    run = models.ForeignKey(ForecastRun, models.CASCADE, related_name="sheets")
    family = models.CharField(max_length=12)
    places = models.CharField(max_length=8)
    lead_days = models.PositiveSmallIntegerField()
    model = models.CharField(max_length=32)
    means = models.BinaryField()
    bar = models.BinaryField()
    scatter = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "family", "places", "lead_days"], name="forecasting_one_sheet")
        ]

    def __str__(self) -> str:
        return f"{self.family} by {self.places}"


class ForecastScore(models.Model):
    """What a sheet of its own day was worth: the sums from which every figure of the card is a ratio.

    ``sums`` and ``bar_sums`` are in the order of ``columns``; ``hits`` which flagged cells were hit and what was
    missed, by shift; ``inside`` how many of the ``intervals`` (80 %) of area totals held.
    """

    sheet = models.OneToOneField(ForecastSheet, models.CASCADE, related_name="score")
    day = models.DateField()
    family = models.CharField(max_length=12)
    places = models.CharField(max_length=8)
    scored_at = models.DateTimeField()
    columns = models.JSONField()
    sums = models.JSONField()
    bar_sums = models.JSONField()
    inside = models.FloatField(default=0.0)
    intervals = models.PositiveIntegerField(default=0)
    hits = models.JSONField(default=dict)

    class Meta:
        ordering = ["-day", "family"]
        indexes = [models.Index(fields=["family", "places", "-day"], name="forecasting_score_days")]

    def __str__(self) -> str:
        return f"score of {self.family} on {self.day}"


class ForecastAlarm(models.Model):
    """A family's forecast is off: its level, or how often its intervals hold. Ends by itself when right again."""

    family = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=list(ALARMS.items()))
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    value = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    n = models.PositiveIntegerField()

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["family", "kind"], condition=Q(ended_at=None), name="forecasting_one_open_alarm"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.family}"


class Population(models.Model):
    """How many residents an area or a cell has, from a file: a place shown by itself has 500 of them or more.

    Either ``area_kind`` and ``code`` name an area in force, or ``lon`` and ``lat`` the middle of a cell ``cell_m``
    wide. A newer file of the same place takes the older figure's place.
    """

    area_kind = models.CharField(max_length=12, blank=True)
    code = models.CharField(max_length=32, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    cell_m = models.FloatField(null=True, blank=True)
    residents = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["area_kind", "code"], condition=~Q(code=""), name="forecasting_one_population_area"
            ),
            models.UniqueConstraint(
                fields=["lon", "lat"], condition=Q(code=""), name="forecasting_one_population_cell"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.residents} in {self.code or (self.lon, self.lat)}"
