"""Items, whose and where they are, who has them, and what doors heard."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.db.models import F, Q

from anlan.core.scope import ScopedQuerySet
from anlan.engines.rfid import Event
from anlan.equipment.life_models import Budget, CarePlan, Inspection, KitNeed, Repair, Scrapping
from anlan.equipment.register_models import ItemPaper, Stock, StockMove
from anlan.equipment.rules import BLIND, CLAIMS, ITEM, LOAN, OPEN_LOANS, QUESTION, REASONS
from anlan.equipment.store_models import BookedHour, Booking, ItemTransfer, StockCount
from anlan.equipment.stray_models import StrayMessage, StrayReader

__all__ = [
    "BookedHour",
    "Booking",
    "Budget",
    "CarePlan",
    "Gate",
    "GateBatch",
    "GateQuestion",
    "Inspection",
    "Item",
    "ItemModel",
    "ItemPaper",
    "ItemTag",
    "ItemTransfer",
    "KitNeed",
    "Loan",
    "Passage",
    "Repair",
    "Scrapping",
    "StaffBadge",
    "Stock",
    "StockCount",
    "StockMove",
    "StrayMessage",
    "StrayReader",
    "span_of",
]


class ItemModel(models.Model):
    """A kind of thing: what it is called and counted by, whether it is controlled and its rounds are counted.

    ``terms`` is what a taker agrees to; ``load_kind`` what response plans call such a thing (``units``).
    """

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    measure_word = models.CharField(max_length=4, default="件")
    is_controlled = models.BooleanField(default=False)
    is_counted = models.BooleanField(default=False)
    life_years = models.PositiveSmallIntegerField(null=True, blank=True)
    life_uses = models.PositiveIntegerField(null=True, blank=True)
    life_rounds = models.PositiveIntegerField(null=True, blank=True)
    price_yuan = models.PositiveIntegerField(null=True, blank=True)
    terms = models.CharField(max_length=400, blank=True)
    load_kind = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """One thing: who owns it, at whose place it is kept and who has it are three things.

    A part of a kit names its ``kit``, a thing too; parts have no parts. ``price_yuan`` is what was paid for this one.
    """

    number = models.CharField(max_length=40, unique=True)
    model = models.ForeignKey(ItemModel, models.PROTECT, related_name="items")
    serial = models.CharField(max_length=60, blank=True)
    owner = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    place = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=ITEM.choices, default="in_store")
    state_since = models.DateTimeField()
    entered_at = models.DateTimeField(null=True, blank=True)
    bought_on = models.DateField(null=True, blank=True)
    serves_until = models.DateField(null=True, blank=True)
    price_yuan = models.PositiveIntegerField(null=True, blank=True)
    kit = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    uses = models.PositiveIntegerField(default=0)
    rounds = models.PositiveIntegerField(default=0)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("owner_id", "place_id")

    class Meta:
        ordering = ["number"]
        constraints = [
            ITEM.constraint(),
            models.CheckConstraint(condition=Q(kit=None) | ~Q(kit=F("id")), name="equipment_no_kit_of_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.model.name} {self.number}"


class ItemTag(models.Model):
    """A tag on an item: its number and, where a reader tells it, the chip's own."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="tags")
    epc = models.CharField(max_length=64)
    tid = models.CharField(max_length=64, blank=True)
    stuck_at = models.DateTimeField()
    off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["epc"], condition=Q(off_at=None), name="equipment_one_item_a_tag")
        ]

    def __str__(self) -> str:
        return self.epc


class StaffBadge(models.Model):
    """Whose badge it is, for the doors of stores alone: never read for attendance, place or work done."""

    number = models.CharField(max_length=40)
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=Q(taken_at=None), name="equipment_one_owner_a_badge")
        ]

    def __str__(self) -> str:
        return self.number


class Gate(models.Model):
    """A door with a reader. ``layout`` says how its antennas stand, ``reference`` which tags are fixed at them."""

    reader = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    place = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    layout = models.CharField(max_length=12, default="pair")
    reference = models.JSONField(default=list)
    heard_at = models.DateTimeField(null=True, blank=True)
    judged_to = models.BigIntegerField(default=0)
    blind = models.CharField(max_length=10, blank=True, choices=list(BLIND.items()))
    blind_since = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("place_id",)

    class Meta:
        ordering = ["reader"]

    def __str__(self) -> str:
        return self.name


class GateBatch(models.Model):
    """What a reader told in one message, as it came; told again it is the same row. After a day the lines are gone,
    and the row stays as long as a broker may tell the message again."""

    gate = models.ForeignKey(Gate, models.CASCADE, related_name="batches")
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    lines = models.TextField()
    count = models.PositiveIntegerField()
    first_us = models.BigIntegerField(null=True)
    """By the reader's clock; None in rows older than this column."""
    last_us = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["gate", "digest"], name="equipment_one_batch_once")]
        indexes = [
            models.Index(fields=["gate", "last_us", "first_us"], name="equipment_batch_span", condition=~Q(lines="")),
            models.Index(fields=["gate", "received_at"], name="equipment_batch_lately"),
            models.Index(fields=["received_at"], name="equipment_batch_full", condition=~Q(lines="")),
        ]

    def __str__(self) -> str:
        return self.digest[:12]


def span_of(events: Collection[Event]) -> dict[str, int | None]:
    """The columns that say of what time a message tells; empty ones where it tells nothing."""
    moments = [event.t_us for event in events]
    return {"first_us": min(moments, default=None), "last_us": max(moments, default=None)}


class Passage(models.Model):
    """Somebody went through a door: by the reader's clock, and what was judged of each tag."""

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="passages")
    begin_us = models.BigIntegerField()
    end_us = models.BigIntegerField()
    ended_at = models.DateTimeField()
    judged_at = models.DateTimeField()
    verdicts = models.JSONField(default=list)
    has_change = models.BooleanField(default=False)

    class Meta:
        ordering = ["-ended_at", "-id"]
        indexes = [models.Index(fields=["gate", "begin_us"], name="equipment_passage_when")]
        constraints = [
            models.UniqueConstraint(fields=["gate", "begin_us"], name="equipment_one_passage_once"),
            models.CheckConstraint(condition=Q(end_us__gte=F("begin_us")), name="equipment_passage_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.gate_id}:{self.begin_us}"


class Loan(models.Model):
    """Somebody has a thing. Of a controlled thing two people say so; a thing has one open loan at most.

    ``asked_until``: the holder asks to keep it so long. ``fault``: what the holder says is wrong with it.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="loans")
    holder = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=12, choices=LOAN.choices, default="out")
    state_since = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    passage_out = models.ForeignKey(Passage, models.PROTECT, null=True, related_name="loans_out")
    passage_in = models.ForeignKey(Passage, models.PROTECT, null=True, related_name="loans_in")
    confidence = models.FloatField(null=True)
    authorisation = models.CharField(max_length=60, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    rounds_out = models.PositiveIntegerField(default=0)
    rounds_back = models.PositiveIntegerField(null=True, blank=True)
    rounds_fired = models.PositiveIntegerField(null=True, blank=True)
    rounds_lost = models.PositiveIntegerField(null=True, blank=True)
    asked_until = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("item__owner_id", "item__place_id")

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            LOAN.constraint(),
            models.UniqueConstraint(
                fields=["item"], condition=Q(state__in=OPEN_LOANS), name="equipment_one_open_loan"
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("made_at")), name="equipment_due_after_loan"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(made_by=None) | ~Q(confirmed_by=F("made_by")),
                name="equipment_two_people",
            ),
            models.CheckConstraint(
                condition=Q(rounds_back=None) | Q(rounds_out=F("rounds_back") + F("rounds_fired") + F("rounds_lost")),
                name="equipment_count_to_the_round",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="equipment_loan_due", condition=Q(state="out"))]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"


class GateQuestion(models.Model):
    """What a door can't decide: ``claim`` taken out or brought back, ``reason`` why a person must say so."""

    passage = models.ForeignKey(Passage, models.PROTECT, related_name="questions")
    epc = models.CharField(max_length=128)
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="questions")
    person = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    claim = models.CharField(max_length=8, choices=list(CLAIMS.items()))
    reason = models.CharField(max_length=20, choices=list(REASONS.items()))
    confidence = models.FloatField()
    state = models.CharField(max_length=8, choices=QUESTION.choices, default="waiting")
    state_since = models.DateTimeField()
    answered_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope_fields = ("passage__gate__place_id",)

    class Meta:
        ordering = ["-id"]
        constraints = [
            QUESTION.constraint(),
            models.UniqueConstraint(fields=["passage", "epc"], name="equipment_one_question_a_tag"),
        ]
        indexes = [
            models.Index(fields=["state_since"], name="equipment_questions_open", condition=Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.epc} {self.reason}"
