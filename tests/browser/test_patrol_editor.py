"""A plan is changed by key and by mouse: a stop is moved, taken by another unit, and every change taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.store_free]


@pytest.fixture
def editor(screen, centre_home) -> Any:
    plan = json.loads((centre_home / "town.json").read_text(encoding="utf-8"))["marks"]["plan_new"]
    page = screen("jia", f"/patrol/plans/{plan}/edit")
    page.wait_for_selector("body[data-patrol-map]")
    return page


def stops_of(page: Any, nth: int) -> list[str]:
    """The stops of the nth unit, in their order."""
    return list(
        page.locator("#sheet table").nth(nth).locator("tr[id^=stop-]").evaluate_all("rows => rows.map(r => r.id)")
    )


def middle(page: Any, selector: str) -> tuple[float, float]:
    box = page.locator(f"#patrol-map {selector}").bounding_box(timeout=10_000)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def undo(page: Any) -> None:
    page.focus("form[action$='/change/undo'] button")
    page.keyboard.press("Enter")


def test_a_stop_is_moved_by_key_and_the_change_is_taken_back(editor):
    before = stops_of(editor, 0)
    editor.focus(f"#{before[1]} [name=step][value='1']")
    editor.keyboard.press("Enter")
    editor.wait_for_selector("form[action$='/change/undo']")
    moved = stops_of(editor, 0)
    assert sorted(moved) == sorted(before)
    assert moved.index(before[1]) == 2
    undo(editor)
    editor.wait_for_selector("form[action$='/change/undo']", state="detached")
    assert stops_of(editor, 0) == before


def test_a_stop_that_is_dragged_onto_another_unit_s_line_goes_to_that_unit(editor):
    if editor.get_attribute("body", "data-patrol-map") != "ready":
        pytest.skip("this browser draws no map; the lists do the whole job")
    one, other = stops_of(editor, 0), stops_of(editor, 1)
    # The other unit's second stop lies far from every line of the first.
    (a, b) = (middle(editor, f".pt-stop[title^='{which}:']") for which in ("P-31 1", "P-32 2"))
    editor.mouse.move(*a)
    editor.mouse.down()
    editor.mouse.move((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, steps=5)
    editor.mouse.move(*b, steps=5)
    editor.mouse.up()
    editor.wait_for_selector("form[action$='/change/undo']")
    assert one[0] in stops_of(editor, 1)
    assert one[0] not in stops_of(editor, 0)
    undo(editor)
    editor.wait_for_selector("form[action$='/change/undo']", state="detached")
    assert (stops_of(editor, 0), stops_of(editor, 1)) == (one, other)
