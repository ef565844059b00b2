"""What a browser with an empty cache has to fetch, how long until the queue can be used, and how smoothly units move.

Needs a Chromium and playwright, which come with the tests; drawn by software, as on a machine without graphics.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings

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
def browser() -> Iterator[Any]:
    """A Chromium of its own. Raises ``NoBrowser``."""
    where = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser("playwright is not installed (it comes with make setup-dev)") from None
    if where is None:
        raise NoBrowser("no Chromium on this machine")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=where, args=list(FLAGS))
        try:
            yield opened
        finally:
            opened.close()


def signed_in(opened: Any, url: str, username: str, password: str) -> dict[str, str]:
    """The session's cookie of a person who has signed in by the page."""
    context = opened.new_context()
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda at: "/sign-in" not in at)
    cookie = next(c for c in context.cookies() if c["name"] == settings.SESSION_COOKIE_NAME)
    context.close()
    return {"name": cookie["name"], "value": cookie["value"]}


def cold_load(opened: Any, url: str, session: dict[str, str], ready: str, *, also: str = "") -> Load:
    """Open ``url`` with nothing in the cache until ``ready`` is in the page; then wait for ``also`` and add up."""
    context = opened.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{**session, "url": url}])
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


def frame_rate(opened: Any, url: str, session: dict[str, str], ready: str, *, seconds: int) -> tuple[float, float]:
    """Frames a second and the longest pause in milliseconds while the page at ``url`` is left alone."""
    context = opened.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{**session, "url": url}])
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(ready, timeout=60_000)
    page.wait_for_timeout(3000)
    rate, worst = page.evaluate(_FRAMES, seconds)
    context.close()
    return float(rate), float(worst)
