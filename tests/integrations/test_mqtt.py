"""Readers' messages over a real broker: safe first, acknowledged then, and none lost whoever is killed."""

from __future__ import annotations

import contextlib
import threading
import time

import pytest

from anlan.integrations.mqtt.forward import LineDown, OverBroker, forward
from anlan.integrations.mqtt.journal import EdgeJournal
from anlan.integrations.mqtt.listen import Broker, Listener, reader_of
from integrations.broker import RealBroker

LINES = [f'{{"n":{number}}}' for number in range(400)]


@pytest.fixture
def broker(tmp_path):
    folder = tmp_path / "broker"
    folder.mkdir()
    one = RealBroker(folder)
    yield one
    one.kill()


@contextlib.contextmanager
def listening(port, keep):
    stop = threading.Event()
    listener = Listener(Broker("127.0.0.1", port), keep)
    thread = threading.Thread(target=listener.run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        stop.set()
        thread.join(timeout=15)
        assert not thread.is_alive()


def until(said, within_s=20.0):
    end = time.monotonic() + within_s
    while not said():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def sent(folder, port, lines, **fields):
    journal = EdgeJournal(folder, **fields)
    journal.append(lines)
    way = OverBroker(Broker("127.0.0.1", port, client_id="door-1"), "anlan/gates/door-1")
    return journal, way


def said(kept):
    return {line for _, content in kept for line in content.decode().splitlines()}


def test_what_cannot_be_kept_is_not_acknowledged_and_comes_again(broker, tmp_path):
    kept, refusals = [], []

    def keep(messages):
        if len(refusals) < 2:
            refusals.append(len(messages))
            raise OSError("disk full")
        kept.extend((one.reader, one.content) for one in messages)

    with listening(broker.port, keep):
        time.sleep(0.3)
        journal, way = sent(tmp_path / "edge", broker.port, LINES)
        forward(journal, way, threading.Event(), is_done=lambda: True)
        until(lambda: said(kept) == set(LINES))
        way.close()
    assert refusals
    assert {reader for reader, _ in kept} == {"door-1"}


def test_a_broker_and_a_listener_killed_in_the_middle_lose_nothing(broker, tmp_path):
    """The listener is away for a while, the broker is killed and comes back; the door goes on telling all along."""
    kept, stop = [], threading.Event()

    def keep(messages):
        kept.extend((one.reader, one.content) for one in messages)

    journal, way = sent(tmp_path / "edge", broker.port, LINES[:100], part_bytes=500)
    sender = threading.Thread(target=forward, args=(journal, way, stop), kwargs={"again_after_s": 0.1}, daemon=True)
    try:
        with listening(broker.port, keep):
            time.sleep(0.3)
            sender.start()
            until(lambda: len(said(kept)) == 100)
        journal.append(LINES[100:200])
        until(lambda: journal.waiting(journal.place())[0] == [])
        broker.kill()
        journal.append(LINES[200:300])
        time.sleep(0.2)
        broker.start()
        with listening(broker.port, keep):
            journal.append(LINES[300:])
            until(lambda: said(kept) == set(LINES))
    finally:
        stop.set()
        sender.join(timeout=15)
        way.close()
    assert not sender.is_alive()


class Flaky:
    may_forget = True

    def __init__(self):
        self.got, self.turns = [], 0

    def send(self, lines):
        self.turns += 1
        if self.turns % 2:
            raise LineDown("down")
        self.got += lines

    def broke(self):
        return False


def test_a_line_that_is_down_every_second_time_loses_nothing_and_keeps_the_order(tmp_path):
    journal, way = EdgeJournal(tmp_path / "edge", part_bytes=40_000), Flaky()
    many = [f"{number:06d}" for number in range(20_000)]
    for begin in range(0, len(many), 500):
        journal.append(many[begin : begin + 500])
    forward(journal, way, threading.Event(), is_done=lambda: True, again_after_s=0.0)
    assert list(dict.fromkeys(way.got)) == many
    journal.close()


def test_after_a_power_cut_a_line_half_written_is_left_out_and_the_rest_is_sent(tmp_path):
    journal, way = EdgeJournal(tmp_path / "edge"), Flaky()
    journal.append(LINES[:3])
    journal.close()
    with next((tmp_path / "edge").glob("*.jsonl")).open("ab") as file:
        file.write(b'{"n":3')
    again = EdgeJournal(tmp_path / "edge")
    again.append(LINES[4:6])
    forward(again, way, threading.Event(), is_done=lambda: True, again_after_s=0.0)
    assert way.got == LINES[:3] + LINES[4:6]
    again.close()


@pytest.mark.parametrize(
    ("topic", "filters", "reader"),
    [
        ("anlan/gates/door-1", ("anlan/gates/+",), "door-1"),
        ("zebra/door-2/data", ("anlan/gates/+", "zebra/+/data"), "door-2"),
        ("impinj/door-3/events/tags", ("impinj/+/#",), "door-3"),
        ("other/door", ("anlan/gates/+",), ""),
    ],
)
def test_a_reader_is_named_by_the_topic_it_tells_on(topic, filters, reader):
    assert reader_of(topic, filters) == reader
