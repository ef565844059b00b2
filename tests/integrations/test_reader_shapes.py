"""What makers' readers send becomes the same sighting; what can't be read is told and the rest kept."""

from __future__ import annotations

import base64
import json

import pytest

from anlan.engines.rfid import BadLine, Sighting
from anlan.integrations.mqtt.shapes import sightings_of, time_us

EPC = "3414257BF400000000BC614E"
NOW_US = 1_790_000_000_000_000
AT = "2026-09-21T13:33:20.5Z"


def read(content):
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return list(sightings_of("door-1", raw, NOW_US))


ZEBRA = {
    "timestamp": AT,
    "type": "SIMPLE",
    "data": {"idHex": EPC.lower(), "antenna": 2, "peakRssi": -58, "eventNum": 7},
}
IMPINJ = {
    "timestamp": AT,
    "eventType": "tagInventory",
    "tagInventoryEvent": {
        "epc": base64.urlsafe_b64encode(bytes.fromhex(EPC)).decode(),
        "antennaPort": 2,
        "peakRssiCdbm": -5800,
    },
}


def test_both_makers_tell_the_same_sighting():
    (zebra,), (impinj,) = read(ZEBRA), read(IMPINJ)
    assert zebra == impinj
    assert (zebra.epc, zebra.antenna, zebra.rssi_cdbm) == (EPC, 2, -5800)


def test_a_message_holds_one_a_list_or_a_line_each():
    lines = json.dumps(ZEBRA).encode() + b"\n\n" + json.dumps(IMPINJ).encode() + b"\n"
    assert len(read(ZEBRA)) == 1
    assert len(read([ZEBRA, IMPINJ])) == 2
    assert len(read(lines)) == 2


def test_a_message_cut_off_keeps_what_was_whole():
    lines = json.dumps(ZEBRA).encode() + b"\n" + json.dumps(IMPINJ).encode()[:40]
    whole, cut = read(lines)
    assert isinstance(whole, Sighting)
    assert (cut.line, cut.reason) == (2, "not_json")


@pytest.mark.parametrize(
    "strange",
    [
        {"data": {"eventNum": 7}},
        {"data": {"idHex": "xyz"}},
        {"tagInventoryEvent": {"antennaPort": 1}},
        {"heartbeat": 1},
        [1],
        {"timestamp": "yesterday", "data": {"idHex": EPC}},
    ],
)
def test_what_tells_no_tag_is_told_and_never_raises(strange):
    (bad,) = read(strange)
    assert isinstance(bad, BadLine)


@pytest.mark.parametrize("told", [1_790_000_000, 1_790_000_000_000, NOW_US, "1790000000", "2026-09-21T14:13:20Z"])
def test_times_in_seconds_milliseconds_microseconds_and_words_are_one(told):
    assert time_us(told, 0) == NOW_US


def test_a_clock_of_1970_is_kept_as_it_is_and_none_is_ours():
    assert time_us("1970-01-01T00:00:05Z", NOW_US) == 5_000_000
    assert time_us(None, NOW_US) == NOW_US
