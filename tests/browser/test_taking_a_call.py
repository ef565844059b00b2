"""A call is taken and a unit sent without touching the mouse."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_somebody_not_signed_in_is_led_to_the_door_and_back(screen, centre):
    page = screen(None, "/console/units")
    assert "/sign-in?next=/console/units" in page.url
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector(".refusal")
    page.watch.errors.clear()  # the browser itself notes that the answer was a refusal (422)
    assert page.input_value("[name=username]") == "ada"


def test_a_call_is_saved_and_a_unit_sent_by_keyboard_alone(screen):
    page = screen("ada", "/console")
    page.wait_for_selector("#queue [data-row]")
    page.keyboard.press("n")
    page.wait_for_selector("#narrative:focus")
    page.keyboard.type("有人持刀伤人，已经流血")
    page.wait_for_selector("#suggest .chip.danger")
    page.keyboard.press("Tab")
    page.keyboard.type("安澜汽车站")
    page.wait_for_selector("#cands [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('[name=place_id]')?.value")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_url("**/console?incident=*")
    page.wait_for_selector("#inc-units [data-row]:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector("#incident .assign")
    assert page.locator("#incident .inc-head .prio.p1").count() == 1
    assert page.locator("#incident [data-until]").count() == 1  # ten seconds to take it back


@pytest.mark.store_free
def test_enter_takes_what_was_typed_to_the_end_however_late_its_list_comes(screen):
    page = screen("ben", "/console/calls/new")
    page.keyboard.type("两车追尾")
    page.keyboard.press("Tab")
    page.keyboard.type("aldd18")
    page.wait_for_selector('#cands [role=option]:has-text("18")')
    late = []
    page.route("**/calls/places?*", lambda route: late.append(route))
    with page.expect_request("**/calls/places?*"):
        page.keyboard.type("8")
        page.keyboard.press("Enter")  # the list that stands there is of fewer letters
    assert page.input_value("[name=place_id]") == ""
    page.keyboard.press("Control+Enter")  # and who saves at once loses no point by it
    page.route("**/console/pulse", lambda route: route.abort())
    late.pop().continue_()
    page.wait_for_selector("#toasts .unsaved")  # the centre is gone meanwhile: the words stay, and it is said so
    assert page.input_value("#narrative") == "两车追尾"
    page.watch.errors.clear()  # the browser itself notes that there was no answer
    page.unroute("**/console/pulse")
    page.wait_for_url("**?saved=*")
    page.locator(".notice.ok a").click()
    page.locator("#incident", has_text="安澜大道188号").wait_for()


@pytest.mark.store_free
def test_escape_and_a_reload_never_eat_what_was_typed(screen):
    page = screen("ben", "/console/calls/new")
    page.keyboard.type("楼道里有烟味")
    page.keyboard.press("Tab")
    page.keyboard.type("锦绣")
    page.wait_for_selector("#cands [role=option]")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_selector(".draft-note")
    assert page.input_value("#narrative") == "楼道里有烟味"
    assert page.input_value("#address") == "锦绣"


def test_a_second_caller_is_linked_with_one_key(screen):
    page = screen("ben", "/console/calls/new")
    page.keyboard.type("饭店门口有人拿菜刀追人，有人流血了")
    page.keyboard.press("Tab")
    page.keyboard.type("安澜大道18号")
    page.wait_for_selector("#cands [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#suggest [data-link]")
    page.keyboard.press("Alt+KeyL")
    page.wait_for_selector("#suggest [data-link][aria-pressed=true]")
    page.wait_for_function("() => document.querySelector('[name=link_to]')?.value")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/console/calls/new?saved=*")
    assert page.input_value("#narrative") == ""


@pytest.mark.store_free
def test_the_clock_of_the_call_turns_amber_after_a_minute(screen):
    page = screen("ben", "/console/calls/new")
    clock = page.locator("#call-clock .age")
    assert (clock.get_attribute("data-amber"), clock.get_attribute("data-level") or "") == ("60", "")
    clock.evaluate("el => { el.dataset.since = Number(el.dataset.since) - 61000; }")
    page.wait_for_selector("#call-clock .age[data-level=amber]")


def test_a_new_p1_is_said_aloud_on_the_other_desk(screen):
    desk = screen("ada", "/console")
    desk.wait_for_selector(".live[data-state=live]")
    taker = screen("ben", "/console/calls/new")
    taker.keyboard.type("加油站着火了，火很大")
    taker.keyboard.press("Tab")
    taker.keyboard.type("上坞村")
    taker.keyboard.press("Control+Enter")
    taker.wait_for_url("**?saved=*")
    desk.wait_for_selector("#toasts .toast.p1")
    assert "P1" in desk.locator("#announce").text_content()
