"""A backtest is the same wherever it runs: here, in other processes, on a Dask cluster."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from anlan.engines.forecast import Asked, Results, lines, open_door, run
from engines.forecast.rows import city

ASKED = Asked(test_from=20_045, test_until=20_052)


def backtest(executor=None) -> Results:
    record, _ = open_door(city(), ASKED)
    return run(record, (), record.days_between(20_045, 20_053), executor=executor, keep_means=True)


def same(one: Results, other: Results) -> bool:
    told, means = lines(one) == lines(other), one.sheets["yearly_mean"].means
    return told and all(np.array_equal(held, other.sheets["yearly_mean"].means[name]) for name, held in means.items())


def test_other_processes_say_the_same():
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        assert same(backtest(), backtest(pool))


def test_a_dask_cluster_says_the_same():
    distributed = pytest.importorskip("distributed", reason="distributed comes with the development packages")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="inproc://"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert same(backtest(), backtest(client.get_executor(pure=False)))
