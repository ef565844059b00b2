"""Real minutes to dispatch and arrival: the page's percentiles are those of the file itself."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow.parquet as pq
import pytest

from anlan.core.actor import SYSTEM
from anlan.integrations.imports.mapping import mapping_load
from anlan.integrations.imports.runner import calls_import
from anlan.reports.selectors import kpi_all, kpi_records
from world import T0

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
COLUMNS = {"dispatch": "min_to_dispatched", "response": "min_to_arrived"}
QUANTILES = (50, 90, 95)


@pytest.fixture
def events(shared_data):
    path = shared_data / "slo_calls_2021_22" / "events.parquet"
    if not path.exists():
        pytest.skip("real data are not here: ../shared/data/slo_calls_2021_22 is absent")
    return path


PERIOD = {"start": datetime(2021, 9, 1, tzinfo=UTC), "end": datetime(2022, 4, 1, tzinfo=UTC)}
SOURCE = "slo-2021-2022"


def durations_behind(key):
    """Every duration the figure stands on, from its drill-down."""
    found, after = [], None
    while after != "":
        page = kpi_records(SYSTEM, key, **PERIOD, source=SOURCE, after=after, limit=500)
        found += [row.duration_s for row in page.rows]
        after = page.after
    return np.sort(found)


def test_the_page_gives_the_percentiles_of_the_file_exactly(taxonomy, events):
    _, tally = calls_import(events, mapping_load("slo"), by=SYSTEM, clock=lambda: T0)
    assert (tally.received, tally.accepted) == (18_892, 18_892)
    table = pq.read_table(events)
    figures = {figure.key: figure for figure in kpi_all(SYSTEM, **PERIOD, source=SOURCE)}
    assert figures["volume"].numerator == table.num_rows
    for name, column in COLUMNS.items():
        minutes = table[column].drop_null().to_numpy()
        # The file holds whole minutes, so seconds are exact and nothing is rounded anywhere.
        assert (minutes == np.round(minutes)).all()
        seconds = np.sort(minutes.astype(np.float64) * 60.0)
        # Every single one, also of the call of 2022-03-13 01:47, sent after the clocks went forward.
        assert np.array_equal(durations_behind(f"{name}_p50"), seconds)
        for q in QUANTILES:
            figure = figures[f"{name}_p{q}"]
            assert (figure.numerator, figure.denominator) == (len(minutes), table.num_rows)
            assert figure.value == np.percentile(seconds, q, method="linear"), (name, q)
