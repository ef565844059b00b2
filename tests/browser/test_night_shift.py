"""One night at the desk by keyboard: an officer alone falls silent, the next in line answers, the desk changes hands.

The clock is the story's, in the centre and in the browsers alike: nothing here waits for minutes to pass.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from anlan.core import clock
from anlan.dispatch.models import CheckIn, Handover
from anlan.dispatch.services.checkins import checkins_tick
from anlan.notices.models import Notice
from anlan.notices.services import notices_tick
from dispatch.scene import incident_of, send
from world import T0, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
NOTE = "二号楼门锁坏，物业早上来修"


@pytest.fixture(scope="session", autouse=True)
def _store_beside_the_browser():
    """The browser's driver keeps a loop running in this thread; the store is used beside it, not in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


class Night:
    """The hour it is, the worker's ticks, and everybody's own browser."""

    def __init__(self, browser: Any, url: str) -> None:
        self.at, self.world = T0, build_world()
        self._browser, self._url = browser, url
        self.pages: dict[str, Any] = {}
        self.wrong: list[str] = []

    def passes(self, **time: float) -> None:
        """Time goes by; the worker looks what is due."""
        self.at += timedelta(**time)
        checkins_tick(at=self.at)
        notices_tick(at=self.at)

    def page(self, name: str, path: str, size: dict[str, int] = DESK) -> Any:
        if name not in self.pages:
            client = Client()
            client.force_login(self.world.people[name])
            cookies = {**{k: v.value for k, v in client.cookies.items()}, "anlan_language": "en"}
            context = self._browser.new_context(viewport=size, service_workers="block")
            context.add_cookies([{"name": k, "value": v, "url": self._url} for k, v in cookies.items()])
            self.pages[name] = context.new_page()
            self.pages[name].set_default_timeout(60_000)
            self.pages[name].on("pageerror", lambda error: self.wrong.append(f"{name}: {error}"))
        page = self.pages[name]
        page.clock.set_fixed_time(self.at)
        page.goto(self._url + path)
        return page


@pytest.fixture
def night(monkeypatch, browser, live_server):
    seen = Night(browser, live_server.url)
    monkeypatch.setattr(clock, "datetime", type("Then", (), {"now": lambda _zone: seen.at}))
    yield seen
    for page in seen.pages.values():
        page.context.close()
    assert seen.wrong == []


def press(page: Any, name: str) -> None:
    """The button of this name, reached and pressed by keys."""
    page.get_by_role("button", name=name, exact=True).first.press("Enter")


def test_an_officer_alone_falls_silent_the_next_in_line_answers_and_the_desk_changes_hands(night):
    incident = incident_of(night.world)
    send(night.world, incident)

    # Eve goes there by herself: the timer begins when she presses that she is there.
    phone = night.page("eve", "/unit", PHONE)
    for word, state in (("Sign", "signed"), ("Set off", "en_route"), ("Arrived", "arrived")):
        press(phone, word)
        phone.wait_for_selector(f"[data-assignment-state={state}]")
    desk = night.page("ada", f"/console/incidents/{incident.number}")
    assert "alone: asked again in" in desk.inner_text(".checkin")

    # She is asked, does not answer, the desk is told, does not answer, the duty leader is told.
    night.passes(seconds=CheckIn.objects.get().every_s)
    night.passes(minutes=1)
    desk = night.page("ada", f"/console/incidents/{incident.number}")
    assert "has not answered whether all is well" in desk.inner_text(".checkin.missed")
    assert night.page("ada", "/notices").locator("#waiting .notice-row.urgent").count() == 1
    leader = night.page("jia", "/notices")
    before = leader.locator("#waiting .notice-row").count()
    night.passes(minutes=3)
    leader = night.page("jia", "/notices")
    row = leader.locator("#waiting .notice-row", has_text="told to you because nobody before you answered")
    assert (before, row.count()) == (0, 1)
    row.focus()
    leader.keyboard.press("a")
    leader.wait_for_selector("#waiting .notice-row", state="detached")
    assert Notice.objects.get().state == "acknowledged"

    # It was only the lift: all is well, and the timer counts anew.
    phone = night.page("eve", "/unit", PHONE)
    phone.wait_for_selector(".phone-safe.asked")
    press(phone, "All is well")
    phone.wait_for_selector(".phone-safe:not(.asked)")
    desk = night.page("ada", f"/console/incidents/{incident.number}")
    assert desk.locator(".checkin.missed").count() == 0

    # The shift ends: what the next must know, signed; read, and taken over.
    desk = night.page("ada", "/handover")
    desk.locator("details", has_text=incident.number).locator("summary").focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.type(NOTE)
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(f".handover-line:has-text('{NOTE}')")
    press(desk, "Sign off: this is what stands")
    desk.wait_for_selector("button:has-text('Take the signature back')")
    night.passes(minutes=2)
    relief = night.page("jia", "/handover")
    assert NOTE in relief.inner_text(".handover-line")
    relief.locator("[name=read]").focus()
    relief.keyboard.press("Space")
    press(relief, "Take over")
    relief.wait_for_url("**/handover/paper/*")
    assert NOTE in relief.inner_text("main")
    taken = Handover.objects.get()
    assert (taken.state, taken.outgoing, taken.incoming) == (
        "taken",
        night.world.people["ada"],
        night.world.people["jia"],
    )
