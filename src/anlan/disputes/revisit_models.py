"""What became of a closing, who asks the parties afterwards, and what each of them said."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.core.scope import ScopedQuerySet
from anlan.disputes.closing_rules import CLOSING_ENDS
from anlan.disputes.revisit_rules import (
    CALL_FINAL,
    CALL_OUTCOMES,
    DROPPED,
    FINDINGS,
    REVISIT,
    REVISIT_DRAWS,
    REVISIT_OPEN,
    SIDES,
)
from anlan.disputes.rules import RESULTS

OF_FILE = tuple(f"file__{field}" for field in ("station_id", "town_room_id", "holder_id", "mediating_id"))


class FileClosing(models.Model):
    """One time a file was held to be over, and what ended that: it came back, became a case, was opened again.

    Made from the events of the file and made again from them. The days are local; who handled it stands here as it
    was at the closing. ``ended_day`` is empty as long as nothing has come.
    """

    file = models.ForeignKey("disputes.DisputeFile", models.PROTECT, related_name="closings")
    event_id = models.BigIntegerField(unique=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    closed_day = models.DateField()
    result = models.CharField(max_length=20, choices=list(RESULTS.items()))
    code = models.CharField(max_length=4)
    level = models.CharField(max_length=6)
    track = models.CharField(max_length=10, blank=True)
    push_level = models.PositiveSmallIntegerField(default=0)
    station = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False)
    town_room = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False
    )
    holder = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False)
    mediating = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_day = models.DateField(null=True, blank=True)
    end_kind = models.CharField(max_length=16, choices=list(CLOSING_ENDS.items()), blank=True)
    end_incident_id = models.BigIntegerField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("station_id", "town_room_id", "holder_id", "mediating_id")

    class Meta:
        ordering = ["closed_at", "id"]
        indexes = [
            models.Index(fields=["closed_at"], name="disputes_closing_at"),
            # The curves of a year are counted from this alone.
            models.Index(
                fields=[
                    "closed_day",
                    "result",
                    "end_kind",
                    "ended_day",
                    "track",
                    "push_level",
                    "mediating",
                    "station",
                    "town_room",
                    "holder",
                ],
                name="disputes_closing_counted",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["file", "closed_at"], name="disputes_closing_once"),
            models.CheckConstraint(
                condition=Q(end_kind="", ended_at=None, ended_day=None)
                | (~Q(end_kind="") & Q(ended_at__isnull=False, ended_day__isnull=False)),
                name="disputes_closing_end_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"closing of {self.file_id}"


class FileRevisit(models.Model):
    """Somebody who had no part in it asks both parties how it stands; drawn by a rule, with its probability.

    ``unit_result`` is what the unit had said; whoever asks does not see it before both sides are through.
    """

    file = models.ForeignKey("disputes.DisputeFile", models.PROTECT, related_name="revisits")
    closing = models.DateTimeField()
    rule = models.CharField(max_length=16, choices=list(REVISIT_DRAWS.items()))
    probability = models.FloatField()
    state = models.CharField(max_length=10, choices=REVISIT.choices, default="drawn")
    state_since = models.DateTimeField()
    drawn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_sum = models.JSONField(default=dict)
    unit_result = models.CharField(max_length=20, choices=list(RESULTS.items()))
    assigned_to = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    assigned_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=12, choices=list(FINDINGS.items()), blank=True)
    dropped_why = models.CharField(max_length=12, choices=list(DROPPED.items()), blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = (*OF_FILE, "assigned_to__organisation_id")

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["due_at"], name="disputes_revisit_due", condition=Q(state__in=REVISIT_OPEN)),
            models.Index(fields=["drawn_at"], name="disputes_revisit_drawn"),
        ]
        constraints = [
            REVISIT.constraint(),
            models.UniqueConstraint(fields=["file", "closing"], name="disputes_revisit_once_a_closing"),
            models.UniqueConstraint(
                fields=["file"], condition=Q(state__in=REVISIT_OPEN), name="disputes_one_open_revisit"
            ),
            models.CheckConstraint(
                condition=~Q(state="assigned") | Q(assigned_to__isnull=False, assigned_at__isnull=False),
                name="disputes_revisit_has_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=REVISIT_OPEN) | Q(ended_at__isnull=False), name="disputes_revisit_ends"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(finding=""), name="disputes_revisit_done_has_finding"
            ),
        ]

    def __str__(self) -> str:
        return f"revisit of {self.file_id}"


class RevisitCall(models.Model):
    """One try to ask one side, and what came of it; answers are codes of the edition they were asked with."""

    revisit = models.ForeignKey(FileRevisit, models.PROTECT, related_name="calls")
    side = models.CharField(max_length=1, choices=list(SIDES.items()))
    seq = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=12, choices=list(CALL_OUTCOMES.items()))
    script = models.CharField(max_length=12, blank=True)
    answers = models.JSONField(default=dict)
    settled = models.CharField(max_length=8, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = tuple(f"revisit__{field}" for field in OF_FILE)

    class Meta:
        ordering = ["side", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["revisit", "side", "seq"], name="disputes_revisit_try_once"),
            models.UniqueConstraint(
                fields=["revisit", "side"],
                condition=Q(outcome__in=CALL_FINAL),
                name="disputes_revisit_one_answer_a_side",
            ),
            models.CheckConstraint(
                condition=(Q(outcome="answered") & ~Q(settled="") & ~Q(script=""))
                | (~Q(outcome="answered") & Q(settled="", rating=None)),
                name="disputes_revisit_only_answers_answer",
            ),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__range=(1, 5)), name="disputes_revisit_rating_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side}{self.seq} of {self.revisit_id}"
