"""The forecast's pages in a real browser: no barrier on any of them, nothing wider than a phone."""

from __future__ import annotations

import pytest

from axe import AXE, serious

pytestmark = [pytest.mark.browser, pytest.mark.store_free]

PATHS = ("", "/station", "/scores", "/card", "/register")


def test_nothing_bars_the_way_on_any_page_of_the_forecast(screen):
    page = screen("gus", "/console/forecast", size=(360, 740))
    home = page.url
    for path in PATHS:
        page.goto(home + path)
        assert page.locator(".f-use").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        if AXE.exists():
            assert serious(page) == [], path
