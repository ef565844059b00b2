"""At the edge: nothing runs inside a page, each answer has its headers, and other sites get nowhere."""

from __future__ import annotations

import ast
import csv
import io
import re
import runpy
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.test import Client, RequestFactory, override_settings

import anlan
from anlan.accounts.models import Organisation, SignInTry
from anlan.accounts.pages.entering import address_of
from anlan.accounts.services import token_revoke
from anlan.core.actor import SYSTEM
from anlan.reports.selectors.exports import FORMULA_STARTS
from permissions.checking import COSTLY
from permissions.county import NOW
from permissions.doors import doors
from permissions.knocking import as_if

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.sqlite]
INSIDE = re.compile(
    r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>|<style[\s>]|\son[a-z]+=\"|\sstyle=\"|javascript:",
    re.IGNORECASE,
)


def looked_at(knocker):
    """Every page as one role that may see it, and once as nobody."""
    for door in doors():
        if door.method == "GET" and not door.path.startswith(COSTLY):
            yield door, knocker.ask(door, min(door.roles))
            yield door, knocker.ask(door)


def test_every_answer_keeps_to_the_house_rules_of_browsers(knocker):
    wrong = []
    for door, answer in looked_at(knocker):
        headers = dict(answer.headers)
        policy = headers.get("Content-Security-Policy", "")
        # A photo is shut in further than a page: nothing runs, and only its own frame may be styled.
        strict = "unsafe" not in policy or ("sandbox" in policy and "default-src 'none'" in policy)
        if not policy or not strict or ("object-src 'none'" not in policy and "default-src 'none'" not in policy):
            wrong.append(f"{door}: policy {policy!r}")
        if headers.get("X-Content-Type-Options") != "nosniff" or headers.get("X-Frame-Options") != "DENY":
            wrong.append(f"{door}: may be guessed at or framed")
        if headers.get("Referrer-Policy") != "same-origin" or ("Content-Type" not in headers and answer.body):
            wrong.append(f"{door}: referrer or type is not told")
        if "text/html" in headers.get("Content-Type", "") and (found := INSIDE.search(answer.body)):
            wrong.append(f"{door}: {found[0][:60]!r} stands inside the page")
    assert not wrong, "\n".join(wrong)


def test_the_session_cookie_is_for_this_site_and_no_script():
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert settings.CSRF_COOKIE_SAMESITE == "Lax"


@pytest.mark.parametrize("path", ["/api/calls", "/console/calls/save"])
def test_a_page_of_somebody_else_can_change_nothing_through_a_signed_in_browser(county, path):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(county.people["dispatcher"])
    answer = browser.post(path, {"narrative": "forged"}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "form_stale")


def test_a_program_with_its_own_token_needs_no_page(county):
    headers = {"Authorization": f"Bearer {county.tokens['dispatcher']}"}
    told = {"narrative": "quarrel at the gate"}
    answer = Client(enforce_csrf_checks=True).post(
        "/api/calls", told, content_type="application/json", headers=headers
    )
    assert answer.status_code == 201


def test_who_is_not_signed_in_learns_nothing_of_what_a_body_must_hold(county):
    answer = Client().post("/api/broadcasts", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_two_bodies_of_the_interface_never_share_a_name():
    from anlan.api.root import api

    bodies: dict[str, set[type]] = {}
    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                for model in operation.models:
                    for field in model.model_fields.values():
                        if isinstance(field.annotation, type):
                            bodies.setdefault(field.annotation.__name__, set()).add(field.annotation)
    assert not {name for name, found in bodies.items() if len(found) > 1}


TLS = (
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SECURE_HSTS_SECONDS",
    "SECURE_PROXY_SSL_HEADER",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
)
YEAR_S = 365 * 24 * 3600


def set_with(monkeypatch, word: str) -> dict[str, object]:
    """The settings as a centre started with ``ANLAN_TLS`` of that word reads them."""
    monkeypatch.setenv("ANLAN_TLS", word)
    told = runpy.run_path(str(Path(anlan.__file__).parent / "config" / "settings.py"))
    return {name: told[name] for name in TLS}


def test_behind_https_cookies_travel_under_tls_alone_and_browsers_stay_there(county, monkeypatch):
    assert list(set_with(monkeypatch, "").values()) == [False, False, 0, None, "anlan_session", "anlan_csrf"]
    browser = Client()
    with as_if(), override_settings(**set_with(monkeypatch, "on")):
        by_https = browser.get("/sign-in", headers={"X-Forwarded-Proto": "https"})
        assert by_https.headers["Strict-Transport-Security"] == f"max-age={YEAR_S}"
        assert "Strict-Transport-Security" not in browser.get("/sign-in").headers
        for path, told in (("/language", {"language": "en"}), ("/theme", {"theme": "dark"})):
            browser.post(path, told)
        browser.force_login(county.people["dispatcher"])
        browser.get("/notices", headers={"X-Forwarded-Proto": "https"})
        written_by_the_test = settings.SESSION_COOKIE_NAME  # force_login writes it, not the centre
    assert {"__Host-anlan_session", "__Host-anlan_csrf", "anlan_language", "anlan_theme"} <= set(browser.cookies)
    open_ones = {name for name, cookie in browser.cookies.items() if not cookie["secure"]}
    assert not open_ones - {written_by_the_test}
    # What a browser asks of the prefix: for this host alone, and all of it.
    prefixed = [cookie for name, cookie in browser.cookies.items() if name.startswith("__Host-")]
    assert {(cookie["domain"] or "", cookie["path"]) for cookie in prefixed} == {("", "/")}
    forged = Client(enforce_csrf_checks=True).post("/sign-in", headers={"X-Forwarded-Proto": "https"})
    assert forged.status_code == 403


def test_a_form_sent_by_https_is_taken_for_our_own_only_where_the_proxy_is_believed(county, monkeypatch):
    site = "https://testserver"
    headers = {"X-Forwarded-Proto": "https", "Host": "testserver", "Origin": site, "Referer": f"{site}/sign-in"}

    def sent() -> int:
        browser = Client(enforce_csrf_checks=True)
        browser.get("/sign-in", headers=headers)
        token = browser.cookies[settings.CSRF_COOKIE_NAME].value
        told = {"username": "nobody", "password": "wrong", "csrfmiddlewaretoken": token}
        return browser.post("/sign-in", told, headers=headers).status_code

    with as_if():
        assert sent() == 403
        with override_settings(**set_with(monkeypatch, "on")):
            assert sent() == 422


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/sign-in", "/api/calls", "/people"])
def test_a_method_nobody_means_is_nobodys_and_says_nothing_back(county, method, path):
    answer = Client().generic(method, path, headers={"X-Secret": "canary-in-a-header"})
    assert answer.status_code == 405
    assert "canary" not in answer.content.decode()


@pytest.mark.parametrize(
    ("proxies", "told", "found"),
    [
        (0, "10.0.0.1", "127.0.0.1"),  # anybody may write it
        (1, "10.0.0.1", "10.0.0.1"),
        (1, "6.6.6.6, 10.0.0.1", "10.0.0.1"),
        (2, "6.6.6.6, 10.0.0.1, 172.16.0.1", "10.0.0.1"),
        (2, "10.0.0.1", "127.0.0.1"),  # not by way of both: believe nothing
        (1, "", "127.0.0.1"),
    ],
)
def test_whose_address_it_is_behind_proxies_of_the_house(proxies, told, found):
    with override_settings(PROXIES=proxies):
        request = RequestFactory().get("/sign-in", headers={"X-Forwarded-For": told} if told else {})
        assert address_of(request) == found


def test_a_flood_of_wrong_passwords_neither_refuses_nor_slows_a_call(county, knocker):
    call = {"data": '{"narrative": "fire at the mill"}', "content_type": "application/json"}
    browser, page = {"with_token": False}, ("/console/calls/save", "call_taker")
    form = {"data": "narrative=fire", "content_type": "application/x-www-form-urlencoded"}

    def taken() -> list[tuple[int, int]]:
        answers = [
            knocker.send("POST", "/api/calls", "call_taker", **call),
            knocker.send("POST", *page, **browser, **form),
        ]
        return [(answer.status, answer.questions) for answer in answers]

    taken()
    before = taken()
    with as_if():
        for name in ["call_taker"] * 30 + [f"guess-{number}" for number in range(30)]:
            Client().post("/sign-in", {"username": name, "password": "wrong"})
        assert SignInTry.objects.exclude(locked_until=None).exists()
        assert Client().post("/sign-in", {"username": "call_taker", "password": "x"}).status_code == 429
        assert taken() == before
    assert before[0][0] == 201
    assert before[1][0] < 400


def test_a_device_whose_token_was_taken_back_is_a_stranger_at_once(county):
    token = county.people["integration"].tokens.get()
    fixes = {"fixes": []}
    headers = {"Authorization": f"Bearer {county.tokens['integration']}"}

    def told() -> int:
        return Client().post("/api/positions", fixes, content_type="application/json", headers=headers).status_code

    with as_if():
        assert told() == 200
        token_revoke(token=token, by=SYSTEM, at=NOW)
        assert told() == 401


def test_no_cell_of_an_exported_file_runs_as_a_formula(county, knocker):
    """Whoever may name an organisation could otherwise have another desk's spreadsheet run something."""
    evil = "=HYPERLINK(1)"
    with as_if():
        Organisation.objects.update(name_zh=evil, name_en=evil)
        client = Client()
        client.force_login(county.people["chief"])
        table = client.get("/reports/bulletin.csv?week=2026-03-02").content.decode("utf-8-sig")
        book = client.get("/reports/bulletin.xlsx?week=2026-03-02").content
    assert evil in table
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row if not _is_number(cell)]
    cells += [
        str(cell.value)
        for sheet in openpyxl.load_workbook(io.BytesIO(book)).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    ]
    assert not [cell for cell in cells if cell.startswith(FORMULA_STARTS)]


def _is_number(text: str) -> bool:
    try:
        return bool(text) and float(text) == float(text)
    except ValueError:
        return False


def test_every_table_that_leaves_the_house_is_written_through_the_one_guard():
    """Whoever writes a CSV or a workbook hands each cell to ``cell_safe``."""
    bare = []
    for path in sorted(Path(anlan.__file__).parent.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "csv" not in text and "openpyxl" not in text:
            continue
        tree = ast.parse(text)
        called = {node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                  for node in ast.walk(tree) if isinstance(node, ast.Call)}  # fmt: skip
        if called & {"writer", "DictWriter", "Workbook"} and "cell_safe" not in called and path.name not in INWARD:
            bare.append(path.name)
    assert not bare, "write cells through reports.selectors.cell_safe: " + ", ".join(bare)


INWARD: set[str] = set()
"""Files that write tables which only this program reads again."""
