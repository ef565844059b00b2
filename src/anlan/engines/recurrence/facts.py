"""What is compared: a new call and the dispute files it may belong to, and what comes out."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A dispute file as the matcher sees it.

    `texts` are the narratives of its incidents, oldest first. Days count from any common origin;
    `last_day` is the day of the latest event. `lon, lat` WGS 84, None when no place is known;
    `radius_m` the stated uncertainty. `party_tokens` are keyed hashes ("kind:hash", kinds as in
    `party_keys`) under the file's own key; they exist only while the file is open.

    Raises ValueError when a closed file still carries tokens: its key should be gone.
    """

    id: str
    texts: tuple[str, ...]
    last_day: float
    code: str | None = None
    is_open: bool = False
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    radius_m: float = 0.0
    incident_ids: frozenset[str] = frozenset()
    party_tokens: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.party_tokens and not self.is_open:
            raise ValueError(f"file {self.id} is closed; its parties may no longer be asked")


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A new call. `code` is a suggested or confirmed level-2 code; `linked_incident_ids` are incidents
    that a person or the duplicate check tied to this call. Who called is not here: see `match`."""

    id: str
    text: str
    day: float
    code: str | None = None
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    radius_m: float = 0.0
    linked_incident_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One feature: `feature` is what was compared, `finding` how it came out (both ids a room puts
    into words), `weight` its share of the log-odds, `detail` the bare facts behind it."""

    feature: str
    finding: str
    weight: float
    detail: tuple[str, ...] = ()

    @property
    def speaks(self) -> str:
        """Which way it points: "for", "against", or "neither" below a tenth of a log-odds unit."""
        if abs(self.weight) < 0.1:
            return "neither"
        return "for" if self.weight > 0 else "against"


@dataclass(frozen=True, slots=True)
class Match:
    """A suggestion for a person to decide: score 0 to 1, evidence weightiest first, and which weights."""

    call_id: str
    file_id: str
    score: float
    evidence: tuple[Evidence, ...] = field(default=())
    version: str = ""
