"""The boards and the phone at work: every button of the day pressed once, and what it changes seen."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

HAN = re.compile(r"[\u4e00-\u9fff]")
AN_AGE = re.compile(r"^\+?\d+(:\d\d)+$|\d+ ?(s|h|d|秒|小时|天)")
# Sentences every desk sees; none of them may stand on a Chinese page.
ENGLISH = (
    "New call",
    "Search or command",
    "Skip to content",
    "Sign out",
    "Next or previous row",
    "What happened",
    "Not sent",
    "Nothing waits to be sent.",
    "Everything here is not right yet. Empty is the aim.",
    "Station command room",
)


def test_a_unit_signs_goes_arrives_asks_for_support_and_is_done(screen):
    page = screen("lin", "/unit", size=(360, 740), language="en")
    number = page.inner_text(".phone-job .num").split()[0]
    for word, state in [("Sign", "signed"), ("Set off", "en_route"), ("Arrived", "arrived")]:
        page.get_by_role("button", name=word, exact=True).click()
        page.wait_for_selector(f"[data-assignment-state={state}]")
    with page.expect_response("**/unit/do/support") as asked:
        page.get_by_role("button", name="Support", exact=True).click()
    assert asked.value.status < 400
    page.wait_for_selector("[data-assignment-state=arrived]")
    page.get_by_role("button", name="Done", exact=True).click()
    page.wait_for_selector("[name=result]")
    desk = screen("ada", f"/console/incidents/{number}", language="en")
    desk.locator(".timeline", has_text=re.compile("support", re.IGNORECASE)).wait_for()


def test_the_station_room_agrees_a_report_returns_another_and_asks_a_caller(screen):
    page = screen("ida", "/console/station", language="en")

    def reports():
        return int(page.locator(".tile[href='#list-review'] b").inner_text())

    waiting = reports()
    page.locator("#list-review .line", has_text="审阅同意路").click()
    page.get_by_role("button", name="Agree", exact=True).click()
    page.wait_for_selector("#incident .chip >> text=agreed")
    page.goto(page.url.split("/console")[0] + "/console/station")
    assert reports() == waiting - 1
    page.locator("#list-review .line", has_text="审阅退回路").click()
    page.fill("[name=note]:not([id])", "写明损失")
    page.get_by_role("button", name="Return", exact=True).click()
    page.wait_for_selector("#incident .chip.amber >> text=returned for correction")
    page.goto(page.url.split("/console")[0] + "/console/station")
    assert reports() == waiting - 2
    assert page.locator("#list-correct .line", has_text="审阅退回路").count() == 1
    drawer = page.locator("#list-revisit details").first.get_attribute("id")
    revisit = page.locator(f"#{drawer}")
    revisit.locator("summary").click()
    revisit.locator("[name=outcome][value=satisfied]").check()
    revisit.locator("[name=rating][value='5']").check()
    with page.expect_navigation():
        revisit.locator("button.main").click()
    assert page.locator(f"#{drawer}").count() == 0


def test_the_town_room_sees_four_clocks_and_signs_calls_and_sends_a_team(screen):
    page = screen("dan", "/console/town", language="en")
    card = page.locator("article.order", has_text="音响广场")
    clocks = card.locator(".clocks > div")
    assert [name.split("\n")[0] for name in clocks.all_inner_texts()] == [
        "Sign",
        "Reach the caller",
        "On site",
        "Closed",
    ]
    assert card.locator(".clocks time[data-due]").count() == 4
    for word, stopped in [("Sign", 1), ("Caller reached", 2)]:
        card.get_by_role("button", name=word, exact=True).click()
        page.wait_for_function(
            "n => [...document.querySelectorAll('article.order')]"
            ".find(a => a.innerText.includes('音响广场'))?.querySelectorAll('.clocks .done').length === n",
            arg=stopped,
        )
    team = card.get_by_role("button", name=re.compile(r"Send C-")).first
    sign = re.search(r"C-\d+", team.inner_text()).group()
    team.click()
    card.locator(".unit", has_text=sign).wait_for()
    assert card.locator(".clocks time[data-due]").count() == 2


@pytest.mark.store_free
def test_the_unit_list_says_how_old_every_state_and_position_is(screen):
    page = screen("ada", "/console/units", language="en")
    rows = page.locator("tbody tr[data-row]")
    assert rows.count() >= 5
    for age in page.locator("tbody tr td:nth-child(3) time.age").all_inner_texts():
        assert AN_AGE.search(age), age
    positions = page.locator("tbody tr td:nth-child(5)").all_inner_texts()
    assert "never" in positions
    assert sum(bool(AN_AGE.search(text)) for text in positions) >= 4


@pytest.mark.store_free
@pytest.mark.parametrize(("who", "path"), [("ada", "/console"), ("ida", "/console/station")])
def test_a_click_on_the_language_turns_the_whole_page_and_back(screen, who, path):
    page = screen(who, path, language="en")
    english = page.inner_text("body")
    assert "Sign out" in english
    with page.expect_navigation():
        page.get_by_role("button", name="中文", exact=True).click()
    page.wait_for_selector("html[lang=zh-hans]")
    shown = page.inner_text("body")
    assert "退出" in shown or "登出" in shown
    assert len(HAN.findall(shown)) > 60
    everything = page.evaluate(
        "[document.body.textContent, ...[...document.querySelectorAll('[title],[placeholder],[aria-label]')]"
        ".flatMap(e => [e.title, e.placeholder, e.getAttribute('aria-label')])].join('\\n')"
    )
    assert [words for words in ENGLISH if words in everything] == []
    with page.expect_navigation():
        page.get_by_role("button", name="EN", exact=True).click()
    page.wait_for_selector("html[lang=en]")
    assert "Sign out" in page.inner_text("body")


@pytest.mark.store_free
def test_a_click_on_the_theme_turns_the_page_and_it_stays_turned(screen):
    page = screen("ada", "/console/units", language="en", theme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Dark or light").click()
    page.wait_for_selector("html[data-theme=dark]")
    assert page.evaluate(ground) != light
    page.reload()
    assert page.get_attribute("html", "data-theme") == "dark"


@pytest.mark.parametrize(("key", "kind", "is_incident"), [("F9", "silent", False), ("F10", "covert", True)])
def test_one_key_takes_in_a_call_in_which_nobody_can_be_heard(screen, key, kind, is_incident):
    page = screen("ben", "/console/calls/new", language="en")
    page.keyboard.press(key)
    page.wait_for_url("**?saved=*")
    page.click(".notice.ok a")
    if is_incident:
        page.wait_for_selector("#incident .inc-head .prio.p1")
        page.locator("#incident", has_text="can't speak freely").wait_for()
    else:
        page.wait_for_url(lambda url: "/console/calls/" in url and "/new" not in url)
        assert page.locator("#incident").count() == 0
        assert page.locator("[name=call_id]").count() == 1


@pytest.mark.store_free
def test_why_opens_the_rule_behind_track_and_priority_and_the_place_in_the_queue(screen):
    desk = screen("ada", "/console", language="en")
    href = desk.locator("#queue a.qrow[data-priority]").first.get_attribute("href")
    number = re.search(r"\d{6}-\d+", href).group()
    page = desk
    page.goto(desk.url.split("/console")[0] + f"/console/incidents/{number}")
    whys = page.locator(".inc-head details.pop")
    assert whys.count() == 3
    for step, of_a_rule in enumerate((True, True, False)):  # track, priority, and where it stands in the queue
        whys.nth(step).locator("summary").click()
        panel = whys.nth(step).locator(".panel")
        panel.wait_for(state="visible")
        assert ("Rule" in panel.inner_text()) is of_a_rule
        assert len(panel.inner_text().split()) >= 4
