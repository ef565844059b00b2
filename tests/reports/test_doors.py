"""Figures and bulletin over HTTP: who may look, in which language, and what is refused."""

from __future__ import annotations

import pytest

from reports.conftest import MIN, T0, WEEK, Desk, S

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
PERIOD = {"start": WEEK[0].isoformat(), "end": WEEK[1].isoformat()}


@pytest.fixture(autouse=True)
def _addresses(settings):
    settings.ROOT_URLCONF = "reports.urls"


@pytest.fixture
def sign_in(client, desk: Desk):
    def act(name: str, language: str = "en"):
        client.force_login(desk.world.people[name])
        client.cookies["anlan_language"] = language
        return client

    return act


def test_a_figure_comes_with_everything_needed_to_judge_it(desk: Desk, sign_in):
    desk.incident(priority="P1", sent=0 * MIN, arrived=3 * MIN)
    answer = sign_in("gus").get("/alone/kpi", PERIOD)
    assert answer.status_code == 200
    figure = {f["key"]: f for f in answer.json()["figures"]}["arrive_5"]
    assert (figure["value"], figure["numerator"], figure["denominator"], figure["version"]) == (1.0, 1, 1, 1)
    assert 0 < figure["low"] < figure["high"] == 1
    assert figure["name"] == "P1 in town: there within 5 min of sending"
    assert figure["counter"] == ["arrive_5_position", "button_early"]
    listed = sign_in("gus").get(f"/alone/kpi/{figure['key']}/records", figure["records"])
    assert len(listed.json()["rows"]) == figure["numerator"]


def test_the_same_figure_speaks_chinese(desk: Desk, sign_in):
    answer = sign_in("gus", "zh-hans").get("/alone/kpi", PERIOD)
    names = {f["key"]: f["name"] for f in answer.json()["figures"]}
    assert names["sign_30s"] == "30 秒内签收率"
    assert names["arrive_target:P1-rural"] == "P1 农村"
    assert names["volume:type-04"] == "纠纷"


def test_a_trend_can_be_asked_for(desk: Desk, sign_in):
    desk.incident()
    answer = sign_in("gus").get("/alone/kpi/volume/series", PERIOD | {"step": "week"})
    assert sum(step["figure"]["value"] for step in answer.json()["steps"]) == 1


@pytest.mark.parametrize(
    ("address", "asked", "status", "code"),
    [
        ("kpi", {"organisation": "west"}, 404, "not_found"),
        ("kpi", {"organisation": "nowhere"}, 404, "not_found"),
        ("kpi", {"start": PERIOD["end"], "end": PERIOD["start"]}, 422, "period_refused"),
        ("kpi", {"start": "2026-03-02T00:00:00"}, 422, "period_refused"),
        ("kpi/nothing/records", {}, 404, "figure_unknown"),
        ("kpi/volume/records", {"part": "all"}, 422, "bad_input"),
        ("kpi/volume/series", {"step": "second"}, 404, "figure_unknown"),
    ],
)
def test_refusals_have_the_one_shape(sign_in, address, asked, status, code):
    answer = sign_in("cleo").get(f"/alone/{address}", PERIOD | asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()["detail_i18n"]) == {"zh-hans", "en"}


def test_the_clocks_of_town_rooms_come_by_hour_and_each_opens(desk: Desk, sign_in):
    desk.order(desk.incident(), "signed", signed_at=30 * S)
    told = sign_in("gus").get("/alone/kpi/clocks", PERIOD).json()
    assert [row["kind"] for row in told["rows"][:4]] == ["all", "peak", "other", "hour"]
    figure = told["rows"][1]["clocks"][0]
    assert (figure["numerator"], figure["denominator"], figure["version"]) == (1, 1, 2)
    listed = sign_in("gus").get(f"/alone/kpi/{figure['records'].pop('key')}/records", figure["records"])
    assert len(listed.json()["rows"]) == 1


def test_cleo_may_narrow_to_her_own_station(desk: Desk, sign_in):
    desk.incident(side="east")
    answer = sign_in("cleo").get("/alone/kpi", PERIOD | {"organisation": "east"})
    assert {f["key"]: f["value"] for f in answer.json()["figures"]}["volume"] == 1


def test_figures_are_not_for_everybody(client, sign_in):
    assert client.get("/alone/kpi", PERIOD).status_code == 401
    assert sign_in("eve").get("/alone/kpi", PERIOD).status_code == 403
    assert sign_in("eve").get("/reports/bulletin", headers=JSON).status_code == 403


def test_the_bulletin_comes_as_data_page_and_file(desk: Desk, sign_in):
    desk.sheet(desk.incident(), signed=10 * S, state="sent")
    gus = sign_in("gus")
    told = gus.get("/alone/bulletin", {"week_start": T0.date().isoformat()}).json()
    assert told["tables"][0]["total"]["n"] == 1
    assert told["tables"][0]["rows"][0]["compared"] == "alone"
    page = gus.get("/reports/bulletin", {"week": "2026-03-04"})
    assert page.status_code == 200
    assert "West station" in page.text
    assert "2026-03-02 to 2026-03-08" in page.text
    for kind, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
        file = gus.get(f"/reports/bulletin.{kind}", {"week": "2026-03-04"})
        assert file.content.startswith(start)
        assert file.headers["Content-Disposition"] == f'attachment; filename="bulletin-2026-03-02.{kind}"'
    assert sign_in("hua").get("/reports/bulletin.csv", headers=JSON).status_code == 403


def test_the_bulletin_survives_any_week_asked_for(sign_in):
    for week in ("", "x", "2026-02-30", "0001-01-01", "9999-12-31"):
        assert sign_in("gus").get("/reports/bulletin", {"week": week}).status_code == 200


def test_the_bulletin_speaks_chinese(desk: Desk, sign_in):
    desk.sheet(desk.incident(), signed=10 * S)
    page = sign_in("gus", "zh-hans").get("/reports/bulletin", {"week": "2026-03-04"}).text
    assert "每周通报" in page
    assert "计时止于单元出发" in page
    assert "城西派出所" in page
