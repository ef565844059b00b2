"""A past stretch in a real browser: opened for a purpose, played, stepped and jumped through by keys alone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from axe import AXE, serious

# The past is read from both stores in tests/console/test_replay.py; here its player is looked at.
pytestmark = [pytest.mark.browser, pytest.mark.store_free]


def shown(page: Any) -> str:
    return str(page.inner_text(".rpl-clock"))


def rows(page: Any) -> dict[str, str]:
    """Each incident of the queue under its heading."""
    found: dict[str, str] = page.evaluate(
        "() => { let head = ''; const out = {}; for (const el of document.querySelectorAll('#isl-rows > *')) {"
        " if (el.dataset.group) head = el.dataset.group; else if (el.dataset.number) out[el.dataset.number] = head; }"
        " return out; }"
    )
    return found


def opened(page: Any) -> None:
    """Answer what it is for by keys and wait for the screen of the stretch."""
    page.press("#replay-purpose", "ArrowDown")
    page.press("#replay-purpose", "Tab")
    page.keyboard.type("持刀警情复盘")
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-replay=ready]")


def stands_at(page: Any, clock: str) -> None:
    """Wait until the moment is shown and everything of it is read."""
    page.wait_for_selector(f".rpl-clock:text-is('{clock}')")
    page.wait_for_selector(".rpl-busy[hidden]", state="attached")


def has_left(page: Any, clock: str) -> None:
    page.wait_for_selector(f".rpl-clock:not(:text-is('{clock}'))")
    page.wait_for_selector(".rpl-busy[hidden]", state="attached")


def test_a_past_hour_is_played_by_keys_alone_and_is_the_same_whichever_way_one_comes(screen):
    page = screen("jia", "/replay")
    opened(page)
    started = shown(page)
    page.keyboard.press("ArrowRight")
    has_left(page, started)

    # Near the end of the stretch, typed as people say it.
    hours, minutes, seconds = map(int, started.split(":"))
    late = timedelta(hours=hours, minutes=minutes + 58, seconds=seconds) % timedelta(days=1)
    clock = f"{late!s:0>8}"
    page.keyboard.press("g")
    page.keyboard.type(clock.replace(":", ""))
    page.keyboard.press("Enter")
    stands_at(page, clock)
    there = rows(page)
    assert there

    page.keyboard.press("Shift+ArrowLeft")
    has_left(page, clock)
    page.keyboard.press("Shift+ArrowRight")
    stands_at(page, clock)
    assert rows(page) == there

    # Nothing can be done to anything, and paused the ages stand still.
    assert page.locator("#isl-new-call, #isl-send-chosen:visible, .isl-reach:visible").count() == 0
    ages = page.locator("#isl-rows .clock").all_inner_texts()
    page.evaluate("document.dispatchEvent(new Event('anlan:swapped'))")
    assert page.locator("#isl-rows .clock").all_inner_texts() == ages
    page.keyboard.press("Space")
    has_left(page, clock)
    if AXE.exists():  # fetched with what builds the map console; a wall in CI
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            assert serious(page) == [], theme
    page.keyboard.press("Space")
    page.wait_for_selector("#rpl-play[aria-pressed=false]")

    page.keyboard.press("g")
    page.keyboard.type("99:99")
    page.keyboard.press("Enter")
    page.locator(".rpl-note", has_text=re.compile(r"\S")).wait_for()
