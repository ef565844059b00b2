"""PostgreSQL's own standby, taken over: the old server is told and takes nothing any more. Two real servers."""

from __future__ import annotations

import subprocess
import time
from datetime import UTC, datetime

import psycopg
import pytest

from anlan.assurance.chaos.cluster import Cluster
from anlan.assurance.standby.postgres import server_fence, server_standing, server_take_over
from anlan.assurance.standby.takeover import NoStandby

pytestmark = [pytest.mark.sqlite, pytest.mark.release]
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def servers(tmp_path_factory):
    import tempfile
    from pathlib import Path

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
        yield first, second
        second.stop()
        first.stop()


def on(server, words):
    with psycopg.connect(server.address(), autocommit=True, connect_timeout=3) as line:
        found = line.execute(words)
        return found.fetchall() if found.description else None


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


def test_in_step_the_old_server_acknowledges_nothing_after_its_standby_has_gone(servers):
    first, second = servers
    on(first, "CREATE TABLE call (words text)")
    on(first, "ALTER SYSTEM SET synchronous_standby_names = '*'")
    on(first, "SELECT pg_reload_conf()")
    server_take_over(second.address(), by="赵", reason="x", at=AT)
    with psycopg.connect(first.address(), autocommit=True) as line:
        began = time.monotonic()
        line.execute("SET statement_timeout = '2s'")
        # The commit waits for a standby that is none any more; whoever gives up waiting is warned, not answered.
        heard = []
        line.add_notice_handler(lambda notice: heard.append(notice.sqlstate))
        line.execute("INSERT INTO call VALUES ('cut off')")
        assert (time.monotonic() - began) > 1.5
        assert "01000" in heard
