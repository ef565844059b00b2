"""Taking a report."""

from __future__ import annotations

from world import T0


def test_a_report_becomes_one_call_and_one_incident(take):
    got = take(narrative="邻居半夜唱歌很吵")
    assert got.incident.number == "260302-00001"
    assert got.call.incident == got.incident
    assert got.incident.station.code == "west"
    assert got.incident.received_at == T0
