"""No step of a file reads through all files there are: with a year of them each would take seconds."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.console.selectors.disputes import files_of_tab, funnel
from anlan.disputes.selectors import files_held, town_board
from disputes import course
from disputes.quarrel import opened, people_come
from world import T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.sqlite]
GROWING = (
    "disputes_disputefile", "disputes_push", "disputes_fileincident", "disputes_levelchange", "disputes_filekey",
    "disputes_matchsuggestion", "notices_notice", "notices_addressee", "core_event", "intake_incident",
    "intake_incidenttag", "dispatch_feedback",
)  # fmt: skip


@pytest.mark.parametrize("told", ["of nothing", "of a year"])
def test_steps_find_what_they_need_by_an_index(world, taxonomy, told):
    if told == "of a year":
        planner_knows_a_year()
    west, asked = people_come(world), {}

    def noted(execute, sql, params, many, context):
        if sql.startswith(("SELECT", "WITH", "UPDATE", "DELETE")) and not many:
            asked.setdefault(sql, params)
        return execute(sql, params, many, context)

    start = course.beginning(west)
    with connection.execute_wrapper(noted):
        for seed in range(8 if told == "of nothing" else 4):
            course.run(west, start, seed)
    assert len(asked) > 60
    read_through = {sql: found for sql, params in asked.items() if (found := scans(sql, params))}
    assert not read_through


@pytest.mark.parametrize("told", ["of nothing", "of a year"])
def test_lists_of_live_files_are_read_from_the_index_of_the_live(world, taxonomy, told):
    if told == "of a year":
        planner_knows_a_year()
    west = people_come(world)
    opened(west)
    gus, dan = west.actor("gus", T0), west.actor("dan", T0)
    with CaptureQueriesContext(connection) as asked:
        files_held(gus)
        town_board(dan, at=T0)
        for tab in ("ours", "late", "live", "back"):
            list(files_of_tab(gus, tab, at=T0))
        funnel(gus, at=T0)
    about = [row["sql"] for row in asked if "disputes_disputefile" in row["sql"]]
    assert len(about) == 11
    read_through = {sql: found for sql in about if (found := scans(sql, ()))}
    assert not read_through


def test_a_store_that_makes_an_index_for_one_question_is_caught(world, taxonomy):
    """The check itself: without these indexes the planner helps itself, and that is seen."""
    planner_knows_a_year()
    files = "SELECT count(*) FROM disputes_disputefile f"
    assert scans(f"{files} WHERE f.claim = 'x'", ())
    assert scans(f"{files} JOIN disputes_disputefile g ON g.claim = f.claim WHERE f.id = 1", ())
    assert not scans(f"{files} WHERE f.number = 'x'", ())


def planner_knows_a_year() -> None:
    """SQLite is told what it would have counted in a store of 900,000 files."""
    with connection.cursor() as cursor, (Path(__file__).parent / "year_of_files.csv").open() as file:
        cursor.execute("ANALYZE")
        cursor.execute("DELETE FROM sqlite_stat1")
        for row in list(csv.reader(file))[1:]:
            cursor.execute("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (%s, nullif(%s, ''), %s)", row)
        cursor.execute("ANALYZE sqlite_master")


def scans(sql: str, params) -> list[str]:
    """The tables that grow with the years and are read from end to end; an index of those open alone is short."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = [str(row[3]) for row in cursor.fetchall()]
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%) WHERE %'")
        short = {name for (name,) in cursor.fetchall()}
    found = []
    for line in plan:
        read = re.match(
            r"(?:SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?"
            r"|SEARCH (\w+) USING AUTOMATIC|BLOOM FILTER ON (\w+))",
            line,
        )
        if read and read.group(2) not in short:
            table = read.group(1) or read.group(3) or read.group(4)
            found += [line] if table in GROWING or re.search(rf'"?({"|".join(GROWING)})"? "?{table}"?\b', sql) else []
    return found
