"""Pictures of every screen, in both languages and both themes: ``make pictures``.

    .venv/bin/python tools/screenshots.py [--url ADDRESS] [--only map …] [--look FOLDER]

Starts a demo of its own and writes small pictures to docs/images with the page docs/screens.md that lists
them; ``--url`` takes a demo that runs. ``--look`` keeps them as drawn instead, at desk and phone size, for
whoever changes a screen. Pictures no longer listed are removed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, sync_playwright

from needs import chromium
from screens import PASSWORD, SHOTS, Shot

ROOT = Path(__file__).resolve().parents[1]
OUT, PAGE = ROOT / "docs" / "images", ROOT / "docs" / "screens.md"
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
LOOKS = [("zh-hans", "dark"), ("zh-hans", "light"), ("en", "dark"), ("en", "light")]
SIZES = {"desk": (1440, 900), "wall": (1920, 1080), "phone": (360, 740)}
READY_WITHIN_MS = 90_000
STARTED_WITHIN_S = 900.0
WIDTH_PX, MOST_BYTES = 720, 40_000
DAYS = "84"  # the figures want eight weeks, forecasts two more behind those to be scored on


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a demo that runs already")
    parser.add_argument("--only", nargs="*", choices=[shot.name for shot in SHOTS], help="these screens alone")
    parser.add_argument("--look", type=Path, help="keep the pictures as drawn in this folder")
    parser.add_argument("--looks", nargs="*", default=["zh-dark", "zh-light", "en-dark", "en-light"])
    asked = parser.parse_args()
    shots = [shot for shot in SHOTS if not asked.only or shot.name in asked.only]
    looks = [look for look in LOOKS if _ending(*look) in asked.looks]
    with contextlib.ExitStack() as running:
        url = (asked.url or running.enter_context(demo())).rstrip("/")
        driver = running.enter_context(sync_playwright())
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        running.callback(browser.close)
        Photographer(browser, url, asked.look).take(shots, looks)
    if asked.look is None:
        listed = {f"{shot.name}-{_ending(*look)}.webp" for shot in SHOTS for look in LOOKS}
        for stale in OUT.iterdir():
            if stale.name not in listed:
                stale.unlink()
        PAGE.write_text(page(), encoding="utf-8")


@contextlib.contextmanager
def demo() -> Iterator[str]:
    """A demo of our own, in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="anlan-pictures-") as home, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
        free.close()
        words = [
            sys.executable,
            "-m",
            "anlan.config.cli",
            "demo",
            "--home",
            home,
            "--port",
            str(port),
            "--days",
            DAYS,
        ]
        with (Path(home) / "demo.log").open("w") as log:
            process = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT, env=dict(os.environ))
            try:
                _wait_for(f"http://127.0.0.1:{port}", process, Path(home) / "demo.log")
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()
                process.wait(timeout=60)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the demo has played its morning and prints its address."""
    until = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError):
            if "Ctrl+C" in log.read_text(encoding="utf-8"):
                urllib.request.urlopen(f"{url}/sign-in", timeout=5).close()
                return
        time.sleep(1)
    raise SystemExit(f"the demo did not start:\n{log.read_text(encoding='utf-8')}")


class Photographer:
    """Goes through the screens as those whose screens they are."""

    def __init__(self, browser: Browser, url: str, look: Path | None) -> None:
        self.browser, self.url, self.look = browser, url, look
        self._signed_in: dict[str, Any] = {}
        (look or OUT).mkdir(parents=True, exist_ok=True)

    def take(self, shots: Sequence[Shot], looks: Sequence[tuple[str, str]]) -> None:
        """Every shot in every look, at its own size; for looking at the phone's size too."""
        for language, theme in looks:
            for shot in shots:
                for size in dict.fromkeys((shot.size, "phone") if self.look else (shot.size,)):
                    name = f"{shot.name}-{_ending(language, theme)}" + ("-phone" if size != shot.size else "")
                    try:
                        picture = self._shoot(shot, language, theme, size)
                    except Error as problem:
                        raise SystemExit(f"{name}: {problem}") from problem
                    self._keep(name, picture)
                    print(name, flush=True)

    def _shoot(self, shot: Shot, language: str, theme: str, size: str) -> bytes:
        with self._context(shot.user, language, theme, size) as context:
            page = context.new_page()
            page.goto(self.url + shot.path(page, self.url))
            if shot.ready:
                page.wait_for_selector(shot.ready, timeout=READY_WITHIN_MS)
            if shot.act:
                shot.act(page)
            page.wait_for_timeout(shot.settle_ms)
            return page.screenshot(type="png")

    @contextlib.contextmanager
    def _context(self, user: str, language: str, theme: str, size: str) -> Iterator[BrowserContext]:
        if user and user not in self._signed_in:
            self._signed_in[user] = self._sign_in(user)
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            storage_state=self._signed_in.get(user),
            locale="en-GB" if language == "en" else "zh-CN",
        )
        context.set_default_timeout(READY_WITHIN_MS)
        context.add_cookies(
            [
                {"name": "anlan_language", "value": language, "url": self.url},
                {"name": "anlan_theme", "value": theme, "url": self.url},
            ]
        )
        yield context
        context.close()

    def _sign_in(self, user: str) -> Any:
        context = self.browser.new_context()
        page = context.new_page()
        page.goto(f"{self.url}/sign-in")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "sign-in" not in address)
        state = context.storage_state()
        context.close()
        return state

    def _keep(self, name: str, picture: bytes) -> None:
        if self.look:
            (self.look / f"{name}.png").write_bytes(picture)
        else:
            (OUT / f"{name}.webp").write_bytes(small(picture))


def small(picture: bytes) -> bytes:
    """The picture no wider than the docs show it, as good as fits into ``MOST_BYTES``."""
    drawn = Image.open(BytesIO(picture)).convert("RGB")
    if drawn.width > WIDTH_PX:
        drawn = drawn.resize((WIDTH_PX, round(drawn.height * WIDTH_PX / drawn.width)), Image.Resampling.LANCZOS)
    for quality in range(66, 10, -8):
        out = BytesIO()
        drawn.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


def page() -> str:
    """The page that lists them."""
    parts = [
        "# Screens 界面一览",
        "Every screen of the made-up demo county, dark and light, 中文 and English; small on purpose. All drawn anew "
        "by `make pictures`. Whoever changes a screen looks at it with `tools/screenshots.py --look FOLDER`.",
    ]
    for shot in SHOTS:
        rows = [
            " | ".join(
                f"![{shot.en}, {lang}, {theme}](images/{shot.name}-{lang}-{theme}.webp)" for lang in ("zh", "en")
            )
            for theme in ("dark", "light")
        ]
        head = f"## {shot.zh} · {shot.en}"
        parts.append(
            "\n".join([f"{head}\n\n{shot.say}\n", "| 中文 | English |", "|---|---|", *(f"| {r} |" for r in rows)])
        )
    return "\n\n".join(parts) + "\n"


def _ending(language: str, theme: str) -> str:
    return f"{'en' if language == 'en' else 'zh'}-{theme}"


if __name__ == "__main__":
    main()
