"""What the tests need from the system: Chromium and a Chinese font for the browser's, Node for the map console's.

Each is looked for first; as root, where apt is there, it is fetched. What can't be had is named, and the
tests that need it skip and say so (in CI such a skip fails the run).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

NODE_AT_LEAST = (20, 19)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Path of a Chromium: ``ANLAN_CHROMIUM``, the system's, apt's, or the one Playwright keeps."""
    return os.environ.get("ANLAN_CHROMIUM") or _on_path() or _fetched("chromium", _on_path) or _playwrights()


def mosquitto() -> str | None:
    """Path of an MQTT broker: the system's, else apt's."""
    beside = Path("/usr/sbin/mosquitto")

    def found() -> str | None:
        return shutil.which("mosquitto") or (str(beside) if beside.exists() else None)

    return found() or _fetched("mosquitto", found)


def node() -> str | None:
    """Path of a Node that is new enough: the system's, or the one set-up has put beside this Python."""
    beside = Path(sys.executable).parent / "node"
    for path in filter(None, (shutil.which("node"), str(beside) if beside.exists() else None)):
        said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout.strip()
        parts = said.removeprefix("v").split(".")
        if len(parts) == 3 and all(part.isdecimal() for part in parts) and tuple(map(int, parts)) >= NODE_AT_LEAST:
            return path
    return None


def chinese_font() -> bool:
    """Whether the system can draw Chinese."""
    return bool(_font() or _fetched("fonts-noto-cjk", _font))


def _on_path() -> str | None:
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _font() -> str | None:
    if shutil.which("fc-list"):
        found = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True).stdout.strip()
        return found or None
    folders = (Path("/usr/share/fonts"), Path.home() / ".fonts")
    names = ("*CJK*", "*wqy*", "*SourceHan*", "*Hei*")
    return next((str(hit) for folder in folders for name in names for hit in folder.glob(f"**/{name}")), None)


def _fetched(package: str, look: Callable[[], str | None]) -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    sys.stderr.write(f"fetching {package} for the browser tests\n")
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
        subprocess.run(
            ["apt-get", *words],
            env=environment,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return look()


def _playwrights() -> str | None:
    """Playwright's own browser, fetched by its own command where the network allows."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as play:
        path = Path(play.chromium.executable_path)
        if not path.exists():
            try:
                subprocess.run(
                    [sys.executable, "-m", "playwright", "install", "chromium"],
                    timeout=300,
                    check=False,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            except subprocess.TimeoutExpired:
                return None
        return str(path) if path.exists() else None
