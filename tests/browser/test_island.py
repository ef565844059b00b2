"""The live console: a call from ring to send by keys alone, two desks that agree, a line cut and mended, no map."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from browser.commands import command_headers
from browser.conftest import FLAGS, WITHIN_MS, shut, town_centre, window

pytestmark = pytest.mark.browser

# WebGL by the processor, so that the map is really drawn where there is no graphics card.
DRAWING = (
    *(flag for flag in FLAGS if flag != "--disable-gpu"),
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)
NOT_DRAWING = (*FLAGS, "--disable-3d-apis")
MOST_KEYS = 20


class Line:
    """A cable between the browser and the live stream that can be cut and mended."""

    def __init__(self, port: int) -> None:
        self.towards = ("127.0.0.1", port)
        self.whole = True
        self._open: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                near, _from = self._door.accept()
            except OSError:
                return
            if not self.whole:
                near.close()
                continue
            try:
                far = socket.create_connection(self.towards)
            except OSError:
                near.close()
                continue
            self._open += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        self.whole = False
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def mend(self) -> None:
        self.whole = True

    def close(self) -> None:
        self.cut()
        self._door.close()


@dataclass
class House:
    """A centre of this module's own, whose live stream goes over a cable."""

    url: str
    line: Line


@pytest.fixture(scope="module")
def house(town, tmp_path_factory) -> Iterator[House]:
    with contextlib.ExitStack() as running:
        line = Line(0)
        running.callback(line.close)
        over_the_cable = f"http://127.0.0.1:{line.port}"
        address = running.enter_context(
            town_centre(town, tmp_path_factory.mktemp("house"), more_units=16, ANLAN_LIVE_URL=over_the_cable)
        )
        line.towards = ("127.0.0.1", int(address.rsplit(":", 1)[1]) + 1)
        yield House(address, line)


@dataclass
class Keys:
    """A keyboard that counts. What the caller says is typed by `say` and is not counted; a chord counts each key."""

    page: Any
    pressed: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.pressed += key.split("+")
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.pressed += list(text)
        self.page.keyboard.type(text)

    def say(self, words: str) -> None:
        self.page.keyboard.type(words)


@pytest.fixture
def console(browsers, house, doors) -> Iterator[Callable[..., Any]]:
    """``console("ada")`` opens the live console at a desk of its own; it must stay quiet and at home."""
    opened: list[Any] = []
    strangers: list[str] = []

    def open_as(who: str, *, flags: tuple[str, ...] = NOT_DRAWING, size: tuple[int, int] = (1440, 900)) -> Any:
        context = window(browsers(flags), viewport={"width": size[0], "height": size[1]})
        opened.append(context)
        context.add_cookies([{"name": "anlan_language", "value": "zh-hans", "url": house.url}])
        page = context.new_page()
        page.on("request", lambda r: strangers.append(r.url) if "127.0.0.1" not in r.url[:20] else None)
        doors.let_in(page, house.url, who)
        page.goto(f"{house.url}/console/map")
        if page.locator("#isl-queue").count() == 0:
            pytest.skip("the map console was not built here")
        page.wait_for_selector("body[data-island=ready]")
        page.wait_for_selector(".live[data-state=live]")
        return page

    house.line.mend()
    yield open_as
    for context in opened:
        shut(context)
    assert not strangers, strangers


def command(page: Any, house: House, path: str, body: dict[str, Any]) -> Any:
    """A command by the interface, as whoever the page is signed in as."""
    answer = page.request.post(f"{house.url}/api/{path}", data=body, headers=command_headers(page))
    assert answer.ok, answer.text()
    return answer.json()


WHOLE = """([rows, box]) => {
  const frame = document.querySelector(box).getBoundingClientRect();
  return [...document.querySelectorAll(`${box} ${rows}`)].filter((row) => {
    const at = row.getBoundingClientRect();
    const isInside = at.height > 0 && at.top >= frame.top - 1 && at.bottom <= Math.min(frame.bottom, innerHeight) + 1;
    return isInside && row.contains(document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2));
  }).length;
}"""
"""How many rows of a list can be read whole, with nothing over them."""


HEAR = """() => {
  window.heard = [];
  const said = document.getElementById("isl-say");
  const watch = new MutationObserver(() => window.heard.push(said.textContent));
  watch.observe(said, {childList: true, characterData: true});
}"""
"""What is said is kept: the next sentence may follow at once."""


def row_of(page: Any, number: str) -> Any:
    return page.locator(f'#isl-rows [data-number="{number}"]')


FREE_POLICE = '#isl-grid .isl-unit:has-text("待命"):has(.sign:has-text("P-"))'
"""A street team is not sent to a matter of the police."""


def this_one(page: Any, unit: Any) -> Any:
    """The unit now found there, wherever its row moves to."""
    return page.locator(f'#isl-grid [data-unit="{unit.get_attribute("data-unit")}"]')


def test_a_call_goes_from_ring_to_send_on_one_screen_without_a_mouse(console, house):
    page = console("ada")
    address = page.url
    page.evaluate("() => { htmx.config.defaultSettleDelay = 400; }")  # keys are faster than a busy machine
    command(page, house, "telephony/ring", {"line": "110-7"})
    page.wait_for_selector("#ringing .ring")
    keys = Keys(page)
    keys.press("F1")
    page.wait_for_selector("#isl-pane #narrative:focus")
    keys.say("加油站旁边有人持刀伤人，已经流血")
    page.wait_for_selector("#suggest .chip.danger")
    keys.press("Tab")
    keys.type("aldd18")
    page.wait_for_selector('#cands [role=option]:has-text("18")')
    keys.press("Enter")
    page.wait_for_function("() => document.querySelector('[name=place_id]')?.value")
    keys.press("Control+Shift+Enter")
    page.wait_for_selector("#isl-pane #inc-units [data-row]:focus")
    keys.press("Enter")
    page.wait_for_selector("#incident .assign")
    page.wait_for_selector("#incident .inc-head .prio.p1")
    assert page.url.split("?")[0] == address.split("?")[0]  # one screen, never left
    assert len(keys.pressed) <= MOST_KEYS, keys.pressed


def test_a_write_at_one_desk_is_seen_at_the_other_without_a_touch(console, house):
    ada, ben = console("ada"), console("ben")
    number = ada.locator("#isl-rows [data-number]").first.get_attribute("data-number")
    assert "增援" not in (row_of(ben, number).inner_text())
    sheet = command(ada, house, "calls", {"narrative": "两车追尾", "lon": 120.07, "lat": 28.9005, "code": "0302"})
    fresh = sheet["incident"]["number"]
    row_of(ben, fresh).wait_for()
    row_of(ada, fresh).wait_for()
    units = ada.request.get(f"{house.url}/api/units").json()
    free = next(unit for unit in units if unit["state"] == "available")
    sent = command(ada, house, f"incidents/{sheet['incident']['id']}/assignments", {"unit_id": free["id"]})
    ben.locator(f'#isl-rows [data-number="{fresh}"] .who', has_text=free["call_sign"]).wait_for()
    ben.locator(f'#isl-grid [data-unit="{free["id"]}"] .on', has_text=fresh[-5:]).wait_for()
    # The unit is given back, for those who come after.
    command(ada, house, f"assignments/{sent['id']}/cancel", {"reason": "undo"})
    # A new P1 is said to who listens instead of looking; the cursor stays where it was.
    ben.locator("#isl-grid .isl-unit").nth(1).focus()
    held = ben.evaluate("() => document.activeElement.dataset.unit")
    ben.evaluate(HEAR)
    command(ada, house, "calls", {"narrative": "有人持刀砍人", "lon": 120.07, "lat": 28.9005, "code": "0101"})
    ben.wait_for_function("() => window.heard.some((words) => words.includes('P1'))")
    assert ben.evaluate("() => document.activeElement.dataset.unit") == held
    # So is one that becomes a P1.
    ben.evaluate(HEAR)
    raised = {"priority": "P1", "reason": "有人被困车内"}
    command(ada, house, f"incidents/{sheet['incident']['id']}/priority", raised)
    ben.wait_for_function("() => window.heard.some((words) => words.includes('P1'))")


def test_fourteen_incidents_and_two_dozen_units_are_seen_at_once(console, house):
    page = console("ada")
    body = {"narrative": "两车追尾", "lon": 120.07, "lat": 28.9005, "code": "0302"}
    for _ in range(16 - page.locator("#isl-rows [data-number]").count()):
        command(page, house, "calls", body)
    page.locator("#isl-rows [data-number]").nth(15).wait_for(state="attached")
    page.locator("#isl-grid [data-unit]").nth(23).wait_for(state="attached")
    assert page.evaluate(WHOLE, ["[data-number]", "#isl-rows"]) >= 14
    assert page.evaluate(WHOLE, ["[data-unit]", "#isl-grid"]) >= 24


def events_since(page: Any, house: House, cursor: str) -> list[str]:
    """What the stream itself tells a listener who missed everything since ``cursor``."""
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
    live = f"http://{house.line.towards[0]}:{house.line.towards[1]}/live?after={cursor}"
    told: list[str] = []
    with urllib.request.urlopen(urllib.request.Request(live, headers={"Cookie": cookies}), timeout=60) as stream:
        for raw in stream:
            line = raw.decode().strip()
            if line.startswith("event: hello"):
                return told
            if line.startswith("data: ") and '"kind"' in line:
                told.append(json.loads(line[6:])["id"])
    return told


def test_a_stream_that_is_cut_comes_back_without_a_gap_and_without_a_double(console, house):
    page = console("ada")
    cursor = page.evaluate("() => document.body.dataset.cursor")

    def call(words: str) -> str:
        body = {"narrative": words, "lon": 120.07, "lat": 28.9005, "code": "0302"}
        return command(page, house, "calls", body)["incident"]["number"]

    row_of(page, call("线断之前")).wait_for()
    house.line.cut()
    page.wait_for_selector("body[data-live=lost], .live[data-state=poll]")
    missed = [call(f"线断之时{n}") for n in range(3)]
    house.line.mend()
    for number in missed:
        row_of(page, number).wait_for()
    page.wait_for_selector(".live[data-state=live]")
    row_of(page, call("线通之后")).wait_for()
    true = events_since(page, house, cursor)
    until = time.monotonic() + WITHIN_MS / 1000
    while time.monotonic() < until:
        seen = page.evaluate("() => window.anlanIsland.events")
        if true[-1] in seen:
            break
        page.wait_for_timeout(100)
    assert len(seen) == len(set(seen)), "an event was told twice"
    assert [event for event in true if event not in set(seen)] == [], "an event was never told"


def ordered(page: Any, line: str) -> None:
    """One line of the command bar."""
    page.keyboard.press("/")
    page.keyboard.type(line)
    page.keyboard.press("Enter")


def test_without_webgl_the_lists_do_the_whole_job(console):
    """From the call to the report, with the map's own tool - who is near - asked of the lists."""
    page = console("ada", flags=NOT_DRAWING)
    page.wait_for_selector("body[data-map=off]")
    assert page.locator(".isl-map-note").inner_text()
    page.keyboard.press("n")
    page.wait_for_selector("#isl-pane #narrative:focus")
    page.keyboard.type("店里有人打架，已经劝不住了")
    page.keyboard.press("Tab")
    page.keyboard.type("aldd188")
    page.wait_for_selector('#cands [role=option]:has-text("188")')  # the list of what was typed to the end
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('[name=place_id]')?.value")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#incident .inc-head")
    number = page.locator("#isl-rows [aria-current=true]").get_attribute("data-number")
    page.wait_for_selector("#isl-grid .eta:not(:empty)")
    page.keyboard.press("w")
    page.wait_for_selector(".isl-found:not([hidden])")
    free = this_one(page, page.locator('#isl-grid .isl-unit:has(.eta:not(:empty)):has-text("待命")').first)
    sign = free.locator(".sign").inner_text()
    free.focus()
    page.keyboard.press("Space")
    page.keyboard.press("s")
    row_of(page, number).locator(".who", has_text=sign).wait_for()
    page.keyboard.press("Escape")
    for verb, state in (("qs", "signed"), ("cf", "en_route"), ("dd", "arrived"), ("bj", "finished")):
        ordered(page, f"{verb} {sign}")
        page.wait_for_selector(f"#incident .assign[data-state={state}]")
    page.locator("#incident [name=result]").select_option(index=1)
    page.fill("#incident #fb-text", "双方已劝开")
    page.locator("#incident form:has(#fb-text) button.main").press("Enter")
    page.locator("#incident .inc-head", has_text="待审核").wait_for()
    assert page.locator("body[data-map=off]").count() == 1
    page.check("[data-layer=layer_forecast]")
    assert page.wait_for_selector(".isl-expect-alone ~ .isl-expect .isl-expect-use:not(:empty)").inner_text()


def test_a_unit_dragged_onto_an_incident_is_sent_there_and_can_be_taken_back(console, house):
    page = console("ada")
    body = {"narrative": "两车追尾", "lon": 120.07, "lat": 28.9005, "code": "0302"}
    number = command(page, house, "calls", body)["incident"]["number"]
    row_of(page, number).wait_for()
    unit = this_one(page, page.locator(FREE_POLICE).first)
    sign = unit.locator(".sign").inner_text()
    unit.hover()
    page.mouse.down()
    row_of(page, number).hover()
    # What comes while a unit is in the hand is told and waits: no row moves from under it.
    urgent = command(page, house, "calls", {**body, "narrative": "有人持刀砍人", "code": "0101"})["incident"][
        "number"
    ]
    page.locator(".isl-news").wait_for()
    assert row_of(page, urgent).count() == 0
    row_of(page, number).hover()
    page.mouse.up()
    row_of(page, number).locator(".who", has_text=sign).wait_for()
    row_of(page, urgent).wait_for()
    page.wait_for_selector(f'#incident .inc-head:has-text("{number}")')  # what was dropped on is what is open
    page.wait_for_selector("#toasts .isl-undo, #incident button[data-until]")
    page.keyboard.press("z")
    row_of(page, number).locator(".who", has_text=sign).wait_for(state="detached")


def test_of_two_units_dragged_one_after_the_other_the_last_is_taken_back(console, house):
    page = console("ada")
    body = {"narrative": "两车追尾", "lon": 120.07, "lat": 28.9005, "code": "0302"}
    numbers = [command(page, house, "calls", body)["incident"]["number"] for _ in range(2)]
    free = page.locator(FREE_POLICE)
    units = [this_one(page, free.nth(at)) for at in (0, 1)]
    signs = [unit.locator(".sign").inner_text() for unit in units]
    for unit, sign, number in zip(units, signs, numbers, strict=True):
        row_of(page, number).wait_for()
        unit.hover()
        page.mouse.down()
        row_of(page, number).hover()
        row_of(page, number).hover()
        page.mouse.up()
        row_of(page, number).locator(".who", has_text=sign).wait_for()
    page.wait_for_selector(f'#toasts .toast:has-text("{signs[1]}") .isl-undo')
    page.keyboard.press("z")
    row_of(page, numbers[1]).locator(".who", has_text=signs[1]).wait_for(state="detached")
    assert signs[0] in row_of(page, numbers[0]).inner_text()
    # It goes out again: what was taken back once is dragged like any other.
    units[1].hover()
    page.mouse.down()
    row_of(page, numbers[1]).hover()
    row_of(page, numbers[1]).hover()
    page.mouse.up()
    row_of(page, numbers[1]).locator(".who", has_text=signs[1]).wait_for()
    for sheet in page.evaluate(SHEETS, numbers):  # given back, for those who come after
        command(page, house, f"assignments/{sheet}/cancel", {"reason": "另有安排"})


SHEETS = """async (numbers) => {
  const picture = await (await fetch("/console/map/data")).json();
  const rows = picture.groups.flatMap(group => group.rows).filter(row => numbers.includes(row.number));
  return rows.flatMap(row => row.sent).map(each => each[0]);
}"""
"""The sheets units are out on for these matters."""


def test_a_drag_whose_end_nobody_told_does_not_hold_the_lists_still(console, house):
    page = console("ada")
    body = {"narrative": "两车追尾", "lon": 120.07, "lat": 28.9005, "code": "0302"}
    # What was dragged is drawn anew on the way: the browser has nobody to tell of the end.
    page.evaluate("() => document.body.dispatchEvent(new DragEvent('dragstart', {bubbles: true}))")
    number = command(page, house, "calls", body)["incident"]["number"]
    page.locator(".isl-news").wait_for()
    assert row_of(page, number).count() == 0
    page.mouse.move(700, 20)
    row_of(page, number).wait_for()


def test_the_panel_never_shows_another_matter_than_the_one_that_is_marked(console, house):
    page = console("ada")
    body = {"narrative": "两车追尾", "lon": 120.07, "lat": 28.9005, "code": "0302"}
    first, second = (command(page, house, "calls", body)["incident"]["number"] for _ in range(2))
    row_of(page, first).click()
    page.wait_for_selector(f'#incident .inc-head:has-text("{first}")')
    page.route(f"**/console/incidents/{second}", lambda route: route.abort())
    row_of(page, second).click()
    page.locator("#toasts .refusal").wait_for()
    assert page.locator("#incident").count() == 0
    assert page.locator("#isl-rows [aria-current=true]").count() == 0


LET_GO = """(panel, unit) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.setData("text/x-unit", unit);
  panel.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
}"""
"""What the browser tells a panel over which a unit is let go: the way there is driven above."""


def test_a_unit_let_go_over_the_open_panel_is_sent_to_what_is_open_there(console, house):
    page = console("ada")
    body = {"narrative": "两车追尾", "lon": 120.07, "lat": 28.9005, "code": "0302"}
    number = command(page, house, "calls", body)["incident"]["number"]
    row_of(page, number).click()
    page.wait_for_selector(f'#incident .inc-head:has-text("{number}")')
    unit = page.locator(FREE_POLICE).first
    sign, key = unit.locator(".sign").inner_text(), unit.get_attribute("data-unit")
    page.locator("#inc-advice").wait_for(state="attached")
    with page.expect_response("**/assignments") as told:
        page.locator("#isl-pane .inc-head").evaluate(LET_GO, key)
    assert told.value.status == 201, told.value.text()
    # What the list showed of the unit is kept with its sending, and whom cover spoke for.
    sheet = told.value.json()
    assert sheet["rank"] >= 1
    assert sheet["advice"] in ("quickest", "cover", "home")
    assert sheet["advised_unit"]
    row_of(page, number).locator(".who", has_text=sign).wait_for()
    page.locator("#incident .assign", has_text=sign).get_by_role("button", name="撤销").first.click()
    row_of(page, number).locator(".who", has_text=sign).wait_for(state="detached")


def test_units_that_were_chosen_stay_chosen_when_the_picture_changes(console, house):
    page = console("ada")
    rows = page.locator('#isl-grid .isl-unit:has-text("待命")')
    for row in [this_one(page, rows.nth(at)) for at in (0, 1)]:
        row.focus()
        page.keyboard.press("Space")
    page.locator('#isl-grid [aria-selected="true"]').nth(1).wait_for()
    chosen = page.locator("#isl-chosen .signs").inner_text()
    loads = page.evaluate("() => window.anlanIsland.loads")
    command(page, house, "calls", {"narrative": "两车追尾", "lon": 120.07, "lat": 28.9005, "code": "0302"})
    page.locator(f"xpath=//body[@data-loads > {loads}]").wait_for(state="attached")
    assert page.locator("#isl-chosen .signs").inner_text() == chosen
    assert page.locator('#isl-grid [aria-selected="true"]').count() == 2
    # The focus is where it was, too.
    assert page.evaluate("() => document.activeElement.matches('.isl-unit')")
    row = row_of(page, page.locator("#isl-rows [data-number]").first.get_attribute("data-number"))
    row.click()
    page.wait_for_selector("#incident")
    page.locator("#isl-units .isl-unit").first.focus()
    page.keyboard.press("s")
    page.locator("dialog[open]", has_text="2").wait_for()
    # Escape says no to the question, and not to what is said beside it.
    page.evaluate("() => document.querySelector('#toasts').append(document.createElement('p'))")
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    assert page.locator("#toasts > p").count() == 1
    assert page.locator('#isl-grid [aria-selected="true"]').count() == 2
    # Somebody else sends one of them: it stays chosen, with who sent it where.
    taken = page.locator('#isl-grid [aria-selected="true"]').first.get_attribute("data-unit")
    number = row.get_attribute("data-number")
    path = f"incidents/{row.get_attribute('data-incident')}/assignments"
    sent = command(page, house, path, {"unit_id": int(taken)})
    page.locator("#isl-chosen .doubt", has_text=number[-5:]).filter(has_text="艾达").wait_for()
    page.locator(f'#isl-grid [data-unit="{taken}"][data-doubt="busy"][aria-selected="true"]').wait_for()
    command(page, house, f"assignments/{sent['id']}/cancel", {"reason": "undo"})


MANY = """picture => {
  const [incident, unit] = [picture.groups.flatMap(g => g.rows)[0], picture.units[0]];
  const unsent = picture.groups.find(g => g.key === "unsent");
  for (let i = 1; i <= 40; i++) {
    unsent.rows.push({...incident, priority: "P3", id: 90000 + i, number: `261122-9${String(i).padStart(4, "0")}`});
    picture.units.push({...unit, id: 90000 + i, sign: `X-${i}`, seen: null});
  }
  unsent.total = unsent.rows.length;
  return picture;
}"""
SEEN_WHOLE = """(rows) => rows.filter(row => {
  const box = row.getBoundingClientRect();
  const at = (x, y) => row.contains(document.elementFromPoint(x, y));
  return at(box.left + 4, box.top + 2) && at(box.right - 4, box.bottom - 3);
}).length"""


def assert_many_seen_at_once(page: Any) -> None:
    """At 1440x900, with 40 incidents and 40 units more: whole rows, nothing over them."""

    def many(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=page.evaluate(MANY, answer.json()))

    page.route("**/console/map/data", many)
    page.evaluate("() => document.dispatchEvent(new Event('anlan:commanded'))")
    page.locator('#isl-grid [data-unit="90040"]').wait_for(state="attached")
    page.evaluate("() => { for (const box of document.querySelectorAll('[data-rows]')) box.scrollTop = 0; }")
    assert page.locator("#isl-rows [data-number]").evaluate_all(SEEN_WHOLE) >= 14
    assert page.locator("#isl-grid .isl-unit").evaluate_all(SEEN_WHOLE) >= 24


def test_everybody_around_an_incident_is_reached_by_one_sentence_and_every_place_stands_in_a_list(console):
    page = console("ada")
    # One with units around it.
    row = page.locator("#isl-rows [data-number]", has_text="安澜大道18号").first
    row.click()
    page.wait_for_selector("#incident")
    # One sentence to everybody around the incident, by keys alone; who has seen it is followed.
    page.keyboard.press("b")
    page.wait_for_selector("#isl-compose[open] textarea:focus")
    page.keyboard.type("注意持刀男子")
    page.keyboard.press("Control+Enter")
    page.locator("#isl-casts summary", has_text="已看 0/").wait_for()
    page.locator("#isl-casts button").click()
    # Everything on the map stands in a list, too.
    page.keyboard.press("p")
    page.locator("#isl-spots .isl-spot").first.wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    assert_many_seen_at_once(page)
    # P1 is a filled triangle and its word before it is a colour.
    first = page.locator("#isl-rows .isl-row.p1 .prio").first
    assert "P1" in first.inner_text()
    assert first.locator('[data-shape="triangle-up"]').count() == 1


@pytest.mark.store_free
def test_a_command_is_understood_by_its_initials_and_remembered(console, house):
    page = console("ada")
    incident = command(page, house, "calls", {"narrative": "两车追尾", "lon": 120.07, "lat": 28.9005, "code": "0302"})
    number = incident["incident"]["number"]
    row_of(page, number).wait_for()
    page.keyboard.press("/")
    page.keyboard.type(f"dk {number[-5:]}")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'#incident .inc-head:has-text("{number}")')
    page.keyboard.press("/")
    page.keyboard.press("ArrowUp")
    page.wait_for_function("line => document.querySelector('#isl-cmd').value === line", arg=f"dk {number[-5:]}")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_selector("#isl-help[open]")


@pytest.mark.store_free
def test_the_map_is_drawn_and_its_layers_can_be_switched(console):
    page = console("ada", flags=DRAWING)
    page.wait_for_selector("body[data-map]")
    if page.locator("body[data-map=off]").count():
        pytest.skip("this Chromium has no WebGL by software")
    assert page.locator("body[data-map=ready]").count() == 1
    box = page.locator(".maplibregl-canvas").bounding_box()
    assert box["width"] > 400
    assert box["height"] > 300
    page.locator(".isl-legend summary").click()
    page.locator('.isl-legend [data-layer="layer_booth"]').uncheck()
    page.wait_for_function("""() => localStorage.getItem('anlan-layers') === '["layer_booth"]'""")
    # Whatever stands on the map stands in a list.
    page.locator("#isl-grid .isl-unit").nth(4).wait_for(state="attached")
    assert_many_seen_at_once(page)


@pytest.mark.store_free
def test_nothing_is_lost_on_a_telephone(console):
    page = console("ada", size=(360, 740))
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.locator("#isl-rows [data-number]").first.click()
    page.wait_for_selector("#incident")
    page.locator("#isl-strip .isl-cell").nth(4).wait_for(state="attached")
