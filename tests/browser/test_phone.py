"""The phone in a valley: pressed without contact, back again, once on the server; signed out, nothing is left."""

from __future__ import annotations

import re

import pytest

# What a phone sends late is taken in on both stores in tests/console/test_phone.py; here the phone is looked at.
pytestmark = [pytest.mark.browser, pytest.mark.store_free]

SIZE = (360, 740)
# The phone's own store, entry by entry, as anybody who takes the phone apart would find it.
LEFT = """async () => {
  const names = (await indexedDB.databases()).map((d) => d.name);
  if (!names.includes("anlan-phone")) return "";
  const open = indexedDB.open("anlan-phone");
  const base = await new Promise((good) => { open.onsuccess = () => good(open.result); });
  const all = (name) => new Promise((good) => {
    const asked = base.transaction(name).objectStore(name).getAll();
    asked.onsuccess = () => good(asked.result);
  });
  const found = [...await all("kept"), ...await all("one")];
  base.close();
  const text = (v) => v instanceof ArrayBuffer ? new TextDecoder("latin1").decode(v)
    : v instanceof CryptoKey ? `key ${v.extractable}` : v && typeof v === "object"
    ? Object.entries(v).map(([k, x]) => `${k}=${text(x)}`).join(" ") : String(v);
  return found.map(text).join("\\n");
}"""


def sees(page, text):
    page.wait_for_function("t => document.querySelector('#offline').innerText.includes(t)", arg=text)


def test_what_is_pressed_and_taken_without_contact_reaches_the_server_once(screen):
    page = screen("mo", "/unit", size=SIZE, language="en")
    page.wait_for_selector("[data-assignment-state=sent]")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    number = page.get_attribute("[data-assignment]", "data-number")
    page.context.set_offline(True)
    for word, shown in (("Sign", "signed"), ("Set off", "en_route"), ("Arrived", "arrived")):
        page.get_by_role("button", name=word, exact=True).click()
        page.wait_for_selector(f"[data-shown-state={shown}]")
    sees(page, "3 saved on this phone")
    page.set_input_files("#photo", {"name": "a.png", "mimeType": "image/png", "buffer": _picture()})
    sees(page, "4 saved on this phone")
    sealed = page.evaluate(LEFT)
    assert "key false" in sealed
    assert not [known for known in ("arrive", "device_at", number, "JFIF") if known in sealed]
    # The app is closed and opened again where there is still no contact.
    page.goto(page.url)
    page.wait_for_selector("#last-job:not([hidden]) >> text=" + number)
    sees(page, "4 saved on this phone")
    page.context.set_offline(False)
    page.wait_for_selector("[data-assignment-state=arrived]")
    page.wait_for_selector("#kept[hidden]", state="attached")
    page.watch.errors.clear()  # the browser itself notes that it was offline
    desk = screen("ada", f"/console/incidents/{number}", language="en")
    told = desk.inner_text(".timeline")
    for once in ("signed", "set off", "arrived", "sent from the spot: photo"):
        assert len(re.findall(rf"P-13 {once}", told)) == 1, once
    link = desk.get_attribute(".timeline a[href*=attachments]", "href")
    answer = desk.request.get(page.url.split("/unit")[0] + link)
    assert (answer.headers["content-type"], answer.body()[:2]) == ("image/jpeg", b"\xff\xd8")


def test_a_press_that_came_too_late_is_told_and_signing_out_leaves_nothing(screen):
    page = screen("mo", "/unit", size=SIZE, language="en")
    number = page.get_attribute("[data-assignment]", "data-number")
    page.context.set_offline(True)
    page.get_by_role("button", name="Done", exact=True).click()
    sees(page, "1 saved")
    desk = screen("ada", f"/console/incidents/{number}", language="en")
    desk.get_by_role("button", name="Done", exact=True).first.click()
    desk.wait_for_selector(".timeline >> text=finished")
    page.context.set_offline(False)
    refused = page.locator("#kept .refusal[data-code=press_overtaken]")
    refused.wait_for()
    for part in ("Not accepted: Done", "P-13", "艾达", "finished since", "radio"):
        assert part in refused.inner_text()
    page.context.set_offline(True)
    page.get_by_role("button", name="Off duty", exact=True).click()
    sees(page, "1 saved")
    page.context.set_offline(False)
    page.on("dialog", lambda asked: asked.accept())
    page.context.route("**/unit/do/*", lambda route: route.abort())
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/sign-in*")
    assert page.evaluate(LEFT) == ""
    page.watch.errors.clear()


def _picture():
    from dispatch.pictures import other

    return other("PNG", (640, 480))
