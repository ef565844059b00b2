"""Run the matcher over a labelled set: what it finds, what it wrongly offers, kind by kind."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from anlan.engines.intervals import wilson_interval
from anlan.engines.match_set.kinds import OTHERS, RETURNS
from anlan.engines.match_set.records import LabelledCall, LabelledFile, MatchSet, Person
from anlan.engines.recurrence import (
    CURRENT,
    THRESHOLD,
    CallFacts,
    FileFacts,
    Weights,
    call_keys,
    compare_all,
    file_keys,
    match_call,
    party_keys,
)
from anlan.engines.recurrence.fitting import Judged, fit_weights


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `n` calls of one kind: `right` got their file offered, `wrong` is how many other files were offered."""

    n: int
    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The outcome over one or several sets; `in_reach` counts returns whose file was among the candidates."""

    tallies: dict[str, Tally]
    in_reach: int
    candidates: tuple[int, ...]

    @property
    def returns(self) -> int:
        """Calls that truly belong to a file."""
        return sum(tally.n for kind, tally in self.tallies.items() if kind in RETURNS)

    @property
    def right(self) -> int:
        """Returns whose own file was offered."""
        return sum(tally.right for tally in self.tallies.values())

    @property
    def wrong(self) -> int:
        """Files offered that are not the call's own, each of them counted."""
        return sum(tally.wrong for tally in self.tallies.values())

    def recall(self) -> tuple[float, float, float]:
        """(share of returns whose file was offered, low, high): Wilson, 95 %."""
        return _share(self.right, self.returns)

    def precision(self) -> tuple[float, float, float]:
        """(share of offers that are right, low, high): Wilson, 95 %."""
        return _share(self.right, self.right + self.wrong)


class Shelf:
    """The files of a set as a store would give them: by key, and only what a matcher may see."""

    def __init__(self, labelled: MatchSet) -> None:
        self._files = {file.id: file for file in labelled.files}
        self._by_key: defaultdict[str, set[str]] = defaultdict(set)
        self._holding: dict[str, str] = {}
        for file in labelled.files:
            for key in file_keys(_file_facts(file, day=file.closed_day)):
                self._by_key[key].add(file.id)
            self._holding |= {telling.incident_id: file.id for telling in file.tellings}

    def candidates(self, call: LabelledCall) -> list[FileFacts]:
        """What the indexed query gives for a call, as the files stood on its day."""
        lookup = call_keys(call_facts(call))
        ids = {i for key in lookup.keys for i in self._by_key.get(key, ())}
        ids |= {self._holding[incident] for incident in call.linked_incidents}
        known = [self._files[i] for i in sorted(ids) if self._files[i].opened_day < call.day]
        recent = [file for file in known if file.last_day >= lookup.not_before_day]
        recent.sort(key=lambda file: (-file.last_day, file.id))
        return [_file_facts(file, day=call.day) for file in recent[: lookup.at_most]]


def measure(sets: Iterable[MatchSet], *, weights: Weights = CURRENT, threshold: float = THRESHOLD) -> Measured:
    """Match every call of every set and count, kind by kind."""
    counts: dict[str, list[int]] = {kind: [0, 0, 0] for kind in RETURNS | OTHERS}
    reached, sizes = 0, []
    for labelled in sets:
        shelf = Shelf(labelled)
        for call in labelled.calls:
            files = shelf.candidates(call)
            offers = match_call(
                call_facts(call), files, tokens=tokens_for(call, files), threshold=threshold, weights=weights
            )
            offered = {offer.file_id for offer in offers}
            count = counts[call.kind]
            count[0] += 1
            count[1] += call.file_id in offered
            count[2] += len(offered - {call.file_id or ""})
            reached += call.file_id in {file.id for file in files}
            sizes.append(len(files))
    return Measured({kind: Tally(*count) for kind, count in counts.items()}, reached, tuple(sizes))


def fit(sets: Iterable[MatchSet], *, version: str, start: Weights = CURRENT) -> Weights:
    """Weights fitted on every call of the sets with all its candidates; ``start`` says which of them are read."""
    return fit_weights(list(judged_calls(sets, start)), version=version)


def judged_calls(sets: Iterable[MatchSet], weights: Weights) -> Iterator[Judged]:
    """Each call with what was found of its candidates, and the file it truly belongs to."""
    for labelled in sets:
        shelf = Shelf(labelled)
        for call in labelled.calls:
            files = shelf.candidates(call)
            yield Judged(compare_all(call_facts(call), files, tokens_for(call, files), weights=weights), call.file_id)


def tokens_for(call: LabelledCall, files: Iterable[FileFacts]) -> dict[str, frozenset[str]]:
    """The call's people hashed under the key of each open candidate, as a room does it."""
    return {file.id: _tokens(file.id, call.people) for file in files if file.is_open}


def call_facts(call: LabelledCall) -> CallFacts:
    """A labelled call without its labels."""
    return CallFacts(
        id=call.id,
        text=call.text,
        day=call.day,
        code=call.code,
        address=call.address,
        lon=call.lon,
        lat=call.lat,
        radius_m=call.radius_m,
        linked_incident_ids=frozenset(call.linked_incidents),
    )


def _file_facts(file: LabelledFile, *, day: float) -> FileFacts:
    """The file as it stands on a day: a closed one has no parties."""
    is_open = file.is_open_on(day)
    return FileFacts(
        id=file.id,
        texts=tuple(telling.text for telling in file.tellings),
        last_day=file.last_day,
        code=file.code,
        is_open=is_open,
        address=file.address,
        lon=file.lon,
        lat=file.lat,
        radius_m=file.radius_m,
        incident_ids=frozenset(telling.incident_id for telling in file.tellings),
        party_tokens=_tokens(file.id, file.people) if is_open else frozenset(),
    )


def _tokens(file_id: str, people: Iterable[Person]) -> frozenset[str]:
    keys = (key for person in people for key in party_keys(name=person.name, phone=person.phone))
    return frozenset(f"{key.partition(':')[0]}:{_hashed(file_id, key)}" for key in keys)


def _hashed(file_id: str, key: str) -> str:
    return blake2b(key.encode(), key=file_id.encode(), digest_size=8).hexdigest()


def _share(part: int, whole: int) -> tuple[float, float, float]:
    low, high = wilson_interval(part, whole)
    return (part / whole if whole else 0.0), low, high
