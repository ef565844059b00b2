"""The rows as they come, and what is refused of them, each with its reason."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

DAY_S = 86_400
DISTRICT_ONLY = "0204"
NEVER_PREFIXES = ("10", "12")
NEVER_CODES = ("0109", "0801")
CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of one or more files, all of one length.

    ``wall_s`` int64: seconds since 1970-01-01 00:00 read off the local wall clock (``NO_TIME`` where there is
    none); ``has_hour``: whether the hour is known; ``kind`` / ``origin``: numbers into ``kinds`` / ``origins``
    (``origin`` -1 where the file has no such column, or no value); ``lon``, ``lat`` degrees, NaN where missing.
    ``ident`` numbers whatever else tells two rows apart (subtype, unit …); rows alike in everything are repeats.
    """

    wall_s: NDArray[np.int64]
    has_hour: NDArray[np.bool_]
    kind: NDArray[np.int32]
    kinds: tuple[str, ...]
    origin: NDArray[np.int32]
    origins: tuple[str, ...]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    ident: NDArray[np.int64]
    file: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.wall_s)


NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Told:
    """What the data door did: ``rows`` read, ``kept``, ``refused`` by reason, and ``notes`` worth a look."""

    rows: int
    kept: int
    refused: dict[str, int] = field(default_factory=dict)
    notes: tuple[dict[str, object], ...] = ()


def tidy_code(name: str) -> str:
    """A category as it was meant: plain digits and letters, no spaces around, and a code with its four digits.

    Tables write 0109 as 109 or 109.0; what may not be forecast must be known by any of them.
    """
    plain = unicodedata.normalize("NFKC", name).strip()
    number = re.fullmatch(r"(\d{3,4})(\.0*)?", plain)
    return number.group(1).zfill(4) if number else plain


def never_forecast(code: str) -> bool:
    """Classes no model, map or strip may hold: 0109, 0801, and every code of 10 and 12 (complaints, assemblies)."""
    digits = tidy_code(code)
    if not (digits[:4].isdigit() and len(digits) >= 4):
        return False
    return digits[:4] in NEVER_CODES or digits[:2] in NEVER_PREFIXES


def station_only(code: str) -> bool:
    """Whether a class may be forecast for a station's whole area only, never for a cell."""
    return tidy_code(code).startswith(DISTRICT_ONLY)


POLICE_ACTIVITY = (
    *("drug", "narcotic", "suspicious", "patrol", "traffic_stop", "stop_and_search", "stop_search", "warrant"),
    *("field_interview", "public_order", "毒品", "吸毒", "涉毒", "贩毒", "可疑", "盘查", "巡逻"),
)
NOT_CITIZENS = ("officer", "police", "patrol", "self_initiated", "on_view", "device", "alarm", "agency", "mixed")
"""Words in an origin that isn't citizens calling."""


def is_police_activity(name: str) -> bool:
    """Whether a category mainly counts what officers went looking for, whoever is noted as its origin."""
    return any(word in _joined(name) for word in POLICE_ACTIVITY)


def is_not_citizens(origin: str) -> bool:
    """Whether an origin is by its name none of citizens' own calls, which are all that may be learnt from."""
    return any(word in _joined(origin) for word in (*NOT_CITIZENS, "民警", "巡逻", "设备"))


def _joined(name: str) -> str:
    return tidy_code(name).lower().replace(" ", "_").replace("-", "_")
