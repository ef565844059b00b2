"""Unit positions live in a second file where there is one: replaceable rows must not delay calls."""

from __future__ import annotations

from typing import Any

from django.conf import settings

POSITION_MODELS = {"unitposition", "positionfix", "positionstream"}


class PositionsRouter:
    """Sends the position tables to the ``positions`` database if it is configured."""

    def _alias(self, app_label: str, model_name: str | None) -> str:
        apart = "positions" in settings.DATABASES and app_label == "units" and model_name in POSITION_MODELS
        return "positions" if apart else "default"

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return self._alias(model._meta.app_label, model._meta.model_name)

    db_for_write = db_for_read

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        return self.db_for_read(type(obj1)) == self.db_for_read(type(obj2))

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        return self._alias(app_label, model_name) == db
