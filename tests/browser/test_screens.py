"""What is done on a page, beside what every page is looked at for: a phone in the hand, a row that stays, paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from axe import AXE, serious

pytestmark = pytest.mark.browser


@pytest.mark.store_free
@pytest.mark.parametrize("path", ["/unit"])
def test_the_unit_page_fits_a_small_phone_with_targets_for_a_thumb(screen, path):
    page = screen("eve", path, size=(360, 740))
    page.wait_for_selector(".five .step")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    sizes = page.eval_on_selector_all(".five .step", "els => els.map(e => e.getBoundingClientRect().height)")
    assert len(sizes) == 5
    assert min(sizes) >= 64


def test_the_unit_page_brings_a_unit_from_signing_to_feedback(screen):
    page = screen("eve", "/unit", size=(360, 740))
    page.click("[data-assignment-state=en_route] ~ .five .step.next")
    page.wait_for_selector("[data-assignment-state=arrived]")
    page.click(".five .step.next")
    page.wait_for_selector("[name=result]")
    page.select_option("[name=result]", "accident_fast_settled")
    page.click(".wide-btn.main")
    page.wait_for_selector(".five.three")


def test_a_row_under_the_pointer_does_not_move_when_another_call_comes(screen):
    desk = screen("ada", "/console")
    desk.wait_for_selector(".live[data-state=live]")
    row = desk.locator("#queue [data-row]").nth(1)
    row.hover()
    before = row.bounding_box()["y"]
    taker = screen("ben", "/console/calls/new")
    taker.keyboard.type("有人落水，正在呼救")
    taker.keyboard.press("Control+Enter")
    taker.wait_for_url("**?saved=*")
    desk.mouse.move(row.bounding_box()["x"] + 40, before + 12)
    desk.wait_for_selector(".queue-news:not([hidden])")
    assert row.bounding_box()["y"] == before


def test_another_stations_incident_answers_like_one_that_does_not_exist(screen):
    page = screen("ada", "/console")
    # Cleo is of the eastern station, and this one matter is hers.
    href = page.locator("#queue a.qrow[data-priority]", has_not_text="有人想不开").first.get_attribute("href")
    other = screen("cleo", href)
    assert other.locator("[data-code=not_found]").count() == 1
    other.watch.errors.clear()  # the browser itself notes the 404


@pytest.mark.store_free
def test_what_is_printed_can_be_read_by_everybody_in_either_theme(screen):
    if not AXE.exists():
        pytest.skip("axe-core is fetched with what builds the map console, which was not built here")
    page = screen("gus", "/disputes/figures")
    home = "/".join(page.url.split("/")[:3])
    found = {}
    for path in (page.url, f"{home}/reports/bulletin", f"{home}/console/figures", paper_of_a_handover(screen, home)):
        if "handover" in path:
            page = screen("ada", path.removeprefix(home))
        else:
            page.goto(path)
        page.wait_for_function("() => !document.querySelector('.htmx-request')")
        page.emulate_media(media="print")
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            found[path, theme] = serious(page)
            # A printer leaves the ground away: words for a dark one would be pale on white.
            ink = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
            assert sum(map(int, re.findall(r"\d+", ink)[:3])) < 3 * 100, (path, theme, ink)
    assert {where: lines for where, lines in found.items() if lines} == {}


def paper_of_a_handover(screen: Callable[..., Any], home: str) -> str:
    """The address of a handover to print; one is begun where none is."""
    page = screen("ada", "/handover")
    if not page.locator("a[href*='/handover/paper/']").count():
        page.locator("form[action$='/open'] button").first.click()
        page.wait_for_selector("a[href*='/handover/paper/']")
    return home + str(page.locator("a[href*='/handover/paper/']").first.get_attribute("href"))


@pytest.mark.store_free
def test_ones_account_and_second_proof_are_found_where_the_head_has_no_room_for_a_name(screen):
    page = screen("ada", "/console/units", language="en")
    assert page.locator(".head .who").is_hidden()
    page.locator(".nav-more summary").press("Enter")
    page.locator(".nav-more").get_by_role("link", name="My account").press("Enter")
    page.wait_for_url("**/account")
    page.get_by_role("link", name="My second proof").press("Enter")
    page.wait_for_url("**/second-factor*")
