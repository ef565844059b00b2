"""A backup is worth what its restore is: to any second, exactly, or not at all with the reason."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from anlan.assurance.backup import follow
from anlan.assurance.backup.follow import Follower, NoSpace, StoreChanged
from anlan.assurance.backup.restore import NothingToRestore, points, restore

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "store.sqlite3"
    line = sqlite3.connect(path, isolation_level=None)
    line.execute("PRAGMA journal_mode=WAL")
    line.execute("CREATE TABLE call (id INTEGER PRIMARY KEY, words TEXT)")
    yield line
    line.close()


@pytest.fixture
def follower(tmp_path, store):
    one = Follower(tmp_path / "store.sqlite3", tmp_path / "backup")
    one.start(START)
    yield one
    one.stop()


def take(store, words: str, rows: int = 1) -> None:
    store.execute("BEGIN IMMEDIATE")
    store.executemany("INSERT INTO call (words) VALUES (?)", [(words,)] * rows)
    store.execute("COMMIT")


def seen(path) -> list[str]:
    line = sqlite3.connect(path)
    try:
        return [words[:12] for (words,) in line.execute("SELECT words FROM call ORDER BY id")]
    finally:
        line.close()


def second(k: float) -> datetime:
    return START + timedelta(seconds=k)


def test_every_second_can_be_had_back_exactly(store, follower, tmp_path, monkeypatch):
    """Small generations, so that a restore goes through several; changes taken back leave frames in the log."""
    monkeypatch.setattr(follow, "ROTATE_BYTES", 60_000)
    expected = []
    for k in range(1, 41):
        take(store, f"call {k}" + " " * 900, rows=k % 4 + 1)
        store.execute("BEGIN IMMEDIATE")
        store.execute("INSERT INTO call (words) SELECT hex(randomblob(900)) FROM call")
        store.execute("ROLLBACK")
        follower.copy(second(k))
        expected.append(seen(follower.store))
    assert len({point.generation for point in points(follower.into)}) > 2
    for k in range(1, 41):
        target = tmp_path / f"at-{k}.sqlite3"
        point = restore(follower.into, target, at=second(k + 0.9))
        assert point.at == second(k)
        assert seen(target) == expected[k - 1]


def test_what_is_committed_and_not_yet_moved_is_safe_once_it_is_copied(store, follower, tmp_path):
    store.execute("PRAGMA wal_autocheckpoint=1")
    for k in range(20):
        take(store, f"call {k}")
    follower.copy(second(1))
    restore(follower.into, tmp_path / "r.sqlite3")
    assert seen(tmp_path / "r.sqlite3") == [f"call {k}" for k in range(20)]


def test_an_open_transaction_is_not_copied(store, follower, tmp_path):
    take(store, "committed")
    store.execute("BEGIN IMMEDIATE")
    store.execute("INSERT INTO call (words) VALUES ('open')")
    follower.copy(second(1))
    store.execute("ROLLBACK")
    restore(follower.into, tmp_path / "r.sqlite3")
    assert seen(tmp_path / "r.sqlite3") == ["committed"]


def test_a_follower_that_was_killed_begins_anew_and_earlier_seconds_stay(store, follower, tmp_path):
    take(store, "before")
    follower.copy(second(1))
    follower.stop()
    take(store, "meanwhile")
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    again = Follower(follower.store, follower.into)
    again.start(second(5))
    take(store, "after")
    again.copy(second(6))
    again.stop()
    for at, words in ((second(2), ["before"]), (None, ["before", "meanwhile", "after"])):
        target = tmp_path / f"{len(words)}.sqlite3"
        restore(follower.into, target, at=at)
        assert seen(target) == words


def test_a_long_reader_in_the_way_puts_the_next_generation_off_and_loses_nothing(store, follower, tmp_path):
    take(store, "one")
    reader = sqlite3.connect(follower.store, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM call").fetchone()
    take(store, "two")
    assert follower.rotate(second(1)) is False
    take(store, "three")
    follower.copy(second(2))
    reader.close()
    assert follower.rotate(second(3)) is True
    take(store, "four")
    follower.copy(second(4))
    restore(follower.into, tmp_path / "r.sqlite3")
    assert seen(tmp_path / "r.sqlite3") == ["one", "two", "three", "four"]


@pytest.mark.parametrize("damage", ["a byte", "the end", "the whole"])
def test_a_damaged_backup_is_refused_and_not_restored_in_part(store, follower, tmp_path, damage):
    take(store, "one")
    take(store, "two")
    follower.copy(second(1))
    log = follower.into / f"{follower.generation}.wal"
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "the whole":
        log.unlink()
    else:
        log.write_bytes(content if damage == "a byte" else content[:-100])
    with pytest.raises(NothingToRestore, match=r"damaged|shorter|missing"):
        restore(follower.into, tmp_path / "r.sqlite3")


def test_a_moment_before_the_first_copy_and_a_file_in_the_way_are_refused(store, follower, tmp_path):
    with pytest.raises(NothingToRestore, match="no backup of that moment"):
        restore(follower.into, tmp_path / "r.sqlite3", at=second(-1))
    (tmp_path / "r.sqlite3").write_text("somebody's")
    with pytest.raises(NothingToRestore, match="not overwritten"):
        restore(follower.into, tmp_path / "r.sqlite3")


def test_a_torn_last_line_of_the_index_is_left_out(store, follower, tmp_path):
    take(store, "one")
    follower.copy(second(1))
    with (follower.into / follow.INDEX).open("a", encoding="utf-8") as out:
        out.write(json.dumps({"at": second(2).isoformat()})[:-5])
    assert restore(follower.into, tmp_path / "r.sqlite3").at == second(1)


def test_a_full_backup_disk_is_told_and_leaves_what_was_there(store, follower, tmp_path, monkeypatch):
    take(store, "one")
    follower.copy(second(1))
    monkeypatch.setattr(follow, "LEAST_FREE_BYTES", 1 << 60)
    take(store, "two")
    with pytest.raises(NoSpace):
        follower.copy(second(2))
    restore(follower.into, tmp_path / "r.sqlite3")
    assert seen(tmp_path / "r.sqlite3") == ["one"]


def test_old_generations_go_and_the_oldest_kept_second_stays(store, follower, tmp_path):
    for k in range(1, 6):
        take(store, f"call {k}")
        follower.copy(second(k * 10))
        follower.rotate(second(k * 10 + 1), whole=True)
    assert follower.prune(before=second(25)) > 0
    restore(follower.into, tmp_path / "r.sqlite3", at=second(32))
    assert seen(tmp_path / "r.sqlite3") == ["call 1", "call 2", "call 3"]
    with pytest.raises(NothingToRestore, match="lacks the whole copy"):
        restore(follower.into, tmp_path / "s.sqlite3", at=second(12))


def test_files_of_content_go_along(store, follower, tmp_path):
    media = tmp_path / "media"
    (media / "ab").mkdir(parents=True)
    (media / "ab" / "abcd").write_bytes(b"photo")
    (media / "ab" / "abcd.draft").write_bytes(b"half")
    follower.media = media
    follower.copy(second(1))
    kept = follower.into / "media" / "ab"
    assert [path.name for path in kept.iterdir()] == ["abcd"]
    assert (kept / "abcd").read_bytes() == b"photo"


def test_a_page_that_nobody_wrote_and_that_changed_is_found_and_no_copy_of_it_is_kept(store, follower, tmp_path):
    take(store, "A" * 3000, rows=4)
    follower.copy(second(1))
    assert follower.rotate(second(2), whole=True) is True
    content = bytearray(follower.store.read_bytes())
    place = content.index(b"AAAA")
    content[place] ^= 1
    with follower.store.open("r+b") as file:
        file.seek(place)
        file.write(content[place : place + 1])
    take(store, "later")
    with pytest.raises(StoreChanged) as found:
        follower.rotate(second(3), whole=True)
    assert len(found.value.pages) == 1
    follower.copy(second(4))
    restore(follower.into, tmp_path / "r.sqlite3")
    assert seen(tmp_path / "r.sqlite3") == ["A" * 12] * 4 + ["later"]


def test_whole_copies_of_a_sound_store_are_what_was_written(store, follower, tmp_path):
    for k in range(1, 5):
        take(store, f"call {k}", rows=k)
        follower.copy(second(k))
        assert follower.rotate(second(k + 0.5), whole=True) is True
    restore(follower.into, tmp_path / "r.sqlite3")
    assert len(seen(tmp_path / "r.sqlite3")) == 10
