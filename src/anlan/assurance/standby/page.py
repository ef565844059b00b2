"""The standby's own small page: how the copy stands, and the take-over in two steps.

It is served by the receiving process, without accounts or store: the store is not open before a take-over. Who takes
over proves it with a code that lies in an envelope (``anlan standby code``), and says name and reason.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.staticfiles import finders
from django.core import signing
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from anlan.assurance.standby.copy import STANDBY
from anlan.assurance.standby.kept import NotSound
from anlan.assurance.standby.serve import Ear
from anlan.assurance.standby.takeover import NoStandby, standing, take_over

BODY_AT_MOST = 8192
TRIES, PAUSE_S, SURE_WITHIN_S = 5, 60.0, 300
HEARD_NOW_S = 15.0
"""The other machine greets every five seconds: heard within this, it lives and its line is whole."""
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
STYLES = ("tokens.css", "base.css", "parts.css")
LANGUAGES = ("zh-hans", "en")
Answer = tuple[str, dict[str, str], bytes]


class Page:
    """The page of ``ear``; ``centre``, if given, starts the centre here after a take-over and returns its address."""

    def __init__(self, ear: Ear, *, code_file: Path, centre: Callable[[], str] | None = None) -> None:
        self.ear, self.code_file, self.centre = ear, code_file, centre
        self.home = ear.copy.home
        self.wrong: list[float] = []
        self.centre_at = ""

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        language = query.get("lang", ["zh-hans"])[0]
        with translation.override(language if language in LANGUAGES else "zh-hans"):
            status, headers, body = self._answer(environ)
        safe = {
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Content-Length": str(len(body)),
        }
        start(status, [*safe.items(), *headers.items()])
        return [body]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        path, is_post = environ["PATH_INFO"], environ["REQUEST_METHOD"] == "POST"
        if path.startswith("/static/"):
            return _style(path.removeprefix("/static/"))
        form = _form(environ) if is_post else {}
        if path == "/":
            return self._shown("status")
        if path == "/takeover" and is_post:
            return self._asked(form)
        if path == "/takeover":
            return self._shown("form", reason="", by="")
        if path == "/takeover/do" and is_post:
            return self._done(form)
        return "404 Not Found", {"Content-Type": "text/plain"}, b""

    def _asked(self, form: dict[str, str]) -> Answer:
        """The first step: who, why and the code; nothing happens yet."""
        by, reason = form.get("by", "").strip()[:40], form.get("reason", "").strip()[:200]
        problem = self._problem(by, reason, form.get("code", ""))
        if problem:
            return self._shown("form", status="422 Unprocessable Content", problem=problem, by=by, reason=reason)
        sure = signing.dumps({"by": by, "reason": reason}, salt="takeover")
        return self._shown("sure", by=by, reason=reason, sure=sure)

    def _problem(self, by: str, reason: str, code: str) -> str:
        if not self.code_file.exists():
            return _("There is no take-over code on this machine yet. Make one with “anlan standby code”.")
        self.wrong = [at for at in self.wrong if time.monotonic() - at < PAUSE_S]
        if len(self.wrong) >= TRIES:
            return _("Five codes in a minute were wrong. Wait a minute, or take over with “anlan takeover”.")
        if not by or not reason:
            return _("Give your name and the reason: both stand on record.")
        if not check_password(code.strip().upper(), self.code_file.read_text(encoding="ascii")):
            self.wrong.append(time.monotonic())
            return _("This is not the take-over code. It lies in the sealed envelope of this machine.")
        return ""

    def _done(self, form: dict[str, str]) -> Answer:
        """The second step: it is done."""
        try:
            said = signing.loads(form.get("sure", ""), salt="takeover", max_age=SURE_WITHIN_S)
        except signing.BadSignature:
            problem = _("More than five minutes have passed since the first step. Begin again.")
            return self._shown("form", status="422 Unprocessable Content", problem=problem, by="", reason="")
        if self._is_heard() and form.get("still") != "on":
            problem = _("The first machine answers. Tick that you take over all the same, or leave it.")
            return self._shown("sure", status="422 Unprocessable Content", problem=problem, **said, sure=form["sure"])
        try:
            take_over(self.home, by=said["by"], reason=said["reason"], at=self.ear.clock())
        except (NoStandby, NotSound) as problem:
            text = _("The take-over was not carried out: {problem}. Go on with “Restore” in the drills.")
            return self._shown("form", status="409 Conflict", problem=text.format(problem=problem), **said)
        if self.centre is not None:
            self.centre_at = self.centre()
        return "303 See Other", {"Location": "/?" + urlencode({"lang": translation.get_language()})}, b""

    def _is_heard(self) -> bool:
        heard = standing(self.home).heard_at
        return heard is not None and (self.ear.clock() - heard).total_seconds() < HEARD_NOW_S

    def _shown(self, part: str, *, status: str = "200 OK", **more: Any) -> Answer:
        held, copy, now = standing(self.home), self.ear.copy, self.ear.clock()
        silent_s = (now - held.heard_at).total_seconds() if held.heard_at else None
        context = {
            "part": part,
            "held": held,
            "copy": copy,
            "is_standby": held.role.role == STANDBY,
            "seen": self.ear.looker.seen,
            "trouble": self.ear.trouble,
            "callers": sorted({name.rpartition(":")[0] for name in self.ear.callers}),
            "since": min(self.ear.callers.values(), default=None),
            "silent_s": silent_s,
            "is_heard": self._is_heard(),
            "missing": copy.files.lacking,
            "mb": held.bytes / 1024**2,
            "taken_at": _taken_at(held.role.taken),
            "centre_at": self.centre_at,
            "starts_centre": self.centre is not None,
            "server_now": now,
            "language": translation.get_language(),
            **more,
        }
        body = render_to_string("core/standby_page.html", context).encode()
        return status, {"Content-Type": "text/html; charset=utf-8"}, body


def _taken_at(taken: dict[str, str] | None) -> datetime | None:
    return timezone.localtime(datetime.fromisoformat(taken["at"])) if taken else None


def _form(environ: dict[str, Any]) -> dict[str, str]:
    length = min(int(environ.get("CONTENT_LENGTH") or 0), BODY_AT_MOST)
    read = parse_qs(environ["wsgi.input"].read(length).decode("utf-8", "replace"))
    return {name: values[0] for name, values in read.items()}


def _style(name: str) -> Answer:
    found = finders.find(f"core/{name}") if name in STYLES else None
    if not isinstance(found, str):
        return "404 Not Found", {"Content-Type": "text/plain"}, b""
    return "200 OK", {"Content-Type": "text/css; charset=utf-8"}, Path(found).read_bytes()


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, *_: object) -> None:
        """Each look at the page is no news."""


def page_serve(page: Page, address: tuple[str, int]) -> WSGIServer:
    """Serve ``page`` at ``address`` in a thread, one after the other; the caller shuts it down."""
    server = WSGIServer(address, _Quiet)
    server.set_app(page)
    threading.Thread(target=server.serve_forever, daemon=True, name="page").start()
    return server


def code_path() -> Path:
    """Where the take-over code's hash lies."""
    return Path(settings.HOME) / "secrets" / "takeover_code"
