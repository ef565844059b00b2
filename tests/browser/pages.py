"""Every page there is to look at: by whom, at which address, and what is done on it first. What is none, and why.

``tests/console/test_every_page_is_listed.py`` holds this against the addresses of the program: a page that stands
neither here nor in ``LEFT_OUT`` is named there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from world import PASSWORD

LIVE = ".live[data-state=live]"
MAP_READY = "body[data-map=ready], body[data-map=off]"


@dataclass(frozen=True)
class Look:
    """One look at one page.

    ``address`` as in the program, blanks as ``{}``; ``who`` is signed in (nobody where empty); ``at`` is the address
    asked for where it isn't ``address`` itself, with the town's marks in braces, or ``first SELECTOR on PAGE``.
    ``ready`` stands when the page does; ``do`` is done on it then. ``name`` tells looks at one address apart.
    What is done ``covers`` others of the page until Escape: their targets are judged without it.
    """

    address: str
    who: str
    at: str = ""
    ready: str = "h1"
    do: Callable[[Any], None] | None = None
    name: str = ""
    status: int = 200
    covers: bool = False

    def __str__(self) -> str:
        return f"{self.address} as {self.who or 'nobody'}{' ' + self.name if self.name else ''}"


def _told(page: Any) -> None:
    page.fill("#narrative", "饭店门口有人拿菜刀追人，已经有人流血了，快来")
    page.locator("#address").press_sequentially("安澜大道")
    page.wait_for_selector("#suggest .chip")
    page.wait_for_selector(".cands [role=option]")


def _command(page: Any) -> None:
    page.keyboard.press("/")
    page.keyboard.type("P-")
    page.wait_for_selector("#found a")


def _replayed(page: Any) -> None:
    page.select_option("#replay-purpose", index=1)
    page.fill("#replay-words", "班后复盘")
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-replay=ready]")
    page.wait_for_selector(".rpl-busy[hidden]", state="attached")


def _followed(page: Any) -> None:
    page.fill("#digits", "1234")
    page.keyboard.press("Enter")
    page.wait_for_selector(".now")


def _mistaken(page: Any) -> None:
    page.fill("#code", "AAAA-AAAA-AAAA")
    page.fill("#digits", "0000")
    page.keyboard.press("Enter")
    page.wait_for_selector(".refusal")


def _refused(page: Any) -> None:
    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert].refusal")


def _half_way(page: Any) -> None:
    page.fill("[name=username]", "pia")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#code")


def _first_in(page: Any) -> None:
    page.fill("[name=username]", "uma")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#new")


def _begun(page: Any) -> None:
    if page.locator("[value=begin]").count():
        page.click("[value=begin]")
    page.wait_for_selector(".factor-picture")


def _party(page: Any) -> None:
    page.locator("[id^=who-] button").first.click()
    page.wait_for_selector("[id^=who-] :text('139')")


def _shown(page: Any) -> None:
    page.wait_for_selector("#inc-units [data-row]")


def _compared(page: Any) -> None:
    page.locator("form[action$='/whatif/new'] button.main").click()
    page.wait_for_url("**/whatif/*")


def _a_table(page: Any) -> None:
    """A table with a row to be entered and one that can't be."""
    rows = "装备编号,装备名称,所属单位\nFC-900,防刺服,城西派出所\nFC-901,防刺衣,城西派出所\n"
    table = {"name": "things.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.set_input_files("input[type=file]", files=[table])
    page.click("form[action$='/look'] button")
    page.wait_for_selector("form[action$='/take']")


def _around(page: Any) -> None:
    """The map console at work: who can be near, a circle, a unit chosen, calls to expect, weather of before."""
    _shown(page)
    page.wait_for_selector(".sky-now.old")
    page.keyboard.press("b")
    page.wait_for_selector("#isl-compose[open] textarea:focus")
    page.keyboard.press("Escape")
    page.wait_for_selector("#isl-compose", state="detached")
    page.wait_for_selector("#isl-ring:not([hidden])")
    page.keyboard.press("w")
    page.wait_for_selector(".isl-found:not([hidden])")
    page.locator('#isl-grid .isl-unit:has-text("P-")').first.press("Space")
    page.wait_for_selector("#isl-chosen:not([hidden])")
    page.locator("[data-layer=layer_forecast]").evaluate("input => input.click()")
    page.wait_for_selector(".isl-expect:not([hidden]) .isl-expect-use:not(:empty)")
    # A notice that came lies over whatever is there until it is answered; its own page judges it.
    page.evaluate("for (const told of document.querySelectorAll('#toasts > *')) told.remove()")


PAGES = (
    Look("/sign-in", "", ready="form"),
    Look("/sign-in", "", ready="form", do=_refused, name="refused"),
    Look("/sign-in/code", "", "/sign-in", ready="form", do=_half_way),
    Look("/sign-in/password", "", "/sign-in", ready="form", do=_first_in),
    Look("/account", "una"),
    Look("/reports/outside", "gus"),
    Look("/people", "leo"),
    Look("/beyond", "cleo"),
    Look("/beyond", "hua", name="to be judged"),
    Look("/second-factor", "una", do=_begun, name="begun"),
    Look("/", "una", ready="main .empty", name="without a role"),
    Look("/console", "ada", ready=LIVE),
    Look("/console", "ada", "/console?incident={p1}", ready="#inc-units [data-row]", name="with an incident"),
    Look("/console/map", "ada", ready=MAP_READY),
    Look("/console/map", "ada", "/console/map?incident={p1}", ready=MAP_READY, do=_around, name="at work"),
    Look("/console/calls/new", "ben", do=_told),
    Look("/console/calls/{}", "ben", "/console/calls/{loose}"),
    Look("/console/incidents/{}", "ada", "/console/incidents/{p1}", do=_shown, name="unsent"),
    Look("/console/incidents/{}", "ada", "/console/incidents/{driving}", name="under way"),
    Look("/console/incidents/{}", "ada", "/console/incidents/{over}", name="over"),
    Look("/console/units", "ada", do=_command, covers=True),
    Look("/console/places/{}", "ada", "/console/places/{place}"),
    Look("/console/loads", "jia", "/console/loads?unit=P-01"),
    Look("/console/plans", "ada"),
    Look("/console/plans/{}", "jia", "/console/plans/weapon"),
    Look("/console/many", "ada"),
    Look("/console/roads", "ada"),
    Look("/console/cover", "ada"),
    Look("/console/arrivals", "gus"),
    Look("/console/arrivals/roads", "gus"),
    Look("/console/town", "dan"),
    Look("/console/partner", "kai"),
    Look("/console/station", "ida"),
    Look("/console/tags/audit", "ida"),
    Look("/console/figures", "gus", ready=".trend svg"),
    Look("/console/figures/clocks", "gus"),
    Look("/console/figures/{}", "gus", "first main a.figure on /console/figures"),
    Look("/console/forecast", "gus", ready=".f-use"),
    Look("/console/forecast/station", "gus", ready=".f-use"),
    Look("/console/forecast/scores", "gus", ready=".f-use"),
    Look("/console/forecast/card", "gus", ready=".f-use"),
    Look("/console/forecast/register", "gus", ready=".f-release"),
    Look("/console/forecast/records", "gus", "first a[href*='/forecast/records'] on /console/forecast"),
    Look("/ledger", "hua", ready=".ledger-digits"),
    Look("/whatif", "jia"),
    Look("/whatif/{}", "jia", "/whatif", do=_compared, name="asked"),
    Look("/whatif/{}", "jia", "/whatif/{question}", ready=".whatif-figures", name="answered"),
    Look("/equipment", "ida"),
    Look("/equipment/items/{}", "ida", "/equipment/items/{thing}"),
    Look("/equipment/lent", "ida"),
    Look("/equipment/care", "ida"),
    Look("/equipment/care/plans", "ida"),
    Look("/equipment/inspect/{}", "ida", "/equipment/inspect/{care_plan}"),
    Look("/equipment/repairs", "ida"),
    Look("/equipment/scrapping", "ida"),
    Look("/equipment/scrapping/{}", "ida", "/equipment/scrapping/{scrapping}"),
    Look("/equipment/counter", "ida"),
    Look("/equipment/plan", "ida"),
    Look("/equipment/labels", "ida"),
    Look("/equipment/gates/{}/live", "ida", "/equipment/gates/{door}/live", ready=".gate-last"),
    Look("/equipment/mine", "eve"),
    Look("/equipment/q/{}", "eve", "/equipment/q/{thing}"),
    Look("/equipment/register", "ida"),
    Look("/equipment/kits", "ida"),
    Look("/equipment/enter", "ida"),
    Look("/equipment/pieces", "ida"),
    Look("/equipment/strays", "ida"),
    Look("/equipment/import", "ida"),
    Look("/equipment/import/look", "ida", "/equipment/import", do=_a_table),
    Look("/equipment/board", "ida"),
    Look("/equipment/bookings", "ida"),
    Look("/equipment/transfers", "ida"),
    Look("/equipment/counts", "ida"),
    Look("/equipment/counts/{}", "ida", "/equipment/counts/{stock_count}"),
    Look("/patrol", "jia"),
    Look("/patrol/plans/{}", "jia", "/patrol/plans/{plan_new}", name="to be signed"),
    Look("/patrol/plans/{}", "jia", "/patrol/plans/{plan_over}", name="over"),
    Look("/patrol/plans/{}/edit", "jia", "/patrol/plans/{plan_new}/edit", ready="[id^=stop-]"),
    Look("/patrol/plans/{}/live", "jia", "/patrol/plans/{plan_live}/live"),
    Look("/patrol/plans/{}/over", "jia", "/patrol/plans/{plan_over}/over"),
    Look("/patrol/plans/{}/stops", "jia", "/patrol/plans/{plan_over}/stops"),
    Look("/patrol/compare", "jia", name="to choose"),
    Look("/patrol/compare", "jia", "/patrol/compare?a={plan_live}&b={plan_new}"),
    Look("/patrol/mine", "pat"),
    Look("/patrol/trials", "jia"),
    Look("/patrol/trials/{}", "gus", "/patrol/trials/{trial}"),
    Look("/patrol/trials/{}/days", "gus", "/patrol/trials/{trial}/days"),
    Look("/patrol/trials/{}/calls", "gus", "/patrol/trials/{trial}/calls"),
    Look("/register/trials", ""),
    Look("/register/trials/{}", "", "/register/trials/T-0001"),
    Look("/wall", "ada", ready="body[data-wall=ready]"),
    Look("/replay", "jia", ready="form", name="what for"),
    Look("/replay", "jia", ready="form", do=_replayed, name="opened"),
    Look("/handover", "ada"),
    Look("/handover", "cleo", name="signed"),
    Look("/handover/paper/{}", "cleo", "/handover/paper/{handover}"),
    Look("/notices", "cleo"),
    Look("/notices", "jia", name="to send"),
    Look("/unit", "eve", ready=".five .step"),
    Look("/unit/visits", "bao", ready=".visit"),
    Look("/unit/offline", "finn"),
    Look("/mediation", "qin"),
    Look("/mediation", "qin", "/mediation?for={booked}", name="to book"),
    Look("/mediation/setup", "qin"),
    Look("/disputes", "dan"),
    Look("/disputes/{}", "dan", "first table.files a[data-open] on /disputes"),
    Look("/disputes/{}", "mei", "/disputes/{table}", name="agreed"),
    Look("/disputes/{}/table", "mei", "/disputes/{table}/table", name="agreed"),
    Look("/disputes/{}/table", "mei", "/disputes/{booked}/table", name="booked"),
    Look("/disputes/figures", "gus", ready="#asking"),
    Look("/disputes/revisits", "gus"),
    Look("/disputes/revisits/{}", "gus", "/disputes/revisits/{revisit}", name="to give"),
    Look("/disputes/revisits/{}", "noa", "/disputes/revisits/{revisit}", do=_party, name="to ask"),
    Look("/reports/bulletin", "gus"),
    Look("/citizens", "jia"),
    Look("/track", "", ready="#code"),
    Look("/track", "", ready="#code", do=_mistaken, name="mistaken"),
    Look("/track/{}", "", "/track/{tracking}", ready="#digits", do=_followed),
    Look("/r/{}", "", "/r/{rating}"),
    Look("/r/{}", "", "/r/nobody", status=404, name="unknown"),
    Look("/ledger", "eve", name="not for them", status=403),
    Look("/no-such-page", "ada", status=404),
)

PARTS = {
    "/console/rows": "/console",
    "/console/ringing": "/console/calls/new",
    "/console/calls/places": "/console/calls/new",
    "/console/incidents/{}/units": "/console/incidents/{}",
    "/console/incidents/{}/cover": "/console/incidents/{}",
    "/console/incidents/{}/replace": "/console/incidents/{}",
    "/console/incidents/{}/notes": "/console/incidents/{}",
    "/console/incidents/{}/likely": "/console/incidents/{}",
    "/console/find": "/console/units",
    "/console/figures/trends": "/console/figures",
    "/notices/phone": "/unit",
    "/disputes/funnel": "/disputes",
    "/disputes/figures/asking": "/disputes/figures",
}
"""Parts of a page with no frame of their own, and the page they are looked at in."""

DATA = (
    "/equipment/gates/{}/speech",
    "/equipment/papers/{}",
    "/console/map/data",
    "/console/map/areas",
    "/console/map/figures",
    "/console/map/weather",
    "/console/map/taken/{}",
    "/console/map/reach",
    "/console/map/roads",
    "/console/forecast/map",
    "/console/pulse",
    "/wall/data",
    "/wall/figures.csv",
    "/console/figures/clocks.csv",
    "/replay/window",
    "/notices/mine",
    "/console/forecast/file",
    "/reports/bulletin.csv",
    "/reports/bulletin.xlsx",
    "/basemap/tiles.pmtiles",
    "/basemap/style-light.json",
    "/basemap/style-dark.json",
    "/unit/manifest.webmanifest",
    "/unit/worker.js",
    "/sign-in/service",
    "/sign-in/service/back",
    "/sign-out/service",
)
"""Answered to programs, not shown to people: JSON, files, tiles; and doors that lead elsewhere at once."""
