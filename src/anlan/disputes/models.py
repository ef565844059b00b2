"""The dispute file over its incidents, who is in it by role, its level, its pushes, and what came back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.core.purpose import ProtectedCharField
from anlan.disputes.charge_models import FileCharge as FileCharge
from anlan.disputes.file_scope import FileRows
from anlan.disputes.mediation_models import Agreement as Agreement
from anlan.disputes.mediation_models import DeskTicket as DeskTicket
from anlan.disputes.mediation_models import JudicialConfirmation as JudicialConfirmation
from anlan.disputes.mediation_models import Mediation as Mediation
from anlan.disputes.mediation_models import MediationBody as MediationBody
from anlan.disputes.mediation_models import MediationPaper as MediationPaper
from anlan.disputes.mediation_models import MediationPause as MediationPause
from anlan.disputes.mediation_models import MediationRoom as MediationRoom
from anlan.disputes.mediation_models import Mediator as Mediator
from anlan.disputes.mediation_models import Obligation as Obligation
from anlan.disputes.mediation_models import Session as Session
from anlan.disputes.mediation_models import SessionAttendance as SessionAttendance
from anlan.disputes.mediation_models import SessionMinutes as SessionMinutes
from anlan.disputes.mediation_models import SlotHold as SlotHold
from anlan.disputes.opening_models import OpeningSuggestion as OpeningSuggestion
from anlan.disputes.revisit_models import FileClosing as FileClosing
from anlan.disputes.revisit_models import FileRevisit as FileRevisit
from anlan.disputes.revisit_models import RevisitCall as RevisitCall
from anlan.disputes.rules import (
    AMOUNT_BANDS,
    EXCLUSIONS,
    FILE,
    LEVELS,
    LINK_KINDS,
    LIVE,
    METHODS,
    PUSH,
    PUSH_OPEN,
    PUSH_OUTCOMES,
    RELATIONS,
    RESULTS,
    ROLES,
)
from anlan.disputes.sheet_models import DaySheet as DaySheet

OF_FILE = tuple(f"file__{field}" for field in ("station_id", "town_room_id", "holder_id", "mediating_id"))
"""Whose rows these are: whose their file is."""


class DisputeFile(models.Model):
    """One quarrel, however many calls it made (纠纷档案). Who is in it stands apart, in ``PartyIdentity``.

    ``holder`` owns it until another organisation accepts; ``due_at`` is the next moment somebody must have acted,
    ``due_kind`` what for, ``due_sum`` how it was counted. ``told_due_at`` is the deadline whose passing was told,
    ``warned_at`` when nobody had it. ``track`` is that of the first responder. ``key_salt`` keys the hashes of its
    parties and is emptied with them.
    """

    number = models.CharField(max_length=20, unique=True)
    code = models.CharField(max_length=4)
    state = models.CharField(max_length=16, choices=FILE.choices, default="open")
    state_since = models.DateTimeField()
    level = models.CharField(max_length=6, choices=list(LEVELS.items()), default="blue")
    level_since = models.DateTimeField()
    track = models.CharField(max_length=10, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    relation = models.CharField(max_length=20, choices=list(RELATIONS.items()), blank=True)
    claim = models.CharField(max_length=500, blank=True)
    amount_band = models.CharField(max_length=12, choices=list(AMOUNT_BANDS.items()), blank=True)
    people_count = models.PositiveSmallIntegerField(default=2)
    method = models.CharField(max_length=16, choices=list(METHODS.items()), blank=True)
    result = models.CharField(max_length=20, choices=list(RESULTS.items()), blank=True)
    exclusion = models.CharField(max_length=20, choices=list(EXCLUSIONS.items()), blank=True)
    address_text = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    cell = models.BigIntegerField(null=True, blank=True)
    beat_code = models.CharField(max_length=32, blank=True)
    station = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False)
    town_room = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False
    )
    holder = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False)
    held_since = models.DateTimeField()
    mediating = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    responsible = models.ForeignKey(
        "accounts.Person", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField()
    last_report_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    due_kind = models.CharField(max_length=20, blank=True)
    due_sum = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    reports = models.PositiveSmallIntegerField(default=1)
    returns = models.PositiveSmallIntegerField(default=0)
    push_level = models.PositiveSmallIntegerField(default=0)
    case_number = models.CharField(max_length=32, blank=True)
    case_linked_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )
    merged_from_state = models.CharField(max_length=16, blank=True)
    told_due_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    key_salt = models.CharField(max_length=32, blank=True)
    source = models.CharField(max_length=32, default="live")
    external_id = models.CharField(max_length=64, null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = FileRows.as_manager()
    file_field = "pk"
    scope_fields = ("station_id", "town_room_id", "holder_id", "mediating_id")

    class Meta:
        indexes = [
            models.Index(fields=["holder", "due_at"], name="disputes_file_holder", condition=Q(state__in=LIVE)),
            models.Index(fields=["station", "due_at"], name="disputes_file_station", condition=Q(state__in=LIVE)),
            models.Index(fields=["town_room", "due_at"], name="disputes_file_town", condition=Q(state__in=LIVE)),
            # Lists and counts of what is live are read from this alone, whoever asks: few rows, all they choose by.
            models.Index(
                fields=["due_at", "state", "holder", "mediating", "responsible", "town_room", "station", "returns"],
                name="disputes_file_live",
                condition=Q(state__in=LIVE),
            ),
            models.Index(
                fields=["responsible", "due_at"], name="disputes_file_responsible", condition=Q(state__in=LIVE)
            ),
            models.Index(fields=["mediating", "due_at"], name="disputes_file_mediating", condition=Q(state__in=LIVE)),
            models.Index(
                fields=["-opened_at", "-id", "station", "town_room", "holder", "mediating"],
                name="disputes_file_opened",
            ),
            models.Index(fields=["cell", "-last_report_at"], name="disputes_file_cell"),
            models.Index(fields=["closed_at"], name="disputes_file_closed", condition=Q(closed_at__isnull=False)),
            models.Index(
                fields=["closed_at"],
                name="disputes_file_to_archive",
                condition=Q(state__in=("closed", "revisited", "rated")),
            ),
            models.Index(
                fields=["archived_at"], name="disputes_file_keeping", condition=Q(state="archived", erased_at=None)
            ),
            models.Index(fields=["beat_code", "-opened_at"], name="disputes_file_beat", condition=~Q(beat_code="")),
            models.Index(fields=["merged_into"], name="disputes_file_merged", condition=~Q(merged_into=None)),
        ]
        constraints = [
            FILE.constraint(),
            models.UniqueConstraint(fields=["source", "external_id"], name="disputes_file_external_once"),
            models.CheckConstraint(
                condition=~Q(state__in=LIVE) | Q(holder__isnull=False), name="disputes_live_file_has_holder"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=LIVE) | Q(due_at__isnull=False), name="disputes_live_file_has_due"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("closed", "revisited", "rated", "archived")) | Q(closed_at__isnull=False),
                name="disputes_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(merged_into__isnull=False), name="disputes_merged_has_target"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class FileIncident(models.Model):
    """An incident that belongs to the file: what opened it, more of the same, its return, a case out of it.

    Taken back, the row stays with ``undone_at`` and the file is as it was.
    """

    file = models.ForeignKey(DisputeFile, models.PROTECT, related_name="links")
    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="dispute_links")
    kind = models.CharField(max_length=10, choices=list(LINK_KINDS.items()))
    score = models.FloatField(null=True, blank=True)
    evidence = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.BigIntegerField(null=True)

    objects = FileRows.as_manager()
    file_field = "file_id"
    scope_fields = OF_FILE

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(undone_at=None), name="disputes_incident_in_one_file"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} in {self.file_id}"


class FileKey(models.Model):
    """By which places and causes a file is found again; no person is a key. ``last_at`` is its latest report."""

    file = models.ForeignKey(DisputeFile, models.PROTECT, related_name="keys")
    key = models.CharField(max_length=64)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "-last_at", "-file"], name="disputes_key_files")]
        constraints = [models.UniqueConstraint(fields=["file", "key"], name="disputes_key_once")]

    def __str__(self) -> str:
        return f"{self.key} of {self.file_id}"


class MatchSuggestion(models.Model):
    """A file that a new report may belong to, with the evidence; a person says yes or no, and may take it back."""

    class State(models.TextChoices):
        SUGGESTED = "suggested", _("suggested")
        ACCEPTED = "accepted", pgettext_lazy("match", "accepted")
        REJECTED = "rejected", _("rejected")
        UNDONE = "undone", _("taken back")

    file = models.ForeignKey(DisputeFile, models.PROTECT, related_name="suggestions")
    incident = models.ForeignKey("intake.Incident", models.PROTECT, related_name="dispute_suggestions")
    score = models.FloatField()
    evidence = models.JSONField(default=list)
    version = models.CharField(max_length=32)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUGGESTED)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.BigIntegerField(null=True)

    objects = FileRows.as_manager()
    file_field = "file_id"
    scope_fields = OF_FILE

    class Meta:
        indexes = [
            models.Index(fields=["-made_at"], name="disputes_match_waiting", condition=Q(state="suggested")),
            models.Index(fields=["incident"], name="disputes_match_incident"),
        ]
        constraints = [models.UniqueConstraint(fields=["file", "incident"], name="disputes_one_suggestion_per_pair")]

    def __str__(self) -> str:
        return f"{self.incident_id} ~ {self.file_id}"


class Party(models.Model):
    """Who stands where in the quarrel, by role alone; swapped roles are corrected, not overwritten elsewhere."""

    file = models.ForeignKey(DisputeFile, models.PROTECT, related_name="parties")
    role = models.CharField(max_length=16, choices=list(ROLES.items()))
    ordinal = models.PositiveSmallIntegerField(default=1)
    is_organisation = models.BooleanField(default=False)
    is_minor = models.BooleanField(default=False)
    represents = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="represented_by")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    left_reason = models.CharField(max_length=20, blank=True)

    objects = FileRows.as_manager()
    file_field = "file_id"
    scope_fields = OF_FILE

    class Meta:
        ordering = ["role", "ordinal", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "role", "ordinal"], condition=Q(left_at=None), name="disputes_party_place_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.role}{self.ordinal} of {self.file_id}"


class PartyIdentity(models.Model):
    """Name and phone of a party: apart, read with a purpose, every look logged, erased with its term."""

    party = models.OneToOneField(Party, models.PROTECT, related_name="identity")
    name = ProtectedCharField(max_length=60, blank=True)
    phone = ProtectedCharField(max_length=24, blank=True)
    address = ProtectedCharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"identity of {self.party_id}"


class PartyKey(models.Model):
    """A hash of a party's name, its sound, or phone under the file's own key: whether the quarrel came back to it.

    It exists only while the file is open and goes with it; there is no way from a person to their files.
    """

    file = models.ForeignKey(DisputeFile, models.PROTECT, related_name="party_keys")
    party = models.ForeignKey(Party, models.PROTECT, related_name="keys")
    kind = models.CharField(max_length=8)
    value = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "kind", "value"], name="disputes_party_key_once")]

    def __str__(self) -> str:
        return f"{self.kind} key of {self.file_id}"


class LevelChange(models.Model):
    """One weighing of the file: which colour, by which rules, on which words, in which edition of the rules."""

    file = models.ForeignKey(DisputeFile, models.PROTECT, related_name="levels")
    at = models.DateTimeField()
    level = models.CharField(max_length=6, choices=list(LEVELS.items()))
    before = models.CharField(max_length=6, blank=True)
    reasons = models.JSONField(default=list)
    version = models.CharField(max_length=32)
    event = models.ForeignKey("core.Event", models.PROTECT, null=True, blank=True, related_name="+")

    objects = FileRows.as_manager()
    file_field = "file_id"
    scope_fields = OF_FILE

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["file", "level"], name="disputes_level_of_file")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.level}"


class Push(models.Model):
    """The file put into somebody's hands: 1 the responding officer, 2 the beat officer, 3 town room and beyond.

    ``snapshot`` holds what the receiver was told, in codes and ids. ``ladder`` is how far up the chain it was
    taken because nobody answered.
    """

    file = models.ForeignKey(DisputeFile, models.PROTECT, related_name="pushes")
    seq = models.PositiveSmallIntegerField()
    incident = models.ForeignKey("intake.Incident", models.PROTECT, null=True, blank=True, related_name="+")
    assignment = models.ForeignKey("dispatch.Assignment", models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=32)
    to_role = models.CharField(max_length=20)
    to_organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    to_person = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=12, choices=PUSH.choices, default="sent")
    state_since = models.DateTimeField()
    pushed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_sum = models.JSONField(default=dict)
    received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.BigIntegerField(null=True)
    acted_at = models.DateTimeField(null=True, blank=True)
    action = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=20, choices=list(PUSH_OUTCOMES.items()), blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    snapshot = models.JSONField(default=dict)
    ladder = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True, blank=True)
    notice_id = models.BigIntegerField(null=True, blank=True)

    objects = FileRows.as_manager()
    file_field = "file_id"
    scope_fields = (*OF_FILE, "to_organisation_id")

    class Meta:
        ordering = ["pushed_at", "id"]
        indexes = [
            models.Index(fields=["due_at"], name="disputes_push_due", condition=Q(state__in=PUSH_OPEN)),
            models.Index(fields=["to_person", "due_at"], name="disputes_push_mine", condition=Q(state__in=PUSH_OPEN)),
            models.Index(fields=["incident"], name="disputes_push_incident"),
            models.Index(fields=["pushed_at"], name="disputes_push_sent"),
            models.Index(fields=["file", "seq", "state", "outcome", "due_at"], name="disputes_push_course"),
        ]
        constraints = [
            PUSH.constraint(),
            models.CheckConstraint(condition=Q(seq__in=(1, 2, 3)), name="disputes_push_is_1_2_3"),
            models.UniqueConstraint(
                fields=["file", "seq"], condition=Q(state__in=PUSH_OPEN), name="disputes_one_open_push_per_step"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="disputes_closed_push_has_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"push {self.seq} of {self.file_id}"
