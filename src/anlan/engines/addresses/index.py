"""Search of addresses in a gazetteer held in memory; nothing is asked of any outside service."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from anlan.engines.addresses.houses import HouseRow, clusters, leading_number, metres_between
from anlan.engines.addresses.names import Hit, Names, Thing
from anlan.engines.addresses.parts import AddressParts, latin_words, normalise, read_parts
from anlan.engines.addresses.records import Candidate, GazetteerRecord
from anlan.engines.addresses.rows import Row, apart, close, exactness, shared

_SEARCHED_CHARACTERS = 120
_CJK = re.compile(r"[㐀-鿿]")
_BUILDING_NAME = re.compile(r"^(.+?)([a-z]|\d{1,3})(?:幢|栋|号楼|座)$")
_GROUP_NAME = re.compile(r"^(.+?)(\d{1,2})组$")
_KM_NAME = re.compile(r"\d+公里|k\d+")
_CONNECTS = re.compile(r"^(?:与|和|跟|同|、|/|&|\s|and|交叉|交|到|-)*$")
# Characters that end a name: between them and the name nothing is missing.
_BEFORE_A_NAME = "在到从往去来是报称讲说的于向离过与和跟镇乡街道区县市"
_AFTER_A_NAME = "在到从往去来是的有里内外前后旁边对附口门上下东南西北中与和跟这那发着出被闹打吵又来需请"


class GazetteerIndex:
    """The gazetteer, ready to be searched. Built once; searching changes nothing."""

    def __init__(self, records: Iterable[GazetteerRecord]) -> None:
        self._names = Names()
        self._houses: dict[str, list[GazetteerRecord]] = defaultdict(list)
        self._rows: dict[str, list[HouseRow]] = {}
        self._buildings: dict[tuple[str, str], list[GazetteerRecord]] = defaultdict(list)
        self._groups: dict[tuple[str, int], list[GazetteerRecord]] = defaultdict(list)
        self._stones: dict[str, list[tuple[float, GazetteerRecord]]] = defaultdict(list)
        self._crossings: dict[frozenset[str], list[GazetteerRecord]] = defaultdict(list)
        self._within: dict[tuple[str, str], list[GazetteerRecord]] = defaultdict(list)
        self._on_road: dict[str, list[GazetteerRecord]] = defaultdict(list)
        junctions = []
        for record in records:
            if record.kind == "junction":
                junctions.append(record)
            else:
                self._enter(record)
        for record in junctions:
            self._enter_junction(record)
        self._names.finish()

    def search(self, text: str, *, near: tuple[float, float] | None = None, limit: int = 8) -> list[Candidate]:
        """Places the text may mean, surest first; empty when nothing fits.

        Understands road and number (also between known numbers), estate, building, unit and
        room, village and group, landmarks, junctions of two roads, kilometre stones, "50 m to
        the east of", pinyin and initials, homophones and one wrong character. `near` is
        (lon, lat) of the caller if roughly known: it weighs places of one name, nothing else.
        Several places of one name share the confidence out, so that none is taken unasked; see
        `best_of`.
        """
        plain = normalise(text[: 2 * _SEARCHED_CHARACTERS])[:_SEARCHED_CHARACTERS]
        if not plain or limit < 1:
            return []
        found = self._by_script(plain, near, limit)
        merged: dict[tuple[int, int, int], Candidate] = {}
        for candidate in found:
            spot = (candidate.record.id, round(candidate.lon * 1e5), round(candidate.lat * 1e5))
            if spot not in merged or merged[spot].confidence < candidate.confidence:
                merged[spot] = candidate
        order = sorted(merged.values(), key=lambda c: (-c.confidence, c.radius_m, c.record.id))
        return order[:limit]

    def _by_script(self, plain: str, near: tuple[float, float] | None, limit: int) -> list[Candidate]:
        if _CJK.search(plain):
            hits = self._names.hits(plain)
            found = self._from_hits(plain, hits, near)
            return found or self._from_hits(plain, self._names.begun(plain, limit), near)
        words = latin_words(plain)
        hits = self._names.latin_hits(words)
        if hits:
            return self._from_latin(words, hits, near)
        letters = re.match(r"[a-z']+(?: [a-z']+)*", plain)
        if letters is None:
            return []
        typed = self._names.typed(re.sub(r"[ ']", "", letters[0]), limit)
        parts = _typed_parts(plain[letters.end() :].strip())
        return [c for hit in typed for c in self._meant(hit, parts, near, letters[0], share=len(typed))]

    # Entering

    def _enter(self, record: GazetteerRecord) -> None:
        name = normalise(record.name_zh)
        if record.kind == "house_number" and record.road:
            road = self._names.thing("road", record.road)
            self._houses[road.name].append(record)
            return
        building = _BUILDING_NAME.match(name) if record.kind == "building" else None
        group = _GROUP_NAME.match(name) if record.kind == "village" else None
        if building:
            self._names.thing("estate", building[1])
            self._buildings[(building[1], building[2])].append(record)
            self._within[("estate", building[1])].append(record)
            return
        if group:
            self._names.thing("village", group[1])
            self._groups[(group[1], int(group[2]))].append(record)
            self._within[("village", group[1])].append(record)
            return
        number = leading_number(record.number)
        if record.kind == "landmark" and record.road and number is not None and _KM_NAME.search(name):
            # A kilometre stone is found by its road, so that "K6+300" is not read as "K6".
            self._stones[self._names.thing("road", record.road).name].append((float(number), record))
            return
        kind = "landmark" if record.kind in ("building", "house_number") else record.kind
        thing = self._names.thing(kind, record.name_zh)
        thing.records.append(record)
        self._names.also_called(thing, record.aliases, record.name_en)

    def _enter_junction(self, record: GazetteerRecord) -> None:
        thing = self._names.thing("junction", record.name_zh)
        thing.records.append(record)
        self._names.also_called(thing, record.aliases, record.name_en)
        for written in (record.name_zh, *record.aliases):
            pair = self._two_roads(normalise(written))
            if pair:
                self._crossings[pair].append(record)
                for road in pair:
                    self._on_road[road].append(record)
                return

    def _two_roads(self, name: str) -> frozenset[str] | None:
        """The two road names in a junction's name, its ending (路口, 交叉口, 口) taken off."""
        both = re.split(r"与|和|/|&| and ", name, maxsplit=1)
        if len(both) != 2:
            return None
        second = both[1]
        endings = [
            second,
            *(second.removesuffix(e) for e in ("交叉口", "交汇处", "交界处", "十字路口", "路口", "口")),
        ]
        known = [e for e in endings if self._names.knows("road", e)]
        shortest = min(endings, key=len)
        return frozenset((both[0].strip(), (known[0] if known else shortest).strip()))

    # Reading the text around a name

    def _from_hits(self, plain: str, hits: Sequence[Hit], near: tuple[float, float] | None) -> list[Candidate]:
        found: list[Candidate] = []
        roads = [hit for hit in hits if hit.thing.kind == "road"]
        for first, second in pairwise(roads):
            found += self._junction(plain, first, second, near)
        if found:
            return found
        alone = len({(hit.start, hit.end) for hit in hits}) == 1
        for hit in hits:
            end = min((h.start for h in hits if h.start >= hit.end), default=len(plain))
            parts = read_parts(plain[hit.end : max(end, hit.end)])
            beside = [h.thing for h in roads if h is not hit]
            matched = plain[hit.start : hit.end]
            same = sum(1 for h in hits if (h.start, h.end) == (hit.start, hit.end))
            cands = self._meant(_doubted(plain, hit, parts), parts, near, matched, share=same, beside=beside)
            only_context = hit.thing.kind == "road" and not alone and parts.number is None and parts.km is None
            found += [replace(c, confidence=c.confidence * 0.6) for c in cands] if only_context else cands
        return found

    def _junction(self, plain: str, first: Hit, second: Hit, near: tuple[float, float] | None) -> list[Candidate]:
        between = plain[first.end : second.start]
        tail = read_parts(plain[second.end : second.end + 12])
        if first.end > second.start or not (_CONNECTS.match(between) or tail.junction):
            return []
        records = self._crossings.get(frozenset((first.thing.name, second.thing.name)), [])
        trust = first.trust * second.trust
        how = tuple(dict.fromkeys((first.how, second.how)))
        matched = (plain[first.start : first.end], plain[second.start : second.end])
        rows = [(r, r.lon, r.lat, 30.0, 0.95, 1.0, ()) for r in apart(records, 200.0)]
        return shared(rows, trust, matched, how, near, tail)

    def _from_latin(self, words: list[str], hits: Sequence[Hit], near: tuple[float, float] | None) -> list[Candidate]:
        roads = [hit for hit in hits if hit.thing.kind == "road"]
        for first, second in pairwise(roads):
            records = self._crossings.get(frozenset((first.thing.name, second.thing.name)), [])
            if records:
                rows = [(r, r.lon, r.lat, 30.0, 0.95, 1.0, ()) for r in apart(records, 200.0)]
                return shared(rows, 1.0, (first.thing.name, second.thing.name), ("exact",), near, AddressParts())
        found = []
        for hit in hits:
            parts = _latin_parts(words, hit)
            same = sum(1 for h in hits if (h.start, h.end) == (hit.start, hit.end))
            found += self._meant(hit, parts, near, " ".join(words[hit.start : hit.end]), share=same)
        return found

    # From a name and its parts to points

    def _meant(
        self,
        hit: Hit,
        parts: AddressParts,
        near: tuple[float, float] | None,
        matched: str,
        *,
        share: int,
        beside: Sequence[Thing] = (),
    ) -> list[Candidate]:
        """Candidates for one name found in the text. `share` things answer to the same words."""
        rows = {
            "road": self._road_rows,
            "estate": self._estate_rows,
            "village": self._village_rows,
        }.get(hit.thing.kind, self._point_rows)(hit.thing, parts)
        if beside:
            rows = [(*row[:5], row[5] * self._beside(row[0], beside), row[6]) for row in rows]
        return shared(rows, hit.trust / max(1, share), (matched,), (hit.how,), near, parts)

    def _beside(self, record: GazetteerRecord, roads: Sequence[Thing]) -> float:
        """Of several places of one name, the one on the road that is named with it."""
        for road in roads:
            if record.road and normalise(record.road) == road.name:
                return 1.0
            known = [*road.records, *self._houses.get(road.name, ())]
            if any(metres_between(r.lon, r.lat, record.lon, record.lat) < 400.0 for r in known):
                return 1.0
        return 0.15

    def _road_rows(self, road: Thing, parts: AddressParts) -> list[Row]:
        if parts.km is not None and self._stones.get(road.name):
            return self._stone_rows(road, parts.km)
        rows = self._house_rows(road.name)
        if parts.number is not None:
            placed = [p for row in rows if (p := row.place(parts.number, parts.number_suffix))]
            if placed:
                return [
                    (p.anchor, p.lon, p.lat, p.radius_m, 0.97 * p.trust, 1.0 if p.exact else 0.3, exactness(p.exact))
                    for p in placed
                ]
        whole = self._whole_road(road, rows)
        if parts.number is not None:
            return [(r, lon, lat, m, 0.5, w, ("number_unknown",)) for r, lon, lat, m, _, w, _ in whole]
        if parts.junction:
            crossings = apart(self._on_road.get(road.name, []), 100.0)
            some = [(r, r.lon, r.lat, 40.0, 0.6, 1.0, ("one_of_several",)) for r in crossings]
            return [*some, *whole] if len(crossings) < 4 else whole
        return whole

    def _whole_road(self, road: Thing, rows: Sequence[HouseRow]) -> list[Row]:
        """The road as such: its point, as far off as the road is long."""
        found: list[Row] = []
        for group in clusters(road.records, 1500.0):
            middle = group[len(group) // 2]
            spread = max(metres_between(middle.lon, middle.lat, r.lon, r.lat) for r in group)
            houses = [row for row in rows if row.middle and close(row.middle, middle, 1500.0)]
            radius = max([60.0, spread, *(row.length_m / 2.0 for row in houses)])
            # Without house numbers nothing says how long the road is.
            radius = radius if houses else max(radius, 300.0)
            found.append((middle, middle.lon, middle.lat, radius, 0.92 if radius <= 150.0 else 0.8, 1.0, ()))
        if found:
            return found
        return [
            (r.middle, r.middle.lon, r.middle.lat, max(60.0, r.length_m / 2.0), 0.8, 1.0, ())
            for r in rows
            if r.middle
        ]

    def _stone_rows(self, road: Thing, km: float) -> list[Row]:
        stones = sorted(self._stones[road.name], key=lambda pair: (pair[0], pair[1].id))
        same = [record for at, record in stones if at == km]
        if same:
            return [(r, r.lon, r.lat, 60.0, 0.95, 1.0, ()) for r in apart(same, 300.0)]
        below = [pair for pair in stones if pair[0] < km]
        above = [pair for pair in stones if pair[0] > km]
        if below and above and above[0][0] - below[-1][0] <= 3.0:
            (low, a), (high, b) = below[-1], above[0]
            part = (km - low) / (high - low)
            lon, lat = a.lon + part * (b.lon - a.lon), a.lat + part * (b.lat - a.lat)
            return [(a if part <= 0.5 else b, lon, lat, 150.0, 0.8, 1.0, ("interpolated",))]
        return [(r, r.lon, r.lat, 2000.0, 0.4, 1.0, ("number_unknown",)) for _, r in (below[-1:] or above[:1])]

    def _house_rows(self, road: str) -> list[HouseRow]:
        rows = self._rows.get(road)
        if rows is None:
            rows = self._rows[road] = [HouseRow(group) for group in clusters(self._houses.get(road, []))]
        return rows

    def _estate_rows(self, estate: Thing, parts: AddressParts) -> list[Row]:
        if parts.building:
            known = apart(self._buildings.get((estate.name, parts.building), []), 300.0)
            if known:
                return [(r, r.lon, r.lat, 20.0, 0.97, 1.0, ()) for r in known]
            return [(r, r.lon, r.lat, 180.0, 0.72, 1.0, ("building_unknown",)) for r in self._points(estate)]
        return [(r, r.lon, r.lat, 150.0, 0.95, 1.0, ()) for r in self._points(estate)]

    def _village_rows(self, village: Thing, parts: AddressParts) -> list[Row]:
        if parts.group is not None:
            known = apart(self._groups.get((village.name, parts.group), []), 500.0)
            if known:
                return [(r, r.lon, r.lat, 120.0, 0.96, 1.0, ()) for r in known]
            return [(r, r.lon, r.lat, 450.0, 0.75, 1.0, ("group_unknown",)) for r in self._points(village)]
        return [(r, r.lon, r.lat, 350.0, 0.93, 1.0, ()) for r in self._points(village)]

    def _points(self, thing: Thing) -> list[GazetteerRecord]:
        """The thing's own records, or a middle one of its buildings or groups."""
        if thing.records:
            return apart(thing.records, 300.0)
        return [group[len(group) // 2] for group in clusters(self._within[(thing.kind, thing.name)])]

    def _point_rows(self, thing: Thing, parts: AddressParts) -> list[Row]:
        radius = 30.0 if thing.kind == "junction" else 60.0
        return [(r, r.lon, r.lat, radius, 0.95, 1.0, ()) for r in apart(thing.records, 300.0)]


def _doubted(plain: str, hit: Hit, parts: AddressParts) -> Hit:
    """The hit, trusted less where the words around it tell of another name that is not known.

    A short name inside a longer unknown one (鹿卢 in 鹿卢路) and one road of a junction whose
    other road is unknown are no sure finds.
    """
    before, after = plain[: hit.start][-1:], plain[hit.end :][:1]
    if before and before in "与和跟/&" and parts.junction:
        return replace(hit, trust=hit.trust * 0.7, how="junction_unknown")
    short = hit.how == "alias" or hit.end - hit.start == 2
    if short and (_runs_on(before, _BEFORE_A_NAME) or _runs_on(after, _AFTER_A_NAME)):
        return replace(hit, trust=hit.trust * 0.75, how="part_of_a_name")
    return hit


def _runs_on(char: str, stops: str) -> bool:
    return bool(_CJK.match(char)) and char not in stops


def _typed_parts(tail: str) -> AddressParts:
    """Digits typed after initials: "wyhy3" is building 3, "ybj67" number 67, "wyhy3-1-901" a room."""
    plain = re.match(r"(\d{1,5})$", tail)
    if plain:
        return AddressParts(
            number=int(plain[1]), building=plain[1], group=int(plain[1]) if len(plain[1]) < 3 else None
        )
    return read_parts(tail)


def _latin_parts(words: Sequence[str], hit: Hit) -> AddressParts:
    """Number, building or group from the words around an English name."""
    around = [*words[: hit.start], "|", *words[hit.end :]]
    said = re.search(r"(building|group|km|k) (\d{1,4})", " ".join(around))
    if said:
        value = said[2]
        return {
            "building": AddressParts(building=value),
            "group": AddressParts(group=int(value)),
        }.get(said[1], AddressParts(km=float(value)))
    numbers = [word for word in around if word.isdigit()]
    return AddressParts(number=int(numbers[-1])) if numbers else AddressParts()
