"""Questions: what if another policy had been in force, and what was found out."""

from __future__ import annotations

from django.db import models

from anlan.core.scope import ScopedQuerySet
from anlan.whatif.rules import QUESTION, VERSION


class Question(models.Model):
    """Two policies over the same days of one organisation's own past.

    ``facts`` is what the past was read from (numbers of calls and units, what was measured and what taken as usual),
    ``answer`` the figures of both policies and their differences with intervals, by day too; numbers alone.
    ``runs_done`` is how far the work is. ``refusal`` is why it could not be answered: a code and its words' facts.
    """

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    policy_a = models.CharField(max_length=64)
    policy_b = models.CharField(max_length=64)
    runs = models.PositiveSmallIntegerField()
    runs_done = models.PositiveSmallIntegerField(default=0)
    seed = models.PositiveIntegerField()
    version = models.PositiveSmallIntegerField(default=VERSION)
    state = models.CharField(max_length=12, choices=QUESTION.choices, default="waiting")
    state_since = models.DateTimeField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    answer = models.JSONField(default=dict)
    refusal = models.JSONField(default=dict)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("organisation_id",)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-asked_at"], name="whatif_question_newest"),
            models.Index(
                fields=["id"], name="whatif_question_open", condition=models.Q(state__in=("waiting", "running"))
            ),
        ]
        constraints = [
            QUESTION.constraint(),
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="whatif_question_forward"
            ),
            models.CheckConstraint(condition=models.Q(runs__gte=1), name="whatif_question_runs"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_a} / {self.policy_b}, {self.first_day}–{self.last_day}"
