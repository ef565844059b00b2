"""Any executor gives the same comparison: a cluster as one process."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anlan.engines.simulation import CallProcess, compare, policy_read
from engines.simulation.world_small import PLAIN, at_places, small

pytestmark = pytest.mark.release
A_DAY = 30


def street_process():
    """A street of two units whose calls come at random, thirty a day."""
    pool = at_places(*((float(k), k % 11, 2) for k in range(44)))
    world = small([2, 8], pool, rules=replace(PLAIN, drive_spread=0.2))
    return world, CallProcess(np.full(168, A_DAY / 24.0), pool, (np.arange(44),) * 6)


def test_a_dask_cluster_gives_the_same_figures_as_one_process():
    distributed = pytest.importorskip("distributed")
    world, process = street_process()
    policies = [policy_read("closest"), policy_read("cover+moveup")]
    here = compare(world, policies, runs=4, seed=5, process=process, days=2, bound_runs=1)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        there = compare(
            world, policies, runs=4, seed=5, process=process, days=2, executor=client.get_executor(), bound_runs=1
        )
    assert there.figures == here.figures
    assert there.differences == here.differences
    assert there.left == here.left
