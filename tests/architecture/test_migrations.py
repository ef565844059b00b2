"""Tables and migrations agree, and a migration says what it does."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command

from architecture.source import PACKAGE

MIGRATIONS = sorted(PACKAGE.glob("*/migrations/[0-9]*.py"))


@pytest.mark.django_db
def test_no_model_waits_for_a_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=1)


def test_a_migration_has_a_name_not_a_date():
    assert MIGRATIONS
    assert not [path.name for path in MIGRATIONS if re.search(r"_auto_|_alter_.*_and_more|\d{8}", path.name)]


def test_each_room_has_one_line_of_migrations():
    seen = [(path.parent, path.name[:4]) for path in MIGRATIONS]
    assert len(seen) == len(set(seen))
