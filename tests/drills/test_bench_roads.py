"""How times grow with a city is told from the lines of the run, and the page is what its kept lines make."""

import docs_roads
from anlan.drills.bench.roads import growth_drawn, growth_lines


def lines_of(*points):
    """What a run prints of made-up cities: (side of it, milliseconds of ranking)."""
    told = [{"bench": "roads", "case": "helsinki/ours, processor", "metric": "p50", "value": 9.0}]
    for side, took_ms in points:
        name = f"grid {side * side}"
        told += [
            {"bench": "roads", "case": name, "metric": "junctions", "value": side * side},
            {"bench": "roads", "case": f"{name}/ours, processor", "metric": "p50", "value": took_ms},
        ]
    return told


def test_four_times_the_junctions_in_twice_the_time_is_growth_by_the_root():
    [line] = growth_lines(lines_of((200, 8.0), (100, 4.0)))
    assert (line.case, line.metric, line.value, line.n) == ("growth/ours, processor", "p50_exponent", 0.5, 2)


def test_one_size_alone_has_no_growth():
    assert growth_lines(lines_of((100, 4.0))) == []


def test_bars_are_as_long_as_times_are_to_each_other():
    _title, small, large = growth_drawn(lines_of((200, 8.0), (100, 4.0)))
    assert small.split()[0] == "10,000"
    assert large.count("#") == 2 * small.count("#")


def test_the_page_is_what_its_lines_make():
    assert docs_roads.main(["--check"]) == 0, "run tools/docs_roads.py"
