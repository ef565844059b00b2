"""An urgent notice comes to the desk by itself, is answered by one key, and the sender sees who answered."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser

TEXT = "请核对消防通道"
SEND = """async (text) => {
  const token = document.querySelector("meta[name=csrf-token]").content;
  const headers = {"Content-Type": "application/json", "X-CSRFToken": token, "Idempotency-Key": crypto.randomUUID()};
  const body = JSON.stringify({text, urgent: true, role: "dispatcher", organisation: "bureau"});
  return (await fetch("/api/notices", {method: "POST", headers, body})).status;
}"""
# Others of the same town may write to this desk meanwhile: the badge is held against what waits there now.
LEFT = """async (text) => {
  const mine = await fetch("/notices/mine", {headers: {Accept: "application/json"}});
  const waiting = (await mine.json()).waiting;
  const shown = Number(document.querySelector("#notices-badge b").textContent || "0");
  return shown === waiting.length && !waiting.some((notice) => notice.text === text);
}"""


def count(page: Any) -> str:
    return str(page.locator("#notices-badge b").inner_text())


def test_an_urgent_notice_is_told_answered_by_key_and_proved(screen):
    desk, leader = screen("ada", "/console/units"), screen("jia", "/notices")
    assert leader.evaluate(SEND, TEXT) == 201
    toast = desk.locator(".notice-toast", has_text=TEXT)
    toast.wait_for()
    assert int(count(desk)) >= 1
    assert TEXT in desk.locator("#notices-said").inner_text()
    leader.locator("#followed", has_text="已显示，未确认").wait_for()
    desk.goto(desk.url.replace("/console/units", "/notices"))
    row = desk.locator(".notice-row", has_text=TEXT)
    row.wait_for()
    row.focus()
    desk.keyboard.press("a")
    row.wait_for(state="detached")
    # The page came anew: its badge stays empty until the page has asked how many wait.
    desk.wait_for_function(LEFT, arg=TEXT, polling=250)
    leader.locator("#followed tr", has_text=TEXT).get_by_text("已确认").first.wait_for()
