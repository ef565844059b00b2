"""How often each kind of call comes, when, where, and how often it is told twice or comes back.

The shares follow published figures as far as they go and are our own below that:
offences 8.4 %, traffic 28.9 %, disputes 11.8 %, help 27.7 % of handled calls (Jiangsu, 2015,
15.28 million); vehicle-move requests are the largest single kind (Xuzhou, 2017) and counted with
help here; invalid calls 30 % of all (Guangzhou, 2015; Jiangsu printed 58 %, counties more); further
callers of one event some 10 % (Fuding, 2016: 13 % of valid). All are for life-likeness only.
"""

from dataclasses import dataclass

INVALID_SHARE = 0.30
"""Share of invalid calls in all calls."""

FAMILY_SHARES: dict[str, float] = {
    "offences": 8.4, "traffic": 28.9, "disputes": 11.8, "help": 27.7, "other": 23.2,
}  # fmt: skip
"""Per cent of valid events; see the module text for sources. `other` is the rest."""

_GROUP_SHARES = {"01": 3.4, "02": 5.0, "03": 28.9, "0307": 15.5, "04": 11.8, "05": 11.0, "06": 1.2, "07": 2.2,
                 "08": 0.6, "09": 5.0, "10": 2.4, "11": 10.5, "12": 0.7, "99": 1.8}  # fmt: skip

# code: weight in its group, hours, scene, further callers (mean), comes back (chance), season, weather, track
_TABLE = """
0101 0.2 late street 0.8 0 - - P
0102 0.8 late street 0.3 0 - - P
0103 0.4 evening home 0.05 0 - - P
0104 0.6 late home 0 0 summer - P
0105 14 morning burgle 0.02 0 - - P
0106 30 morning parked 0.01 0.01 summer - P
0107 44 shops steal 0.02 0.01 - - P
0108 2 late street 0.1 0 - - P
0109 1 late den 0 0 - - P
0199 7 office online 0 0 - - P
0201 30 evening street 0.25 0.03 summer fair P
0202 3 late street 0.7 0 summer fair P
0203 6 late street 0.3 0.04 summer fair P
0204 14 night home 0.08 0.2 summer - P
0205 8 evening den 0 0.1 winter - P
0206 3 late den 0 0.05 - - P
0207 9 morning parked 0.02 0.04 - - P
0208 10 late street 0.12 0.01 summer - P
0209 8 evening home 0.02 0.2 - - P
0210 6 evening home 0.1 0.05 firework - J
0299 3 shops street 0 0 - - P
0301 7 commute road 0.6 0 - wet P
0302 52 commute road 0.1 0 - wet P
0303 22 commute road 0.35 0 - wet P
0304 5 evening road 0.2 0 - wet P
0305 2.5 late road 0.1 0 - - P
0306 6 commute road 0.4 0.05 - wet P
0307 100 day parking 0.02 0.06 - - C
0308 5.5 day road 0.35 0 - storm J
0401 16 evening home 0.05 0.2 festival - J
0402 10 evening home 0.05 0.22 - - C
0403 9 day work 0.08 0.2 wages - J
0404 14 shops shops 0.02 0.08 - - C
0405 8 day home 0.02 0.15 wages - J
0406 7 day home 0.05 0.18 - - C
0407 4 day village 0.08 0.15 - fair C
0408 1.2 day hospital 0.1 0.15 - - J
0409 2 school school 0.05 0.06 - - J
0410 20 night noise 0.25 0.3 summer fair C
0411 7 commute parking 0.15 0.03 - - J
0499 3 shops shops 0.05 0.05 - - C
0501 3 evening water 0.6 0 swim - P
0502 3.5 day home 0.1 0 - - T
0503 6 day anywhere 0.15 0 winter - T
0504 24 shops anywhere 0 0.01 - - C
0505 20 day home 0.01 0.01 - - C
0506 13 day home 0.03 0.05 snakes fair C
0507 5 evening square 0.05 0.05 winter - C
0508 9 day home 0.1 0.2 - fair C
0599 16 day anywhere 0.01 0.02 - - C
0601 30 afternoon home 0.05 0.05 - - J
0602 22 afternoon square 0.05 0.01 holiday - J
0603 8 afternoon home 0.05 0.08 - - J
0604 25 evening home 0.02 0.02 - - P
0605 15 day anywhere 0.1 0.01 - - J
0701 38 day fire 1.0 0 winter - T
0702 8 day gas 0.5 0 winter - T
0703 14 day home 0.6 0.03 - storm J
0704 5 day village 0.4 0 - flood J
0705 4 day work 0.3 0 - - J
0706 31 day road 0.15 0.05 - storm C
0801 20 day work 0.4 0.1 wages - J
0802 8 evening square 0.5 0 holiday - P
0803 14 evening hub 0.4 0 holiday - J
0804 58 evening market 0.15 0.1 summer fair C
0901 8 office online 0 0 - - P
0902 46 office online 0 0 - - P
0903 36 office online 0 0.01 - - J
0904 10 shops street 0.05 0 - fair P
1001 35 day den 0 0.05 - - P
1002 40 day home 0.02 0.08 - - C
1003 25 day env 0.05 0.1 - - T
1101 34 office online 0 0 - - T
1102 18 office home 0.02 0.05 - - C
1103 14 office home 0.02 0.08 - - C
1104 22 office shops 0 0.03 - - T
1105 12 office online 0 0 - - T
1201 8 day road 0 0 - - P
1202 92 office online 0 0.1 - - P
9001 80 invalid online 0 0 - - -
9002 17 invalid online 0 0.05 - - -
9003 3 office work 0 0 - - -
9901 100 day anywhere 0 0 - - P
"""


def _curve(text: str) -> tuple[float, ...]:
    return tuple(float(word) for word in text.split())


HOURS: dict[str, tuple[float, ...]] = {
    "commute": _curve("1 .7 .5 .4 .5 1 2.5 6 8 6 5 5 4.6 4.8 5 5.2 6 8 7 5 4 3.2 2.2 1.5"),
    "day": _curve(".8 .5 .4 .3 .4 .8 1.8 3.6 5.4 6 6 5.6 4.8 5 5.6 5.8 5.6 5.4 5 4.6 4 3.2 2.2 1.3"),
    "office": _curve(".4 .2 .1 .1 .1 .3 .8 2.5 7 9 9 7.5 4.5 6 8 8 7 4.5 3 3 2.6 2 1.2 .7"),
    "shops": _curve(".7 .4 .3 .2 .4 .8 1.8 3.2 5 6 6.5 6 5.2 5.4 5.8 6 6.2 6.4 6.8 6.6 5.4 3.8 2.2 1.2"),
    "morning": _curve("2 1.5 1.2 1.1 1.4 2.4 5 8 8.5 7 5.5 4.5 4 3.8 4 4 4.2 5 5 4.2 3.6 3.2 2.8 2.4"),
    "school": _curve(".1 .1 .1 .1 .1 .1 1 6 5 4 4 6 4 4 4 8 11 7 3 1 .6 .3 .2 .1"),
    "afternoon": _curve(".8 .6 .4 .4 .6 1.2 2.4 3.5 4.4 5 5.6 5.4 4.6 5 6 7 7.8 8 7.4 6 4.6 3.2 2 1.2"),
    "evening": _curve("2.4 1.6 1.1 .8 .7 .8 1.4 2.2 3.2 3.8 4 4.2 4.2 4 4.2 4.4 5 6 7.4 8.4 8.6 7.6 5.8 3.8"),
    "night": _curve("6 4 2.6 1.8 1.4 1.6 2.2 2.4 2.6 2.8 2.8 3 3.6 3.4 2.8 2.8 3 3.6 5 7 8.6 9.6 10 8.4"),
    "late": _curve("8.4 7 5 3.4 2 1.4 1.2 1.4 1.8 2 2.2 2.6 3 2.8 2.6 2.8 3.2 4 5.4 6.8 8.2 9.4 10.4 10.2"),
    "invalid": _curve("1.6 1.1 .9 .8 .9 1.6 3 4.2 4.8 5.2 5.4 5.4 5 4.8 5 5.2 5.4 5.6 5.8 6 5.8 5 3.8 2.6"),
}
"""Relative number of calls by local hour, 0 to 23."""

WEEK: dict[str, tuple[float, ...]] = {
    "commute": (1.08, 1.03, 1.02, 1.04, 1.14, 0.93, 0.84),
    "office": (1.22, 1.16, 1.12, 1.10, 1.06, 0.72, 0.62),
    "school": (1.3, 1.3, 1.3, 1.3, 1.3, 0.2, 0.2),
    "evening": (0.93, 0.92, 0.94, 0.97, 1.07, 1.12, 1.05),
    "night": (0.92, 0.90, 0.92, 0.95, 1.10, 1.16, 1.05),
    "late": (0.84, 0.84, 0.88, 0.94, 1.18, 1.28, 1.04),
}
"""Relative number by weekday, Monday first; 1 for hour profiles not named."""

SEASONS: dict[str, tuple[float, ...]] = {
    "summer": (0.75, 0.75, 0.85, 0.95, 1.1, 1.2, 1.35, 1.35, 1.15, 1.0, 0.85, 0.75),
    "winter": (1.4, 1.3, 1.1, 0.95, 0.85, 0.8, 0.8, 0.8, 0.85, 0.95, 1.05, 1.2),
    "snakes": (0.3, 0.3, 0.5, 0.9, 1.3, 1.6, 1.9, 1.9, 1.6, 1.1, 0.5, 0.3),
    "swim": (0.6, 0.6, 0.7, 0.9, 1.1, 1.4, 1.8, 1.7, 1.1, 0.8, 0.7, 0.6),
}
"""Relative number by month, January first."""

SCENES: dict[str, dict[str, float]] = {
    "road": {"road": 1.0},
    "parking": {"road": 0.45, "estate": 0.35, "shop": 0.1, "rental": 0.06, "hospital": 0.04},
    "parked": {"estate": 0.42, "rental": 0.18, "village": 0.12, "shop": 0.12, "work_site": 0.06, "road": 0.1},
    "home": {"estate": 0.48, "rental": 0.26, "village": 0.26},
    "burgle": {"estate": 0.3, "rental": 0.25, "village": 0.25, "shop": 0.15, "work_site": 0.05},
    "street": {"shop": 0.3, "road": 0.22, "bar_ktv": 0.24, "market": 0.1, "square": 0.09, "hub": 0.05},
    "den": {"rental": 0.35, "hotel": 0.2, "bar_ktv": 0.2, "village": 0.2, "shop": 0.05},
    "steal": {
        "shop": 0.34,
        "market": 0.2,
        "estate": 0.16,
        "work_site": 0.1,
        "village": 0.08,
        "hub": 0.06,
        "square": 0.06,
    },
    "shops": {"shop": 0.7, "market": 0.18, "hotel": 0.06, "road": 0.06},
    "work": {"work_site": 0.85, "office": 0.15},
    "village": {"village": 1.0},
    "hospital": {"hospital": 1.0},
    "school": {"school": 1.0},
    "noise": {"estate": 0.5, "rental": 0.14, "square": 0.12, "shop": 0.1, "village": 0.08, "work_site": 0.06},
    "water": {"water": 0.45, "estate": 0.3, "rental": 0.1, "village": 0.15},
    "square": {"square": 0.5, "market": 0.2, "hub": 0.15, "shop": 0.15},
    "market": {"market": 0.55, "square": 0.3, "road": 0.15},
    "hub": {"hub": 1.0},
    "anywhere": {"road": 0.25, "shop": 0.2, "estate": 0.25, "village": 0.14, "hub": 0.08, "market": 0.08},
    "fire": {"estate": 0.3, "rental": 0.18, "village": 0.3, "shop": 0.14, "work_site": 0.08},
    "gas": {"estate": 0.5, "rental": 0.25, "shop": 0.1, "work_site": 0.15},
    "env": {"work_site": 0.5, "village": 0.3, "shop": 0.2},
    "online": {"estate": 0.5, "rental": 0.25, "village": 0.2, "office": 0.05},
}
"""For each scene the share of place types its calls come from."""


@dataclass(frozen=True, slots=True)
class CodeMix:
    """One code of the taxonomy: its share of valid events (of invalid ones for 90xx) and habits."""

    code: str
    share: float
    hours: str
    scene: str
    further_callers: float
    comes_back: float
    season: str
    weather: str
    track: str


def _read() -> tuple[CodeMix, ...]:
    rows = [line.split() for line in _TABLE.strip().splitlines()]
    totals: dict[str, float] = {}
    for row in rows:
        totals[_group(row[0])] = totals.get(_group(row[0]), 0.0) + float(row[1])
    mixes: list[CodeMix] = []
    for code, weight, hours, scene, further, back, season, weather, track in rows:
        group = _group(code)
        share = float(weight) / totals[group] * (_GROUP_SHARES[group] / 100 if group != "90" else 1.0)
        mixes.append(CodeMix(code, share, hours, scene, float(further), float(back), season, weather, track))
    return tuple(sorted(mixes, key=lambda mix: mix.code))


def _group(code: str) -> str:
    return code if code == "0307" else code[:2]


def family_of(code: str) -> str:
    """The family of FAMILY_SHARES a valid code counts in (vehicle-move requests with help)."""
    if code[:2] in ("05", "06") or code == "0307":
        return "help"
    return {"01": "offences", "02": "offences", "03": "traffic", "04": "disputes"}.get(code[:2], "other")


MIX: tuple[CodeMix, ...] = _read()
"""All 83 codes in code order, with shares of valid events that add up to one (90xx apart)."""
