"""Which tests a run leaves out, and which files it begins with.

``make test`` runs every test on SQLite but those about PostgreSQL itself and those marked ``release``. On
PostgreSQL only what can tell the stores apart runs again. How many were left out is printed: nothing goes missing
in silence. ``make test-release`` leaves out nothing but what is about the other store, or about none.
"""

from __future__ import annotations

import inspect
import os
from typing import Any

import pytest
from django.test import TestCase, TransactionTestCase

STORE_FIXTURES = frozenset({"db", "transactional_db", "live_server", "django_db_setup"})
"""Whoever asks for none of these is refused by pytest-django when it touches the store."""
KEY = "anlan_left_out"
OTHER_STORE, NO_STORE, RELEASE = "about the other store", "about no store", "for make test-release"


def reaches_the_store(item: pytest.Item) -> bool:
    """Whether the store could make a difference to a test: it may ask it, or drives a centre that does."""
    if item.get_closest_marker("store_free"):
        return False
    if any(item.get_closest_marker(name) for name in ("django_db", "browser", "postgres")):
        return True
    cls = getattr(item, "cls", None)
    if inspect.isclass(cls) and issubclass(cls, TransactionTestCase):
        return True
    return not STORE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def is_one_transaction(item: pytest.Item) -> bool:
    """Whether a test sees the store through one transaction of its own, which is taken back at the end."""
    cls = getattr(item, "cls", None)
    if inspect.isclass(cls) and issubclass(cls, TransactionTestCase):
        return issubclass(cls, TestCase)
    marker = item.get_closest_marker("django_db")
    names = getattr(item, "fixturenames", ())
    if {"transactional_db", "live_server"} & set(names):
        return False
    return "db" in names or (marker is not None and not marker.kwargs.get("transaction"))


def why_left_out(item: pytest.Item, *, is_postgres: bool, is_release: bool) -> str:
    """Why this run does without a test; nothing where it runs."""
    if item.get_closest_marker("sqlite" if is_postgres else "postgres"):
        return OTHER_STORE
    if is_postgres and not reaches_the_store(item):
        return NO_STORE
    return RELEASE if item.get_closest_marker("release") and not is_release else ""


def select(config: pytest.Config, items: list[pytest.Item], *, is_postgres: bool) -> None:
    """Leave out what this run does without, and put files with a test marked ``slow`` first.

    So no worker is left alone with a long one at the end.
    """
    is_release = bool(os.environ.get("ANLAN_RELEASE"))
    kept: list[pytest.Item] = []
    out: dict[str, list[pytest.Item]] = {}
    for item in items:
        why = why_left_out(item, is_postgres=is_postgres, is_release=is_release)
        (out.setdefault(why, []) if why else kept).append(item)
    if out:
        config.hook.pytest_deselected(items=[item for group in out.values() for item in group])
    slow = {item.path for item in kept if item.get_closest_marker("slow")}
    items[:] = sorted(kept, key=lambda item: item.path not in slow)
    counts = {why: len(group) for why, group in out.items()}
    if hasattr(config, "workeroutput"):
        config.workeroutput[KEY] = counts
    else:
        config.stash[Told.counts] = counts


class Told:
    """Says at the end how many were left out and why; workers don't tell it by themselves."""

    counts = pytest.StashKey[dict[str, int]]()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        node.config.stash[self.counts] = getattr(node, "workeroutput", {}).get(KEY, {})

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        for why, count in sorted(config.stash.get(self.counts, {}).items()):
            terminalreporter.write_line(f"{count} left out: {why}")
