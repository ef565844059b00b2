"""A reader's journal: what was told is read back, and one bad line costs one line."""

from __future__ import annotations

from anlan.engines.rfid import Badge, BadLine, Beam, Sighting, journal_line, journal_read

SEEN = Sighting("door-1", 2, "3414257BF400000000BC614E", 1_790_000_000_000_000, 1_790_000_000_400_000, -5250)
EVENTS = [SEEN, Beam("door-1", 1, True, 1, 2), Badge("door-1", "000123", 3, 4)]


def test_what_was_told_is_read_back():
    assert list(journal_read(journal_line(event) for event in EVENTS)) == EVENTS


def test_a_bad_line_is_told_and_the_rest_goes_on():
    good = journal_line(SEEN)
    lines = [
        good,
        "{",
        "[]",
        '{"kind":"weather"}',
        good.replace("-5250", '"loud"'),
        good.replace("3414", "xyz!"),
        "",
        good,
    ]
    read = list(journal_read(lines))
    assert [one for one in read if isinstance(one, Sighting)] == [SEEN, SEEN]
    assert [(one.line, one.reason) for one in read if isinstance(one, BadLine)] == [
        (2, "not_json"),
        (3, "another_shape"),
        (4, "another_shape"),
        (5, "another_shape"),
        (6, "not_hexadecimal"),
    ]


def test_a_sighting_without_strength_or_with_a_lone_half_letter_breaks_nothing():
    lines = [
        '{"kind":"sighting","reader":"d","antenna":0,"epc":"00","t_us":0,"received_us":0}',
        '"\\ud800"',
        "\ud800",
    ]
    first, *rest = journal_read(lines)
    assert isinstance(first, Sighting)
    assert first.rssi_cdbm is None
    assert all(isinstance(one, BadLine) for one in rest)
