"""The linear model: one row of small whole-number weights per feature, one column per label.

Weights are stored as signed bytes with one scale per column. Inference is a sum of the rows of
the features that are present; labels are the level-2 codes followed by the danger flags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.text_tags.features import WEIGHTS

FORMAT = 1
ANY_DANGER = "any"
"""The last of the flags a model knows: that there is some danger, whichever."""


@dataclass(frozen=True)
class LinearModel:
    """``weights`` int8 (features, labels), ``scales`` and ``offsets`` float32 per label."""

    names: Mapping[str, int]
    codes: tuple[str, ...]
    flags: tuple[str, ...]
    weights: NDArray[np.int8]
    scales: NDArray[np.float32]
    offsets: NDArray[np.float32]
    version: str

    def scores(self, present: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities of the codes (they sum to one) and of each flag on its own.

        ``present`` are distinct feature names; unknown ones add to the length of the text only.
        """
        known = [name for name in present if name in self.names]
        rows = [self.names[name] for name in known]
        strength = np.array([WEIGHTS[name[0]] for name in known], dtype=np.float64)
        length = float(np.sqrt(np.sum(strength**2))) or 1.0
        raw = (strength / length) @ self.weights[rows].astype(np.float64) * self.scales + self.offsets
        linear, single = raw[: len(self.codes)], raw[len(self.codes) :]
        exponent = np.exp(linear - linear.max())
        return exponent / exponent.sum(), 1.0 / (1.0 + np.exp(-single))

    def pull(self, label: str, present: Sequence[str]) -> list[tuple[str, float]]:
        """Features that speak for a label, strongest first, with what each adds to its score."""
        column = [*self.codes, *self.flags].index(label)
        scale = float(self.scales[column])
        known = [name for name in present if name in self.names]
        weights = self.weights[[self.names[name] for name in known], column].tolist()
        told = [
            (name, weight * scale * WEIGHTS[name[0]])
            for name, weight in zip(known, weights, strict=True)
            if weight > 0
        ]
        return sorted(told, key=lambda pair: -pair[1])


def packed(model: LinearModel) -> dict[str, NDArray[np.generic]]:
    """The model as plain arrays for a compressed file; ``unpacked`` reads them back."""
    ordered = sorted(model.names, key=lambda name: model.names[name])
    words = "\n".join(ordered).encode()
    labels = "\n".join([",".join(model.codes), ",".join(model.flags), model.version]).encode()
    return {
        "format": np.array([FORMAT], dtype=np.int32),
        "names": np.frombuffer(words, dtype=np.uint8),
        "labels": np.frombuffer(labels, dtype=np.uint8),
        "weights": model.weights,
        "scales": model.scales,
        "offsets": model.offsets,
    }


def unpacked(arrays: Mapping[str, NDArray[np.generic]]) -> LinearModel:
    """Read back what ``packed`` wrote; raises ``ValueError`` on another format."""
    if int(arrays["format"][0]) != FORMAT:
        raise ValueError(f"model format {int(arrays['format'][0])} is not {FORMAT}")
    names = arrays["names"].tobytes().decode().split("\n")
    codes, flags, version = arrays["labels"].tobytes().decode().split("\n")
    return LinearModel(
        names={name: row for row, name in enumerate(names)},
        codes=tuple(codes.split(",")),
        flags=tuple(flags.split(",")),
        weights=np.asarray(arrays["weights"], dtype=np.int8),
        scales=np.asarray(arrays["scales"], dtype=np.float32),
        offsets=np.asarray(arrays["offsets"], dtype=np.float32),
        version=version,
    )
