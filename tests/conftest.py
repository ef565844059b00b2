"""Shared fixtures: the small county, fast passwords, reference data never stale."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# A home of its own for every test process, before settings are read.
_HOME = tempfile.mkdtemp(prefix="anlan-tests-")
os.environ["ANLAN_HOME"] = _HOME
os.environ.setdefault("ANLAN_SECRET_KEY", "tests only")
os.environ.setdefault("ANLAN_EVENT_HASH_KEY", "tests only")

import pytest  # noqa: E402 - the environment comes first

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real open data beside the project, or a skip that says so."""
    if not (SHARED / "data").is_dir():
        pytest.skip("real data are not here: ../shared/data is absent")
    return SHARED / "data"


@pytest.fixture(autouse=True)
def _quick_and_fresh(settings):
    """Cheap password hashing, and reference data that is looked at anew each time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SNAPSHOT_MAX_AGE_S = 0.0
    from anlan.accounts import selectors

    selectors._held.forget()


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
