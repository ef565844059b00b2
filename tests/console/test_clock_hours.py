"""The page of town rooms' clocks by hour: what it shows is what opens."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from anlan.core.clock import now
from anlan.dispatch.services import order_route, order_sign
from anlan.intake.services import incident_track_override

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def orders(town, take):
    """Two matters with the west town room: one signed in time, one not signed for three minutes."""
    for minutes in (4, 3):
        at = now() - timedelta(minutes=minutes)
        incident = take("楼上半夜唱歌吵架", minutes=minutes + 1, lon=120.065, code="0410")
        if incident.track != "C":
            incident_track_override(incident=incident, track="C", reason="社区先行", by=town.actor("ada", at), at=at)
        order = order_route(incident=incident, by=town.actor("ada", at), at=at)
        if minutes == 4:
            order_sign(order=order, by=town.actor("dan", at), at=at + timedelta(seconds=20))


def row(page: str, kind: str) -> list[str]:
    cells = page.split(f'<tr class="{kind}"')[1].split("</tr>")[0].split("<td")
    return [" ".join(strip_tags(f"<td{cell}").split()) for cell in cells[1:]]


def test_the_number_on_the_page_is_the_number_of_orders_that_open(desk, orders):
    gus = desk("gus")
    page = gus.get(reverse("console:clock_hours")).content.decode()
    assert row(page, "all")[:2] == ["2", "50.0 % 1/2 · 9.5–90.5"]
    assert "v2" in page
    whole = page.split('<tr class="all"')[1].split("</tr>")[0]
    href = re.search(r'href="([^"]+)"', whole)[1].replace("&amp;", "&")
    for part, count in (("numerator", 1), ("denominator", 2)):
        opened = gus.get(f"{href}&part={part}").content.decode()
        assert opened.count("<tr data-row") == count
        assert "1/2" in opened


def test_it_speaks_both_languages_and_both_lead_there(desk, orders):
    gus = desk("gus")
    assert reverse("console:clock_hours") in gus.get(reverse("console:kpi")).content.decode()
    assert reverse("console:clock_hours") in desk("dan").get(reverse("console:town")).content.decode()
    gus.cookies["anlan_language"] = "zh-hans"
    shown = gus.get(reverse("console:clock_hours")).content.decode()
    assert all(word in shown for word in ("街道指挥室各时段时限", "高峰", "1 分钟内签收", "24 小时内办结"))


def test_the_file_holds_what_the_page_shows(desk, orders):
    told = desk("gus").get(reverse("console:clock_hours_csv")).content.decode("utf-8-sig")
    whole = next(line for line in csv.reader(io.StringIO(told)) if line[2:3] == ["town_sign_1"])
    assert (whole[0], whole[1], whole[5], whole[6], whole[7], whole[12]) == ("All day", "2", "1", "2", "2", "2")


def test_a_room_sees_its_own_orders_and_a_period_without_any_says_so(desk, orders):
    assert row(desk("dan").get(reverse("console:clock_hours")).content.decode(), "all")[0] == "2"
    assert "No order was routed" in desk("cleo").get(reverse("console:clock_hours")).content.decode()
    nonsense = desk("gus").get(reverse("console:clock_hours") + "?from=soon&to=9999-99-99")
    assert nonsense.status_code == 200
