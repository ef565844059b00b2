"""The statistical model: two tables of small whole numbers, one row per feature, summed at inference.

The first table, ``weights``, holds what logistic regression learned: a column per level-2 code, one per
danger flag and one for any danger at all. The second, ``told``, holds how often the training texts of
each *kind* use a feature (naive Bayes); a kind is a code with or without danger ("a quarrel", "a quarrel
in which somebody is in danger"). Beliefs come from the sum of both over the kinds: how likely a code is,
and how likely danger is whatever the code, are then two sums over the same shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anlan.engines.text_tags.features import WEIGHTS
from anlan.engines.text_tags.tables import Entries, Table

FORMAT = 2
ANY_DANGER = "any"
"""The last of the flags a model knows: that there is some danger, whichever."""
IN_DANGER = "!"
"""Marks the kind of a code in which somebody is in danger."""
TOLD_STEP = 0.25
"""One step of the second table, in units of log-odds."""
DANGER_PULL = 1.5
"""How hard the column for any danger pulls at the kinds with danger."""
DANGER_HEAT, DANGER_LEAN = 0.45, -0.3
"""Naive Bayes is too sure of itself; so scaled, a belief in danger comes true about as often as it says."""


@dataclass(frozen=True)
class Known:
    """The features of a narrative that the model knows: names, strengths (length one together) and their
    entries in both tables."""

    names: list[str]
    strengths: NDArray[np.float64]
    weights: Entries
    told: Entries

    @cached_property
    def told_in_all(self) -> NDArray[np.float64]:
        """How much each feature is told, all kinds together."""
        sums = np.bincount(self.told.chosen, weights=self.told.values, minlength=len(self.names))
        return sums.astype(np.float64)


@dataclass(frozen=True)
class LinearModel:
    """``weights`` (features, codes then flags) with ``scales`` and ``offsets`` float32 per column; ``told``
    (features, kinds) in steps of ``TOLD_STEP`` with float32 ``slopes`` per kind, which weigh how much a
    narrative says in all."""

    names: Mapping[str, int]
    codes: tuple[str, ...]
    flags: tuple[str, ...]
    kinds: tuple[str, ...]
    weights: Table
    scales: NDArray[np.float32]
    offsets: NDArray[np.float32]
    told: Table
    slopes: NDArray[np.float32]
    version: str

    @cached_property
    def _strengths(self) -> NDArray[np.float64]:
        strengths = np.empty(len(self.names))
        for name, row in self.names.items():
            strengths[row] = WEIGHTS[name[0]]
        return strengths

    @cached_property
    def _code_of_kind(self) -> NDArray[np.intp]:
        return np.array([self.codes.index(kind.rstrip(IN_DANGER)) for kind in self.kinds], dtype=np.intp)

    @cached_property
    def _in_danger(self) -> NDArray[np.bool_]:
        return np.array([kind.endswith(IN_DANGER) for kind in self.kinds])

    def known(self, present: Sequence[str]) -> Known:
        """What the model knows of the distinct features ``present``; the others are left out."""
        find = self.names.get
        pairs = [(row, name) for name in present if (row := find(name)) is not None]
        rows = np.array([row for row, _ in pairs], dtype=np.intp)
        strengths = self._strengths[rows]
        length = float(np.sqrt(strengths @ strengths)) or 1.0
        names = [name for _, name in pairs]
        return Known(names, strengths / length, self.weights.entries(rows), self.told.entries(rows))

    def scores(self, known: Known) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities of the codes (they sum to one) and of each flag on its own."""
        raw = known.weights.added(known.strengths, self.weights.width) * self.scales + self.offsets
        by_code, single = raw[: len(self.codes)], raw[len(self.codes) :]
        counted = known.told.added(known.strengths, self.told.width) * TOLD_STEP
        counted += known.strengths.sum() * self.slopes
        by_kind = by_code[self._code_of_kind] + counted / 2 + DANGER_PULL * single[-1] * self._in_danger
        shares = np.exp(by_kind - by_kind.max())
        codes = np.bincount(self._code_of_kind, weights=shares, minlength=len(self.codes))
        odds = _log_sum(by_kind[self._in_danger]) - _log_sum(by_kind[~self._in_danger])
        single = np.append(single[:-1], DANGER_HEAT * odds + DANGER_LEAN)
        return codes / codes.sum(), 1.0 / (1.0 + np.exp(-single))

    def pull(self, label: str, known: Known, most: int) -> list[str]:
        """The features that speak for a label, strongest first, ``most`` at most."""
        column, size = self._columns[label], len(known.names)
        weights = known.weights.column(column, size) * float(self.scales[column])
        if label in self._kinds_of_code:
            own = np.max([known.told.column(kind, size) for kind in self._kinds_of_code[label]], axis=0)
            weights += (own - known.told_in_all / self.told.width) * (TOLD_STEP / 2)
        pulls = weights * known.strengths
        order = np.argsort(-pulls, kind="stable")[:most]
        return [known.names[at] for at in order.tolist() if pulls[at] > 0]

    @cached_property
    def _kinds_of_code(self) -> dict[str, list[int]]:
        return {
            code: [at for at, kind in enumerate(self.kinds) if kind.rstrip(IN_DANGER) == code] for code in self.codes
        }

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {label: at for at, label in enumerate((*self.codes, *self.flags))}


def _log_sum(values: NDArray[np.float64]) -> float:
    if not len(values):
        return -np.inf
    most = values.max()
    return float(most + np.log(np.exp(values - most).sum()))


def packed(model: LinearModel) -> dict[str, NDArray[np.generic]]:
    """The model as plain arrays for a compressed file; ``unpacked`` reads them back."""
    ordered = sorted(model.names, key=lambda name: model.names[name])
    words = "\n".join(ordered).encode()
    labels = "\n".join([",".join(model.codes), ",".join(model.flags), ",".join(model.kinds), model.version]).encode()
    return {
        "format": np.array([FORMAT, model.weights.width, model.told.width], dtype=np.int32),
        "names": np.frombuffer(words, dtype=np.uint8),
        "labels": np.frombuffer(labels, dtype=np.uint8),
        "scales": model.scales,
        "offsets": model.offsets,
        "slopes": model.slopes,
        **_packed_table("weights", model.weights),
        **_packed_table("told", model.told),
    }


def _packed_table(name: str, table: Table) -> dict[str, NDArray[np.generic]]:
    return {f"{name}_counts": table.counts, f"{name}_columns": table.columns, f"{name}_values": table.values}


def _unpacked_table(name: str, arrays: Mapping[str, NDArray[np.generic]], width: int) -> Table:
    return Table.read(
        np.asarray(arrays[f"{name}_counts"], dtype=np.uint8),
        np.asarray(arrays[f"{name}_columns"], dtype=np.uint8),
        np.asarray(arrays[f"{name}_values"], dtype=np.int8),
        width,
    )


def unpacked(arrays: Mapping[str, NDArray[np.generic]]) -> LinearModel:
    """Read back what ``packed`` wrote; raises ``ValueError`` on another format."""
    if int(arrays["format"][0]) != FORMAT:
        raise ValueError(f"model format {int(arrays['format'][0])} is not {FORMAT}")
    names = arrays["names"].tobytes().decode().split("\n")
    codes, flags, kinds, version = arrays["labels"].tobytes().decode().split("\n")
    return LinearModel(
        names={name: row for row, name in enumerate(names)},
        codes=tuple(codes.split(",")),
        flags=tuple(flags.split(",")),
        kinds=tuple(kinds.split(",")),
        weights=_unpacked_table("weights", arrays, int(arrays["format"][1])),
        scales=np.asarray(arrays["scales"], dtype=np.float32),
        offsets=np.asarray(arrays["offsets"], dtype=np.float32),
        told=_unpacked_table("told", arrays, int(arrays["format"][2])),
        slopes=np.asarray(arrays["slopes"], dtype=np.float32),
        version=version,
    )
