"""What the labelled set is made of: files, calls, and the people in them, all of them invented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person as a call taker would write them down; either part may be empty."""

    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """One report of a quarrel: the incident it became, the day, and the words."""

    incident_id: str
    day: float
    text: str


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """A dispute file as the store would hold it.

    Days count from any common origin. `closed_day` is the day it was archived. `lon, lat` WGS 84
    degrees; `radius_m` the uncertainty of the place. `matter` is hidden truth, for reading only.
    """

    id: str
    code: str
    tellings: tuple[Telling, ...]
    closed_day: float
    address: str
    lon: float
    lat: float
    radius_m: float
    people: tuple[Person, ...]
    matter: str

    @property
    def opened_day(self) -> float:
        """The day of the first report."""
        return self.tellings[0].day

    @property
    def last_day(self) -> float:
        """The day of the last report in the file."""
        return self.tellings[-1].day

    def is_open_on(self, day: float) -> bool:
        """Whether the file was still being worked on: only then its parties may be asked."""
        return self.opened_day <= day < self.closed_day


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """A later call: what the centre knows, and (hidden) its kind of noise and the file it returns to.

    `lon`, `lat` and `code` are None where nothing is known. `linked_incidents` are incidents that
    somebody tied to the call by hand. `file_id` is None for a call that belongs to no file.
    """

    id: str
    kind: str
    day: float
    text: str
    address: str
    lon: float | None
    lat: float | None
    radius_m: float
    code: str | None
    linked_incidents: tuple[str, ...]
    people: tuple[Person, ...]
    file_id: str | None


@dataclass(frozen=True, slots=True)
class MatchSet:
    """Files and the calls to be matched with them. `book` says which wordings were used."""

    seed: int
    book: int
    files: tuple[LabelledFile, ...]
    calls: tuple[LabelledCall, ...]
