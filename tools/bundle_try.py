"""Try two bundles as a closed network would: ``python3 tools/bundle_try.py OLD.tar NEW.tar --key FINGERPRINT``.

Python's own library alone; nothing of Anlan is imported. Everything happens below one empty folder and inside a
network namespace that has no way out (``unshare -rn``): fresh, upgrade with data, killed upgrades, going back, the
demo, and bundles that were changed on purpose. Says each step and its seconds, and ends with what isn't so first.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

INSIDE = "ANLAN_TRY_INSIDE"
PORT = 8000
UP_WITHIN_S, DEMO_WITHIN_S = 120.0, 900.0
PYTHON = Path(sys.executable).resolve()
BARE = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "ANLAN_FORECASTS": "off"}
"""The whole environment of a bare machine."""


class Lie(Exception):
    """Something that was promised and is not so."""


def hold(true: object, what: str) -> None:
    if not true:
        raise Lie(what)


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"… {what}", flush=True)
    yield
    print(f"  ok, {time.monotonic() - began:.1f} s", flush=True)


class Place:
    """A folder in which things are tried."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key, self.prefix = folder, key, folder / "opt"
        self.environment = {**BARE, "HOME": str(folder / "nobody"), "TMPDIR": str(folder / "tmp")}
        for name in ("HOME", "TMPDIR"):
            Path(self.environment[name]).mkdir(parents=True)

    def unpack(self, archive: Path, name: str) -> Path:
        """The bundle's folder."""
        into = self.folder / name
        with tarfile.open(archive) as packed:
            packed.extractall(into, filter="data")
        return next(into.iterdir())

    def words(self, bundle: Path, *more: str, key: str | None = None) -> list[str]:
        asked = self.key if key is None else key
        words = ["sh", str(bundle / "install.sh"), "--prefix", str(self.prefix), *more]
        return [*words, "--key", asked] if asked else words

    def install(self, bundle: Path, *more: str, key: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.words(bundle, *more, key=key),
            env={**self.environment, "PYTHON": str(PYTHON)},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def must(self, bundle: Path, *more: str) -> str:
        done = self.install(bundle, *more)
        hold(done.returncode == 0, f"the installer failed ({done.returncode}):\n{done.stdout}")
        for line in done.stdout.splitlines():
            print(f"    {line}", flush=True)
        return done.stdout

    def anlan(self, *words: str) -> str:
        done = subprocess.run(
            [str(self.prefix / "bin" / "anlan"), *words],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        hold(done.returncode == 0, f"anlan {' '.join(words)}: {done.stdout[-2000:]}")
        return done.stdout

    @property
    def version(self) -> str:
        return (self.prefix / "current" / "version").resolve().name

    @contextlib.contextmanager
    def running(self, *words: str, within_s: float = UP_WITHIN_S) -> Iterator[Path]:
        """``anlan WORDS``, from its first answer on; yields the log."""
        log = self.folder / f"{words[0]}.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [str(self.prefix / "bin" / "anlan"), *words],
                env=self.environment,
                cwd=self.folder,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            until = time.monotonic() + within_s
            while "http://127.0.0.1" not in log.read_text(encoding="utf-8") or status("/sign-in") != 200:
                hold(process.poll() is None, f"anlan {words[0]} ended:\n{log.read_text(encoding='utf-8')[-2000:]}")
                hold(time.monotonic() < until, f"anlan {words[0]} did not answer within {within_s:g} s")
                time.sleep(0.2)
            yield log
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
            until = time.monotonic() + 20
            while status("/sign-in") is not None and time.monotonic() < until:
                time.sleep(0.1)


def ask(method: str, path: str, token: str = "", body: Any = None, key: str = "") -> tuple[int, str] | None:
    """Status and text of an answer; None where nobody answers."""
    line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": key} if key else {}
    try:
        line.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = line.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except OSError:
        return None
    finally:
        line.close()


def status(path: str) -> int | None:
    answer = ask("GET", path)
    return answer[0] if answer else None


def no_way_out() -> None:
    """Loopback alone, and nobody outside is reached."""
    names = {line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]}
    up = {name for name in names if name != "lo" and int(Path(f"/sys/class/net/{name}/flags").read_text(), 16) & 1}
    hold(not up, f"there are other networks: {up}")
    for address in (("192.0.2.1", 80), ("8.8.8.8", 53)):
        try:
            socket.create_connection(address, timeout=2).close()
        except OSError:
            continue
        raise Lie(f"{address} was reached")


# What must be refused


def changed_bundles(place: Place, bundle: Path) -> None:
    """Each harm is done to a copy of its own, and named."""
    wheel = next((bundle / "wheels").glob("django-5*.whl"))

    def byte(copy: Path) -> None:
        path = copy / "wheels" / wheel.name
        text = bytearray(path.read_bytes())
        text[len(text) // 2] ^= 1
        path.unlink()
        path.write_bytes(text)

    def missing(copy: Path) -> None:
        (copy / "wheels" / wheel.name).unlink()

    def signature(copy: Path) -> None:
        path = copy / "SHA256SUMS.sig"
        text = bytearray(path.read_bytes())
        text[5] ^= 1
        path.unlink()
        path.write_bytes(text)

    def sums(copy: Path) -> None:
        """The list says what the changed file is, as somebody would who has no key."""
        import hashlib

        byte(copy)
        path = copy / "SHA256SUMS"
        digest = hashlib.sha256((copy / "wheels" / wheel.name).read_bytes()).hexdigest()
        text = re.sub(rf"^\w+(?=  wheels/{re.escape(wheel.name)}$)", digest, path.read_text(), flags=re.MULTILINE)
        path.unlink()
        path.write_text(text)

    def more(copy: Path) -> None:
        (copy / "wheels" / "sitecustomize.py").write_text("print('hello')\n")

    harms = {
        "a changed byte in a wheel": (byte, wheel.name),
        "a wheel that is missing": (missing, wheel.name),
        "a changed signature": (signature, "SHA256SUMS.sig"),
        "a changed byte, and the list changed with it": (sums, "SHA256SUMS.sig"),
        "a file that is not on the list": (more, "sitecustomize.py"),
    }
    for what, (harm, named) in harms.items():
        copy = place.folder / "harmed"
        shutil.copytree(bundle, copy, copy_function=os.link)
        harm(copy)
        for said in (place.install(copy), place.install(copy, "--check")):
            hold(said.returncode == 3 and named in said.stdout, f"{what} was not refused by name: {said.stdout}")
        shutil.rmtree(copy)
        print(f"    refused: {what}", flush=True)
    said = place.install(bundle, key="0" * 64)
    hold(said.returncode == 3 and "another key" in said.stdout, f"another key was taken: {said.stdout}")
    print("    refused: another key than the one named", flush=True)


# The two ways


def fresh(place: Place, bundle: Path, days: int) -> str:
    """Install into nothing and run the demo; its store becomes the centre's. Returns a token that may take calls."""
    said = place.install(bundle, key="")
    if not place.prefix.joinpath("release_key").exists():
        hold(said.returncode == 2 and "--key" in said.stdout, f"no key was asked for: {said.stdout}")
    with step(f"install {bundle.name} into an empty folder"):
        place.must(bundle)
        hold(place.version in bundle.name, f"in force is {place.version}")
        hold("0.1.0" in place.anlan("--version"), "no version")
    home = str(place.prefix / "current" / "home")
    with (
        step(f"the demo, {days} days of past"),
        place.running(
            "demo", "--home", home, "--days", str(days), "--port", str(PORT), within_s=DEMO_WITHIN_S
        ) as log,
    ):
        text = log.read_text(encoding="utf-8")
        hold("密码 password" in text, "the demo does not say how to sign in")
        names = re.findall(r"^    (\S+)\s+\S+\s+(\S+)$", text, re.MULTILINE)
        hold(names, f"the demo names nobody: {text}")
        hold(status("/static/console/island/manifest.json") == 200, "the map console is missing")
        busy = place.install(bundle, "--back")
        hold(busy.returncode in (1, 75), "going back from a running demo was not refused")
    takers = [name for name, role in names if "taker" in role or "dispatch" in role]
    hold(takers, f"nobody takes calls: {names}")
    return place.anlan("token", "issue", takers[0], "--label", "try").split()[-1]


def call_take(token: str, words: str) -> str:
    """Take a call; returns the words it can be found by."""
    mark = f"{words} {uuid.uuid4().hex[:8]}"
    body = {"narrative": mark, "reporter_phone": "13900000000"}
    answer = ask("POST", "/api/calls", token, body, key=uuid.uuid4().hex)
    hold(answer and answer[0] in (200, 201), f"a call was not taken: {answer}")
    return mark


def calls_there(place: Place, marks: list[str]) -> None:
    """Each call is in the store in force, once, whoever serves it."""
    import sqlite3

    with contextlib.closing(sqlite3.connect(place.prefix / "current" / "home" / "anlan.sqlite3")) as store:
        for mark in marks:
            found = store.execute("SELECT count(*) FROM intake_call WHERE narrative = ?", (mark,)).fetchone()[0]
            hold(found == 1, f"the call {mark!r} is there {found} times")


def centre(place: Place, token: str, marks: list[str], words: str) -> None:
    """The version in force serves: what was taken is there, and one more is taken."""
    with place.running("run", "--port", str(PORT)):
        calls_there(place, marks)
        marks.append(call_take(token, words))
    calls_there(place, marks)


def killed(place: Place, bundle: Path, after: str, wait_s: float) -> bool:
    """Begin an upgrade and kill all of it, so long after it said ``after``; False where it was done before."""
    process = subprocess.Popen(
        place.words(bundle),
        env={**place.environment, "PYTHON": str(PYTHON)},
        cwd=place.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if after in line:
            time.sleep(wait_s)
            break
    ran_out = process.poll() is not None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return not ran_out


KILLS = (("installing version", 2.0), ("installing version", 20.0), ("taking a backup", 0.3), ("rehearsing", 2.0))
KILLS_OF_COPIES = (("copying the data", 0.02), ("bringing the tables", 0.5), ("bringing the tables", 3.0))


def upgrade_killed(place: Place, new: Path, after: str, wait_s: float, before: str, marks: list[str]) -> None:
    """What was in force still is, with every call."""
    with step(f"an upgrade killed {wait_s:g} s into “{after}”"):
        if after == "installing version":
            name = new.name.split("-linux")[0].removeprefix("anlan-")
            shutil.rmtree(place.prefix / "versions" / name, ignore_errors=True)
        hold(killed(place, new, after, wait_s), "it had ended before it was killed; choose an earlier moment")
        hold(place.version == before, "a killed upgrade changed the version")
        calls_there(place, marks)


def upgrade(place: Place, old: Path, new: Path, token: str) -> None:
    marks: list[str] = []
    before = place.version
    with step("the older version takes a call"):
        centre(place, token, marks, "升级前")
    for moment in KILLS:
        upgrade_killed(place, new, *moment, before, marks)
    with (
        step("an upgrade beside a running centre stops before the data, and says why"),
        place.running("run", "--port", str(PORT)),
    ):
        said = place.install(new)
        hold(said.returncode == 75 and "systemctl stop" in said.stdout, f"not refused: {said.stdout}")
        hold(place.version == before, "the version changed under a running centre")
        marks.append(call_take(token, "升级演练时"))
    for moment in KILLS_OF_COPIES:
        upgrade_killed(place, new, *moment, before, marks)
    with step("after the kills the older version serves as before"):
        centre(place, token, marks, "中断后")
    with step("upgrade with data"):
        place.must(new)
        hold(place.version != before and place.version in new.name, f"in force is {place.version}")
        calls_there(place, marks)
    with step("the key of the first bundle was kept, and one of another key is refused without being asked"):
        kept = place.prefix / "release_key"
        hold(kept.read_text().strip() == place.key, "the key was not kept")
        kept.write_text("0" * 64)
        said = place.install(new, key="")
        hold(said.returncode == 3 and "another key" in said.stdout, f"another key was taken: {said.stdout}")
        kept.write_text(place.key)
    with step("the newer version serves and takes a call"):
        centre(place, token, marks, "升级后")
    with step("go back, with today's data"):
        place.must(new, "--back")
        hold(place.version == before, f"in force is {place.version}")
        calls_there(place, marks)
    with step("the older version serves what the newer one took"):
        centre(place, token, marks, "退回后")
    with step("upgrade once more, and go back to the data of before"):
        place.must(new)
        since = list(marks)
        centre(place, token, marks, "再次升级后")
        place.must(new, "--back", "--as-before")
        hold(place.version == before, f"in force is {place.version}")
        calls_there(place, since)
        with contextlib.suppress(Lie):
            calls_there(place, marks[-1:])
            raise SystemExit("what was taken after the upgrade is in the data of before it")
    with step("the record of the centre holds"):
        place.anlan("verify")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--key", required=True)
    parser.add_argument("--days", type=int, default=3, help="days of past calls in the demo")
    parser.add_argument("--folder", type=Path, help="below this one (default: the system's for such things)")
    parser.add_argument("--only", choices=["faults", "fresh", "upgrade"], help="one part")
    options = parser.parse_args()
    if INSIDE not in os.environ:
        words = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, *sys.argv]
        os.execvpe("unshare", words, {**os.environ, INSIDE: "1"})
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="anlan-try-", dir=options.folder, ignore_cleanup_errors=True) as folder:
        try:
            with step("no way out of here"):
                no_way_out()
            if options.only in (None, "fresh", "faults"):
                place = Place(Path(folder) / "newest", options.key)
                new = place.unpack(options.new.resolve(), "new")
                with step("bundles that were changed on purpose"):
                    changed_bundles(place, new)
                if options.only != "faults":
                    fresh(place, new, options.days)
                    with step("what is installed is not installed twice"):
                        hold("无须升级" in place.must(new), "installed twice")
                shutil.rmtree(place.folder)
            if options.only in (None, "upgrade"):
                place = Place(Path(folder) / "older", options.key)
                old, new = place.unpack(options.old.resolve(), "old"), place.unpack(options.new.resolve(), "new")
                upgrade(place, old, new, fresh(place, old, options.days))
            with step("still no way out"):
                no_way_out()
        except Lie as lie:
            print(f"NOT SO: {lie}", flush=True)
            return 1
    print(f"everything is so; {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
