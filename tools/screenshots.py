"""Pictures of the screens for the docs, from a running demo: ``make demo``, then ``tools/screenshots.py``.

    .venv/bin/python tools/screenshots.py [--url http://127.0.0.1:8000] [--all] [--only map …]

Writes small JPEG files to docs/images; ``--all`` adds both languages, both themes and the phone's size.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from needs import chromium

OUT = Path(__file__).resolve().parents[1] / "docs" / "images"
PASSWORD = "anlan-demo"
FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",  # the map is drawn by the processor where there is no graphics card
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY_WITHIN_MS = 90_000
MOST_BYTES = 150_000
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}


@dataclass(frozen=True)
class Shot:
    """One screen: what it is called, whose eyes see it, where it is."""

    name: str
    user: str
    path: str
    size: str = "desk"
    theme: str = ""
    ready: str = ""
    """A selector to wait for."""


SHOTS = (
    Shot("sign-in", "", "/sign-in"),
    Shot("ringing", "calltaker.cc.1", "/console/calls/new", ready="#ringing > *"),
    Shot("map", "dispatcher.cc.1", "/console/map", theme="dark", ready="body[data-map=ready]"),
    Shot("queue", "dispatcher.cc.1", "/console"),
    Shot("call", "calltaker.cc.1", "/console/calls/new"),
    Shot("incident", "dispatcher.cc.1", "first incident"),
    Shot("units", "dispatcher.cc.1", "/console/units"),
    Shot("town-room", "townoperator.t01.1", "/console/town"),
    Shot("station-room", "stationroom.s01.1", "/console/station"),
    Shot("figures", "bureauchief.psb.1", "/console/figures", ready=".trend svg"),
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
    parser.add_argument("--only", nargs="*", choices=[shot.name for shot in SHOTS], help="these screens alone")
    parser.add_argument("--png", action="store_true", help="keep the picture as drawn beside the small one")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        for language, theme, ending in variants(asked.all):
            for shot in [shot for shot in SHOTS if not asked.only or shot.name in asked.only]:
                sizes = ("desk", "phone") if asked.all else (shot.size,)
                for size in sizes:
                    last = ending + ("-phone" if size == "phone" and shot.size != "phone" else "")
                    file = asked.out / f"{shot.name}{last}.jpg"
                    take(browser, asked.url, shot, language, theme, size, file, asked.png)
        browser.close()


def take(browser: Browser, url: str, shot: Shot, language: str, theme: str, size: str, file: Path, png: bool) -> None:
    """Sign in as the shot's user, go there, and keep the picture."""
    view: Any = DESK if size == "desk" else PHONE
    context = browser.new_context(viewport=view, locale="zh-CN" if language != "en" else "en-GB")
    cookies = [{"name": "anlan_language", "value": language, "url": url}]
    if theme := theme or shot.theme:
        cookies.append({"name": "anlan_theme", "value": theme, "url": url})
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    if shot.user:
        sign_in(page, url, shot.user)
    go(page, url, shot.path)
    if shot.ready:
        page.wait_for_selector(shot.ready, timeout=READY_WITHIN_MS)
    page.wait_for_timeout(3000 if shot.ready else 1200)
    picture = page.screenshot(type="png")
    file.write_bytes(small(picture))
    if png:
        file.with_suffix(".png").write_bytes(picture)
    print(file.name)
    context.close()


def small(picture: bytes) -> bytes:
    """The picture as JPEG, as good as fits into ``MOST_BYTES``."""
    for quality in range(80, 20, -6):
        out = BytesIO()
        Image.open(BytesIO(picture)).convert("RGB").save(
            out, "JPEG", quality=quality, optimize=True, progressive=True
        )
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


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
