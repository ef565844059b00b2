"""What was learnt of doors: trees for each way a door can be built (`anlan gate train`)."""

from __future__ import annotations

import io
from functools import lru_cache
from importlib.resources import files

import numpy as np

from anlan.engines.gate import Trees

PLANES = {"pair": {1: -1, 2: 1}, "barrier": {1: -1, 2: 1}, "planes": {1: -1, 2: -1, 3: 1, 4: 1}}
"""By layout: antenna, counted from 1 -> -1 the outer, 1 the inner plane."""


@lru_cache(maxsize=4)
def trees_of(layout: str) -> Trees:
    """What was learnt for doors built like this."""
    return trees_read(files("anlan.equipment").joinpath(f"data/gate-{layout}.npz").read_bytes())


def trees_write(trees: Trees) -> bytes:
    """The table as one file."""
    into = io.BytesIO()
    whole = {"root": "i4", "of_class": "i1", "feature": "i2", "left": "i4", "right": "i4"}
    parts = {name: getattr(trees, name).astype(kind) for name, kind in whole.items()}
    parts |= {"threshold": trees.threshold, "unknown_left": trees.unknown_left, "value": trees.value.astype("f4")}
    np.savez_compressed(
        into, classes=np.array(trees.classes), width=np.array(trees.width), baseline=trees.baseline, **parts
    )
    return into.getvalue()


def trees_read(content: bytes) -> Trees:
    """The table of a file that :func:`trees_write` made."""
    with np.load(io.BytesIO(content), allow_pickle=False) as told:
        wide = {name: told[name].astype(np.int64) for name in ("root", "of_class", "feature", "left", "right")}
        return Trees(
            classes=tuple(str(name) for name in told["classes"]), width=int(told["width"]),
            baseline=told["baseline"].astype(float), threshold=told["threshold"].astype(float),
            unknown_left=told["unknown_left"].astype(bool), value=told["value"].astype(float), **wide,
        )  # fmt: skip
