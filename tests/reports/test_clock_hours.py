"""The clocks of town rooms by hour and peak: each share stands on its orders, and opens to them."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from anlan.accounts.services import token_issue
from anlan.core.actor import SYSTEM
from anlan.dispatch.selectors import town_shares
from anlan.reports.errors import FigureUnknown, PeriodRefused
from anlan.reports.selectors import (
    clock_hours,
    clock_hours_sheet,
    kpi_all,
    kpi_one,
    kpi_records,
    kpi_series,
    peak_hours,
)
from reports.conftest import MIN, T0, Desk, S

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AT = T0 + 2 * DAY
# The hour of T0 where the orders are told: 08:00 in Shanghai is 00:00 in UTC.
LOCAL = (T0.hour + 8) % 24


def order(desk: Desk, hours: int, state: str = "closed", **steps):
    incident = desk.incident(T0 + hours * HOUR)
    return desk.order(incident, state, **steps)


def told(desk: Desk, name: str = "gus", **asked):
    return clock_hours(desk.actor(name), **{"start": T0, "end": T0 + 3 * DAY, "at": AT, **asked})


def cells(found, kind: str, hour: int | None = None):
    row = next(row for row in found.rows if row.kind == kind and (hour is None or row.hours == (hour,)))
    return {figure.key.partition(":")[0]: figure.fraction for figure in row.clocks}


def test_each_clock_is_told_by_the_hour_in_which_the_order_was_routed(desk: Desk):
    fast = {"signed_at": 30 * S, "contacted_at": 2 * MIN, "assigned_at": 3 * MIN, "arrived_at": 7 * MIN}
    order(desk, 0, **fast, closed_at=HOUR)
    order(
        desk,
        24,
        signed_at=61 * S,
        contacted_at=4 * MIN,
        assigned_at=5 * MIN,
        arrived_at=31 * MIN,
        closed_at=25 * HOUR,
    )
    order(desk, 2, **fast, closed_at=HOUR)
    found = told(desk)
    assert cells(found, "hour", LOCAL) == {
        "town_sign_1": "1/2", "town_contact_3": "1/2", "town_there_5": "1/2", "town_there_30": "1/2",
        "town_close_24": "1/2",
    }  # fmt: skip
    assert cells(found, "hour", LOCAL + 2)["town_sign_1"] == "1/1"
    assert cells(found, "all")["town_sign_1"] == "2/3"
    assert found.whole.orders == 3


def test_what_is_not_due_yet_is_not_looked_at_and_what_is_over_without_counts_as_missed(desk: Desk):
    order(desk, 0, "routed")
    at = T0 + 2 * MIN
    assert cells(told(desk, at=at), "all") == {
        "town_sign_1": "0/1", "town_contact_3": "0/0", "town_there_5": "0/0", "town_there_30": "0/0",
        "town_close_24": "0/0",
    }  # fmt: skip
    assert cells(told(desk), "all")["town_close_24"] == "0/1"


def test_asked_alone_up_to_a_moment_to_come_what_is_not_due_yet_is_not_looked_at(desk: Desk, client, monkeypatch):
    order(desk, 0, "routed")
    gus, at, end = desk.actor("gus"), T0 + 2 * MIN, T0 + 3 * DAY
    for key, looked_at in (("town_sign_1", 1), ("town_contact_3", 0), ("town_close_24:hours-08", 0)):
        span = {"start": T0, "end": end, "at": at}
        assert kpi_one(gus, key, **span).denominator == looked_at, key
        assert len(kpi_records(gus, key, part="missed", **span).rows) == looked_at, key
        assert [step.figure.denominator for step in kpi_series(gus, key, **span)] == [looked_at, 0, 0, 0], key
    monkeypatch.setattr("anlan.reports.api.now", lambda: at)
    head = {
        "HTTP_AUTHORIZATION": f"Bearer {token_issue(person=desk.world.people['gus'], label='t', by=SYSTEM, at=T0)}"
    }
    period = {"start": T0.isoformat(), "end": end.isoformat(), "part": "missed"}
    rows = [
        client.get(f"/api/kpi/{key}/records", period, **head).json()["rows"]
        for key in ("town_sign_1", "town_there_30")
    ]
    assert [len(found) for found in rows] == [1, 0]
    steps = client.get("/api/kpi/town_there_30/series", period, **head).json()["steps"]
    assert [step["figure"]["denominator"] for step in steps] == [0, 0, 0, 0]


def test_an_order_sent_back_owes_nothing_after_that_and_one_settled_by_telephone_no_arrival(desk: Desk):
    order(desk, 0, "bounced", state_since=50 * S)
    order(
        desk, 0, "closed", signed_at=20 * S, contacted_at=60 * S, settled_at=4 * MIN, closed_at=HOUR, state_since=HOUR
    )
    found = cells(told(desk), "all")
    assert found["town_sign_1"] == "1/1"
    assert found["town_there_30"] == "0/0"


def test_the_whole_day_agrees_with_the_board_of_the_town_room(desk: Desk):
    for hours, state in enumerate(("routed", "closed", "bounced", "settled", "escalated", "closed")):
        steps = {"signed_at": hours * 20 * S, "contacted_at": hours * MIN, "assigned_at": hours * MIN}
        steps |= {"arrived_at": (5 + 3 * hours) * MIN} if hours % 2 else {}
        order(desk, hours, state, **(steps if hours else {}), state_since=10 * hours * MIN, settled_at=40 * MIN)
    board = {share.key: f"{share.kept}/{share.n}" for share in town_shares(desk.actor("gus"), at=AT) if share.allows}
    assert tuple(board.values()) == tuple(cells(told(desk), "all").values())


def test_the_peak_is_the_fewest_hours_that_hold_half_of_the_orders(desk: Desk):
    for hours in (0, 0, 0, 1, 1, 5):
        order(desk, hours, signed_at=(10 if hours else 90) * S)
    found = told(desk)
    peak = next(row for row in found.rows if row.kind == "peak")
    assert (peak.hours, peak.orders) == ((LOCAL,), 3)
    assert (cells(found, "peak")["town_sign_1"], cells(found, "other")["town_sign_1"]) == ("0/3", "3/3")


def test_no_fewer_hours_hold_half():
    dice = Random(20260302)
    for _turn in range(300):
        orders = {hour: dice.randint(1, 50) for hour in range(24) if dice.random() < 0.6}
        peak, counts = peak_hours(orders), sorted(orders.values(), reverse=True)
        assert 2 * sum(orders[hour] for hour in peak) >= sum(counts)
        assert not peak or 2 * sum(counts[: len(peak) - 1]) < sum(counts)


def test_every_share_opens_to_exactly_its_orders(desk: Desk):
    order(desk, 0, signed_at=30 * S)
    order(desk, 0, signed_at=90 * S)
    order(desk, 24, "routed")
    order(desk, 3, signed_at=10 * S)
    found = told(desk)
    opened = 0
    for row in found.rows:
        for figure in row.clocks:
            key = figure.records["key"]
            for part, count in (("numerator", figure.numerator), ("denominator", figure.denominator)):
                page = kpi_records(desk.actor("gus"), key, part=part, start=found.start, end=found.end)
                assert len(page.rows) == count, (row.kind, key, part)
                opened += count
            again = kpi_one(desk.actor("gus"), key, start=found.start, end=found.end)
            assert (again.value, again.low, again.high, again.version) == (
                figure.value, figure.low, figure.high, figure.version,
            )  # fmt: skip
    assert opened > 20


def test_another_town_room_counts_and_opens_none_of_it(desk: Desk):
    order(desk, 0, signed_at=30 * S)
    assert told(desk, "cleo").whole.orders == 0
    assert told(desk, organisation=desk.org("town-west")).whole.orders == 1
    assert told(desk, organisation=desk.org("town-east")).whole.orders == 0


@pytest.mark.parametrize(
    "key", ["hours-24", "hours-7", "hours-08.07", "hours-07.07", "hours-", "hours-07.", "hours-０７"]
)
def test_hours_that_are_none_are_refused(desk: Desk, key):
    with pytest.raises(FigureUnknown):
        kpi_one(desk.actor("gus"), f"town_sign_1:{key}", start=T0, end=AT)


def test_hours_are_a_part_of_the_clocks_of_town_rooms_only(desk: Desk):
    with pytest.raises(FigureUnknown):
        kpi_one(desk.actor("gus"), "divert_rate:hours-07", start=T0, end=AT)
    assert not any(figure.key.startswith("town_") for figure in kpi_all(desk.actor("gus"), start=T0, end=AT))


def test_a_period_that_has_not_begun_is_refused(desk: Desk):
    with pytest.raises(PeriodRefused):
        told(desk, start=AT + DAY, end=AT + 2 * DAY)


def test_as_a_table_it_says_what_it_takes_to_judge_it(desk: Desk):
    order(desk, 0, signed_at=30 * S)
    sheet = clock_hours_sheet(told(desk))
    whole = next(row for row in sheet.rows if row[2] == "town_sign_1")
    assert (whole[4], whole[5], whole[6], whole[7], whole[12]) == (1.0, 1, 1, 1, 2)
    assert len(sheet.rows) == 27 * 5 + 1
