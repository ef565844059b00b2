"""Which files are compared with a report: of a busy place only the latest, and none of those is missed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.disputes.models import FileKey
from anlan.disputes.selectors.matching import candidate_ids, day_of, moment_of
from anlan.engines.recurrence import Lookup
from disputes.quarrel import opened, people_come
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def test_files_of_a_busy_place_are_found_as_if_every_one_were_looked_at(world, taxonomy):
    west = people_come(world)
    FileKey.objects.all().delete()
    for k in range(30):
        file = opened(west, at=T0 + timedelta(hours=k))
        FileKey.objects.filter(file=file).delete()
        last_at = T0 + timedelta(hours=k // 3)
        names = ("ntown:l", *(["c1:l"] if k % 2 else []), *(["c2:l"] if k % 5 == 0 else []))
        FileKey.objects.bulk_create(FileKey(file=file, key=name, last_at=last_at) for name in names)
    since = day_of(T0 + timedelta(hours=2))
    for at_most in (1, 3, 7, 20, 100):
        for keys in (("c1:l",), ("c1:l", "c2:l"), ("c1:l", "c2:l", "ntown:l"), ("none:l",), ()):
            rows = FileKey.objects.filter(key__in=keys, last_at__gte=moment_of(since)).order_by(
                "-last_at", "-file_id"
            )
            every = list(dict.fromkeys(rows.values_list("file_id", flat=True)[: at_most * 4]))[:at_most]
            assert candidate_ids(Lookup(keys, since, at_most)) == every
