"""Shared fixtures: the small county, fast passwords, reference data never stale."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path

# A home of its own for a bare `pytest`, before settings are read; `make test` brings one along.
if "ANLAN_HOME" not in os.environ:
    _home = tempfile.mkdtemp(prefix="anlan-tests-")
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
    os.environ["ANLAN_HOME"] = _home
os.environ.setdefault("ANLAN_READY_STORES", str(Path(os.environ["ANLAN_HOME"]) / "ready"))
os.environ.setdefault("ANLAN_SECRET_KEY", "tests only")
os.environ.setdefault("ANLAN_EVENT_HASH_KEY", "tests only")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")

import django
import pytest
from django.utils import translation

import counting
import selection
from counting import counted

django.setup()

__all__ = ["counted"]

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(selection.Told(), "selection-told")
    config.pluginmanager.register(counting.Told(), "counting-told")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from django.conf import settings

    selection.select(config, items, is_postgres="postgresql" in settings.DATABASES["default"]["ENGINE"])


def pytest_collection_finish() -> None:
    """What has been imported by now stays to the end: from here on the collector need not walk over it each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """The tests' stores get their tables as a centre's does: copied from an empty one where that is ready."""
    from django.core import management
    from django.db import connections

    from anlan.config.ready import tables_make

    default = connections["default"]
    if default.vendor == "postgresql" and (ready := os.environ.get("ANLAN_READY_DATABASE")):
        default.settings_dict["TEST"]["TEMPLATE"] = ready
    migrate = management.call_command

    def call(name, *words, **options):
        if name == "migrate" and options.pop("run_syncdb", False):
            return tables_make(options.pop("database"), **options)
        return migrate(name, *words, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(management, "call_command", call)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real open data beside the project, or a skip that says so."""
    if not (SHARED / "data").is_dir():
        pytest.skip("real data are not here: ../shared/data is absent")
    return SHARED / "data"


@pytest.fixture(autouse=True)
def _quick_and_fresh(settings, request):
    """Cheap password hashing, reference data looked at anew once they may have changed, no language left over."""
    translation.deactivate()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    from anlan.accounts import selectors
    from anlan.core.snapshot import Snapshot
    from freshness import UNTIL_A_WRITE_S, looked_at_after_writes

    selectors._held.forget()
    Snapshot.forget_all()
    if selection.is_one_transaction(request.node):
        settings.SNAPSHOT_MAX_AGE_S = UNTIL_A_WRITE_S
        with looked_at_after_writes():
            yield
    else:
        # Other threads and connections may write.
        settings.SNAPSHOT_MAX_AGE_S = 0.0
        yield


@pytest.fixture
def world(db):
    """The small county of ``tests/world.py``."""
    from world import build_world

    return build_world()


@pytest.fixture
def taxonomy(db):
    """The taxonomy and tag vocabulary in force."""
    from anlan.core.actor import SYSTEM
    from anlan.tagging.services import taxonomy_load
    from world import T0

    return taxonomy_load(by=SYSTEM, at=T0)


@pytest.fixture
def seen_at_once(monkeypatch, request):
    """A test is one transaction, and PostgreSQL shows readers of events only what has been committed."""
    from django.db import connection

    from anlan.core.models import Event, ViewLog

    if connection.vendor == "postgresql" and "transactional_db" not in request.fixturenames:
        monkeypatch.setattr("anlan.core.selectors._settled", Event.objects.all)
        monkeypatch.setattr("anlan.core.selectors._looks_settled", ViewLog.objects.all)
        monkeypatch.setattr("anlan.core.selectors._IS_SETTLED", "TRUE")
