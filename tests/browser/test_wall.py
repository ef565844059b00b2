"""The wall board in a real browser: read from five metres, opened by keyboard, with a table one key away."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from axe import AXE, serious
from browser.conftest import window

pytestmark = [pytest.mark.browser, pytest.mark.store_free]

TALL = "els => els.map(e => parseFloat(getComputedStyle(e).fontSize))"


def test_the_wall_is_read_from_five_metres_and_opens_by_keyboard(screen):
    page = screen("ada", "/wall", size=(1920, 1080))
    if page.evaluate("document.getElementById('wall-facts') === null"):
        pytest.skip("the browser's programs were not built here")
    page.wait_for_selector("body[data-wall=ready]")
    assert min(page.eval_on_selector_all(".w-value, .w-old.first .age", TALL)) >= 64
    assert min(page.eval_on_selector_all(".w-label:not(caption)", TALL)) >= 24
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    if AXE.exists():
        assert serious(page) == []
    page.keyboard.press("t")
    page.locator(".w-table").wait_for()
    page.keyboard.press("ArrowRight")
    page.locator("#w-when", has_text="00:00").wait_for()
    page.focus("#w-open-p1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/figures/volume:priority-P1**")
    page.locator("h1").wait_for()


def board(screen, who="ada", **look):
    """The wall, by somebody signed in on another page, with a clock that can be turned."""
    page = screen(who, "/console/units", **look)
    page.clock.install()
    page.goto(page.url.replace("/console/units", "/wall"))
    if page.evaluate("document.getElementById('wall-facts') === null"):
        pytest.skip("the browser's programs were not built here")
    page.wait_for_selector("body[data-wall=ready]")
    return page


def test_figures_that_are_old_are_seen_to_be_old_until_they_are_young_again(screen):
    page = board(screen, language="en")
    assert page.locator("#w-stale").is_hidden()
    page.route("**/wall/data", lambda route: route.abort())
    page.clock.fast_forward(90_000)
    page.wait_for_selector("#w-stale:not([hidden])")
    # One minute and a half; the clock goes on while the machine is busy.
    assert re.search(r"\b1:[345]\d", page.inner_text("#w-stale"))
    hollow = "getComputedStyle(document.querySelector('.w-value')).color === 'rgba(0, 0, 0, 0)'"
    page.wait_for_function(f"() => {hollow}")
    page.unroute("**/wall/data")
    page.clock.fast_forward(21_000)
    page.wait_for_selector("#w-stale", state="hidden")
    page.wait_for_function(f"() => !({hollow})")
    page.watch.errors.clear()  # the browser itself notes each request that failed


def test_the_chart_and_the_figures_behind_it_are_taken_home_as_files_by_keyboard(screen):
    page = board(screen, "jia", language="en")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Picture", exact=True).press("Enter")
    picture = Path(taken.value.path()).read_bytes()
    assert re.fullmatch(r"wall-\d{4}-\d\d-\d\d\.png", taken.value.suggested_filename)
    with Image.open(io.BytesIO(picture)) as drawn:
        drawn.load()
        assert drawn.format == "PNG"
        assert min(drawn.size) > 200
        # Bars, lines and words stand on it: more than a ground.
        assert len(drawn.convert("RGB").getcolors(drawn.width * drawn.height) or []) > 8
    with page.expect_download() as taken:
        page.get_by_role("link", name="Figures", exact=True).press("Enter")
    assert taken.value.suggested_filename.endswith(".csv")
    rows = list(csv.reader(io.StringIO(Path(taken.value.path()).read_text("utf-8-sig"))))
    assert sum(bool(row) and re.fullmatch(r"\d\d:00", row[0]) is not None for row in rows) == 24


def test_a_wall_that_draws_no_map_shows_the_same_heat_as_a_table(screen):
    page = screen("ada", "/console/units")
    page.add_init_script(
        "const draw = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return kind.startsWith('webgl') ? null : draw.call(this, kind, ...more); }"
    )
    page.goto(page.url.replace("/console/units", "/wall"))
    if page.evaluate("document.getElementById('wall-facts') === null"):
        pytest.skip("the browser's programs were not built here")
    page.wait_for_selector("body.w-no-map[data-wall=ready]")
    assert page.locator("#w-note").inner_text()
    assert page.locator(".w-table tbody tr").count() == 24
    assert page.locator(".w-table").is_visible()


def test_without_a_program_in_the_browser_the_wall_stands_and_renews_itself(screen, browser):
    signed_in = screen("ada", "/console/units")
    plain = window(browser, storage_state=signed_in.context.storage_state(), java_script_enabled=False)
    page = plain.new_page()
    page.goto(signed_in.url.replace("/console/units", "/wall"))
    assert page.locator(".w-table").is_visible()
    assert page.locator(".w-value").count() >= 6
    assert page.locator("noscript meta[http-equiv=refresh]").count() == 1
    old = page.locator(".w-old .age").first.inner_text()
    plain.close()
    assert old.strip(), "how long it has waited is told without a program, too"
