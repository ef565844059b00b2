"""The weights of the findings, as log-odds, and the constant they are added to.

Fitted by `anlan disputes match-fit` on made quarrels: seeds 100 to 107 of the labelled set, book 0 of
its wordings, 1,500 files and 40 calls of each kind. Scored on other seeds and on the other book
(see docs/decisions/recurrence.md). Change the version with the table.
"""

VERSION = "recurrence-1"
CONSTANT = -5.04
WEIGHTS: dict[str, dict[str, float]] = {
    "place": {
        "same_room": 3.85,
        "same_number": 3.83,
        "same_building": 3.29,
        "same_whole_place": 1.01,
        "same_name": 2.64,
        "other_room": -4.14,
        "other_number": -3.73,
        "other_building": -4.24,
        "other_group": -2.03,
        "told_same_room": 1.35,
        "told_same_number": 1.82,
        "told_same_whole_place": 0.44,
        "told_same_name": 1.15,
        "told_other_room": -0.19,
        "told_other_number": -0.46,
        "told_other_building": -1.01,
        "told_other_group": -0.25,
        "other_name": -3.34,
    },
    "metres": {
        "within_100": 0.11,
        "within_300": -4.13,
        "within_1000": -3.83,
        "farther": -2.44,
        "moved": 1.37,
        "unknown": 0.0,
    },
    "cause": {
        "same": 0.51,
        "related": -1.24,
        "worse": 1.3,
        "other": -2.79,
        "unknown": 0.0,
    },
    "words": {
        "hardly_any": -3.36,
        "few": -1.24,
        "some": 0.08,
        "many": 0.63,
        "most": 0.42,
        "too_few_said": 0.0,
    },
    "only_here": {
        "nothing": 0.54,
        "little": 1.99,
        "something": 2.7,
        "much": 2.59,
        "no_rival": 0.0,
    },
    "details": {
        "clash": -3.45,
        "more_clash": -1.94,
        "balance": -1.78,
        "one_agrees": 0.91,
        "several_agree": 0.59,
        "none_named": 0.0,
    },
    "scene": {
        "alike": 0.44,
        "partly": -0.1,
        "unlike": -1.14,
        "unknown": 0.0,
    },
    "again": {
        "says_so": 1.21,
        "says_little": 1.94,
        "not_said": 0.0,
        "no_quarrel": 0.56,
    },
    "days": {
        "within_7": 1.15,
        "within_30": 0.6,
        "within_90": 0.0,
        "within_200": -2.99,
        "longer": -2.28,
    },
    "parties": {
        "phone": 2.13,
        "name": 0.61,
        "none_of_two": -2.66,
        "none_of_many": 0.09,
        "none_by_other": -0.16,
        "not_asked": 0.0,
    },
    "teller": {
        "party": 0.0,
        "onlooker": 0.22,
        "for_another": 0.05,
    },
    "link": {
        "tied_by_hand": 4.05,
        "none": 0.0,
    },
    "others_there": {
        "alone": 2.99,
        "few": 0.0,
        "several": -0.14,
        "many": -0.33,
    },
}
