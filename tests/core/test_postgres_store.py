"""PostgreSQL keeps an accepted call: a server that answers before its log is on disk is refused at the start."""

from __future__ import annotations

import pytest
from django.db import connection

from anlan.core.checks import durable_postgres

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


class Told:
    """What the server says of itself, one setting changed; ``full_page_writes`` can't be changed by a session."""

    def __init__(self, **changed: str) -> None:
        self.changed = changed

    def __call__(self, execute, sql, params, many, context):
        for name, value in self.changed.items():
            sql = sql.replace(f"current_setting('{name}')", f"'{value}'")
        return execute(sql, params, many, context)


SOUND = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on"}


def found(**changed: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL anlan.scratch = off")
    with connection.execute_wrapper(Told(**{**SOUND, **changed})):
        return [message.id for message in durable_postgres(databases=["default"])]


@pytest.mark.parametrize(
    ("setting", "code"),
    [("fsync", "E006"), ("full_page_writes", "E007"), ("synchronous_commit", "E008"), ("data_checksums", "I002")],
)
def test_a_setting_that_could_lose_a_call_is_refused_by_name(setting, code):
    assert found(**{setting: "off"}) == [f"anlan.{code}"]


def test_the_settings_postgresql_comes_with_pass_and_so_does_waiting_for_a_second_machine():
    assert found() == []
    assert found(synchronous_commit="remote_apply") == []


def test_a_server_for_tests_says_itself_that_it_is_one():
    assert durable_postgres(databases=["default"]) == []


def test_what_the_server_really_says_is_asked():
    """The server of these tests syncs nothing; without its word that it is for tests it is refused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('fsync')")
        syncs = cursor.fetchone()[0]
        cursor.execute("SET LOCAL anlan.scratch = off")
    codes = {message.id for message in durable_postgres(databases=["default"])}
    assert ("anlan.E006" in codes) == (syncs == "off")
