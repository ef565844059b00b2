"""Against a travel-time model of Auckland that ambulance researchers published."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from anlan.engines.roads import DriveMode, Snapper, road_graph_build, search_to, travel_weights
from anlan.places.osm_import import road_file_read

AUCKLAND = Path(__file__).parents[4] / "shared/data/roads-auckland"
SECONDS_PER_DAY = 86_400


def table(path: Path, first_column: str, column: str) -> list[dict[str, str]]:
    """Rows of the second table of a JEMSS file; it begins where its header does."""
    with gzip.open(path, "rt") as file:
        rows = list(csv.reader(file))
    header = next(at for at, row in enumerate(rows) if row[0] == first_column and column in row)
    return [dict(zip(rows[header], row, strict=False)) for row in rows[header + 1 :] if len(row) > 2]


@pytest.mark.skipif(not AUCKLAND.exists(), reason="../shared/data/roads-auckland is not there")
@pytest.mark.parametrize(("column", "mode"), [("mode_2", DriveMode.NORMAL), ("mode_1", DriveMode.EMERGENCY)])
def test_our_times_rise_and_fall_with_theirs_and_are_free_flow(column, mode):
    nodes = table(AUCKLAND / "jemss-nodes.csv.gz", "index", "x")
    arcs = table(AUCKLAND / "jemss-arcs.csv.gz", "index", "mode_1")
    lon, lat = (np.array([float(node[axis]) for node in nodes]) for axis in ("x", "y"))
    tail = np.array([int(float(arc["fromNode"])) - 1 for arc in arcs])
    head = np.array([int(float(arc["toNode"])) - 1 for arc in arcs])
    days = np.array([float(arc[column]) for arc in arcs])
    backward = coo_array((days * SECONDS_PER_DAY, (head, tail)), shape=(len(lon), len(lon))).tocsr()

    graph = road_graph_build(road_file_read(AUCKLAND / "auckland.osm.pbf").ways)
    weights, snapper = travel_weights(graph, mode=mode), Snapper(graph)
    rng = np.random.default_rng(4)
    theirs, ours = [], []
    for target in rng.integers(0, len(lon), 4).tolist():
        sources = rng.integers(0, len(lon), 200)
        expected = dijkstra(backward, indices=target)[sources]
        places = snapper.snap_many(lon[sources], lat[sources], usable=weights.usable)
        call = snapper.snap(float(lon[target]), float(lat[target]), usable=weights.usable)
        seconds = search_to(graph, weights, call).travel_s(places)
        both = np.isfinite(expected) & (expected > 60) & (places.distance_m < 30) & (call.distance_m < 30)
        theirs.append(expected[both])
        ours.append(seconds[both])
    their_s, our_s = np.concatenate(theirs), np.concatenate(ours)
    assert len(our_s) > 400
    assert np.corrcoef(our_s, their_s)[0, 1] > 0.95
    # Their times were fitted to a working city; ours know no traffic and may not be slower.
    assert 0.7 < float(np.median(our_s / their_s)) < 1.05
