"""Pictures of the screens for the docs, from a running demo: ``make demo``, then ``tools/screenshots.py``.

    .venv/bin/python tools/screenshots.py [--url http://127.0.0.1:8000] [--all]

Writes small JPEG files to docs/images; ``--all`` adds both languages, both themes and the phone's size.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

OUT = Path(__file__).resolve().parents[1] / "docs" / "images"
PASSWORD = "anlan-demo"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}


@dataclass(frozen=True)
class Shot:
    """One screen: what it is called, whose eyes see it, where it is."""

    name: str
    user: str
    path: str
    size: str = "desk"


SHOTS = (
    Shot("sign-in", "", "/sign-in"),
    Shot("queue", "dispatcher.cc.1", "/console"),
    Shot("call", "calltaker.cc.1", "/console/calls/new"),
    Shot("incident", "dispatcher.cc.1", "first incident"),
    Shot("units", "dispatcher.cc.1", "/console/units"),
    Shot("town-room", "townoperator.t01.1", "/console/town"),
    Shot("station-room", "stationroom.s01.1", "/console/station"),
    Shot("figures", "bureauchief.psb.1", "/console/figures"),
    Shot("bulletin", "bureauchief.psb.1", "/reports/bulletin"),
    Shot("unit-phone", "p01a1", "/unit", "phone"),
)


def variants(everything: bool) -> Iterator[tuple[str, str, str]]:
    """Language, theme and what the file's name ends with."""
    yield "zh-hans", "", ""
    if everything:
        yield "zh-hans", "light", "-zh-light"
        yield "zh-hans", "dark", "-zh-dark"
        yield "en", "light", "-en-light"
        yield "en", "dark", "-en-dark"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--all", action="store_true", help="both languages, both themes, desk and phone sizes")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for language, theme, ending in variants(asked.all):
            for shot in SHOTS:
                sizes = ("desk", "phone") if asked.all else (shot.size,)
                for size in sizes:
                    last = ending + ("-phone" if size == "phone" and shot.size != "phone" else "")
                    take(browser, asked.url, shot, language, theme, size, asked.out / f"{shot.name}{last}.jpg")
        browser.close()


def take(browser: Browser, url: str, shot: Shot, language: str, theme: str, size: str, file: Path) -> None:
    """Sign in as the shot's user, go there, and keep the picture."""
    view: Any = DESK if size == "desk" else PHONE
    context = browser.new_context(viewport=view, locale="zh-CN" if language != "en" else "en-GB")
    cookies = [{"name": "anlan_language", "value": language, "url": url}]
    if theme:
        cookies.append({"name": "anlan_theme", "value": theme, "url": url})
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    if shot.user:
        sign_in(page, url, shot.user)
    go(page, url, shot.path)
    page.wait_for_timeout(1200)
    page.screenshot(path=file, type="jpeg", quality=72)
    print(file.name)
    context.close()


def sign_in(page: Page, url: str, user: str) -> None:
    page.goto(f"{url}/sign-in")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)


def go(page: Page, url: str, path: str) -> None:
    if path != "first incident":
        page.goto(url + path)
        return
    page.goto(f"{url}/console")
    page.wait_for_timeout(500)
    link = page.locator("a[href*='/console/incidents/']").first
    page.goto(url + (link.get_attribute("href") or "/console"))


if __name__ == "__main__":
    main()
