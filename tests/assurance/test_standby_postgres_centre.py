"""A centre on PostgreSQL and its second server, by the commands an operator gives: taken over, and the old one told.

Whole processes on two real servers; every wait has an end.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from anlan.assurance.chaos.cluster import Cluster

pytestmark = [pytest.mark.sqlite, pytest.mark.release]
PROGRAM = (sys.executable, "-m", "anlan.config.cli")
COMMAND_S, IN_STEP_S = 240, 60


def anlan(home, server, *words, partner=None):
    """What ``anlan WORDS`` ended with and said, on the machine with this home and server."""
    env = {**os.environ, "ANLAN_HOME": str(home), "ANLAN_DATABASE_URL": server.address(), "ANLAN_FORECASTS": "off"}
    env.pop("ANLAN_PARTNER_DATABASE_URL", None)
    if partner is not None:
        env["ANLAN_PARTNER_DATABASE_URL"] = partner.address()
    done = subprocess.run([*PROGRAM, *words], env=env, capture_output=True, text=True, timeout=COMMAND_S)
    return done.returncode, done.stdout + done.stderr


def on(server, words):
    """What the server answers; one that waits for its standby for longer than it may gives up, and fails here."""
    with psycopg.connect(
        server.address(), autocommit=True, connect_timeout=3, options="-c statement_timeout=20s"
    ) as line:
        found = line.execute(words)
        return found.fetchall() if found.description else None


@pytest.fixture
def machines():
    """Two servers, the second a standby of the first that every answer waits for; two homes."""
    with tempfile.TemporaryDirectory(prefix="pgc-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        first, second = (made(Path(folder) / name) for name in ("a", "b"))
        try:
            first.make()
            copied = [
                "-h",
                str(first.home),
                "-U",
                "anlan",
                "-D",
                str(second.data),
                "-R",
                "-X",
                "stream",
                "-c",
                "fast",
            ]
            subprocess.run(
                [str(second.binaries / "pg_basebackup"), *copied], user=second.owner, check=True, timeout=120
            )
            second.start()
            until = time.monotonic() + IN_STEP_S
            while not on(first, "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"):
                assert time.monotonic() < until, "the standby does not stream"
                time.sleep(0.1)
            on(first, "ALTER SYSTEM SET synchronous_standby_names = '*'")
            on(first, "SELECT pg_reload_conf()")
            yield first, second, Path(folder)
        finally:
            second.stop()
            first.stop()


def made(home):
    home.mkdir()
    return Cluster(home)


def test_a_centre_is_taken_over_by_command_and_the_old_one_starts_no_more_as_if_nothing_were(machines):
    first, second, folder = machines
    one, two = folder / "one", folder / "two"
    assert anlan(one, first, "migrate")[0] == 0
    # The first is no standby: nothing is taken over there.
    code, said = anlan(one, first, "takeover", "--yes", "--reason", "x")
    assert (code, "not taken over" in said) == (1, True)

    code, said = anlan(two, second, "takeover", "--yes", "--by", "赵立群", "--reason", "主机断电")
    assert code == 0, said
    assert "the first server is still sending" in said
    assert on(second, "SELECT epoch, by_whom FROM anlan_take_over") == [(1, "赵立群")]
    assert anlan(two, second, "migrate")[0] == 0

    # The old machine is told at its start, by name, and its server takes nothing any more.
    _code, said = anlan(one, first, "migrate", partner=second)
    assert "replaced" in said
    assert "赵立群" in said
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        on(first, "CREATE TABLE more (id integer)")
    assert (one / "anlan.sqlite3-replaced").exists()
    on(second, "CREATE TABLE more (id integer)")
