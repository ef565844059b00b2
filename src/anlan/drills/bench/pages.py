"""What a browser with an empty cache has to fetch, how long until the queue can be used, and how smoothly units move.

Needs a Chromium and playwright, which come with the tests; drawn by software, as on a machine without graphics.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
_FRAMES = """(seconds) => new Promise((done) => {
  let frames = 0, worst = 0, last = performance.now();
  const until = last + seconds * 1000;
  const step = (now) => {
    frames += 1;
    worst = Math.max(worst, now - last);
    last = now;
    if (now < until) requestAnimationFrame(step); else done([frames / seconds, worst]);
  };
  requestAnimationFrame(step);
})"""


_WATCH = """() => {
  window.waited = {};
  const box = document.querySelector("#isl-grid");
  const look = () => requestAnimationFrame(() => {
    const at = performance.timeOrigin + performance.now(), { unit, before } = window.waited;
    const row = box.querySelector(`[data-unit="${unit}"] .state`);
    if (row && row.textContent !== before) window.waited.at ??= at;
  });
  new MutationObserver(look).observe(box, { childList: true, subtree: true, characterData: true });
  return [...box.querySelectorAll("[data-unit]")].slice(0, 15).map((row) => Number(row.dataset.unit));
}"""
_AWAIT = """(unit) => {
  window.waited = { unit, before: document.querySelector(`#isl-grid [data-unit="${unit}"] .state`).textContent };
}"""
_WRITE = """async ({ unit, state, key }) => {
  const at = performance.timeOrigin + performance.now();
  const token = document.querySelector("meta[name=csrf-token]").content;
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key, "X-CSRFToken": token };
  const body = JSON.stringify({ state });
  const answer = await fetch(`/api/units/${unit}/state`, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`a state was answered with ${answer.status}`);
  return at;
}"""
_LISTEN = """() => {
  window.keyWaits = [];
  addEventListener("keydown", (e) => window.keyWaits.push(performance.now() - e.timeStamp), true);
}"""
KEYS, KEY_EVERY_MS = 40, 230
"""Not in step with what comes once a second."""


Cookie = dict[str, str]


class NoBrowser(Exception):
    """Neither playwright nor a Chromium was found; the message says which."""


@dataclass(frozen=True)
class Load:
    """One cold load: requests, kilobytes on the wire, of them script, and seconds until ``ready`` stood there."""

    requests: int
    kilobytes: float
    script_kilobytes: float
    usable_s: float


@contextmanager
def browsers(count: int) -> Iterator[list[Any]]:
    """So many Chromiums of their own. Raises ``NoBrowser``."""
    where = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser("playwright is not installed (it comes with make setup-dev)") from None
    if where is None:
        raise NoBrowser("no Chromium on this machine")
    with sync_playwright() as play, ExitStack() as running:
        opened = [play.chromium.launch(executable_path=where, args=list(FLAGS)) for _ in range(count)]
        for each in opened:
            running.callback(each.close)
        yield opened


def cold_load(opened: Any, url: str, cookie: Cookie, ready: str, *, also: str = "") -> Load:
    """Open ``url`` with nothing in the cache until ``ready`` is in the page; then wait for ``also`` and add up."""
    context = opened.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{**cookie, "url": urljoin(url, "/")}])
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    wire.on("Network.responseReceived", lambda e: kinds.__setitem__(e["requestId"], e["type"]))
    wire.on("Network.loadingFinished", lambda e: sizes.__setitem__(e["requestId"], e["encodedDataLength"]))
    page.goto(url, wait_until="commit")
    page.wait_for_selector(ready, timeout=60_000)
    usable_s = float(page.evaluate("performance.now()")) / 1000
    if also:
        page.wait_for_selector(also, timeout=60_000)
    page.wait_for_timeout(1500)  # what is fetched after the queue stands counts too
    script = sum(size for key, size in sizes.items() if kinds.get(key) == "Script")
    context.close()
    return Load(len(sizes), sum(sizes.values()) / 1000, script / 1000, usable_s)


@dataclass(frozen=True)
class Smooth:
    """How a page runs: frames a second, the longest pause between two, and how long each key waited to be taken."""

    frames_per_s: float
    longest_pause_ms: float
    key_waits_s: list[float]


def smoothness(opened: Any, url: str, cookie: Cookie, ready: str, *, seconds: int) -> Smooth:
    """The page at ``url`` left alone for so long, then keys that lead from list to list.

    A key's wait runs from the moment the browser has it until the page's first listener is called.
    """
    page = _at(opened, url, cookie, ready)
    page.wait_for_timeout(3000)
    rate, worst = page.evaluate(_FRAMES, seconds)
    page.evaluate(_LISTEN)
    for k in range(KEYS):
        page.keyboard.press("qu"[k % 2])
        page.wait_for_timeout(KEY_EVERY_MS)
    waits = [float(wait) / 1000 for wait in page.evaluate("window.keyWaits")]
    page.context.close()
    return Smooth(float(rate), float(worst), waits)


def second_screen(
    opened: Sequence[Any], url: str, cookies: Sequence[Cookie], ready: str, *, writes: int, every_s: float
) -> list[float]:
    """Seconds from a unit's state pressed in one browser until another one's list shows it, so many ``writes``.

    Each has its map drawn by software. The clock runs from the moment the first begins to send to the
    frame in which the second draws the row. The units are those on the first rows, which every list shows;
    a new call of middling urgency would stand below the fold of a full queue.
    """
    here, there = (_at(each, url, cookie, ready) for each, cookie in zip(opened[:2], cookies[:2], strict=True))
    units = there.evaluate(_WATCH)
    there.wait_for_timeout(3000)
    began, took = there.evaluate("performance.timeOrigin"), []
    for k in range(writes):
        unit, state = units[k % len(units)], ("busy", "available")[k // len(units) % 2]
        there.evaluate(_AWAIT, unit)
        sent_at = here.evaluate(_WRITE, {"unit": unit, "state": state, "key": f"{began}-{k}"})
        there.wait_for_function("() => window.waited.at", timeout=30_000)
        took.append((there.evaluate("window.waited.at") - sent_at) / 1000)
        here.wait_for_timeout(every_s * 1000)
    here.context.close()
    there.context.close()
    return took


def _at(opened: Any, url: str, cookie: Cookie, ready: str) -> Any:
    """A page of its own, signed in and drawn."""
    context = opened.new_context(viewport={"width": 1440, "height": 900})
    # For the whole host: a cookie of this page's folder alone would not be shown to the live stream.
    context.add_cookies([{**cookie, "url": urljoin(url, "/")}])
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(ready, timeout=60_000)
    return page
