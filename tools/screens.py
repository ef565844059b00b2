"""Which screens there are to photograph: whose they are, where, and what is done on them first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

PASSWORD = "anlan-demo"
DISPATCHER, TAKER, LEADER = "dispatcher.cc.1", "calltaker.cc.1", "shiftleader.cc.1"
CHIEF = "bureauchief.psb.1"
PARTNER, AUDITOR, PATROL = "partneroperator.12345.1", "auditor.psb.1", "p01a1"
TOWN, BEAT, MEDIATOR_DESK = "townoperator.t01.1", "communityofficer.s01.1", "mediationdesk.mc.1"
PHONE_DIGITS = "4821"
MAP_DRAWN = "body[data-map=ready], body[data-map=off]"
LIVE = ".live[data-state=live]"


@dataclass(frozen=True)
class Shot:
    """One screen; ``at`` is its address, or finds it in the centre: ``page`` is then the address in general."""

    name: str
    zh: str
    en: str
    say: str
    user: str
    at: str | Callable[[Any, str], str]
    size: str = "desk"
    ready: str = LIVE
    act: Callable[[Any], None] | None = None
    settle_ms: int = 1200
    page: str = ""

    def path(self, page: Any, url: str) -> str:
        """The address, from the centre's root."""
        return self.at if isinstance(self.at, str) else self.at(page, url)


def _incident(page: Any, url: str) -> str:
    """The number of an open incident on the map, rather one that waits for a unit."""
    rows = page.request.get(f"{url}/api/incidents?limit=50").json()["rows"]
    order = {"open": 0, "dispatched": 1, "on_scene": 2}
    located = sorted((row for row in rows if row["lon"] is not None), key=lambda row: order.get(row["state"], 9))
    return str(located[0]["number"])


def _on_map(page: Any, url: str) -> str:
    return f"/console/map?incident={_incident(page, url)}"


def _on_page(page: Any, url: str) -> str:
    return f"/console/incidents/{_incident(page, url)}"


def _first_link(start: str, links: str) -> Callable[[Any, str], str]:
    """The first address on the page ``start`` that ``links`` selects."""

    def find(page: Any, url: str) -> str:
        page.goto(url + start)
        return str(page.locator(links).first.get_attribute("href"))

    return find


def _place(page: Any, url: str) -> str:
    page.goto(f"{url}/console")
    page.keyboard.press("/")
    page.keyboard.type("花园")
    return str(page.locator("#found a[href*='/console/places/']").first.get_attribute("href"))


def _reach(page: Any) -> None:
    page.wait_for_selector("#incident")
    page.wait_for_selector("#inc-units [data-row]")
    page.keyboard.press("w")
    page.wait_for_selector(".isl-found:not([hidden])")


def _command(page: Any) -> None:
    page.keyboard.press("/")
    page.keyboard.type("pj")


def _told(page: Any) -> None:
    page.fill("#narrative", "饭店门口有人拿菜刀追人，已经有人流血了，快来")
    page.fill("#address", "安澜大道")
    page.wait_for_selector("#suggest .chip")


def _patrolled(page: Any) -> None:
    made = page.locator("table a[href*='/patrol/plans/']")
    if made.count():
        made.first.click()
    else:
        page.click("form button.main")
    page.wait_for_url("**/patrol/plans/*")


def _replayed(page: Any) -> None:
    page.select_option("#replay-purpose", index=1)
    page.fill("#replay-words", "班后复盘")
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-replay=ready]")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector(".rpl-busy[hidden]", state="attached")
    page.wait_for_selector(MAP_DRAWN)


def _handed_over(page: Any, url: str) -> str:
    """The newest handover's paper; one is begun where there is none."""
    page.goto(f"{url}/handover")
    papers = page.locator("a[href*='/handover/paper/']")
    if not papers.count():
        page.locator("form[action$='/open'] button").first.click()
        papers.first.wait_for()
    return str(papers.first.get_attribute("href"))


def _at_the_table(page: Any, url: str) -> str:
    """The first file of the day's calendar, or any that is being mediated."""
    page.goto(f"{url}/mediation")
    return str(page.locator("main a[href*='/table']").first.get_attribute("href"))


def _issued(page: Any) -> None:
    """Wait for the first forecast: a demo begins without one, and its worker makes it when the desks are served."""
    while not page.locator(".f-ask").count():
        page.wait_for_timeout(3000)
        page.reload()


def _reported(page: Any, url: str) -> str:
    """Where somebody who has just reported follows it; the call is taken by somebody else, at the desk."""
    desk = page.context.browser.new_context()
    at_desk = desk.new_page()
    at_desk.goto(f"{url}/sign-in")
    at_desk.fill("input[name=username]", TAKER)
    at_desk.fill("input[name=password]", PASSWORD)
    at_desk.keyboard.press("Enter")
    at_desk.wait_for_url(lambda address: "sign-in" not in address)
    secret = next((one["value"] for one in desk.cookies() if one["name"] == "anlan_csrf"), "")
    sheet = {"narrative": "楼道里堆满杂物，两家人吵起来了", "reporter_phone": f"1390000{PHONE_DIGITS}"}
    headers = {"Idempotency-Key": str(uuid4()), "X-CSRFToken": secret, "Referer": url}
    taken = desk.request.post(f"{url}/api/calls", data=sheet, headers=headers).json()
    desk.close()
    return f"/track/{taken['tracking_code']}"


def _followed(page: Any) -> None:
    page.fill("input[name=digits]", PHONE_DIGITS)
    page.keyboard.press("Enter")
    page.wait_for_selector(".card.now")


def _wished(page: Any) -> None:
    """The report is taken back, with a reason."""
    _followed(page)
    page.locator("details > summary").last.click()
    page.fill("#t-back", "邻居已经把杂物搬走了")
    page.click("button[value=withdrawal]")
    page.wait_for_selector(".said")
    page.evaluate("document.querySelector('#h-asked').scrollIntoView()")


SHOTS = (
    Shot("sign-in", "登录", "Sign-in", "Who one is, in which language and light.", "", "/sign-in", ready="form"),
    Shot(
        "second-factor",
        "二次验证",
        "Second proof",
        "An authenticator app beside the password, set up without a network.",
        DISPATCHER,
        "/second-factor",
    ),
    Shot("account", "我的账号", "My account", "One's password, and where one is signed in.", DISPATCHER, "/account"),
    Shot("people", "账号", "Accounts", "Who may come in, who came in last when, who is in now.", AUDITOR, "/people"),
    Shot(
        "beyond",
        "越权查看",
        "Beyond our area",
        "Half an hour in another organisation, for a reason that others read.",
        LEADER,
        "/beyond",
    ),
    Shot(
        "map",
        "指挥台",
        "Live console",
        "Queue, map, units and the open incident on one screen.",
        DISPATCHER,
        "/console/map",
        ready=MAP_DRAWN,
        settle_ms=4000,
    ),
    Shot(
        "map-incident",
        "指挥台：处置中的警情",
        "Live console: an incident open",
        "The incident with ranked units and their reasons; who can be there in five minutes, by road.",
        DISPATCHER,
        _on_map,
        ready=MAP_DRAWN,
        act=_reach,
        settle_ms=4000,
        page="/console/map",
    ),
    Shot(
        "map-command",
        "指挥台：命令栏",
        "Live console: command bar",
        "One key, then Chinese, pinyin initials or English, call signs and numbers.",
        DISPATCHER,
        "/console/map",
        ready=MAP_DRAWN,
        act=_command,
        settle_ms=4000,
    ),
    Shot("queue", "警情队列", "Queue", "The same work without a map.", DISPATCHER, "/console"),
    Shot(
        "call",
        "接警单",
        "Call form",
        "What the words suggest, with the words that led to it.",
        TAKER,
        "/console/calls/new",
        act=_told,
        settle_ms=2500,
    ),
    Shot(
        "incident",
        "警情",
        "Incident",
        "One matter on a page of its own.",
        DISPATCHER,
        _on_page,
        settle_ms=2500,
        page="/console/incidents/{}",
    ),
    Shot(
        "units",
        "警力",
        "Units",
        "Every unit, what it is on and how old its position is.",
        DISPATCHER,
        "/console/units",
    ),
    Shot(
        "plans",
        "处警预案",
        "Response plans",
        "What a matter is answered with, by danger, type, area and alarm level.",
        DISPATCHER,
        "/console/plans",
    ),
    Shot(
        "cover",
        "警力覆盖",
        "Cover",
        "What share of expected calls the free units reach in time, and who carries what alone.",
        DISPATCHER,
        "/console/cover",
    ),
    Shot(
        "arrivals",
        "到达时间",
        "Arrival times",
        "How often the times that were told have been kept, by zone and hour.",
        CHIEF,
        "/console/arrivals",
    ),
    Shot(
        "whatif",
        "策略推演",
        "What if",
        "Two policies over one's own past: what differs, and how sure that is.",
        CHIEF,
        "/whatif",
    ),
    Shot(
        "patrol",
        "巡逻",
        "Patrol",
        "One click plans a shift; what was planned stands below.",
        CHIEF,
        "/patrol",
    ),
    Shot(
        "patrol-plan",
        "巡逻方案",
        "Patrol plan",
        "Where each unit goes and why, what could not be met, and what each beat gets.",
        CHIEF,
        "/patrol",
        act=_patrolled,
        page="/patrol/plans/{}",
    ),
    Shot(
        "place",
        "地点",
        "Place",
        "What is known and noted of a place.",
        DISPATCHER,
        _place,
        page="/console/places/{}",
    ),
    Shot(
        "town-room",
        "乡镇街道指挥室",
        "Town room",
        "Orders of a town room with their clocks.",
        LEADER,
        "/console/town",
    ),
    Shot(
        "station-room",
        "派出所指挥室",
        "Station room",
        "Sheets to review, callers to ask again.",
        LEADER,
        "/console/station",
    ),
    Shot(
        "labels",
        "标签抽查",
        "Labels drawn for review",
        "A sample of labels, checked by a person.",
        LEADER,
        "/console/tags/audit",
    ),
    Shot(
        "disputes",
        "纠纷档案",
        "Dispute files",
        "Who has which, until when, and what the rule suggests.",
        TOWN,
        "/disputes",
    ),
    Shot(
        "dispute",
        "纠纷档案：一件",
        "A dispute file",
        "Its three pushes, who has it in charge, why this colour.",
        TOWN,
        _first_link("/disputes", "table.files a[data-open]"),
        page="/disputes/{}",
    ),
    Shot(
        "visits",
        "手机：待上门",
        "Visits on a phone",
        "Next due on top; three buttons under the thumb.",
        BEAT,
        "/unit/visits",
        size="phone",
    ),
    Shot(
        "mediation",
        "调解日程",
        "Mediation calendar",
        "Rooms, mediators and numbers of the day.",
        MEDIATOR_DESK,
        "/mediation",
    ),
    Shot(
        "mediation-setup",
        "调解设置",
        "Mediation set-up",
        "Bodies, rooms, mediators and the desk's hours.",
        MEDIATOR_DESK,
        "/mediation/setup",
    ),
    Shot(
        "mediation-file",
        "调解：一件",
        "At the mediator's table",
        "Sessions, minutes, agreement and what was promised.",
        MEDIATOR_DESK,
        _at_the_table,
        page="/disputes/{}/table",
    ),
    Shot(
        "revisits",
        "纠纷回访",
        "Revisits of disputes",
        "Both parties, asked by somebody who had no part in it.",
        CHIEF,
        "/disputes/revisits",
    ),
    Shot(
        "revisit",
        "纠纷回访：一件",
        "A revisit",
        "The same questions for both sides, blind to what the unit said.",
        CHIEF,
        _first_link("/disputes/revisits", "main a[href*='/disputes/revisits/']"),
        page="/disputes/revisits/{}",
    ),
    Shot(
        "dispute-figures",
        "纠纷指标",
        "Disputes in figures",
        "Settled means that it did not come back.",
        CHIEF,
        "/disputes/figures",
        ready="#asking",
    ),
    Shot(
        "track-code",
        "群众查询：查询码",
        "A citizen's code",
        "A code and four digits, no sign-in.",
        "",
        "/track",
        size="phone",
        ready="#code",
    ),
    Shot(
        "track",
        "群众查询",
        "A citizen's page",
        "Where the matter stands, who has it, by when.",
        "",
        _reported,
        size="phone",
        ready="input[name=digits]",
        act=_followed,
        page="/track/{}",
    ),
    Shot(
        "track-ask",
        "群众撤回与申诉",
        "What a citizen may ask",
        "Take it back, or say it is not settled.",
        "",
        _reported,
        size="phone",
        ready="input[name=digits]",
        act=_wished,
        page="/track/{}",
    ),
    Shot(
        "citizens", "群众请求", "Citizens' requests", "What citizens asked, answered in words.", LEADER, "/citizens"
    ),
    Shot("partner", "移交单位", "Partner desk", "What was handed to another desk.", PARTNER, "/console/partner"),
    Shot(
        "figures",
        "指标",
        "Figures",
        "Each with its counts, interval and version.",
        CHIEF,
        "/console/figures",
        ready=".trend svg",
    ),
    Shot(
        "figure-records",
        "指标明细",
        "A figure's records",
        "Every figure opens to what it was counted from.",
        CHIEF,
        _first_link("/console/figures", "main a.figure"),
        page="/console/figures/{}",
    ),
    Shot(
        "clock-hours",
        "分时时限",
        "Clocks by hour",
        "Each clock of the town rooms hour by hour, with the peak.",
        CHIEF,
        "/console/figures/clocks",
    ),
    Shot("bulletin", "周报", "Weekly bulletin", "The week on paper.", CHIEF, "/reports/bulletin"),
    Shot(
        "wall",
        "大屏",
        "Wall board",
        "Read from five metres; every number opens to its records.",
        LEADER,
        "/wall",
        size="wall",
        ready="body[data-wall=ready]",
        settle_ms=4000,
    ),
    Shot(
        "forecast",
        "警情预测",
        "Call forecast",
        "Where citizens' calls are to be expected in the next shift, with reasons in words.",
        CHIEF,
        "/console/forecast?family=help",  # the family with places told by themselves in a record of weeks
        page="/console/forecast",
        act=_issued,
    ),
    Shot(
        "forecast-station",
        "预测：警情与警力",
        "Forecast: calls and units",
        "Calls expected shift by shift against the units that would answer them.",
        CHIEF,
        "/console/forecast/station",
    ),
    Shot(
        "forecast-scores",
        "预测：评分",
        "Forecast: scores",
        "Yesterday's hits and misses, and the trivial model beside ours.",
        CHIEF,
        "/console/forecast/scores",
    ),
    Shot(
        "forecast-register",
        "预测：模型登记簿",
        "Forecast: register of models",
        "Every version: its record, its audits, who signed it.",
        CHIEF,
        "/console/forecast/register",
    ),
    Shot(
        "forecast-card",
        "预测：模型卡",
        "Forecast: model card",
        "What each family is forecast by, and what that was worth.",
        CHIEF,
        "/console/forecast/card",
    ),
    Shot(
        "forecast-records",
        "预测：异常明细",
        "Forecast: what stands out",
        "The reports an unusual area was counted from.",
        CHIEF,
        _first_link("/console/forecast", "a[href*='/forecast/records']"),
        page="/console/forecast/records",
    ),
    Shot(
        "replay-ask",
        "回放：事由",
        "Replay: what for",
        "A replay asks for a purpose and is logged.",
        AUDITOR,
        "/replay",
        ready="form",
    ),
    Shot(
        "replay",
        "回放",
        "Replay",
        "What the live screen showed at any moment.",
        LEADER,
        "/replay",
        ready="form",
        act=_replayed,
        settle_ms=3000,
    ),
    Shot(
        "ledger",
        "存证账本",
        "Evidence ledger",
        "What was sealed, the digits for the book, the proof of one matter.",
        AUDITOR,
        "/ledger",
    ),
    Shot(
        "refusal",
        "不能办理",
        "A refusal",
        "Who, what, since when, and what to do now; in both languages.",
        DISPATCHER,
        "/no-such-page",
        ready=".refusal",
    ),
    Shot("notices", "通知", "Notices", "What needs an answer, and who has given it.", LEADER, "/notices"),
    Shot(
        "handover", "交接班", "Handover", "What stands as one shift hands over to the next.", DISPATCHER, "/handover"
    ),
    Shot(
        "handover-paper",
        "交接单",
        "Handover on paper",
        "What was signed, to print and keep.",
        DISPATCHER,
        _handed_over,
        page="/handover/paper/{}",
    ),
    Shot(
        "phone",
        "警员手机",
        "A unit's phone",
        "One thing at a time, in reach of a thumb.",
        PATROL,
        "/unit",
        size="phone",
    ),
    Shot(
        "phone-offline",
        "警员手机：无网络",
        "A unit's phone without contact",
        "What was pressed waits on the phone.",
        PATROL,
        "/unit/offline",
        size="phone",
        ready="h1",
    ),
)

UNPHOTOGRAPHED = {
    "/": "leads to the first page of one's role",
    "/console/calls/{}": "the call form again, with what was taken down so far",
    "/sign-in/code": "the door again, with one field",
    "/reports/outside": "a form and a list of months; what it gives is a file",
    "/sign-in/password": "the door again, with two fields",
    "/console/many": "has rows only while several matters wait; the demo's desk sends within seconds",
    "/console/roads": "empty until a desk closes a road",
    "/console/loads": "a list and a form; what is short by it is on the matter's own page",
    "/console/arrivals/roads": "empty until a bureau's own drives have been learned from",
    "/console/plans/{}": "a form; what it writes is on the page of plans",
    "/patrol/plans/{}/live": "has something to tell only while crews drive a published plan",
    "/patrol/plans/{}/stops": "the list behind a figure; the figure is on the page at the end of the shift",
    "/whatif/{}": "a table of differences; the demo asks no question of its past",
    "/equipment": "empty until a keeper has entered things",
    "/equipment/items/{}": "one thing's own line and its story",
    "/equipment/lent": "the whole of a list that begins on the day's page",
    "/equipment/care": "empty until kinds of things have plans of care",
    "/equipment/care/plans": "forms for each kind of thing",
    "/equipment/inspect/{}": "a list to tick; empty until something is due",
    "/equipment/repairs": "empty until something came back damaged",
    "/equipment/scrapping": "empty until something is beyond repair",
    "/equipment/scrapping/{}": "a sheet to print",
    "/equipment/counter": "a form; what it lends is on the day's page",
    "/equipment/plan": "empty until stations say what they must field",
    "/equipment/labels": "a sheet to print",
    "/equipment/gates/{}/live": "has something to tell for five minutes after somebody walked through a door",
    "/equipment/q/{}": "what a label's square opens on a telephone",
    "/equipment/register": "a list with filters; empty until things are entered",
    "/equipment/kits": "empty until things have parts",
    "/equipment/enter": "forms",
    "/equipment/pieces": "empty until a store keeps something by the piece",
    "/equipment/strays": "empty unless a reader speaks that nobody entered",
    "/equipment/import": "a form",
    "/equipment/import/look": "a table as it would be read",
    "/equipment/board": "counts by kind and store; empty until things are entered",
    "/equipment/bookings": "a calendar that is empty until somebody asks for a thing",
    "/equipment/transfers": "empty until a thing is sent to another store",
    "/equipment/counts": "empty until a store was counted",
    "/equipment/counts/{}": "one count of a store",
    "/equipment/mine": "empty until somebody has lent a thing to the crew",
    "/patrol/compare": "two choices and a table of figures",
    "/patrol/plans/{}/edit": "a plan's own lists with buttons; the map beside them is the console's",
    "/patrol/plans/{}/over": "has something to tell only when crews have driven a plan",
    "/patrol/trials": "a form, and a list that is empty until a trial is drafted",
    "/patrol/trials/{}": "weeks of a trial's days; the demo has none",
    "/patrol/trials/{}/days": "the table behind a trial's figures",
    "/patrol/trials/{}/calls": "the list behind a trial's figures",
    "/register/trials": "empty until a trial is approved",
    "/register/trials/{}": "the same words as on the trial's own page",
    "/patrol/mine": "empty until a leader has published a plan for the crew",
    "/r/{}": "opened by a link that is sent to one telephone and works once",
}
"""Pages without a picture, and why."""


def pages_shown() -> set[str]:
    """The address in general of every page that is photographed."""
    return {shot.page or str(shot.at).partition("?")[0] for shot in SHOTS}
