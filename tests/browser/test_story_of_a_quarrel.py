"""Noise at midnight, three pushes, an agreement, the archive, and its return forty days later: on people's own pages.

The town room works at a desk, the street team, the officer of the beat and the mediator on their phones; what has
nothing to show on a page (two earlier nights, an hour of the calendar) goes through services.
The clock is the story's, in the centre and in the browser alike.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from anlan.accounts.services import person_add, role_grant
from anlan.core.actor import SYSTEM
from anlan.disputes.mediation_models import Mediation
from anlan.disputes.models import DisputeFile, FileRevisit, MatchSuggestion, Push
from anlan.disputes.selectors import file_of_incident
from anlan.disputes.services.agreements import agreement_draft, obligation_add
from anlan.disputes.services.sessions import session_book
from anlan.engines.geo import cell_of
from anlan.intake.models import Incident
from anlan.intake.services import repeat_link
from anlan.places.models import Place
from anlan.tagging.services import taxonomy_load
from browser.conftest import window
from disputes.table import table_set
from stories.test_dispute import FINE, MIDNIGHT, Story
from world import PASSWORD, T0, build_world

# On both stores the same story is told without a browser in tests/stories.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.store_free,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]
PHONE, DESK = (360, 740), (1440, 900)


@pytest.fixture(scope="session", autouse=True)
def _store_beside_the_browser():
    """The browser's driver keeps a loop running in this thread; the store is used beside it, not in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


class Seen(Story):
    """The story on pages of a browser whose clock goes with the story's."""

    def __init__(self, table: Any, monkeypatch: Any, browser: Any, url: str) -> None:
        super().__init__(table, monkeypatch)
        self.browser, self.url = browser, url
        self.pages: dict[str, Any] = {}
        self.wrong: list[str] = []

    def at_page(self, name: str, path: str) -> Any:
        """The page of this person at ``path``, in the size of what they hold, at the hour it is in the story."""
        phone = path.startswith("/unit")
        if name not in self.pages:
            context = window(
                self.browser,
                viewport=dict(zip(("width", "height"), PHONE if phone else DESK, strict=True)),
                service_workers="block",
            )
            page = self.pages[name] = context.new_page()
            page.on("pageerror", lambda error: self.wrong.append(f"{name}: {error}"))
        page = self.pages[name]
        # Hours and days lie between: whoever comes back signs in anew. What the page left open still asks is told
        # that its session is over, and may not take the new one along.
        page.goto("about:blank")
        cookies = self.desk(name).cookies
        page.context.add_cookies([{"name": k, "value": v.value, "url": self.url} for k, v in cookies.items()])
        page.clock.set_fixed_time(self.at)
        page.goto(self.url + path)
        assert not phone or page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path
        return page

    def file(self) -> DisputeFile:
        return DisputeFile.objects.get()

    def at_file(self, name: str) -> Any:
        return self.at_page(name, f"/disputes/{self.file().number}")


@pytest.fixture
def story(monkeypatch, browser, live_server):
    taxonomy_load(by=SYSTEM, at=T0)
    table = table_set(build_world())
    lon, lat = 120.065, 28.90
    Place.objects.create(kind="estate", name_zh="锦绣花园", lon=lon, lat=lat, cell=int(cell_of(lon, lat)))
    noa = person_add(
        username="noa", name="诺亚", organisation=table.world.orgs["bureau"], password=PASSWORD, by=SYSTEM, at=T0
    )
    role_grant(person=noa, role="analyst", by=SYSTEM, at=T0)
    table.world.people["noa"] = noa
    seen = Seen(table, monkeypatch, browser, live_server.url)
    yield seen
    for page in seen.pages.values():
        page.context.close()
    assert seen.wrong == []


def call_at_midnight(story: Seen) -> Incident:
    """Ben types the words; the type is suggested, the street goes first because he says so with a reason."""
    page = story.at_page("ben", "/console/calls/new")
    page.fill("#narrative", "楼上502室半夜唱歌吵得睡不着")
    page.fill("#address", "锦绣花园")
    page.locator("#cands [role=option]").first.click()
    page.locator("#d-by-hand summary").click()
    page.fill("#code-pick", "0410")
    page.locator("#code-pick").dispatch_event("change")
    page.locator("#d-by-hand [name=track][value=C]").check()
    page.fill("#reason", "邻里噪声，社区先行")
    page.locator("[data-then=save]").first.click()
    page.wait_for_url("**/console/calls/new?saved=*")
    incident = Incident.objects.get()
    assert (incident.code, incident.track) == ("0410", "C")
    return incident


def street_settles(story: Seen, incident: Incident) -> None:
    """Dan's room signs, calls, sends C-01; Finn's phone brings it there and settles it."""
    from anlan.dispatch.services import order_route

    order_route(incident=incident, by=story.by("ada"), at=story.then(minutes=1))
    story.then(seconds=40)
    page = story.at_page("dan", "/console/town")
    card = page.locator("article.order", has_text=incident.number)
    card.get_by_role("button", name="Sign", exact=True).click()
    card.get_by_role("button", name="Caller reached", exact=True).click()
    card.get_by_role("button", name="Send C-01").click()
    card.locator(".unit", has_text="C-01").wait_for()
    story.work()
    story.then(minutes=4)
    phone = story.at_page("finn", "/unit")
    assert incident.number in phone.inner_text("#phone")
    for word, state in (("Sign", "signed"), ("Set off", "en_route"), ("Arrived", "arrived")):
        phone.get_by_role("button", name=word, exact=True).click()
        phone.wait_for_selector(f"[data-assignment-state={state}]")
    story.then(minutes=20)
    phone.clock.set_fixed_time(story.at)
    phone.get_by_role("button", name="Settled on site", exact=True).click()
    phone.wait_for_selector(".quiet-job")
    story.then(minutes=5)
    page = story.at_page("dan", "/console/town")
    card = page.locator("article.order", has_text=incident.number)
    card.get_by_role("button", name="Close the order", exact=True).click()
    card.wait_for(state="detached")
    story.work()


def second_night(story: Seen, first: Incident) -> None:
    """Five nights later: now it has a file, and whoever goes sees the earlier report."""
    story.then(days=5)
    second = story.call("锦绣花园3幢502室又在半夜唱歌，两户人家吵架")
    repeat_link(incident=second, earlier=first, by=story.by("ben"), at=story.at)
    story.street_goes(second)
    assert (story.file().level, story.file().reports) == ("yellow", 2)
    assert first.number in story.street.split("Earlier reports of this quarrel here")[1]


def beat_visits(story: Seen) -> None:
    """Push 2: the officer of the beat opens the visit on the phone and writes what was promised."""
    story.then(hours=10)
    page = story.at_page("lin", "/unit/visits")
    visit = page.locator(".visit", has_text="锦绣花园")
    visit.locator("> summary").click()
    visit.locator("textarea").fill("答应十点后不唱")
    visit.get_by_role("button", name="being watched", exact=True).click()
    page.locator(".notice", has_text="答应十点后不唱").wait_for(state="attached")
    assert Push.objects.filter(file=story.file(), seq=2, outcome="watching").exists()


def third_night(story: Seen) -> None:
    """The third report within a month makes it red: push 3, and the town room takes it on, triages, assigns."""
    story.then(days=3)
    third = story.call("502室半夜又唱歌，楼下拿扫把敲门，吵得厉害")
    page = story.at_file("ida")
    page.fill("input.mini[name=incident]", third.number)
    page.get_by_role("button", name="Link", exact=True).click()
    page.locator("#dispute a.num", has_text=third.number).first.wait_for()
    story.street_goes(third)
    assert story.file().level == "red"
    assert "答应十点后不唱" in story.street
    story.at = T0 + timedelta(days=14, minutes=10)
    number = story.file().number
    page = story.at_page("dan", "/console/town")
    page.locator(f"[data-file='{number}']").get_by_role("button", name="Accept", exact=True).click()
    page.locator(f"[data-file='{number}']").get_by_role("link", name="Triage", exact=True).click()
    page.wait_for_url(f"**/disputes/{number}")
    page.locator("[data-drawer=d-triage]").click()
    page.select_option("#t-method", "people")
    page.select_option("#t-rel", "neighbours")
    page.fill("#t-claim", "夜间安静")
    page.locator("#d-triage button.main").click()
    page.locator("#dispute .dispute-head", has_text="triaged").wait_for()
    page.locator("[data-drawer=d-assign]").click()
    page.select_option("#g-org", "mediation")
    page.locator("#d-assign button.main").click()
    page.locator("#dispute .dispute-head", has_text="assigned").wait_for()


def table_agrees(story: Seen) -> None:
    """Nan has it on her phone, begins, writes the session up, and both agree."""
    number, nan = story.file().number, story.by("nan")
    visit = story.at_page("nan", "/unit/visits").locator(f".visit[data-number='{number}']")
    visit.locator("> summary").click()
    assert "答应十点后不唱" in visit.inner_text()
    story.pages.pop("nan").context.close()
    page = story.at_file("nan")
    for role, name in (("a", "张三"), ("b", "李四")):
        page.locator("#d-party > summary").click()
        page.select_option("#pt-role", role)
        page.fill("#pt-name", name)
        with page.expect_response("**/do/party"):
            page.locator("#d-party button.main").click()
        page.wait_for_function("() => !document.querySelector('#pt-name')?.value")
    parties = list(story.file().parties.order_by("role"))
    assert "张三" not in page.inner_text("#dispute"), "a role until somebody asks with a purpose"
    page = story.at_page("nan", f"/disputes/{number}/table")
    page.locator("#d-start button.main").click()
    page.get_by_role("link", name="Book a session").wait_for()
    mediation, begins = Mediation.objects.get(), T0 + timedelta(days=16, hours=1)
    session_book(
        mediation=mediation, starts_at=begins, slots=2, mediator=story.world.people["nan"],
        room=story.table.rooms[0], by=story.by("mo"), at=story.at,
    )  # fmt: skip
    story.at = begins + timedelta(hours=1)
    page = story.at_page("nan", f"/disputes/{number}/table")
    page.get_by_text("Write it up").click()
    page.get_by_role("button", name="Keep as held").click()
    page.locator(".session.held").wait_for()
    agreement = agreement_draft(
        mediation=Mediation.objects.get(), facts="夜间唱歌扰邻", terms="晚十点后不唱歌", by=nan, at=story.at
    )
    obligation_add(
        agreement=agreement, debtor=parties[0], creditor=parties[1], what="晚十点后不唱歌，加装隔音垫", way="deed",
        due_on=date(2026, 3, 25), by=nan, at=story.at,
    )  # fmt: skip
    page = story.at_page("nan", f"/disputes/{number}/table")
    page.locator("#d-conclude summary").click()
    page.get_by_role("button", name="It binds").click()
    page.locator("#promises", has_text="加装隔音垫").wait_for()
    story.work()
    story.at = T0 + timedelta(days=22, hours=7)
    page = story.at_page("nan", f"/disputes/{number}/table")
    page.get_by_text("What became of it").click()
    page.get_by_role("button", name="It was done").click()
    page.locator("#promises .promise.performed").wait_for()
    story.work()


def closed_asked_archived(story: Seen) -> Any:
    """Closed by the centre's desk, asked about by Noa who had no part in it, archived by the station."""
    story.then(hours=1)
    page = story.at_file("mo")
    page.locator("[data-drawer=d-close]").click()
    page.select_option("#c-result", "agreement_performed")
    page.get_by_role("button", name="Close the file").click()
    page.locator("#dispute .dispute-head", has_text="closed").wait_for()
    closed_at = story.at
    story.work()
    revisit = FileRevisit.objects.get()
    story.then(days=1)
    page = story.at_page("gus", f"/disputes/revisits/{revisit.pk}")
    page.select_option("select[name=person]", str(story.world.people["noa"].pk))
    with page.expect_response("**/assign"):
        page.locator("select[name=person] ~ button.main").click()
    page.get_by_text("asks", exact=False).first.wait_for()
    for _side in ("a", "b"):
        story.then(hours=1)
        page = story.at_page("noa", f"/disputes/revisits/{revisit.pk}")
        form = page.locator("form.script").first
        for question, answer in FINE.items():
            form.locator(f"[name={question}][value='{answer}']").check()
        with page.expect_navigation():
            form.get_by_role("button", name="Record the answers").click()
    assert story.file().state == "rated"
    story.then(days=2)
    page = story.at_file("ida")
    page.keyboard.press("v")
    page.locator("#dispute .dispute-head", has_text="archived").wait_for()
    return closed_at


def comes_back(story: Seen, closed_at: Any) -> None:
    """Forty days after it was closed it is proposed with its evidence; Ida says it is the same; it lives again."""
    story.at = closed_at + timedelta(days=40)
    again = story.call("锦绣花园3幢502室半夜又唱歌，楼下住户又吵起来了")
    story.work()
    assert (story.file().state, MatchSuggestion.objects.get().incident) == ("archived", again)
    page = story.at_file("ida")
    shown = page.locator(".card", has_text="May be the same quarrel")
    assert again.number in shown.inner_text()
    assert shown.locator(".evidence .chip").count() >= 3
    shown.get_by_role("button", name="The same").click()
    page.locator("#dispute .dispute-head", has_text="came back once").wait_for()
    assert file_of_incident(again) == story.file()
    visit = Push.objects.get(seq=2, closed_at=None)
    phone = story.at_page("lin", "/unit/visits")
    assert "came back" in phone.locator(f"[data-visit='{visit.pk}']").text_content()
    room = story.at_page("dan", "/disputes?tab=back")
    row = room.locator(f"[data-file='{story.file().number}']")
    row.get_by_role("link").first.click()
    room.locator("#dispute", has_text="came back once").wait_for()


def test_a_quarrel_goes_its_whole_way_on_the_pages_of_those_who_work_on_it(story):
    story.at = MIDNIGHT
    first = call_at_midnight(story)
    street_settles(story, first)
    assert not DisputeFile.objects.exists(), "one call about noise makes no file"
    second_night(story, first)
    beat_visits(story)
    third_night(story)
    table_agrees(story)
    closed_at = closed_asked_archived(story)
    comes_back(story, closed_at)
    file = story.file()
    assert (file.state, file.reports, file.returns, file.push_level) == ("pushed", 4, 1, 3)
    assert Push.objects.filter(seq=3, closed_at=None).count() == 1
