"""The tables of the page on forecasting are what the kept lines of the runs say; a figure typed by hand fails."""

from __future__ import annotations

import json

import pytest

import docs_forecast
import docs_forecast_curve
from anlan.engines.forecast.size_curve import BOTTOM, TOP, panels


def test_the_tables_and_the_curve_are_what_their_lines_say():
    stale = [str(path) for path, text in docs_forecast.written().items() if path.read_text("utf-8") != text]
    assert not stale, "run tools/docs_forecast.py"


@pytest.mark.parametrize(
    "figure",
    [
        "+0.9 [+0.6, +1.1]",
        "17 and 13 of 52",
        "26.8 → 27.6",
        "8.6 → 11.2",
        "32.3 %, 17 of 33",
        "13.1 / 11.8",
        "11.0 [10.2, 11.8]",
    ],
)
def test_a_figure_changed_by_hand_is_noticed(figure, tmp_path, monkeypatch):
    page = docs_forecast.PAGE.read_text(encoding="utf-8")
    assert figure in page
    typed = tmp_path / "page.md"
    typed.write_text(page.replace(figure, figure.replace("1", "3").replace("6", "4"), 1), encoding="utf-8")
    monkeypatch.setattr(docs_forecast, "PAGE", typed)
    assert docs_forecast.written()[typed] == page


def test_every_row_has_its_lines_kept_and_one_without_is_named():
    page = docs_forecast.PAGE.read_text(encoding="utf-8")
    assert docs_forecast.NOBODY_CHECKS not in page
    columns, rows = docs_forecast.tables()["unseen"]
    lost = docs_forecast.put(page, "unseen", columns, [row for row in rows if not row.startswith("| Taipei")])
    assert f"{docs_forecast.NOBODY_CHECKS}: Taipei 2016-17." in lost


def test_the_programs_own_copy_of_the_sizes_is_the_tables():
    page = docs_forecast.PAGE.read_text(encoding="utf-8")
    kept = json.loads(docs_forecast_curve.DATA.read_text(encoding="utf-8"))
    assert kept == docs_forecast_curve.sizes_of(page)
    assert [size["cell_m"] for size in kept["panels"][0]["sizes"]] == [250, 300, 400, 500]


def test_more_calls_caught_stand_higher_and_calls_moved_apart_lower():
    told = {
        "areas_km2": [2, 10],
        "panels": [
            {"rows": "a town", "sizes": [{"cell_m": 250, "shown": [10, 20], "bar": [5, 15], "scattered_10": 12}]}
        ],
    }
    (panel,) = panels(told)
    (line,) = panel.lines
    assert [tick.text for tick in panel.upright] == ["0", "10", "20"]
    assert [tick.text for tick in panel.across] == ["2", "10"]
    assert line.shown.endswith(f" {TOP:.1f}")  # 20 of 20
    assert TOP < line.apart_y < BOTTOM
    assert line.apart_x == panel.across[1].at
