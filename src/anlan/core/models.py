"""Tables every room shares: what happened, what was asked once, what could not be read, who looked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One change, written in the transaction that made it. Everybody reads these rows.

    ``data`` carries ids, codes, times and keyed hashes, never names, phones or narrative: a reporter's
    data can be erased and this row stays true. ``schema`` is the version of ``data`` for its ``kind``.
    ``txid`` is PostgreSQL's transaction id (0 on SQLite, where one writer makes id order commit order).
    """

    txid = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=64)
    schema = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True)
    subject_type = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    incident_id = models.BigIntegerField(null=True)
    org_ids = models.JSONField(default=list)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["txid", "id"]
        indexes = [
            models.Index(fields=["txid", "id"], name="core_event_tail"),
            models.Index(
                fields=["incident_id", "id"],
                name="core_event_incident",
                condition=models.Q(incident_id__isnull=False),
            ),
            models.Index(fields=["subject_type", "subject_id", "id"], name="core_event_subject"),
            models.Index(fields=["kind", "at"], name="core_event_kind_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class IdempotencyKey(models.Model):
    """A command that took effect, and the answer it got: asked again, it gets the same answer."""

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    response = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="core_idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="core_idempotency_created")]

    def __str__(self) -> str:
        return f"{self.scope}/{self.key}"


class ImportBatch(models.Model):
    """One file taken in: where it came from, how it was read, how many rows went where."""

    kind = models.CharField(max_length=32)
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    mapping = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    received = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(finished_at=None)
                | models.Q(received=models.F("accepted") + models.F("repeated") + models.F("quarantined")),
                name="core_import_every_row_counted",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"


class QuarantinedRow(models.Model):
    """A row that could not be taken as it came, kept whole with the reason in both languages."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        TAKEN = "taken", _("taken after correction")
        DISCARDED = "discarded", _("discarded")

    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, related_name="quarantine")
    source = models.CharField(max_length=200)
    line = models.PositiveIntegerField(null=True)
    raw = models.TextField()
    code = models.CharField(max_length=64)
    reason_zh = models.TextField()
    reason_en = models.TextField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["status", "-at"], name="core_quarantine_open")]

    def __str__(self) -> str:
        return f"{self.source}:{self.line} {self.code}"


class ViewLog(models.Model):
    """Somebody looked at protected data: who, at what, for which purpose, in which matter.

    ``txid`` as in ``Event``. ``note_hash`` is a keyed hash of ``note``: what stays when the words are erased.
    """

    txid = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=32)
    note = models.CharField(max_length=200, blank=True)
    note_hash = models.CharField(max_length=32, default="", blank=True)
    object_type = models.CharField(max_length=32)
    object_id = models.BigIntegerField()
    incident_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "at"], name="core_viewlog_object"),
            models.Index(fields=["txid", "id"], name="core_viewlog_tail"),
            models.Index(
                fields=["incident_id", "id"],
                name="core_viewlog_incident",
                condition=models.Q(incident_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id} {self.purpose}"


class DeletionCertificate(models.Model):
    """What an end of keeping took away: which columns, how many rows, by which rule, and which rows by a hash.

    ``rows_sha256`` is over the table's name and the sorted ids of the rows, one a line: who has a list of ids can
    show that it was these. It stays when everything else is gone, and its event is sealed with the record.
    """

    at = models.DateTimeField()
    rule = models.CharField(max_length=32)
    table = models.CharField(max_length=48)
    columns = models.CharField(max_length=200)
    rows = models.PositiveIntegerField()
    rows_sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["table", "at"], name="core_deletion_table")]

    def __str__(self) -> str:
        return f"{self.rows} of {self.table} by {self.rule}"


class Counter(models.Model):
    """A gap-free running number per name, e.g. incidents of one day."""

    name = models.CharField(max_length=48, unique=True)
    value = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


class HandlerCursor(models.Model):
    """How far a reaction has read the events; moved in the same transaction as what it writes."""

    handler = models.CharField(max_length=64, unique=True)
    txid = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)

    @classmethod
    def place(cls, handler: str, end: Callable[[], Any]) -> HandlerCursor:
        """How far ``handler`` has read; its very first look begins at the ``end`` of the record."""
        row: HandlerCursor | None = cls.objects.filter(handler=handler).first()
        if row is not None:
            return row
        begin = end()
        return cls.objects.create(handler=handler, txid=begin.txid, event_id=begin.id)

    def __str__(self) -> str:
        return f"{self.handler}@{self.event_id}"
