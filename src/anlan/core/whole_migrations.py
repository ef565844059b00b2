"""Migrations that are done and noted as done at one moment.

Django notes a migration after the transaction that did it, whenever statements were put off to its end (a new
table's indexes), and always on the way back. A process killed between the two leaves tables of one version and a
note of another, and no later start gets past that.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState


class WholeExecutor(MigrationExecutor):
    """Notes each migration within its own transaction, forward and back."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        if fake or fake_initial or not migration.atomic:
            return super().apply_migration(state, migration, fake=fake, fake_initial=fake_initial)
        self._tell("apply_start", migration)
        with self.connection.schema_editor(atomic=True) as editor:
            state = migration.apply(state, editor)
            _finish(editor)
            self.record_migration(migration)  # type: ignore[call-arg, arg-type]
        self._tell("apply_success", migration)
        return state

    def unapply_migration(self, state: ProjectState, migration: Migration, fake: bool = False) -> ProjectState:
        # One that stands for several others leaves several notes: Django's own way knows them.
        if fake or migration.replaces or not migration.atomic:
            return super().unapply_migration(state, migration, fake=fake)
        self._tell("unapply_start", migration)
        with self.connection.schema_editor(atomic=True) as editor:
            state = migration.unapply(state, editor)
            _finish(editor)
            self.recorder.record_unapplied(migration.app_label, migration.name)
        self._tell("unapply_success", migration)
        return state

    def _tell(self, act: str, migration: Migration) -> None:
        told: Any = self.progress_callback
        if told:
            told(act, migration, False)


def _finish(editor: BaseDatabaseSchemaEditor) -> None:
    """Do now what was put off to the end of the transaction: after it nothing may come but the note."""
    for statement in editor.deferred_sql:
        editor.execute(statement, None)
    editor.deferred_sql.clear()
