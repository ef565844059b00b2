"""What the ledger keeps of its own: the order of rows, their hashes, and what was signed."""

from __future__ import annotations

from django.db import models


class Head(models.Model):
    """How far the ledger has come: one row. Moved by a conditional UPDATE, so two workers never both go on."""

    hash = models.CharField(max_length=8)
    origin = models.CharField(max_length=64)
    size = models.BigIntegerField(default=0)
    subtrees = models.TextField(default="", blank=True)
    event_txid = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)
    look_txid = models.BigIntegerField(default=0)
    look_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"


class Entry(models.Model):
    """One row of the ledger: which row of which table it seals, and that row's leaf hash (hex)."""

    seq = models.BigIntegerField(primary_key=True)
    source = models.PositiveSmallIntegerField()
    row_id = models.BigIntegerField()
    leaf = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "row_id"], name="ledger_entry_row_once")]

    def __str__(self) -> str:
        return f"{self.seq} {self.source}:{self.row_id}"


class Subtree(models.Model):
    """The hash (hex) of a complete subtree, so that a proof needn't read the whole ledger."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="ledger_subtree_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class SigningKey(models.Model):
    """A public key under which checkpoints were or are signed; the secret half lies in a file apart."""

    text = models.CharField(max_length=160, unique=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.text


class SignedCheckpoint(models.Model):
    """What was signed: how many rows there were and their root, and whether the witness outside has it."""

    size = models.BigIntegerField()
    at = models.DateTimeField()
    note = models.TextField()
    digits = models.CharField(max_length=40)
    key = models.ForeignKey(SigningKey, models.PROTECT)
    witnessed_at = models.DateTimeField(null=True)
    witness_fault = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["size"], name="ledger_checkpoint_size")]

    def __str__(self) -> str:
        return f"{self.size} at {self.at:%Y-%m-%d %H:%M}"
