"""Our LLRP client holds a reader like the standard says, and no bytes of a reader can harm it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.rfid import Beam, Sighting
from anlan.integrations.llrp import frames as f
from anlan.integrations.llrp.client import LlrpClient, ReaderBusy, rospec
from anlan.integrations.llrp.reports import events_in, report_of, sightings_in
from anlan.integrations.llrp.simulator import SimulatedReader

EPC = "3414257BF400000000BC614E"
EVENTS = [
    Sighting("door-1", 2, EPC, 1_790_000_000_000_000, 0, -5850, "E2801160"),
    Beam("door-1", 1, True, 1_790_000_000_100_000, 0),
    Sighting("door-1", 1, EPC + "AABBCCDD", 1_790_000_000_200_000, 0, -7000),
    Sighting("door-1", 0, "ABCDE", 5_000_000, 0),
]


def heard(reader, *, enough, **fields):
    got, stop = [], threading.Event()

    def tell(events):
        got.extend(events)
        if len(got) >= enough:
            stop.set()

    client = LlrpClient("door-1", "127.0.0.1", tell, port=reader.port, **fields)
    thread = threading.Thread(target=client.run, args=(stop,), kwargs={"again_after_s": 0.05}, daemon=True)
    thread.start()
    thread.join(timeout=10)
    assert not thread.is_alive()
    return got


def test_a_rule_is_added_enabled_and_started_and_all_that_is_heard_arrives():
    with SimulatedReader(EVENTS, keepalive_s=0.01).running() as reader:
        got = heard(reader, enough=4)
    assert [(e.t_us, type(e)) for e in got] == [(e.t_us, type(e)) for e in EVENTS]
    tag, beam, long, odd = got
    assert (tag.epc, tag.antenna, tag.rssi_cdbm, tag.tid) == (EPC, 2, -5850, "E2801160")
    assert (beam.beam, beam.is_broken) == (1, True)
    assert long.epc == EPC + "AABBCCDD"
    assert (odd.epc[:5], odd.rssi_cdbm) == ("ABCDE", None)
    steps = [kind for kind in reader.asked if kind not in (f.KEEPALIVE_ACK, f.CLOSE_CONNECTION)]
    assert steps == [f.SET_READER_CONFIG, f.DELETE_ROSPEC, f.ADD_ROSPEC, f.ENABLE_ROSPEC, f.START_ROSPEC]


def test_who_comes_second_to_a_reader_is_told_so():
    with SimulatedReader([]).running() as reader, socket.create_connection(("127.0.0.1", reader.port), 5) as first:
        assert first.recv(100)
        with pytest.raises(ReaderBusy):
            LlrpClient("door-1", "127.0.0.1", list, port=reader.port).listen(threading.Event())


def test_a_reader_that_speaks_nonsense_is_left_and_called_again():
    """First a frame that claims three gigabytes, then the real reader at the same address."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(5)
    port, calls = server.getsockname()[1], []

    def nonsense():
        for _ in range(2):
            line, _ = server.accept()
            calls.append(1)
            with line:
                line.sendall(struct.pack(">HII", 1 << 10 | 63, 3_000_000_000, 0))

    thread = threading.Thread(target=nonsense, daemon=True)
    thread.start()
    stop = threading.Event()
    client = threading.Thread(
        target=LlrpClient("door-1", "127.0.0.1", list, port=port).run, args=(stop,), kwargs={"again_after_s": 0.01},
        daemon=True,
    )  # fmt: skip
    client.start()
    thread.join(timeout=5)
    stop.set()
    client.join(timeout=15)
    server.close()
    assert len(calls) == 2
    assert not client.is_alive()


def test_the_rule_reads_back_as_it_was_meant():
    (spec,) = f.parameters(rospec((1, 2)))
    parts = {one.kind: one.body for one in f.parameters(spec.body[6:])}
    assert struct.unpack_from(">HHH", parts[f.AISPEC]) == (2, 1, 2)
    assert set(parts) == {f.BOUNDARY, f.AISPEC, f.REPORT_SPEC}


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(content):
    try:
        for frame in f.Frames().take(content):
            events_in("door-1", frame, 0)
    except f.BadFrame:
        pass


@given(st.binary(max_size=120), st.integers(0, 200), st.integers(0, 255))
def test_a_report_that_was_changed_on_the_way_is_read_or_refused(more, at, byte):
    whole = bytearray(report_of(EVENTS[::2]) + more)
    whole[at % len(whole)] = byte
    with contextlib.suppress(f.BadFrame):
        assert all(isinstance(one, Sighting) for one in sightings_in("door-1", bytes(whole), 0))


@given(st.lists(st.integers(1, 40), max_size=60))
def test_frames_come_whole_however_the_line_cuts_them(cuts):
    sent = [f.Frame(kind, number, b"x" * number) for number, kind in enumerate((61, 62, 63, 61))]
    content, got, frames = b"".join(one.bytes() for one in sent), [], f.Frames()
    for cut in [*cuts, len(content)]:
        got += frames.take(content[:cut])
        content = content[cut:]
    assert got == sent
