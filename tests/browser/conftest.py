"""A real centre - pages, API, live stream - and a real browser that may speak to nobody else."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from needs import BROWSERS
from ports import free_port
from world import PASSWORD

HERE = Path(__file__).resolve().parent
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_WITHIN_S = 150.0
WITHIN_MS = 60_000
"""So long a condition is waited for: that a machine has other things to do is no fault of a page."""
SESSION = "anlan_session"


def chromium() -> str | None:
    """Where a browser is, if there is one: the one the check has named, else the first on the path."""
    return os.environ.get("ANLAN_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def window(browser: Any, **look: Any) -> Any:
    """Somebody's own window of a browser: nobody else's cookies, and time to wait in."""
    context = browser.new_context(**look)
    context.set_default_timeout(WITHIN_MS)
    return context


def shut(context: Any) -> None:
    """Close it; what it was still asking for through a test's hands is let go first."""
    for page in context.pages:
        page.unroute_all(behavior="ignoreErrors")
    context.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    where = chromium()
    if where is None:
        pytest.skip("no chromium here: the pages were not driven")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=where, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def browsers(browser) -> Iterator[Callable[[tuple[str, ...]], Any]]:
    """``browsers(flags)``: the browser that was started so; each desk opens a context of its own in it."""
    opened: dict[tuple[str, ...], Any] = {}

    def started(flags: tuple[str, ...]) -> Any:
        if flags not in opened:
            opened[flags] = browser.browser_type.launch(executable_path=chromium(), args=list(flags))
        return opened[flags]

    yield started
    for each in opened.values():
        each.close()


@dataclass(frozen=True)
class Town:
    """The small county of ``town.py``, filled once: each centre runs on a copy of its own."""

    home: Path
    database: str
    """Its database on PostgreSQL; empty where it lies in ``home``."""


@pytest.fixture(scope="session")
def town(browser, tmp_path_factory) -> Iterator[Town]:
    """Filling it takes a processor a quarter of a minute, copying it nothing."""
    home = tmp_path_factory.mktemp("town")
    env = _environment(home)
    with contextlib.ExitStack() as kept:
        if url := env.get("ANLAN_DATABASE_URL"):
            env["ANLAN_DATABASE_URL"] = kept.enter_context(_database(url, os.environ.get("ANLAN_READY_DATABASE")))
        _fill(env)
        yield Town(home, env.get("ANLAN_DATABASE_URL", "").rpartition("/")[2])


@pytest.fixture(scope="session")
def centre_home(tmp_path_factory) -> Path:
    """The folder of the running centre; ``town.json`` in it tells names and sessions."""
    return tmp_path_factory.mktemp("centre")


@pytest.fixture(scope="session")
def centre(town, centre_home) -> Iterator[str]:
    """The address of a running centre with the small county in the middle of its day."""
    with town_centre(town, centre_home) as url:
        yield url


@contextlib.contextmanager
def town_centre(town: Town, home: Path, *, more_units: int = 0, **more: str) -> Iterator[str]:
    """A centre running in ``home`` with the town, and so many units beside; ``more`` goes into its environment."""
    shutil.copytree(town.home, home, dirs_exist_ok=True)
    env = {**_environment(home), **more}
    with contextlib.ExitStack() as running:
        if town.database:
            env["ANLAN_DATABASE_URL"] = running.enter_context(_database(env["ANLAN_DATABASE_URL"], town.database))
        if more_units:
            _fill(env, str(more_units))
        yield running.enter_context(_running(env, home / "centre.log"))


def _environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "ANLAN_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "anlan.config.settings",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(HERE.parent), os.environ.get("PYTHONPATH")))),
    }


def _fill(env: dict[str, str], *words: str) -> None:
    subprocess.run([sys.executable, str(HERE / "town.py"), *words], env=env, check=True, timeout=200)


@contextlib.contextmanager
def _running(env: dict[str, str], log: Path) -> Iterator[str]:
    port = free_port(neighbours=1)  # pages here, the live stream next door
    command = [sys.executable, "-m", "anlan.config.cli", "run", "--port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            _wait_for(f"http://127.0.0.1:{port}/sign-in", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=120)


@contextlib.contextmanager
def _database(url: str, like: str | None) -> Iterator[str]:
    """A database of its own, ``like`` another, on the PostgreSQL the other tests use too."""
    import psycopg

    name = f"browser_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"create database {name} template {like}" if like else f"create database {name}")
        yield url.rsplit("/", 1)[0] + f"/{name}"
        server.execute(f"drop database {name} with (force)")


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=20):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the centre did not start:\n{log.read_text()}")


@dataclass
class Watch:
    """What the browser complained of, and whom it asked beside the centre."""

    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)


class Doors:
    """Lets people in: by name and password the first time, later by the cookie they got then."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[str, str], str] = {}

    def let_in(self, page: Any, centre: str, who: str) -> None:
        """Whoever asks from this window on is ``who``."""
        if session := self._sessions.get((centre, who)):
            page.context.add_cookies([{"name": SESSION, "value": session, "url": centre}])
        else:
            self.sign_in(page, centre, who)

    def sign_in(self, page: Any, centre: str, who: str) -> None:
        if not is_door(page):
            page.goto(f"{centre}/sign-in")
        page.fill("[name=username]", who)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies(centre)}
        self._sessions[centre, who] = cookies[SESSION]


def is_door(page: Any) -> bool:
    return urlsplit(page.url).path == "/sign-in"


@pytest.fixture(scope="session")
def doors() -> Doors:
    return Doors()


@pytest.fixture
def screen(browser, centre, doors) -> Iterator[Callable[..., Any]]:
    """``screen("ada", "/console")`` opens a page as that person; it must stay quiet and at home."""
    contexts: list[tuple[Any, Watch]] = []

    def open_as(
        who: str | None, path: str, *, size: tuple[int, int] = (1440, 900), language: str = "zh-hans", theme: str = ""
    ) -> Any:
        context = window(browser, viewport={"width": size[0], "height": size[1]})
        cookies = [{"name": "anlan_language", "value": language, "url": centre}]
        if theme:
            cookies.append({"name": "anlan_theme", "value": theme, "url": centre})
        context.add_cookies(cookies)
        watch = Watch()
        contexts.append((context, watch))
        page = context.new_page()
        page.on("console", lambda m: watch.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: watch.errors.append(str(e)))
        home = urlsplit(centre).hostname
        page.on("request", lambda r: watch.strangers.append(r.url) if urlsplit(r.url).hostname != home else None)
        if who:
            doors.let_in(page, centre, who)
        page.goto(centre + path)
        if who and is_door(page):  # signed out meanwhile
            doors.sign_in(page, centre, who)
        # A key pressed before the page has put the cursor in its first field goes nowhere.
        page.wait_for_function(
            "() => !document.querySelector('[autofocus]') || document.activeElement.matches('[autofocus]')"
        )
        page.watch = watch
        return page

    yield open_as
    quiet = all(not watch.errors for _context, watch in contexts)
    at_home = all(not watch.strangers for _context, watch in contexts)
    said = [line for _context, watch in contexts for line in (*watch.errors, *watch.strangers)]
    for context, _watch in contexts:
        shut(context)
    assert quiet, said
    assert at_home, said
