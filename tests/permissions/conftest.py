"""The county stands for a whole file of tests; whatever a test does in it has not happened afterwards."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from django.db import connections, transaction

from permissions.county import RELATIONS, County, add_records, build_people
from permissions.knocking import Knocker, few_collections, time_stands_still


@pytest.fixture(scope="module")
def empty_county(django_db_setup, django_db_blocker):
    """Organisations and people, and nothing to look at."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        for alias in connections:
            stack.enter_context(transaction.atomic(using=alias))
        stack.enter_context(time_stands_still())
        stack.enter_context(few_collections())
        yield build_people()
        for alias in connections:
            transaction.set_rollback(True, using=alias)


@pytest.fixture(scope="module")
def county(empty_county) -> County:
    """The county with a record of every kind in every organisation."""
    add_records(empty_county, *RELATIONS)
    return empty_county


@pytest.fixture(scope="module")
def knocker(county) -> Knocker:
    return Knocker(county)
