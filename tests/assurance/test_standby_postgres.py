"""PostgreSQL's own standby, taken over: the old server is told and takes nothing any more. Two real servers."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from anlan.assurance.chaos.cluster import Cluster
from anlan.assurance.standby.postgres import server_fence, server_standing, server_take_over
from anlan.assurance.standby.takeover import NoStandby

pytestmark = [pytest.mark.sqlite, pytest.mark.release]
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def servers():
    with tempfile.TemporaryDirectory(prefix="pg2-") as folder:
        Path(folder).chmod(0o755)
        homes = [Path(folder) / name for name in ("a", "b")]
        for home in homes:
            home.mkdir()
        first, second = (Cluster(home) for home in homes)
        first.make()
        copied = ["-h", str(first.home), "-U", "anlan", "-D", str(second.data), "-R", "-X", "stream", "-c", "fast"]
        subprocess.run([str(second.binaries / "pg_basebackup"), *copied], user=second.owner, check=True, timeout=120)
        second.start()
        until = time.monotonic() + 60
        while not on(first, "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"):
            assert time.monotonic() < until, "the standby does not stream"
            time.sleep(0.1)
        yield first, second
        second.stop()
        first.stop()


def on(server, words, within_s=30.0):
    """What the server answers; a commit that waits for its standby for longer is given up, and fails here."""
    with psycopg.connect(server.address(), autocommit=True, connect_timeout=3) as line:
        give_up = threading.Timer(within_s, line.cancel)
        give_up.start()
        try:
            found = line.execute(words)
            return found.fetchall() if found.description else None
        finally:
            give_up.cancel()


def test_the_old_server_is_told_and_takes_nothing_any_more(servers):
    first, second = servers
    on(first, "CREATE TABLE call (words text)")
    # In step: an answer waits for the standby.
    on(first, "ALTER SYSTEM SET synchronous_standby_names = '*'")
    on(first, "SELECT pg_reload_conf()")
    on(first, "INSERT INTO call VALUES ('accepted')")
    assert server_standing(second.address()).is_standby
    assert server_fence(first.address(), partner=second.address()) is None
    with pytest.raises(NoStandby):
        server_take_over(first.address(), by="赵", reason="x", at=AT)

    server_take_over(second.address(), by="赵", reason="主机断电", at=AT)
    assert on(second, "SELECT words FROM call") == [("accepted",)]
    assert server_standing(second.address()).epoch == 1
    with pytest.raises(NoStandby):
        server_take_over(second.address(), by="钱", reason="again", at=AT)

    told = server_fence(first.address(), partner=second.address())
    assert (told["by"], told["epoch"]) == ("赵", 1)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        on(first, "INSERT INTO call VALUES ('to the old one')")
    on(second, "INSERT INTO call VALUES ('to the new one')")
