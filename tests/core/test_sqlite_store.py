"""SQLite keeps an accepted call: settings that could lose one are refused, writers stand in line."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import ConnectionHandler, connection, transaction

from anlan.config.settings import SQLITE_PRAGMAS
from anlan.core import checks
from anlan.core.errors import StoreBusy
from anlan.core.models import Counter
from anlan.core.sqlite_backend.base import WriterLock

pytestmark = pytest.mark.sqlite


def store(path: Path, **faults) -> dict:
    """The settings of a store as shipped, but for the planted faults."""
    pragmas = SQLITE_PRAGMAS.format(sync=faults.get("sync", "FULL"))
    for found, planted in faults.get("pragmas", {}).items():
        assert found in pragmas
        pragmas = pragmas.replace(found, planted)
    options = {"transaction_mode": "IMMEDIATE", "timeout": 10, "init_command": pragmas}
    return {
        "ENGINE": "anlan.core.sqlite_backend",
        "NAME": str(path),
        "OPTIONS": {k: v for k, v in options.items() if k != faults.get("without")} | faults.get("options", {}),
    }


@pytest.fixture
def checked(tmp_path, monkeypatch, django_db_blocker):
    """Runs the start-up check over a store with planted faults; gives the codes of the refusals."""

    def run(alias="default", **faults):
        handler = ConnectionHandler(
            {"default": store(tmp_path / "main.sqlite3"), alias: store(tmp_path / "it", **faults)}
        )
        monkeypatch.setattr(checks, "connections", handler)
        with django_db_blocker.unblock():
            try:
                return [message for message in checks.durable_sqlite(databases=[alias]) if message.is_serious()]
            finally:
                handler.close_all()

    return run


def codes(messages):
    return [message.id for message in messages]


def test_the_settings_as_shipped_pass(checked):
    assert checked() == []


@pytest.mark.django_db(databases="__all__")
def test_the_running_store_passes():
    assert [m for m in run_checks(databases=["default", "positions"]) if m.is_serious()] == []


def test_it_refuses_a_store_that_syncs_only_at_checkpoints(checked):
    assert codes(checked(sync="NORMAL")) == ["anlan.E002"]


def test_it_refuses_a_store_that_never_syncs(checked):
    assert codes(checked(sync="OFF")) == ["anlan.E002"]


def test_positions_may_sync_at_checkpoints_for_they_are_replaced_anyway(checked):
    assert checked(alias="positions", sync="NORMAL") == []


def test_it_refuses_a_rollback_journal(checked):
    assert codes(checked(pragmas={"journal_mode=WAL": "journal_mode=DELETE"})) == ["anlan.E001"]


@pytest.mark.parametrize("fault", [{"without": "transaction_mode"}, {"options": {"transaction_mode": "DEFERRED"}}])
def test_it_refuses_transactions_that_could_lose_their_turn_half_way(checked, fault):
    assert codes(checked(**fault)) == ["anlan.E004"]


def test_it_refuses_a_store_that_lets_references_dangle(checked):
    assert codes(checked(pragmas={"foreign_keys=ON": "foreign_keys=OFF"})) == ["anlan.E003"]


def test_it_refuses_a_network_drive(checked, tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "NETWORK_FILE_SYSTEMS", {checks.file_system_of(tmp_path)})
    assert codes(checked()) == ["anlan.E005"]


def test_the_refusal_names_what_was_found_and_what_must_be_in_both_languages(checked):
    (refusal,) = checked(sync="NORMAL")
    assert "synchronous = 1; it must be FULL (2)" in refusal.msg
    assert "必须为 FULL (2)" in refusal.msg
    assert "start again" in refusal.hint


# Writers in line


@pytest.mark.django_db(transaction=True)
def test_a_second_thread_writes_after_the_first_has_committed(crew):
    first_in, order = threading.Event(), []

    def first():
        with transaction.atomic():
            Counter.objects.create(name="first")
            first_in.set()
            # The second stands in line before the first leaves: nobody polls, nobody times out.
            assert second_asks.wait(30)
            order.append("first")

    def second():
        assert first_in.wait(30)
        second_asks.set()
        Counter.objects.create(name="second")
        order.append("second")

    second_asks = threading.Event()
    crew.start(first)
    crew.start(second)
    crew.finish()
    assert order == ["first", "second"]


@pytest.mark.django_db(transaction=True)
def test_a_reader_never_stands_in_line(crew):
    seen = []
    with transaction.atomic():
        Counter.objects.create(name="not yet committed")
        crew.start(lambda: seen.append(Counter.objects.count()))
        crew.finish()
    assert seen == [0]


@pytest.mark.django_db(transaction=True)
def test_many_writers_all_get_their_turn(crew):
    for number in range(8):
        crew.start(lambda n=number: [Counter.objects.create(name=f"{n}-{i}") for i in range(10)])
    crew.finish()
    assert Counter.objects.count() == 80


def lock_is_free() -> bool:
    """Whether another process could take the writer lock of the default store now."""
    path = Path(f"{connection.settings_dict['NAME']}-writer")
    with closing(path.open("w")) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@pytest.mark.django_db(transaction=True)
def test_the_lock_is_held_from_begin_to_commit_and_not_longer():
    Counter.objects.create(name="autocommit")
    assert lock_is_free()
    with transaction.atomic():
        assert not lock_is_free()
        with transaction.atomic():
            Counter.objects.create(name="inner")
        assert not lock_is_free(), "an inner block ends no transaction"
    assert lock_is_free()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_frees_the_lock():
    with pytest.raises(RuntimeError, match="gone wrong"), transaction.atomic():
        raise RuntimeError("gone wrong")
    assert lock_is_free()


@pytest.mark.django_db(transaction=True)
def test_a_broken_write_frees_the_lock():
    Counter.objects.create(name="once")
    with pytest.raises(Exception, match="UNIQUE"):
        Counter.objects.create(name="once")
    assert lock_is_free()


@pytest.mark.django_db(transaction=True)
def test_a_connection_closed_in_the_middle_frees_the_lock(crew):
    def vanish():
        connection.set_autocommit(False)
        Counter.objects.create(name="half done")
        connection.close()

    crew.start(vanish)
    crew.finish()
    assert lock_is_free()
    assert not Counter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_several_rows_in_one_statement_stand_in_line_too(crew, monkeypatch):
    taken = []
    acquire = WriterLock.acquire
    monkeypatch.setattr(WriterLock, "acquire", lambda lock, *within: (taken.append(1), acquire(lock, *within))[1])
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO core_counter (name, value) VALUES (%s, 0)", [("a",), ("b",)])
    assert taken == [1]
    assert lock_is_free()


def test_whoever_waits_too_long_behind_a_thread_is_refused_and_told_what_to_do(tmp_path):
    lock, refused = WriterLock(str(tmp_path / "store")), []

    def second():
        try:
            lock.acquire(0.05)
        except StoreBusy as refusal:
            refused.append(refusal)

    lock.acquire()
    thread = threading.Thread(target=second)
    thread.start()
    thread.join(30)
    assert [refusal.status for refusal in refused] == [503]
    said = refused[0].as_json()["detail_i18n"]
    assert "nothing was saved" in said["en"]
    assert "没有保存" in said["zh-hans"]
    lock.release()
    lock.acquire(0.05)
    lock.release()


@pytest.mark.parametrize("held", ["gate", "writer"])
def test_whoever_waits_too_long_behind_a_process_is_refused_and_gets_in_afterwards(tmp_path, held):
    lock = WriterLock(str(tmp_path / "store"))
    with (tmp_path / f"store-{held}").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(StoreBusy):
            lock.acquire(0.05)
    lock.acquire(0.05)
    lock.release()


@pytest.mark.django_db(transaction=True)
def test_a_refused_writer_has_changed_nothing_and_may_send_again(monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    with Path(f"{connection.settings_dict['NAME']}-writer").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(StoreBusy):
            Counter.objects.create(name="once")
    Counter.objects.create(name="once")
    assert Counter.objects.count() == 1


OTHER_PROCESS = """
import sys, django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "anlan.core"],
    DATABASES={"default": {"ENGINE": "anlan.core.sqlite_backend", "NAME": sys.argv[1],
                           "OPTIONS": {"transaction_mode": "IMMEDIATE"}}},
    USE_TZ=True,
)
django.setup()
from django.db import transaction
from anlan.core.models import Counter
with transaction.atomic():
    Counter.objects.create(name="theirs")
    print("inside", flush=True)
    sys.stdin.readline()
print("committed", flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_a_second_process_stands_in_the_same_line(crew):
    name = str(connection.settings_dict["NAME"])
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "inside\n"
        assert not lock_is_free()
        seen = []

        def ours():
            with transaction.atomic():
                # Inside our transaction theirs is finished: their row is there.
                seen.extend(Counter.objects.values_list("name", flat=True))
                Counter.objects.create(name="ours")

        crew.start(ours)
        other.communicate("go on\n", timeout=30)
        crew.finish()
    assert seen == ["theirs"]
    assert set(Counter.objects.values_list("name", flat=True)) == {"theirs", "ours"}


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_in_the_middle_leaves_the_lock_and_no_half_change(crew):
    name = str(connection.settings_dict["NAME"])
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "inside\n"
        other.kill()
        other.wait(30)
    assert lock_is_free()
    Counter.objects.create(name="ours")
    assert list(Counter.objects.values_list("name", flat=True)) == ["ours"]
