"""What goes into the address index and what comes out of it."""

from dataclasses import dataclass, field

KINDS = ("road", "house_number", "estate", "building", "village", "landmark", "junction")


@dataclass(frozen=True, slots=True)
class GazetteerRecord:
    """A place that has a name and a point (WGS 84).

    `kind` is one of KINDS. `road` and `number` say where a house number stands; on a landmark
    that is a kilometre stone, the road and the kilometre; on a building or a village group,
    `number` is its number.
    """

    id: int
    kind: str
    name_zh: str
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    lon: float = 0.0
    lat: float = 0.0
    road: str = ""
    number: str = ""
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place the words may mean.

    `record` is the gazetteer entry it rests on; `lon`/`lat` are the point meant, which differs
    from the record's for an interpolated house number or "50 m to the east". `radius_m` is how
    far off the point may be. `confidence` (0 to 1) is how sure the words mean this place, shared
    out among places of one name. `matched` are the words of the text that were used; `how` names
    what was done, e.g. "exact", "alias", "same_sound", "one_character", "initials",
    "interpolated", "number_unknown", "building_unknown", "one_of_several", "near_caller".
    """

    record: GazetteerRecord
    lon: float
    lat: float
    radius_m: float
    confidence: float
    matched: tuple[str, ...] = ()
    how: tuple[str, ...] = field(default=())

    @property
    def kind(self) -> str:
        """The kind of the record it rests on."""
        return self.record.kind


CONFIDENT = 0.85
CLEAR_BY = 0.15


def best_of(candidates: list[Candidate]) -> Candidate | None:
    """The one candidate that may be taken without asking, or None.

    It must be sure by itself (0.85) and clear of the next (0.15): two streets of one name,
    a homophone or an interpolated number are always left to a person.
    """
    if not candidates or candidates[0].confidence < CONFIDENT:
        return None
    if len(candidates) > 1 and candidates[0].confidence - candidates[1].confidence < CLEAR_BY:
        return None
    return candidates[0]
