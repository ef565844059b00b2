"""What a first machine knows of its second, read from the notes beside the store: cheap enough for every page.

Two machines can't tell a dead partner from a cut line. So a first machine that has not heard from the second for
longer than its *lease* says on every page that it may have been replaced; and by the house's own setting
(``when_cut``) it then takes new calls alone and refuses the rest, which would be done twice or for nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from anlan.core.sqlite_backend.notes import (
    ASYNC,
    STORE,
    STORES,
    SYNC,
    alone_note,
    behind,
    heard_note,
    replaced_note,
    stream_state,
)

GO_ON, INTAKE = "go-on", "intake"
LEASE_S = 30.0
"""Six greetings that had no answer; a short one would cry at each restart of the second machine."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Where the second machine is, whether answers wait for it, and what holds when it is cut off."""

    address: str
    is_sync: bool
    lease_s: float = LEASE_S
    when_cut: str = GO_ON

    def as_text(self) -> str:
        told = {"address": self.address, "mode": SYNC if self.is_sync else ASYNC}
        return json.dumps({**told, "lease_s": self.lease_s, "when_cut": self.when_cut})


@dataclass(frozen=True, slots=True)
class Second:
    """The second machine as seen from here.

    ``since`` is when it last answered where it is silent now. ``behind_bytes`` is what is on this machine alone;
    with ``needs_whole`` the second must be given a whole copy at the next start. ``about`` is what it told of
    itself: ``epoch``, ``checked_at``, ``files_known``, ``files_held``.
    """

    terms: Terms
    is_up: bool
    since: datetime | None
    heard_at: datetime | None
    behind_bytes: int
    needs_whole: bool
    about: dict[str, Any]
    alone: dict[str, str] | None

    def silent_s(self, at: datetime) -> float:
        """For how long it has not answered; 0 where it does."""
        return 0.0 if self.is_up or self.since is None else max(0.0, (at - self.since).total_seconds())

    def is_past_lease(self, at: datetime) -> bool:
        """Whether a take-over could have happened that nobody could tell us of."""
        return self.alone is None and self.silent_s(at) > self.terms.lease_s

    def lag_s(self, at: datetime) -> float:
        """How old the oldest commit is, at most, that is on this machine alone."""
        return self.silent_s(at) if self.behind_bytes else 0.0


def store_here() -> str:
    """The SQLite store of this home."""
    return str(Path(settings.HOME) / STORE)


def terms_read() -> Terms | None:
    """None where no second machine was agreed on."""
    path: Path | None = getattr(settings, "STANDBY_FILE", None)
    told = _told(path) if path is not None else None
    if told is None:
        return None
    lease_s, when_cut = float(told.get("lease_s", LEASE_S)), told.get("when_cut", GO_ON)
    return Terms(told["address"], told["mode"] == SYNC, lease_s, when_cut)


def second_seen(store: str) -> Second | None:
    """None for a store without a second machine."""
    terms = terms_read()
    if terms is None:
        return None
    stores = [str(Path(store).with_name(name)) for name in STORES]
    # A store that was never streamed from here tells nothing; the first of them is the centre's own.
    states = [state for state in map(stream_state, stores) if state is not None]
    silent = [state.at for state in states if not state.is_up]
    about = _told(heard_note(store)) or {}
    heard = about.pop("at", None)
    lags = [behind(one) for one in stores]
    return Second(
        terms,
        is_up=bool(states) and not silent,
        since=min(silent) if silent else states[0].at if states else None,
        heard_at=datetime.fromisoformat(heard) if heard else None,
        behind_bytes=sum(lag for lag, _ in lags),
        needs_whole=any(needs for _, needs in lags),
        about=about,
        alone=alone_told(store),
    )


def replaced_told(store: str) -> dict[str, Any] | None:
    """When, by whom and why another machine took over from this one; None where none did, as far as is known."""
    return _told(replaced_note(store))


def alone_told(store: str) -> dict[str, Any] | None:
    """Since when, by whom and why this home goes on without its second machine; None where it does not."""
    return _told(alone_note(store))


def _told(path: Path) -> dict[str, Any] | None:
    try:
        read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return read
