"""No page is forgotten when pages are looked at: each address is in the list, or is said to be no page."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.test import Client

from browser.pages import DATA, PAGES, PARTS, Look
from permissions.doors import _patterns, blank, doors
from screens import UNPHOTOGRAPHED, pages_shown

NOWHERE = {"/no-such-page"}


def pages() -> set[str]:
    """Every address outside the interface that is there to be looked at rather than pressed."""
    told = {blank(door.path) for door in doors() if door.method == "GET"}
    return {address for address in _patterns() if address in told}


def looked_at(looks: Iterable[Look] = PAGES) -> set[str]:
    return {look.address for look in looks}


def forgotten(looks: Iterable[Look] = PAGES) -> list[str]:
    return sorted(pages() - looked_at(looks) - set(PARTS) - set(DATA))


def test_every_page_is_looked_at_or_said_to_be_none():
    assert not forgotten(), "put into tests/browser/pages.py: " + ", ".join(forgotten())


def test_a_page_left_out_would_be_named():
    assert forgotten(look for look in PAGES if look.address != "/mediation/setup") == ["/mediation/setup"]


def test_no_page_is_listed_that_is_gone():
    assert (looked_at() | set(PARTS) | set(DATA)) - set(_patterns()) == NOWHERE


def test_a_part_is_looked_at_in_a_page_that_is():
    assert {part for part, whole in PARTS.items() if whole not in looked_at()} == set()
    assert looked_at() & (set(PARTS) | set(DATA)) == set()


def test_two_looks_are_told_apart():
    assert len({str(look) for look in PAGES}) == len(PAGES)


@pytest.mark.django_db(databases="__all__")
def test_what_is_only_pressed_shows_nothing_when_it_is_asked_for():
    """A page behind an address that the table of doors knows as a button only would be looked at by nobody."""
    pressed = set(_patterns()) - pages() - set(DATA)
    client = Client()
    shown = {address: client.get(address.replace("{}", "1")).status_code for address in pressed}
    assert {address for address, status in shown.items() if status != 405} == set()


def test_every_page_has_its_pictures_or_a_reason_for_none():
    without = looked_at() - pages_shown()
    assert without == set(UNPHOTOGRAPHED), "give it a picture in tools/screens.py, or say there why it has none"
