"""A citizen with a small telephone and no scripts follows a report, takes it back, and says how it went."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from anlan.citizen.selectors import rating_token
from anlan.citizen.services import rating_ask
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.dispatch.services import incident_close
from anlan.intake.selectors import tracking_code
from anlan.intake.services import CallSheet, call_receive
from anlan.tagging.services import taxonomy_load
from axe import AXE, serious
from browser.conftest import window
from world import T0, build_world

# Both stores are asked the same in tests/citizen/test_pages.py.
pytestmark = [pytest.mark.browser, pytest.mark.store_free]
PICTURES = os.environ.get("ANLAN_PICTURES", "")
LOOKS = [("zh-hans", "dark", 0), ("en", "light", 1)]
"""Language, theme, and which of the two reports is looked at in them."""


@pytest.fixture(scope="session", autouse=True)
def _store_beside_the_browser():
    """The browser's driver keeps a loop running in this thread; the store is used beside it, not in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def reports(transactional_db, settings):
    """One report that waits, and one that was closed and is asked about."""
    settings.MESSAGE_CHANNELS = {"sms": "json://127.0.0.1:9/?:to={address}"}
    settings.PUBLIC_URL = "http://127.0.0.1"
    taxonomy_load(by=SYSTEM, at=T0)
    world, at = build_world(units=False, roads=False), now()

    def take(phone: str, words: str, lon: float):
        sheet = CallSheet(narrative=words, lon=lon, lat=28.9, reporter_phone=phone)
        return call_receive(line=sheet, at=at - timedelta(minutes=9), by=world.actor("ben"))

    waiting, over = take("13800001234", "楼上漏水吵架", 120.06), take("13800005678", "广场舞噪声", 120.09)
    incident_close(incident=over.incident, by=world.actor("jia"), at=at, reason="已解决")
    return waiting, over, rating_ask(incident=over.incident, by=SYSTEM, at=at)


def look(page, name: str) -> None:
    """It fits, nothing on it shuts anybody out, and a picture is kept where one is asked for."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
    if AXE.exists():
        assert serious(page) == [], name
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.fixture
def phone(browser, live_server):
    """``phone(language, theme)``: a page of a small telephone; ``scripts`` off where asked."""
    opened = []

    def open_(language: str, theme: str, *, scripts: bool = True):
        context = window(browser, viewport={"width": 360, "height": 740}, java_script_enabled=scripts)
        for cookie, value in (("anlan_language", language), ("anlan_theme", theme)):
            context.add_cookies([{"name": cookie, "value": value, "url": live_server.url}])
        opened.append(context)
        return context.new_page()

    yield open_
    for context in opened:
        context.close()


def test_a_citizens_pages_fit_a_small_telephone_and_shut_nobody_out(phone, reports, live_server):
    waiting, over, invite = reports
    for language, theme, which in LOOKS:
        page = phone(language, theme)
        call, digits = ((waiting.call, "1234"), (over.call, "5678"))[which]
        page.goto(f"{live_server.url}/track/{tracking_code(call)}")
        page.fill("#digits", digits)
        page.click(".btn.main")
        page.wait_for_selector(".now")
        page.locator("details summary").first.click()
        look(page, f"report-{language}")
        page.goto(f"{live_server.url}/r/{rating_token(invite)}")
        look(page, f"rate-{language}")
    page.goto(f"{live_server.url}/track")
    page.fill("#code", "AAAA-AAAA-AAAA")
    page.fill("#digits", "0000")
    page.click(".btn.main")
    page.wait_for_selector(".refusal")
    look(page, "wrong-code-en")


def test_without_any_script_a_report_is_taken_back_and_a_rating_given(phone, reports, live_server):
    waiting, _over, invite = reports
    page = phone("zh-hans", "light", scripts=False)
    page.goto(f"{live_server.url}/track/{tracking_code(waiting.call)}")
    page.fill("#digits", "1234")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.click("summary")
    page.fill("#t-back", "弄错了")
    with page.expect_navigation():
        page.click("button[value=withdrawal]")
    assert "弄错了" in page.inner_text("main")
    assert page.locator("button[value=withdrawal]").count() == 0
    page.goto(f"{live_server.url}/r/{rating_token(invite)}")
    page.check("input[value='4']")
    with page.expect_navigation():
        page.click(".btn.main")
    assert "4" in page.inner_text("main")
    page.goto(f"{live_server.url}/r/{rating_token(invite)}")
    assert page.locator("[data-code=link_used]").count() == 1
