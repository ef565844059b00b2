"""Two browsers at one centre: what one writes the other is told, whole and in order, whatever breaks between them."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from browser.commands import command_headers
from browser.conftest import FLAGS, WITHIN_MS, shut, window
from browser.test_island import Line
from ports import free_port

pytestmark = pytest.mark.browser

WRITES = 20
LISTEN = """() => {
  window.told = [];
  document.addEventListener("anlan:event", (e) => {
    const { id, kind, subject_id: unit, data } = e.detail;
    if (id) window.told.push({ id, kind, unit, state: data.state });
  });
}"""


class Ear:
    """A live stream of its own over the centre's store, reached by a cable. It can be killed and begun again."""

    def __init__(self, centre: str) -> None:
        self.env = _environment_of(int(centre.rsplit(":", 1)[1]))
        self.port = free_port()
        self.line = Line(self.port)
        self.begin()

    def begin(self) -> None:
        command = [sys.executable, "-m", "anlan.config.live", "--port", str(self.port)]
        self.process = subprocess.Popen(command, env=self.env)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the live stream did not begin")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=60)


@contextlib.contextmanager
def refusing(port: int) -> Iterator[threading.Event]:
    """Somebody else answers there, as a proxy does whose stream is away; set once somebody was refused."""
    refused = threading.Event()

    class Refusal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(HTTPStatus.BAD_GATEWAY)
            refused.set()

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Refusal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield refused
        server.shutdown()


def _environment_of(port: int) -> dict[str, str]:
    """What the centre at that port was started with: the same store is read here."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode().split("\0")
            if "anlan.config.cli" in words and "run" in words and str(port) in words:
                pairs = (process / "environ").read_bytes().decode().split("\0")
                return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        except OSError:
            continue
    return pytest.skip("this system does not tell how the centre was started")


@pytest.fixture(scope="module")
def ear(centre) -> Iterator[Ear]:
    if os.name != "posix":
        pytest.skip("needs /proc")
    found = Ear(centre)
    yield found
    found.line.close()
    found.kill()


@pytest.fixture
def console(browsers, centre, ear, doors) -> Iterator[Callable[[str], Any]]:
    """``console("ada")``: the live console with cookies and lines of its own, its stream over the cable."""
    opened: list[Any] = []

    def wire(route: Any) -> None:
        answer = route.fetch()
        there = f'data-live-url="http://127.0.0.1:{ear.line.port}"'
        route.fulfill(response=answer, body=answer.text().replace('data-live-url=""', there))

    def open_as(who: str) -> Any:
        context = window(browsers((*FLAGS, "--disable-3d-apis")), viewport={"width": 1440, "height": 900})
        opened.append(context)
        context.add_cookies([{"name": "anlan_language", "value": "zh-hans", "url": centre}])
        page = context.new_page()
        doors.let_in(page, centre, who)
        page.route("**/console/map", wire)
        page.goto(f"{centre}/console/map")
        if page.locator("#isl-queue").count() == 0:
            pytest.skip("the map console was not built here")
        page.wait_for_selector("body[data-island=ready]")
        page.wait_for_selector(".live[data-state=live]")
        page.evaluate(LISTEN)
        return page

    ear.line.mend()
    yield open_as
    for context in opened:
        shut(context)


class Buttons:
    """Somebody who presses the buttons of two free units, one after the other, and leaves them as they were."""

    def __init__(self, page: Any, centre: str) -> None:
        self._page, self._centre = page, centre
        units = page.request.get(f"{centre}/api/units").json()
        self.units = [unit["id"] for unit in units if unit["state"] == "available"][:2]
        each = [(unit, state) for state in ("busy", "available") for unit in self.units]
        self._next = cycle(each)
        self.pressed: list[tuple[int, str]] = []

    def press(self, times: int) -> None:
        for unit, state in islice(self._next, times):
            answer = self._page.request.post(
                f"{self._centre}/api/units/{unit}/state",
                data={"state": state},
                headers=command_headers(self._page),
            )
            assert answer.ok, answer.text()
            self.pressed.append((unit, state))


def told(page: Any, buttons: Buttons) -> list[tuple[int, str]]:
    """The changes of these units the page was told of, in the order it was; nothing was told twice."""
    heard = page.evaluate("() => window.told")
    assert len({each["id"] for each in heard}) == len(heard), "something was told twice"
    mine = [each for each in heard if each["kind"] == "units.status_changed" and each["unit"] in buttons.units]
    return [(each["unit"], each["state"]) for each in mine]


def until_told(page: Any, buttons: Buttons) -> None:
    """Until the page was told as many changes of these units as there were, those of others left aside."""
    page.wait_for_function(
        "([n, units]) => window.told.filter(each => each.kind === 'units.status_changed'"
        " && units.includes(each.unit)).length >= n",
        arg=[len(buttons.pressed), buttons.units],
    )


def test_what_one_browser_writes_the_other_shows_whole_and_in_order(console, centre):
    ada, ben = console("ada"), console("ben")
    buttons = Buttons(ada, centre)
    free = ben.locator(f'#isl-grid [data-unit="{buttons.units[0]}"] .state').inner_text()
    buttons.press(2)
    changed = ben.locator(f'#isl-grid [data-unit="{buttons.units[0]}"] .state:not(:text-is("{free}"))')
    changed.wait_for()
    buttons.press(WRITES - 2)
    for page in (ben, ada):
        until_told(page, buttons)
        assert told(page, buttons) == buttons.pressed
    for page in (ada, ben):
        row = page.locator(f'#isl-grid [data-unit="{buttons.units[0]}"] .state', has_text=free)
        row.wait_for()
    # One command that didn't get through doesn't silence a line that is whole.
    ben.evaluate("() => document.dispatchEvent(new CustomEvent('anlan:unreachable'))")
    ben.wait_for_selector(".live[data-state=lost]")
    buttons.press(4)
    ben.wait_for_selector(".live[data-state=live]")


def test_a_cut_line_is_shown_with_the_age_of_the_picture_and_mended_without_gap_or_double(console, centre, ear):
    ada, ben = console("ada"), console("ben")
    buttons = Buttons(ada, centre)
    buttons.press(3)
    until_told(ben, buttons)
    # Nothing gets through any more: that is said, and the picture is seen to grow old.
    pulse = centre + ben.evaluate("() => document.body.dataset.pulse")
    ben.route(pulse, lambda route: route.abort())
    ear.line.cut()
    ben.wait_for_selector(".live[data-state=lost]")
    older = "n => parseFloat(document.querySelector('.live .label').textContent.match(/[0-9.]+ s$/)?.[0]) > n"
    ben.wait_for_function(older, arg=3)
    buttons.press(4)
    # The centre is reached again, the stream is not: the page asks by itself and says so.
    ben.unroute(pulse)
    ben.wait_for_selector(".live[data-state=poll]")
    buttons.press(2)
    ear.line.mend()
    ben.wait_for_selector(".live[data-state=live]")
    buttons.press(3)
    until_told(ben, buttons)
    assert told(ben, buttons) == buttons.pressed


def test_a_live_stream_that_was_killed_goes_on_where_it_was(console, centre, ear):
    ada, ben = console("ada"), console("ben")
    buttons = Buttons(ada, centre)
    buttons.press(3)
    until_told(ben, buttons)
    ear.kill()
    buttons.press(6)
    ben.wait_for_selector(".live:is([data-state=lost], [data-state=poll])")
    ear.begin()
    for page in (ada, ben):
        page.wait_for_selector(".live[data-state=live]")
    buttons.press(3)
    until_told(ben, buttons)
    until_told(ada, buttons)
    assert told(ben, buttons) == told(ada, buttons) == buttons.pressed


def test_a_browser_that_was_refused_comes_back_by_itself(console, centre, ear):
    ada = console("ada")
    buttons = Buttons(ada, centre)
    ear.kill()
    with refusing(ear.port) as refused:
        assert refused.wait(WITHIN_MS / 1000)
        buttons.press(2)
    ear.begin()
    ada.wait_for_selector(".live[data-state=live]")
    until_told(ada, buttons)
    buttons.press(2)
    until_told(ada, buttons)
    assert told(ada, buttons) == buttons.pressed
