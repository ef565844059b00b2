"""What is kept beside a deadline is plain, says the same in both languages, and owns up to years not announced."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from anlan.core.calendars import office_calendar
from anlan.engines.workclock import WorkingDays, deadline, due_kept, explain


def test_a_kept_deadline_is_the_one_that_was_counted_with_its_sum():
    start, calendar = datetime(2026, 3, 2, 2, tzinfo=UTC), office_calendar()
    kept, counted = due_kept(start, WorkingDays(3), calendar), deadline(start, WorkingDays(3), calendar)
    assert kept.due_at == counted.due_at
    assert kept.total["en"] == explain(counted, calendar, "en")
    assert kept.total == json.loads(json.dumps(kept.total))
    assert not kept.total["is_provisional"]


def test_beyond_the_announced_years_it_says_that_it_is_provisional():
    kept = due_kept(datetime(2040, 3, 5, 2, tzinfo=UTC), WorkingDays(3), office_calendar())
    assert kept.total["is_provisional"]
    assert "PROVISIONAL" in kept.total["en"]
    assert "暂定" in kept.total["zh"]
