"""What radio says and what the books say are weighed together; what stays unsure is asked."""

from __future__ import annotations

import pytest

from anlan.engines.gate import Crossings, Known, Verdict, reconcile
from anlan.engines.gate.reconcile import weighed


def verdict(movement: str, sure: float, epc: str = "A", reads: int = 20, tids: tuple[str, ...] = ()) -> Verdict:
    rest = (1 - sure) / 4
    chances = {name: sure if name == movement else rest for name in ("back", "by", "in", "out", "static")}
    return Verdict(epc, reads, chances, tids)


IN_STORE, LENT = {"A": Known("baton-1")}, {"A": Known("baton-1", holder="000123")}


def one(verdicts, badges, books):
    (claim,) = reconcile(verdicts, badges, books)
    return claim.kind, claim.badge, claim.reason


def test_a_thing_carried_out_under_one_badge_is_lent_to_its_owner():
    assert one([verdict("out", 0.999)], ["000123"], IN_STORE) == ("loan", "000123", "")


def test_a_thing_brought_back_ends_its_holders_loan_whoever_carries_it():
    assert one([verdict("in", 0.999)], ["000777"], LENT) == ("return", "000123", "")


def test_what_lies_in_the_store_cannot_come_in():
    """0.9 for "in" against 0.025 for "out", and the books are wrong twice in a thousand."""
    chances = weighed(verdict("in", 0.9), Known("baton-1"), frozenset())
    assert chances["in"] == pytest.approx(0.9 * 0.002 / (0.9 * 0.002 + 4 * 0.025))


def test_a_booking_makes_an_unsure_reading_surer_and_is_still_asked():
    booked = {"A": Known("baton-1", booked_by=frozenset({"000123"}))}
    assert one([verdict("out", 0.6)], ["000123"], booked) == ("loan", "000123", "unsure")


@pytest.mark.parametrize(
    ("told", "badges", "reason"),
    [
        (verdict("out", 0.8), ["000123"], "unsure"),
        (verdict("out", 0.9999, reads=2), ["000123"], "weak"),
        (verdict("out", 0.9999), [], "no_badge"),
        (verdict("out", 0.9999), ["000123", "000777"], "two_badges"),
        (verdict("out", 0.9999, tids=("E1", "E2")), ["000123"], "doubled_tag"),
    ],
)
def test_what_is_doubtful_is_asked(told, badges, reason):
    assert one([told], badges, IN_STORE)[2] == reason


def test_a_controlled_thing_is_never_lent_or_taken_back_by_the_door_alone():
    for way, holder in (("out", ""), ("in", "000123")):
        controlled = {"A": Known("pistol-1", is_controlled=True, holder=holder)}
        assert one([verdict(way, 0.99999)], ["000123"], controlled)[2] == "controlled"
        # Hardly heard it is asked too, never left out.
        assert one([verdict(way, 0.3, reads=1)], ["000123"], controlled)[2] == "unsure"


def test_two_badges_are_told_apart_by_who_booked():
    booked = {"A": Known("baton-1", booked_by=frozenset({"000777"}))}
    assert one([verdict("out", 0.999)], ["000123", "000777"], booked) == ("loan", "000777", "")


def test_what_was_booked_and_not_heard_is_asked_after():
    books = {
        "A": Known("baton-1", booked_by=frozenset({"000123"})),
        "B": Known("radio-1", booked_by=frozenset({"000123"})),
    }
    claims = reconcile([verdict("out", 0.999)], ["000123"], books)
    assert [(c.item, c.reason) for c in claims] == [("baton-1", ""), ("radio-1", "booked_not_seen")]


def test_what_passed_by_or_stayed_gives_nothing():
    assert reconcile([verdict("by", 0.999), verdict("static", 0.9999, "B")], ["000123"], IN_STORE) == []


def test_a_tag_nobody_knows_is_told_not_rejected():
    assert one([verdict("out", 0.9, "Z")], [], {}) == ("loan", "", "unknown_tag")


def test_where_people_go_both_ways_at_once_the_door_asks():
    """A thing handed over in the doorway goes out as well, and not with whom the door thinks."""
    for crossings, reason in (
        (Crossings((), (1.0,), is_told=True), ""),
        (Crossings((1.2,), (1.0,), is_told=True), "two_ways"),
        (Crossings((), (1.0,), is_told=True, alone=1), "two_ways"),
        (Crossings((), (), is_told=False), ""),
    ):
        (claim,) = reconcile([verdict("out", 0.999)], ["000123"], IN_STORE, crossings)
        assert claim.reason == reason


def test_who_brings_back_some_of_what_went_out_together_is_asked_after_the_rest():
    books = {
        "A": Known("baton-1", holder="000123", lent_with="T"),
        "B": Known("radio-1", holder="000123", lent_with="T"),
        "C": Known("lamp-1", holder="000123", lent_with="another day"),
    }
    claims = reconcile([verdict("in", 0.999)], ["000123"], books)
    assert [(c.item, c.kind, c.reason) for c in claims] == [
        ("baton-1", "return", ""),
        ("radio-1", "return", "lent_not_seen"),
    ]
    assert reconcile([verdict("by", 0.999)], ["000123"], books) == []
    # Heard as if it stayed, it is asked after like what wasn't heard.
    claims = reconcile([verdict("in", 0.999), verdict("static", 0.8, "B")], ["000123"], books)
    assert [(c.item, c.reason) for c in claims] == [("baton-1", ""), ("radio-1", "lent_not_seen")]
