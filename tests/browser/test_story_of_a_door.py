"""Four things go through a door and a fifth was booked: what the door says, what people put right, and how one ends.

The sightings are those of a simulated door and go the way a reader's do; the worker of the running centre judges
them. Two people look on: the keeper at the door's own screen, and the officer with a telephone.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from browser.commands import command_headers
from browser.town_door import FORGOTTEN, READER

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LIVE = f"/equipment/gates/{READER}/live"
JUDGED_MS = 15_000
PHONE = (360, 740)


@pytest.fixture
def lines(centre_home) -> str:
    return json.loads((centre_home / "town.json").read_text(encoding="utf-8"))["marks"]["walk"]


def told(page: Any, text: str, within: str = "main") -> None:
    page.wait_for_selector(f"{within} :text({json.dumps(text, ensure_ascii=False)})", timeout=JUDGED_MS)


def shown(page: Any, *words: str) -> str:
    """The door shows all of these words, in whatever order it believed them; what it says aloud."""
    page.wait_for_selector(".gate-last" + "".join(f":has-text('{one}')" for one in words), timeout=JUDGED_MS)
    return str(page.get_attribute("[data-spoken]", "data-spoken"))


def go(page: Any, path: str) -> None:
    page.goto(f"{page.url.split('/equipment')[0]}{path}")


def press(page: Any, selector: str) -> None:
    """As one does without a mouse: the button has the cursor, then Enter."""
    page.focus(selector)
    page.keyboard.press("Enter")


def test_four_are_taken_one_is_forgotten_and_one_comes_to_its_end(screen, lines):
    door, feeder = screen("ida", LIVE), screen("tai", "/equipment")
    heard = feeder.request.post(
        f"{feeder.url.split('/equipment')[0]}/api/gates/{READER}/sightings",
        data={"lines": lines}, headers=command_headers(feeder),
    )  # fmt: skip
    assert heard.ok, heard.text()
    assert heard.json()["bad"] == 0
    # Nobody reloads: the screen at the door tells what it believes, and asks after what it didn't hear.
    aloud = shown(door, "石警官，已领", "对讲机2台", "伸缩棍1根", "强光手电1支")
    assert "对讲机两台" in aloud, "one says 两台, not 二台"
    told(door, FORGOTTEN, "#asked")
    sound = door.request.get(f"{door.url.removesuffix('/live')}/speech")
    assert (sound.status, sound.headers["content-type"].split(";")[0]) in ((200, "audio/wav"), (503, "text/html"))
    # Shi says at the door that the fifth is still on the shelf: N is "it was not so".
    door.keyboard.press("n")
    door.wait_for_selector("#asked", state="detached", timeout=JUDGED_MS)
    # Of the four the keeper takes one back that was put down again, then Shi takes it after all.
    press(door, ".gate-taken:has-text('GX-003') button")
    door.wait_for_selector(".gate-taken:has-text('GX-003')", state="detached", timeout=JUDGED_MS)
    assert "伸缩棍" not in door.get_attribute("[data-spoken]", "data-spoken")
    door.fill("#g-number", "GX-003")
    door.keyboard.press("Enter")
    shown(door, "对讲机2台", "伸缩棍1根", "强光手电1支")

    phone = screen("shi", "/equipment/mine", size=PHONE)
    held = phone.locator("article[id^=loan-] b").all_inner_texts()
    assert sorted(text.split()[-1] for text in held) == ["GX-001", "GX-002", "GX-003", "GX-004"]
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]

    desk = screen("ida", "/equipment/counter")
    desk.fill("#c-back", "GX-001\nGX-002\ngx-003")
    desk.fill("#c-damaged", "GX-004")
    press(desk, "form[action$='/counter/return'] button.main")
    told(desk, "GX-004", "#told")
    assert desk.locator("#told p.row").count() == 4
    phone.reload()
    assert phone.locator("article[id^=loan-]").count() == 0

    # Looked at, ordered to be put right, and beyond repair.
    go(desk, "/equipment/items/GX-004")
    desk.fill("form[action$='/look'] [name=remark]", "外壳开裂，无法充电")
    press(desk, "form[action$='/look'] [value=no]")
    told(desk, "外壳开裂")
    go(desk, "/equipment/repairs")
    press(desk, "#open article:has-text('GX-004') [name=fixed][value=no]")
    told(desk, "GX-004", "#ended")
    go(desk, "/equipment/scrapping")
    told(desk, "GX-004", "#proposed")
    # Whoever proposed it does not decide; a leader does, and it is destroyed before a witness.
    assert desk.locator("#proposed article:has-text('GX-004') [value=yes]").count() == 0
    leader = screen("gus", "/equipment/scrapping")
    press(leader, "#proposed article:has-text('GX-004') [value=yes]")
    told(leader, "GX-004", "#approved")
    desk.reload()
    row = "#approved article:has-text('GX-004')"
    desk.fill(f"{row} [name=method]", "拆解销毁")
    desk.fill(f"{row} [name=witness]", "jia")
    desk.keyboard.press("Enter")
    # The record of it stands there to be printed and signed by both.
    for words in ("报废销毁记录", "拆解销毁", "见证人签名"):
        told(desk, words)

    # The plan tells what the station is short of now, and the thing its whole story, oldest at the end.
    go(desk, "/equipment/plan")
    told(desk, "夜巡")
    told(desk, "强光手电")
    go(desk, "/equipment/items/GX-004")
    story = desk.locator("#story").inner_text()
    for word in ("销毁", "维修", "归还", "登记"):
        assert word in story, word
    for page in (door, phone, desk, leader):
        assert page.watch.errors == [], page.url
