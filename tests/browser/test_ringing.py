"""A line rings: every free desk sees it, one key answers, and the form knows the line."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser

PHONE = "13812345678"
TELL = """async ([path, body]) => {
  const token = document.querySelector("meta[name=csrf-token]").content;
  const headers = {"Content-Type": "application/json", "X-CSRFToken": token, "Idempotency-Key": crypto.randomUUID()};
  const answer = await fetch(path, {method: "POST", headers, body: JSON.stringify(body)});
  return answer.status;
}"""


def ring(page: Any, line: str) -> str:
    """A caller on this line; where it is seen to ring."""
    body = {"line": line, "phone": PHONE, "lon": 120.061, "lat": 28.9, "radius_m": 150}
    assert page.evaluate(TELL, ["/api/telephony/ring", body]) == 201
    return f"#ringing .ring[data-line='{line}']"


def test_a_ring_is_seen_on_both_desks_and_one_key_answers_it(screen):
    taker, other = screen("ben", "/console/calls/new"), screen("ada", "/console")
    rings = ring(taker, "110-1")
    for desk in (taker, other):
        desk.wait_for_selector(rings)
        assert "138****5678" in desk.locator(rings).inner_text()
        assert PHONE not in desk.content()
        assert "110-1" in desk.locator("#ring-said").inner_text()
        assert desk.title().startswith("☎")
    taker.keyboard.press("F1")
    known = taker.locator(".pop-line").filter(has_text="138****5678")
    known.filter(has_text="150 m").wait_for()
    assert taker.locator("[name=call_id]").count() == 1
    other.wait_for_selector(rings, state="detached")
    assert not other.title().startswith("☎")


def test_what_was_typed_stays_when_another_line_is_answered(screen):
    desk = screen("ada", "/console/calls/new")
    desk.keyboard.type("楼道里有烟味")
    desk.wait_for_selector(ring(desk, "110-2"))
    desk.keyboard.press("F1")
    desk.wait_for_selector(".pop-line")
    assert desk.input_value("#narrative") == ""
    desk.goto(desk.url.rsplit("/", 1)[0] + "/new")
    desk.wait_for_function("() => document.querySelector('#narrative').value === '楼道里有烟味'")


def test_a_desk_with_a_call_in_hand_sees_the_next_ring_calmly(screen):
    desk = screen("ida", "/console")  # takes no calls: nothing rings here
    assert desk.locator("#ringing").count() == 0
    busy = screen("jia", "/console/calls/new")
    busy.wait_for_selector(ring(busy, "110-3"))
    busy.keyboard.press("F1")
    busy.wait_for_selector(".pop-line")
    waits = f"{ring(busy, '110-4')}.calm"
    busy.wait_for_selector(waits)
    busy.goto(busy.url)
    busy.wait_for_selector(waits)


@pytest.mark.parametrize("size", [(1440, 900), (360, 740)])
def test_a_line_that_is_down_is_said_and_calls_are_entered_by_hand(screen, size):
    desk = screen("ben", "/console/calls/new", size=size)
    assert desk.evaluate(TELL, ["/api/telephony/state", {"switch": "110", "is_up": False}]) == 200
    desk.wait_for_selector("#ringing .lines-down")
    assert desk.evaluate("document.documentElement.scrollWidth") <= size[0]
    desk.fill("#narrative", "有人摔倒")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**?saved=*")
    assert desk.evaluate(TELL, ["/api/telephony/state", {"switch": "110", "is_up": True}]) == 200
    desk.wait_for_selector("#ringing .lines-down", state="detached")
