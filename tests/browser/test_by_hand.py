"""The joint track by keyboard, and what the desk says by hand, in a real browser."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

# On both stores tests/console/test_by_hand.py and tests/dispatch/test_joint.py ask what these keys ask.
pytestmark = [pytest.mark.browser, pytest.mark.store_free]


@pytest.fixture
def quarrel(screen):
    """``quarrel()``: Ada's page of a new quarrel, taken by her on the keyboard a moment ago."""

    def take(**look):
        page = screen("ada", "/console/calls/new", **look)
        page.keyboard.type("两家邻居为停车吵架，没有动手，想请人调解")
        page.keyboard.press("Tab")
        page.keyboard.type("上坞村")
        page.wait_for_selector("#cands [role=option]")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**?saved=*")
        page.click(".notice.ok a")
        page.wait_for_selector("#inc-units [data-key=s]")
        return page

    return take


def test_on_the_joint_track_one_key_sends_the_unit_and_asks_the_town_room(quarrel, screen):
    page = quarrel(language="en")
    page.keyboard.press("g")
    page.wait_for_selector("#d-track[open] input:focus")
    page.check("#d-track [value=J]")
    page.fill("#track-reason", "they have been drinking")
    page.keyboard.press("Enter")
    page.wait_for_selector(".joint-note")
    page.locator("#inc-units [data-key=s]", has_text="Send both").wait_for()
    page.keyboard.press("s")
    page.locator("#incident .meet", has_text="West town room").wait_for()
    number = page.inner_text(".inc-head h1 .num")
    board = screen("dan", "/console/town", language="en")
    board.locator("article.order", has_text=number).filter(has_text="Police meet you there").wait_for()


def test_labels_are_confirmed_by_keyboard(quarrel):
    page = quarrel()
    page.keyboard.press("l")
    page.wait_for_selector("#d-tags[open] select:focus")
    page.select_option("#tag-cause", "parking")
    page.check("#d-tags [value=alcohol]")
    page.focus("#d-tags button.main")
    page.keyboard.press("Enter")
    page.wait_for_selector("#d-tags[hidden]", state="attached")
    page.wait_for_function(
        "() => !document.querySelector('#d-tags .chip.amber')"
        " && document.querySelector('#d-tags [value=alcohol]')?.checked"
    )


def test_a_hazard_of_the_place_is_noted_by_keyboard_and_warns_at_once(quarrel):
    page = quarrel()
    page.keyboard.press("h")
    page.wait_for_selector("#d-note[open] [name=hazard]:focus")
    page.keyboard.press("Space")
    page.fill("#note-text", "铁门后有犬")
    page.keyboard.press("Enter")
    page.wait_for_selector("#inc-notes .warn-card >> text=铁门后有犬")


def test_the_command_box_leads_to_a_place_by_keyboard(screen):
    page = screen("ada", "/console")
    page.keyboard.press("/")
    with page.expect_response(lambda answer: "安澜汽车站" in unquote(answer.url)):
        page.keyboard.type("安澜汽车站")
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    place = page.locator("#found a[href*='/console/places/']")
    place.first.wait_for()
    links = page.locator("#found a")
    for _ in range(links.count()):
        if "here" in (place.first.get_attribute("class") or ""):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/places/*")
    page.locator("h1", has_text="安澜汽车站").wait_for()


def test_the_weeks_of_a_figure_open_by_keyboard_to_their_records(screen):
    page = screen("gus", "/console/figures")
    page.wait_for_selector(".trend summary")
    page.locator(".trend summary").first.focus()
    page.keyboard.press("Enter")
    panel = page.locator(".trend details[open] .panel")
    panel.locator("tbody tr").nth(7).wait_for()
    assert panel.locator("tbody tr").count() == 8
    panel.locator("tbody a").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/figures/*from=*")


@pytest.mark.parametrize(("who", "path"), [("ada", "first"), ("dan", "/console/town"), ("gus", "/console/figures")])
def test_a_page_fits_a_small_phone(screen, who, path):
    if path == "first":
        desk = screen(who, "/console")
        path = desk.locator("#queue a.qrow[data-priority]").first.get_attribute("href")
    page = screen(who, path, size=(360, 740), language="en")
    page.wait_for_selector("h1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
