"""Pictures of every screen in both languages and themes: ``python shots.py ADDRESS FOLDER``.

ADDRESS is a running centre filled by ``town.py``; the pictures are for looking, not for comparing.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

DESK, PHONE = (1440, 900), (360, 740)
PASSWORD = "a-long-enough-password"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENS = [
    ("sign-in", "", "/sign-in", (DESK, PHONE)),
    ("queue", "ada", "/console", (DESK, PHONE)),
    ("incident", "ada", "first", (DESK, PHONE)),
    ("call", "ben", "/console/calls/new", (DESK, PHONE)),
    ("units", "ada", "/console/units", (DESK, PHONE)),
    ("town", "dan", "/console/town", (DESK, PHONE)),
    ("station", "ida", "/console/station", (DESK, PHONE)),
    ("unit", "eve", "/unit", (PHONE,)),
    ("figures", "gus", "/console/figures", (DESK, PHONE)),
]
LOOKS = [("zh-hans", "dark"), ("zh-hans", "light"), ("en", "dark"), ("en", "light")]
SETTLED_MS = 1500


def shoot(address: str, folder: Path) -> None:
    """One picture for each screen, size, language and theme."""
    folder.mkdir(parents=True, exist_ok=True)
    where = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=where, args=FLAGS)
        for name, who, path, sizes in SCREENS:
            for width, height in sizes:
                context = browser.new_context(viewport={"width": width, "height": height})
                page = context.new_page()
                if who:
                    _sign_in(page, address, who)
                for language, theme in LOOKS:
                    _look(context, address, language, theme)
                    _open(page, address, path)
                    page.screenshot(path=str(folder / f"{name}-{width}-{language[:2]}-{theme}.png"))
                context.close()
        browser.close()


def _sign_in(page: Any, address: str, who: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=username]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _look(context: Any, address: str, language: str, theme: str) -> None:
    context.add_cookies(
        [
            {"name": "anlan_language", "value": language, "url": address},
            {"name": "anlan_theme", "value": theme, "url": address},
        ]
    )


def _open(page: Any, address: str, path: str) -> None:
    if path == "first":
        page.goto(f"{address}/console")
        number = page.locator("#queue a.qrow[data-priority]").first.get_attribute("href").split("/")[-1]
        path = f"/console?incident={number}" if page.viewport_size["width"] > 900 else f"/console/incidents/{number}"
    page.goto(address + path)
    page.wait_for_timeout(SETTLED_MS)
    if path.endswith("/calls/new"):
        page.fill("#narrative", "饭店门口有人拿菜刀追人，有人流血了")
        page.fill("#address", "安澜大道")
        page.wait_for_timeout(2 * SETTLED_MS)


if __name__ == "__main__":
    shoot(sys.argv[1].rstrip("/"), Path(sys.argv[2]))
