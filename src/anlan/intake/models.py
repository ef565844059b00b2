"""Calls, the incidents they tell of, who called (apart), and what ties incidents together."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.core import shut
from anlan.core.purpose import ProtectedCharField
from anlan.core.scope import ScopedQuerySet
from anlan.intake.rules import (
    CALL,
    CALLS_WAITING,
    CALLS_WITHOUT_MATTER,
    ENDED_STATES,
    INCIDENT,
    OPEN_STATES,
    PRIORITIES,
    TRACK_LABELS,
)

LOCATION_SOURCES = [
    ("point", _("set on the map")),
    ("place", _("chosen from the gazetteer")),
    ("address", _("read from the address")),
    ("network", _("rough position of the telephone")),
    ("import", _("from another system")),
]


class Incident(models.Model):
    """What needs a response. Many calls may tell of one incident.

    ``holder`` has it since ``held_since`` (from the first call where that is empty): whoever got it first,
    until another accepted it. ``routed_to`` is the town room it was routed to and that has not sent it
    back; it sees the incident whether or not it has signed yet.
    """

    number = models.CharField(max_length=16, unique=True)
    code = models.CharField(max_length=4)
    taxonomy_version = models.PositiveSmallIntegerField(default=1)
    is_code_confirmed = models.BooleanField(default=False)
    priority = models.CharField(max_length=2, choices=[(p, p) for p in PRIORITIES])
    priority_rule = models.CharField(max_length=48)
    track = models.CharField(max_length=1, choices=list(TRACK_LABELS.items()))
    track_rule = models.CharField(max_length=48)
    rules_version = models.CharField(max_length=32, blank=True)
    danger = models.JSONField(default=list)
    is_major = models.BooleanField(default=False)
    is_valid = models.BooleanField(default=True)
    state = models.CharField(max_length=16, choices=INCIDENT.choices, default="open")
    state_since = models.DateTimeField()
    narrative = models.TextField(blank=True)
    address_text = models.CharField(max_length=200, blank=True)
    place = models.ForeignKey("places.Place", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    location_radius_m = models.FloatField(null=True, blank=True)
    location_source = models.CharField(max_length=10, choices=LOCATION_SOURCES, blank=True)
    location_confidence = models.FloatField(null=True, blank=True)
    cell = models.BigIntegerField(null=True, blank=True)
    setting = models.CharField(max_length=8, default="town")
    beat_code = models.CharField(max_length=32, blank=True)
    station = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False)
    town_room = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False
    )
    holder = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False)
    held_since = models.DateTimeField(null=True, blank=True)
    routed_to = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    origin = models.CharField(max_length=8, default="citizen")
    received_at = models.DateTimeField()
    occurred_from = models.DateTimeField(null=True, blank=True)
    occurred_to = models.DateTimeField(null=True, blank=True)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    first_arrived_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    bounces = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )
    source = models.CharField(max_length=32, default="live")
    external_id = models.CharField(max_length=64, null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("station_id", "town_room_id", "holder_id", "routed_to_id")
    shut_fields = {"pk": shut.INCIDENT, "merged_into_id": shut.INCIDENT}

    class Meta:
        indexes = [
            models.Index(
                fields=["priority", "received_at"],
                name="intake_incident_queue",
                condition=models.Q(state__in=OPEN_STATES),
            ),
            models.Index(
                fields=["station", "priority", "received_at"],
                name="intake_incident_station_queue",
                condition=models.Q(state__in=OPEN_STATES),
            ),
            models.Index(
                fields=["town_room", "priority", "received_at"],
                name="intake_incident_town_queue",
                condition=models.Q(state__in=OPEN_STATES),
            ),
            models.Index(fields=["-received_at", "-id"], name="intake_incident_recent"),
            models.Index(fields=["station", "-received_at"], name="intake_incident_station"),
            models.Index(fields=["town_room", "-received_at"], name="intake_incident_town"),
            models.Index(fields=["cell", "-received_at"], name="intake_incident_cell"),
            models.Index(
                fields=["merged_into"],
                name="intake_incident_merged",
                condition=models.Q(merged_into__isnull=False),
            ),
            models.Index(
                fields=["state_since"],
                name="intake_incident_keeping",
                condition=models.Q(state__in=ENDED_STATES, erased_at__isnull=True),
            ),
        ]
        constraints = [
            INCIDENT.constraint(),
            models.UniqueConstraint(fields=["source", "external_id"], name="intake_incident_external_once"),
            models.CheckConstraint(
                condition=~models.Q(state="closed") | models.Q(closed_at__isnull=False),
                name="intake_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="merged") | models.Q(merged_into__isnull=False),
                name="intake_merged_has_target",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Call(models.Model):
    """One contact with the centre: a ring, a message, somebody at the desk.

    ``filed_under`` is the incident the call was put under by a person; ``incident`` is where that
    incident's duplicate links lead in the end. A merge moves only ``incident``, so that undoing it
    puts every call back exactly. ``is_opening`` marks the one call that opened ``filed_under``.
    """

    class Channel(models.TextChoices):
        PHONE = "phone", _("phone")
        SMS = "sms", _("text message")
        APP = "app", _("app or web")
        WALK_IN = "walk_in", _("walk-in")
        PATROL = "patrol", _("found by patrol")
        DEVICE = "device", _("alarm device")
        PARTNER = "partner", _("from a partner desk")

    class Type(models.TextChoices):
        REPORT = "report", _("report")
        HELP = "help", _("request for help")
        COMPLAINT = "complaint", _("complaint")
        ENQUIRY = "enquiry", _("enquiry")
        FOLLOW_UP = "follow_up", _("follow-up")
        SILENT = "silent", _("silent")
        COVERT = "covert", _("caller can't speak freely")
        PRANK = "prank", _("prank")
        WRONG_NUMBER = "wrong_number", _("wrong number")
        TEST = "test", _("test")

    number = models.CharField(max_length=20, unique=True)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.PHONE)
    call_type = models.CharField(max_length=12, choices=Type.choices, default=Type.REPORT)
    state = models.CharField(max_length=16, choices=CALL.choices, default="ringing")
    state_since = models.DateTimeField()
    line = models.CharField(max_length=16, blank=True)
    ringing_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    narrative = models.TextField(blank=True)
    address_text = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    location_radius_m = models.FloatField(null=True, blank=True)
    cell = models.BigIntegerField(null=True, blank=True)
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="calls")
    filed_under = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="filed_calls")
    is_opening = models.BooleanField(default=False)
    taker = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    seat = models.CharField(max_length=16, blank=True)
    recording_ref = models.CharField(max_length=120, blank=True)
    invalid_reason = models.CharField(max_length=24, blank=True)
    station = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("station_id",)
    shut_fields = shut.BY_INCIDENT

    class Meta:
        indexes = [
            models.Index(
                fields=["ringing_at"], name="intake_call_rang", condition=models.Q(ringing_at__isnull=False)
            ),
            models.Index(
                fields=["state_since"],
                name="intake_call_waiting",
                condition=models.Q(state__in=CALLS_WAITING),
            ),
            models.Index(
                fields=["state_since"],
                name="intake_call_keeping",
                condition=models.Q(state__in=CALLS_WITHOUT_MATTER, incident__isnull=True, erased_at__isnull=True),
            ),
        ]
        constraints = [
            CALL.constraint(),
            models.UniqueConstraint(
                fields=["filed_under"],
                condition=models.Q(is_opening=True),
                name="intake_one_opening_call",
            ),
            models.CheckConstraint(
                condition=models.Q(incident=None, filed_under=None)
                | models.Q(incident__isnull=False, filed_under__isnull=False),
                name="intake_call_filed_with_incident",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Reporter(models.Model):
    """Who called: apart from everything else, read only with a purpose, logged, and erased in time.

    ``salt`` keys the hash of the phone in events; erasing the row makes that hash meaningless.
    """

    call = models.OneToOneField(Call, models.PROTECT, related_name="reporter")
    name = ProtectedCharField(max_length=40, blank=True)
    phone = ProtectedCharField(max_length=24, blank=True)
    salt = models.CharField(max_length=32)
    is_confidential = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"reporter of {self.call_id}"


class IncidentTag(models.Model):
    """A label on an incident in one dimension; corrections supersede, nothing is overwritten."""

    class State(models.TextChoices):
        SUGGESTED = "suggested", _("suggested")
        CONFIRMED = "confirmed", _("confirmed")
        CORRECTED = "corrected", _("corrected")
        AUDITED = "audited", _("audited")

    class Source(models.TextChoices):
        RULE = "rule", _("rule")
        MODEL = "model", _("model")
        TAKER = "taker", _("call taker")
        OFFICER = "officer", _("officer")
        REVIEWER = "reviewer", _("reviewer")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="tags")
    dimension = models.CharField(max_length=24)
    value = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUGGESTED)
    source = models.CharField(max_length=10, choices=Source.choices)
    confidence = models.FloatField(null=True)
    evidence = models.JSONField(default=list)
    model_version = models.CharField(max_length=32, blank=True)
    set_at = models.DateTimeField()
    set_by = models.BigIntegerField(null=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supersedes")

    class Meta:
        indexes = [
            models.Index(
                fields=["incident", "dimension"],
                name="intake_tag_current",
                condition=models.Q(superseded_by=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.dimension}:{self.value}"


class IncidentLink(models.Model):
    """Two incidents belong together: the same event (duplicate) or the same matter again (repeat)."""

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate", _("same event, another caller")
        REPEAT = "repeat", _("the same matter again")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="links")
    earlier = models.ForeignKey(Incident, models.PROTECT, related_name="later_links")
    score = models.FloatField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["earlier", "kind"], name="intake_link_earlier")]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind"],
                condition=models.Q(undone_at=None),
                name="intake_one_link_per_kind",
            ),
            models.CheckConstraint(
                condition=~models.Q(incident=models.F("earlier")), name="intake_link_not_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.kind} of {self.earlier_id}"


class Transfer(models.Model):
    """A matter offered to a partner desk (12345, 119, 120), with receipt, and sometimes back."""

    class State(models.TextChoices):
        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        RETURNED = "returned", _("returned")
        WITHDRAWN = "withdrawn", _("withdrawn")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="transfers")
    partner = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    offered_from = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="+")
    is_three_way = models.BooleanField(default=True)
    keeps_police = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    state_since = models.DateTimeField()
    offered_at = models.DateTimeField()
    offered_by = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("partner_id", "incident__station_id", "incident__town_room_id")
    shut_fields = shut.BY_INCIDENT

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "partner"],
                condition=models.Q(state__in=("offered", "accepted")),
                name="intake_one_open_transfer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} → {self.partner_id}"


class StepReason(models.Model):
    """Why somebody overrode, corrected or sent back: the words beside the event that tells of it."""

    event = models.OneToOneField("core.Event", models.PROTECT, related_name="reason")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="reasons")
    text = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"reason of {self.event_id}"


class CallBack(models.Model):
    """A caller who must be called back: silent, cut off, or unable to speak."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="call_backs")
    reason = models.CharField(max_length=24)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=24, blank=True)
    done_by = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="intake_callback_due", condition=models.Q(done_at=None))]
        constraints = [
            models.UniqueConstraint(
                fields=["call"], condition=models.Q(done_at=None), name="intake_one_open_callback"
            )
        ]

    def __str__(self) -> str:
        return f"call back {self.call_id}"


class Switch(models.Model):
    """A telephone switch that reports here: whether its lines work, since when, and when it was last heard."""

    name = models.CharField(max_length=32, unique=True)
    is_up = models.BooleanField(default=True)
    since = models.DateTimeField()
    heard_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
