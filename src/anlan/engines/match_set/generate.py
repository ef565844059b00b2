"""The labelled set itself: files and later calls from a seed, a stated number for each kind of noise."""

from anlan.engines.county.chance import WordPicker
from anlan.engines.match_set.kinds import OTHERS, RETURNS, Builder, Draft, fits, usual_address
from anlan.engines.match_set.places import shifted
from anlan.engines.match_set.records import LabelledCall, MatchSet
from anlan.engines.match_set.world import Quarrel, World, world_from

BOOKS = 2
"""Wordings come in two books that share no phrase."""
_LINKED_RIGHTLY, _LINKED_WRONGLY = 0.05, 0.004


def match_set(seed: int, *, book: int = 0, files: int = 1500, calls_per_kind: int = 20) -> MatchSet:
    """A labelled set from a seed: `files` dispute files, and `calls_per_kind` calls of each kind.

    The same arguments give the same set. Raises ValueError for a book that does not exist, or for
    so few files that some kind of noise finds none to be made from.
    """
    if book not in range(BOOKS):
        raise ValueError(f"there are books 0 to {BOOKS - 1}, not {book}")
    if files < 1 or calls_per_kind < 0:
        raise ValueError(f"cannot make {files} files and {calls_per_kind} calls of a kind")
    world = world_from(seed, book=book, files=files)
    calls: list[LabelledCall] = []
    for row, (kind, builder) in enumerate((RETURNS | OTHERS).items()):
        fitting = [quarrel for quarrel in world.quarrels if fits(kind, quarrel)]
        if not fitting:
            raise ValueError(f"none of {files} files can show the kind {kind}")
        for number in range(calls_per_kind):
            words = WordPicker(seed, 3, row, number)
            calls.append(_call(world, words, words.pick(fitting), kind, builder))
    return MatchSet(seed, book, tuple(q.file for q in world.quarrels), tuple(calls))


def _call(world: World, words: WordPicker, quarrel: Quarrel, kind: str, builder: Builder) -> LabelledCall:
    draft = builder(world, words, quarrel)
    lon, lat = shifted(words, draft.spot, draft.reach_m)
    located = words.chance(draft.located)
    address = usual_address(words, draft.spot) if draft.address is None else draft.address
    return LabelledCall(
        id=f"{kind}:{quarrel.file.id}:{words.below(10**9)}",
        kind=kind,
        day=quarrel.file.last_day + _days_later(words, draft),
        text=draft.text,
        address=address,
        lon=lon if located else None,
        lat=lat if located else None,
        radius_m=round(draft.reach_m * 1.2) if located else 0.0,
        code=draft.code,
        linked_incidents=_links(words, quarrel, draft),
        people=draft.people,
        file_id=quarrel.file.id if draft.returns else None,
    )


def _days_later(words: WordPicker, draft: Draft) -> float:
    """Most quarrels come back within weeks: half of them in ten days, the rest up to three months."""
    if draft.days is not None:
        return draft.days
    reach = 10 if words.chance(0.5) else 90
    return 0.1 + words.below(reach * 24) / 24.0


def _links(words: WordPicker, quarrel: Quarrel, draft: Draft) -> tuple[str, ...]:
    """Now and then somebody ties the call to an earlier incident by hand, hardly ever wrongly."""
    if words.chance(_LINKED_RIGHTLY if draft.returns else _LINKED_WRONGLY):
        return (words.pick(quarrel.file.tellings).incident_id,)
    return ()
