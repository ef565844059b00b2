"""At the edge: nothing runs inside a page, each answer has its headers, and other sites get nowhere."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from permissions.checking import COSTLY
from permissions.doors import doors

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
