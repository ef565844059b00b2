"""A visit in a valley without contact, and the town room that takes the file on by keyboard."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

# What a phone sends late is taken in on both stores in tests/console/test_disputes.py; here the phone is looked at.
pytestmark = [pytest.mark.browser, pytest.mark.store_free]

PHONE = (360, 740)
# The list that is fetched anew arrives when the test lets it.
HELD = """() => {
  const real = window.fetch;
  const held = new Promise((go) => { window.letIn = go; });
  window.fetch = async (...asked) => {
    const answer = await real(...asked);
    if (!String(asked[0]).endsWith("/unit/visits")) return answer;
    const html = await answer.text();
    window.isHeld = true;
    await held;
    const text = async () => { setTimeout(() => { window.isIn = true; }); return html; };
    return { ok: answer.ok, status: answer.status, url: answer.url, text };
  };
}"""


def test_words_begun_while_the_list_comes_anew_stay(screen):
    page = screen("bao", "/unit/visits", size=PHONE, language="en")
    page.evaluate(HELD)
    page.evaluate("document.dispatchEvent(new Event('anlan:event'))")
    page.wait_for_function("() => window.isHeld")
    visit = page.locator(".visit", has_text="走访路1号")
    visit.locator("> summary").click()
    visit.locator("textarea").fill("漏水还没有修")
    page.evaluate("window.letIn()")
    page.wait_for_function("() => window.isIn")
    assert visit.locator("textarea").input_value() == "漏水还没有修"


def test_a_visit_written_without_contact_reaches_the_town_room_once_and_is_taken_on_by_keyboard(screen):
    page = screen("bao", "/unit/visits", size=PHONE, language="en")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    visit = page.locator(".visit", has_text="走访路1号")
    number = visit.get_attribute("data-number")
    page.context.set_offline(True)
    visit.locator("> summary").click()
    assert visit.locator(".visit-do button").first.bounding_box()["y"] > PHONE[1] / 2, "in reach of a thumb"
    page.set_input_files("#photo", {"name": "wall.jpg", "mimeType": "image/jpeg", "buffer": _photo()})
    page.wait_for_function("() => /1 saved on this phone/.test(document.querySelector('#offline').innerText)")
    visit.locator("textarea").fill("漏水没有修，双方要求街道出面")
    visit.get_by_role("button", name="handed up", exact=True).click()
    visit.locator(".visit-waits:not([hidden])").wait_for()
    # Closed and opened again where there is still no contact: the list as it was last known, the record still kept.
    page.goto(page.url)
    known = page.locator("#last-visits .visit", has_text="走访路1号")
    known.locator(".visit-waits:not([hidden])").wait_for()
    assert "漏水没有修" not in page.content()
    page.context.set_offline(False)
    page.wait_for_selector("#visits")
    page.wait_for_function("n => !document.querySelector(`[data-number='${n}']`)", arg=number)
    page.watch.errors.clear()  # the browser itself notes that it was offline
    room = screen("dan", "/console/town", language="en")
    row = room.locator(f"[data-file='{number}']")
    row.wait_for()
    row.focus()
    room.keyboard.press("s")
    room.wait_for_function(
        "n => /accepted/.test(document.querySelector(`[data-file='${n}']`)?.innerText)", arg=number
    )
    room.goto(room.url.split("/console")[0] + f"/disputes/{number}")
    told = room.inner_text("#dispute")
    assert len(re.findall("漏水没有修，双方要求街道出面", told)) == 1
    assert "accepted" in told
    assert len(re.findall("Sent from a visit: photo", told)) == 1
    _without_where_and_when(room)


def _photo():
    """As a telephone takes it: lying on its side, with camera, place and time."""
    from dispatch.pictures import jpeg

    taken = jpeg(640, 480, exif=True)
    assert b"Phone of Eve" in taken
    assert b"Exif" in taken
    return taken


def _without_where_and_when(room):
    """The photo of the file's timeline, opened: upright, and nothing of camera, place or time left in it."""
    link = room.get_attribute("#dispute a[href*=attachments]", "href")
    kept = room.request.get(room.url.split("/disputes")[0] + link)
    assert (kept.status, kept.headers["content-type"]) == (200, "image/jpeg")
    for told in (b"Exif", b"Phone of Eve", b"GPS"):
        assert told not in kept.body()
    with Image.open(BytesIO(kept.body())) as picture:
        assert picture.size == (480, 640)
        assert not picture.getexif()
