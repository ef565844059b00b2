"""Where things are and what the sky does: areas, roads, gazetteer, fixed points, notes about premises, weather."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Area(models.Model):
    """A polygon somebody answers for, as a version in time; its setting decides the arrival target."""

    class Kind(models.TextChoices):
        COUNTY = "county", _("county")
        ZONE = "zone", _("zone")
        STATION = "station", _("station area")
        TOWN = "town", _("street or town")
        BEAT = "beat", _("beat")

    class Setting(models.TextChoices):
        TOWN = "town", _("town")
        SUBURB = "suburb", _("suburb")
        RURAL = "rural", _("countryside")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    code = models.CharField(max_length=32)
    name_zh = models.CharField(max_length=64)
    name_en = models.CharField(max_length=64, blank=True)
    setting = models.CharField(max_length=8, choices=Setting.choices, default=Setting.TOWN)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="areas")
    polygon = models.JSONField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code"], condition=models.Q(valid_to=None), name="places_one_area_in_force"
            )
        ]

    def __str__(self) -> str:
        return self.name_zh


class RoadNetwork(models.Model):
    """A road file taken in. The graph itself is a memory-mapped file; this row says which one is in use."""

    name = models.CharField(max_length=64)
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200)
    nodes = models.PositiveIntegerField()
    edges = models.PositiveIntegerField()
    attribution = models.CharField(max_length=200)
    imported_at = models.DateTimeField()
    is_active = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=models.Q(is_active=True), name="places_one_active_network"
            )
        ]

    def __str__(self) -> str:
        return self.name


class RoadCondition(models.Model):
    """What holds on some roads beyond the map: closed, or slower than they would be. Set by a desk, until it ends.

    The roads are those within ``radius_m`` of the point, or the one road nearest it where that is 0. ``hours``
    (opening hours as OpenStreetMap writes them, "Mo-Fr 07:00-09:30") let a slow-down come back every week.
    ``factor`` is how many times as long a road takes, none where it is closed. With ``heading_deg`` (compass) only
    who drives that way along the road at the point is meant.
    """

    class Kind(models.TextChoices):
        CLOSED = "closed", pgettext_lazy("road", "closed")
        SLOW = "slow", _("slow")

    class Cause(models.TextChoices):
        WATER = "water", _("water on the road")
        SNOW_ICE = "snow_ice", _("snow or ice")
        WORKS = "works", _("road works")
        CRASH = "crash", _("traffic accident")
        EVENT = "event", _("event or market")
        OPERATION = "operation", _("cordon or operation")
        TRAFFIC = "traffic", _("heavy traffic")
        OTHER = "other", _("other reason")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    text = models.CharField(max_length=120, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    radius_m = models.FloatField(default=0)
    factor = models.FloatField(null=True, blank=True)
    heading_deg = models.FloatField(null=True, blank=True)
    hours = models.CharField(max_length=120, blank=True)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="+")
    set_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    lifted_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="closed", factor=None) | models.Q(kind="slow", factor__gt=1),
                name="places_condition_factor",
            ),
            models.CheckConstraint(
                condition=models.Q(heading_deg=None) | models.Q(heading_deg__gte=0, heading_deg__lt=360, radius_m=0),
                name="places_condition_heading",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="places_condition_ends"
            ),
        ]
        indexes = [models.Index(fields=["-ends_at"], name="places_condition_ends_at")]

    def __str__(self) -> str:
        return f"{self.kind} {self.lon:.5f} {self.lat:.5f}"


class Basemap(models.Model):
    """A file of map tiles: drawn here from a road file, or a bureau's own. The row says which one is shown."""

    class Origin(models.TextChoices):
        DRAWN = "drawn", _("drawn from a road file")
        IMPORTED = "imported", _("the bureau's own tiles")

    class Kind(models.TextChoices):
        MVT = "mvt", _("vector")
        PNG = "png", "PNG"
        JPEG = "jpeg", "JPEG"
        WEBP = "webp", "WebP"

    name = models.CharField(max_length=64)
    origin = models.CharField(max_length=8, choices=Origin.choices)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField()
    min_zoom = models.PositiveSmallIntegerField()
    max_zoom = models.PositiveSmallIntegerField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    attribution = models.CharField(max_length=200)
    approval_number = models.CharField(max_length=64, blank=True)
    is_synthetic = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    is_active = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=models.Q(is_active=True), name="places_one_active_basemap"
            )
        ]

    def __str__(self) -> str:
        return self.name


class RoadPace(models.Model):
    """How many times as long as the map says roads take, by vehicle, mode, class and part of the week.

    The newest counts. ``content`` is the fit as ``anlan.engines.arrival.paces`` gives it, learned from ``drives``
    drives of the bureau's own units: rates by group, no unit, no matter and no place.
    """

    learned_at = models.DateTimeField(db_index=True)
    drives = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    content = models.JSONField()

    def __str__(self) -> str:
        return f"{self.learned_at:%Y-%m-%d} n={self.drives}"


class Place(models.Model):
    """An entry of the gazetteer."""

    class Kind(models.TextChoices):
        ROAD = "road", _("road")
        HOUSE_NUMBER = "house_number", _("house number")
        ESTATE = "estate", _("residential estate")
        BUILDING = "building", _("building")
        VILLAGE = "village", _("village or group")
        LANDMARK = "landmark", _("landmark")
        JUNCTION = "junction", _("junction")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    aliases = models.JSONField(default=list, blank=True)
    road = models.CharField(max_length=80, blank=True)
    number = models.CharField(max_length=16, blank=True)
    area_code = models.CharField(max_length=32, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.BigIntegerField()
    source = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "name_zh"], name="places_place_name")]

    def __str__(self) -> str:
        return self.name_zh


class PremiseNote(models.Model):
    """A hazard of a place that those who go there must know; never a word about who lives there."""

    class Hazard(models.TextChoices):
        DOG = "dog", _("dog")
        GAS = "gas", _("gas")
        STAIRS = "stairs", _("steep or narrow stairs")
        ACCESS = "access", _("difficult access")
        WATER = "water", _("water")
        ELECTRICITY = "electricity", _("electricity")
        CHEMICALS = "chemicals", _("chemicals")
        STRUCTURE = "structure", _("unsafe structure")
        SIGNAL = "signal", _("no radio signal")

    hazard = models.CharField(max_length=16, choices=Hazard.choices)
    text = models.CharField(max_length=120, blank=True)
    address_text = models.CharField(max_length=200)
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="notes")
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    is_dwelling = models.BooleanField(default=False)
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.BigIntegerField(db_index=True)
    source = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    scope_fields = ("organisation_id",)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="places_note_expiry")]

    def __str__(self) -> str:
        return f"{self.hazard} {self.address_text}"


class Point(models.Model):
    """A fixed spot of the patrol: a booth, a place that must be covered, a place to stand by; a version in time."""

    class Kind(models.TextChoices):
        BOOTH = "booth", _("police booth")
        MUST_COVER = "must_cover", _("must-cover point")
        STANDBY = "standby", _("standby point")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    code = models.CharField(max_length=32)
    name_zh = models.CharField(max_length=64)
    name_en = models.CharField(max_length=64, blank=True)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="points")
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.BigIntegerField()
    source = models.CharField(max_length=64)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code"], condition=models.Q(valid_to=None), name="places_one_point_in_force"
            )
        ]

    def __str__(self) -> str:
        return self.name_zh


class WeatherReading(models.Model):
    """One hour or moment of weather as a feed told it: measured, or forecast.

    A forecast keeps when it was issued, so that what was known at eight can be told at noon.
    """

    class Form(models.TextChoices):
        OBSERVED = "observed", _("measured")
        FORECAST = "forecast", _("forecast")

    source = models.CharField(max_length=64)
    spot = models.CharField(max_length=32, blank=True)  # an area's code; empty for the whole jurisdiction
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    form = models.CharField(max_length=8, choices=Form.choices)
    issued_at = models.DateTimeField()
    valid_at = models.DateTimeField()
    received_at = models.DateTimeField()
    temperature_c = models.FloatField(null=True, blank=True)
    rain_mm_h = models.FloatField(null=True, blank=True)
    wind_mps = models.FloatField(null=True, blank=True)
    visibility_m = models.FloatField(null=True, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "spot", "form", "issued_at", "valid_at"], name="places_one_reading"
            )
        ]
        indexes = [models.Index(fields=["form", "-valid_at"], name="places_weather_latest")]

    def __str__(self) -> str:
        return f"{self.source} {self.form} {self.valid_at:%Y-%m-%d %H:%M}"


class WeatherWarning(models.Model):
    """A warning of the weather service, from its issue until it ends or is lifted."""

    class Level(models.TextChoices):
        BLUE = "blue", _("blue")
        YELLOW = "yellow", _("yellow")
        ORANGE = "orange", _("orange")
        RED = "red", _("red")

    class Kind(models.TextChoices):
        RAINSTORM = "rainstorm", _("rainstorm")
        TYPHOON = "typhoon", _("typhoon")
        WIND = "wind", _("strong wind")
        FOG = "fog", _("fog")
        ICE = "ice", _("icy roads")
        SNOW = "snow", _("snowstorm")
        COLD = "cold", _("cold wave")
        HEAT = "heat", _("heat")
        THUNDER = "thunder", _("thunderstorm")
        HAIL = "hail", _("hail")
        OTHER = "other", _("other weather")

    source = models.CharField(max_length=64)
    number = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    level = models.CharField(max_length=6, choices=Level.choices)
    spot = models.CharField(max_length=32, blank=True)
    text = models.CharField(max_length=200, blank=True)
    issued_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="places_one_warning")]
        indexes = [models.Index(fields=["-ends_at"], name="places_warning_ends")]

    def __str__(self) -> str:
        return f"{self.kind} {self.level} {self.number}"
