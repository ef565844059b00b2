"""The wall board in a real browser: read from five metres, opened by keyboard, with a table one key away."""

from __future__ import annotations

import pytest

from axe import AXE, serious

pytestmark = pytest.mark.browser

TALL = "els => els.map(e => parseFloat(getComputedStyle(e).fontSize))"


def test_the_wall_is_read_from_five_metres_and_opens_by_keyboard(screen):
    page = screen("ada", "/wall", size=(1920, 1080))
    if page.evaluate("document.getElementById('wall-facts') === null"):
        pytest.skip("the browser's programs were not built here")
    page.wait_for_selector("body[data-wall=ready]", timeout=60_000)
    assert min(page.eval_on_selector_all(".w-value, .w-old.first .age", TALL)) >= 64
    assert min(page.eval_on_selector_all(".w-label:not(caption)", TALL)) >= 24
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    if AXE.exists():
        assert serious(page) == []
    page.keyboard.press("t")
    assert page.locator(".w-table").is_visible()
    page.keyboard.press("ArrowRight")
    assert "00:00" in page.inner_text("#w-when")
    page.focus("#w-open-p1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/figures/volume:priority-P1**")
    assert page.locator("h1").is_visible()
