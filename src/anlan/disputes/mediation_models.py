"""Where mediation happens and who mediates, its numbers, sessions, agreements, what was promised, and its papers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from anlan.core.purpose import ProtectedTextField
from anlan.core.scope import ScopedQuerySet
from anlan.disputes.file_scope import FileRows
from anlan.disputes.mediation_rules import (
    AGREEMENT,
    ATTENDANCE,
    BODY_TYPES,
    CONFIRMATION,
    EVIDENCE,
    FAIL_REASONS,
    FORMS,
    LEGAL_PATHS,
    MEDIATION,
    MEDIATION_OPEN,
    OBLIGATION,
    OBLIGATION_DUE,
    OUTCOMES,
    PAPERS,
    PAUSE_REASONS,
    SESSION,
    SITTINGS,
    TICKET,
    WAYS,
)
from anlan.disputes.rules import METHODS

OF_FILE = tuple(f"file__{field}" for field in ("station_id", "town_room_id", "holder_id", "mediating_id"))


class MediationBody(models.Model):
    """An organisation that mediates: its type, the methods it may use, its daily hours and desk windows."""

    organisation = models.OneToOneField("accounts.Organisation", models.PROTECT, related_name="mediation_body")
    type = models.CharField(max_length=20, choices=list(BODY_TYPES.items()))
    methods = models.JSONField(default=list)
    hours = models.CharField(max_length=60)
    windows = models.PositiveSmallIntegerField(default=1)
    is_active = models.BooleanField(default=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("organisation_id",)

    def __str__(self) -> str:
        return str(self.organisation)


class MediationRoom(models.Model):
    """A room with a table in it; at any half hour it holds one session."""

    body = models.ForeignKey(MediationBody, models.PROTECT, related_name="rooms")
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=40)
    seats = models.PositiveSmallIntegerField(default=6)
    is_active = models.BooleanField(default=True)
    former_names = models.JSONField(default=list, blank=True)
    """What it was called, the latest first, each with ``until``, ``zh`` and ``en``; events carry no typed words."""

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("body__organisation_id",)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["body", "name_zh"], name="disputes_room_once")]

    def __str__(self) -> str:
        return self.name_zh


class Mediator(models.Model):
    """Somebody who mediates for a body, from then until they leave; one may serve several bodies."""

    body = models.ForeignKey(MediationBody, models.PROTECT, related_name="mediators")
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="mediates_for")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("body__organisation_id",)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "person"], condition=Q(left_at=None), name="disputes_mediator_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.body_id}"


class DeskTicket(models.Model):
    """A number of the day at the guide desk, or an appointment there that becomes one on arrival.

    A window has one appointment at a time; who comes is not noted, only for which file.
    """

    body = models.ForeignKey(MediationBody, models.PROTECT, related_name="tickets")
    day = models.DateField()
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=TICKET.choices, default="waiting")
    state_since = models.DateTimeField()
    file = models.ForeignKey("disputes.DisputeFile", models.PROTECT, null=True, blank=True, related_name="tickets")
    appointed_for = models.DateTimeField(null=True, blank=True)
    window = models.PositiveSmallIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    called_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("body__organisation_id",)

    class Meta:
        ordering = ["day", "number", "appointed_for", "id"]
        constraints = [
            TICKET.constraint(),
            models.UniqueConstraint(fields=["body", "day", "number"], name="disputes_number_of_the_day_once"),
            models.UniqueConstraint(
                fields=["body", "appointed_for", "window"],
                condition=Q(state="appointed"),
                name="disputes_window_has_one_appointment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("appointed", "cancelled", "left")) | Q(number__isnull=False),
                name="disputes_ticket_here_has_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body_id} {self.day} {self.number}"


class Mediation(models.Model):
    """One attempt to settle a file by one method at one body, with its limit; a file may see several."""

    file = models.ForeignKey("disputes.DisputeFile", models.PROTECT, related_name="mediations")
    round = models.PositiveSmallIntegerField(default=1)
    body = models.ForeignKey(MediationBody, models.PROTECT, related_name="mediations")
    mediator = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    method = models.CharField(max_length=16, choices=list(METHODS.items()))
    state = models.CharField(max_length=10, choices=MEDIATION.choices, default="running")
    state_since = models.DateTimeField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    due_sum = models.JSONField(default=dict)
    extended_days = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=20, choices=list(FAIL_REASONS.items()), blank=True)
    penalty_due_at = models.DateTimeField(null=True, blank=True)
    penalty_sum = models.JSONField(default=dict)

    objects = FileRows.as_manager()
    file_field = "file_id"
    scope_fields = (*OF_FILE, "body__organisation_id")

    class Meta:
        ordering = ["round", "id"]
        indexes = [
            models.Index(fields=["due_at"], name="disputes_mediation_due", condition=Q(state__in=MEDIATION_OPEN)),
            models.Index(
                fields=["mediator", "due_at"], name="disputes_mediation_mine", condition=Q(state__in=MEDIATION_OPEN)
            ),
        ]
        constraints = [
            MEDIATION.constraint(),
            models.UniqueConstraint(fields=["file", "round"], name="disputes_mediation_round_once"),
            models.UniqueConstraint(
                fields=["file"], condition=Q(state__in=MEDIATION_OPEN), name="disputes_one_open_mediation"
            ),
            models.CheckConstraint(
                condition=Q(state__in=MEDIATION_OPEN) | Q(ended_at__isnull=False), name="disputes_mediation_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"mediation {self.round} of {self.file_id}"


class MediationPause(models.Model):
    """A stretch in which a mediation's limit stood still, and why."""

    mediation = models.ForeignKey(Mediation, models.PROTECT, related_name="pauses")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=20, choices=list(PAUSE_REASONS.items()))

    class Meta:
        ordering = ["begun_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["mediation"], condition=Q(ended_at=None), name="disputes_one_open_pause"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("begun_at")), name="disputes_pause_runs_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"pause of {self.mediation_id}"


class Session(models.Model):
    """A sitting of a mediation: booked with its half hours, then held, cancelled, or somebody stayed away."""

    mediation = models.ForeignKey(Mediation, models.PROTECT, related_name="sessions")
    file = models.ForeignKey("disputes.DisputeFile", models.PROTECT, related_name="sessions")
    ordinal = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=SESSION.choices, default="booked")
    state_since = models.DateTimeField()
    sitting = models.CharField(max_length=10, choices=list(SITTINGS.items()), default="joint")
    only_party = models.ForeignKey("disputes.Party", models.PROTECT, null=True, blank=True, related_name="+")
    room = models.ForeignKey(MediationRoom, models.PROTECT, null=True, blank=True, related_name="sessions")
    mediator = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    booked_at = models.DateTimeField()
    booked_by = models.BigIntegerField(null=True)
    held_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=list(OUTCOMES.items()), blank=True)
    reason = models.CharField(max_length=200, blank=True)

    objects = FileRows.as_manager()
    file_field = "file_id"
    scope_fields = (*OF_FILE, "mediation__body__organisation_id")

    class Meta:
        ordering = ["ordinal"]
        indexes = [
            models.Index(fields=["room", "starts_at"], name="disputes_session_room"),
            models.Index(fields=["mediator", "starts_at"], name="disputes_session_mediator"),
        ]
        constraints = [
            SESSION.constraint(),
            models.UniqueConstraint(fields=["file", "ordinal"], name="disputes_session_ordinal_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="disputes_session_runs_forward"),
            models.CheckConstraint(
                condition=Q(sitting="joint", only_party=None) | Q(sitting="separate", only_party__isnull=False),
                name="disputes_separate_session_names_one",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | (Q(held_at__isnull=False) & ~Q(outcome="")),
                name="disputes_held_session_has_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.ordinal} of {self.file_id}"


class SlotHold(models.Model):
    """Half an hour of a room, of a mediator, or of a file, taken by a session: each at most once.

    The constraints, not the asking before, are what keeps two clicks from booking the same.
    """

    session = models.ForeignKey(Session, models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField()
    room = models.ForeignKey(MediationRoom, models.PROTECT, null=True, related_name="+", db_index=False)
    person = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    file = models.ForeignKey("disputes.DisputeFile", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "starts_at"], name="disputes_room_slot_once"),
            models.UniqueConstraint(fields=["person", "starts_at"], name="disputes_person_slot_once"),
            models.UniqueConstraint(fields=["file", "starts_at"], name="disputes_file_slot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.starts_at}"


class SessionAttendance(models.Model):
    """Which party came to a session, by role."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="attendance")
    party = models.ForeignKey("disputes.Party", models.PROTECT, related_name="+")
    how = models.CharField(max_length=12, choices=list(ATTENDANCE.items()))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "party"], name="disputes_attendance_once")]

    def __str__(self) -> str:
        return f"{self.party_id} at {self.session_id}"


class SessionMinutes(models.Model):
    """What was said at a session: apart, read with a purpose, every look logged, erased with the file's words."""

    session = models.OneToOneField(Session, models.PROTECT, related_name="minutes")
    text = ProtectedTextField(blank=True)
    written_at = models.DateTimeField()
    written_by = models.BigIntegerField(null=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"minutes of {self.session_id}"


class Agreement(models.Model):
    """What the parties agreed: the facts, the terms, how it is performed, and since when it binds."""

    number = models.CharField(max_length=24, unique=True)
    file = models.ForeignKey("disputes.DisputeFile", models.PROTECT, related_name="agreements")
    mediation = models.ForeignKey(Mediation, models.PROTECT, related_name="agreements")
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="agreements")
    form = models.CharField(max_length=10, choices=list(FORMS.items()))
    state = models.CharField(max_length=10, choices=AGREEMENT.choices, default="draft")
    state_since = models.DateTimeField()
    facts = models.TextField(blank=True)
    terms = models.TextField(blank=True)
    drafted_at = models.DateTimeField()
    drafted_by = models.BigIntegerField(null=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    legal_path = models.CharField(max_length=10, choices=list(LEGAL_PATHS.items()), blank=True)
    penalty_due_at = models.DateTimeField(null=True, blank=True)
    penalty_sum = models.JSONField(default=dict)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = FileRows.as_manager()
    file_field = "file_id"
    scope_fields = (*OF_FILE, "mediation__body__organisation_id")

    class Meta:
        ordering = ["drafted_at", "id"]
        constraints = [
            AGREEMENT.constraint(),
            models.UniqueConstraint(
                fields=["mediation"], condition=~Q(state="dropped"), name="disputes_one_agreement_a_mediation"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "dropped"))
                | Q(agreed_at__isnull=False, effective_at__isnull=False, effective_at__gte=F("agreed_at")),
                name="disputes_agreement_has_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Obligation(models.Model):
    """One thing promised: by whom, to whom, what, how much in fen, and by when - or when somebody looks."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="obligations")
    file = models.ForeignKey("disputes.DisputeFile", models.PROTECT, related_name="obligations")
    seq = models.PositiveSmallIntegerField()
    debtor = models.ForeignKey("disputes.Party", models.PROTECT, related_name="+")
    creditor = models.ForeignKey("disputes.Party", models.PROTECT, null=True, blank=True, related_name="+")
    what = models.CharField(max_length=300)
    way = models.CharField(max_length=10, choices=list(WAYS.items()))
    amount_fen = models.BigIntegerField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    condition = models.CharField(max_length=120, blank=True)
    check_by = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=OBLIGATION.choices, default="open")
    state_since = models.DateTimeField()
    performed_on = models.DateField(null=True, blank=True)
    evidence = models.CharField(max_length=16, choices=list(EVIDENCE.items()), blank=True)
    note = models.CharField(max_length=200, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = FileRows.as_manager()
    file_field = "file_id"
    scope_fields = OF_FILE

    class Meta:
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["due_on"], name="disputes_obligation_due", condition=Q(state__in=OBLIGATION_DUE)),
            models.Index(
                fields=["check_by"], name="disputes_obligation_check", condition=Q(state__in=OBLIGATION_DUE)
            ),
        ]
        constraints = [
            OBLIGATION.constraint(),
            models.UniqueConstraint(fields=["agreement", "seq"], name="disputes_obligation_seq_once"),
            models.CheckConstraint(
                condition=Q(due_on__isnull=False) | (~Q(condition="") & Q(check_by__isnull=False)),
                name="disputes_obligation_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(amount_fen=None) | Q(amount_fen__gt=0), name="disputes_obligation_amount_above_nothing"
            ),
            models.CheckConstraint(
                condition=Q(creditor=None) | ~Q(creditor=F("debtor")), name="disputes_obligation_between_two"
            ),
            models.CheckConstraint(
                condition=~Q(state="performed") | Q(performed_on__isnull=False),
                name="disputes_performed_obligation_has_day",
            ),
        ]

    def __str__(self) -> str:
        return f"obligation {self.seq} of {self.agreement_id}"


class JudicialConfirmation(models.Model):
    """The court's seal on an agreement: thirty days to apply together, then what the court said."""

    agreement = models.OneToOneField(Agreement, models.PROTECT, related_name="confirmation")
    state = models.CharField(max_length=10, choices=CONFIRMATION.choices, default="open")
    state_since = models.DateTimeField()
    due_at = models.DateTimeField()
    due_sum = models.JSONField(default=dict)
    reminded_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    court_case_number = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="disputes_confirmation_due", condition=Q(state="open"))]
        constraints = [CONFIRMATION.constraint()]

    def __str__(self) -> str:
        return f"confirmation of {self.agreement_id}"


class MediationPaper(models.Model):
    """A paper that was made: which, for whom, and the digest by which a copy is known again. Not its words."""

    file = models.ForeignKey("disputes.DisputeFile", models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=12, choices=list(PAPERS.items()))
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, blank=True, related_name="papers")
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="papers")
    format = models.CharField(max_length=4)
    language = models.CharField(max_length=8)
    with_names = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)

    objects = FileRows.as_manager()
    file_field = "file_id"
    scope_fields = OF_FILE

    class Meta:
        ordering = ["made_at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.file_id}"
