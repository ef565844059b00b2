"""The weights of the findings, as log-odds, and the constant they are added to.

Fitted by `anlan disputes match-fit` on made quarrels, book 0 of their wordings, 40 calls of each kind a
set: seeds 100 to 107 with 1,500 files each, 108 to 111 with 6,000, so that the weights know thin and
crowded places. Scored on other seeds and on the other book (docs/decisions/recurrence.md).
Change the version with the table.
"""

VERSION = "recurrence-2"
CONSTANT = -5.62
WEIGHTS: dict[str, dict[str, float]] = {
    "place": {
        "same_room": 4.19,
        "same_number": 4.17,
        "same_building": 3.51,
        "same_whole_place": 1.57,
        "same_name": 3.17,
        "other_room": -4.57,
        "other_number": -4.17,
        "other_building": -4.81,
        "other_group": -2.37,
        "told_same_room": 2.4,
        "told_same_number": 2.06,
        "told_same_whole_place": 0.86,
        "told_same_name": 1.44,
        "told_other_room": -0.31,
        "told_other_number": -0.81,
        "told_other_building": -1.76,
        "told_other_group": -0.76,
        "other_name": -3.82,
    },
    "metres": {
        "within_100": 0.16,
        "within_300": -4.3,
        "within_1000": -4.26,
        "farther": -2.66,
        "moved": 1.53,
        "unknown": 0.0,
    },
    "cause": {
        "same": 0.32,
        "related": -1.28,
        "worse": 1.19,
        "other": -3.32,
        "not_a_quarrel": -1.83,
        "unknown": 0.0,
    },
    "words": {
        "hardly_any": -3.37,
        "few": -0.99,
        "some": 0.36,
        "many": 0.94,
        "most": 0.6,
        "too_few_said": 0.0,
    },
    "only_here": {
        "nothing": 0.38,
        "little": 1.85,
        "something": 2.65,
        "much": 2.49,
        "no_rival": 0.0,
    },
    "details": {
        "clash": -3.84,
        "more_clash": -2.05,
        "balance": -1.7,
        "one_agrees": 0.7,
        "several_agree": 0.5,
        "none_named": 0.0,
    },
    "scene": {
        "alike": 0.52,
        "partly": -0.27,
        "unlike": -1.09,
        "unknown": 0.0,
    },
    "again": {
        "says_so": 1.18,
        "says_little": 1.8,
        "not_said": 0.0,
        "no_quarrel": 0.49,
    },
    "days": {
        "within_7": 1.35,
        "within_30": 0.65,
        "within_90": 0.0,
        "within_200": -2.82,
        "longer": -2.17,
    },
    "parties": {
        "phone": 2.64,
        "name": 1.36,
        "none_of_two": -2.82,
        "none_of_many": 0.02,
        "none_by_other": -0.12,
        "not_asked": 0.0,
    },
    "teller": {
        "party": 0.0,
        "onlooker": 0.28,
        "for_another": 0.03,
    },
    "link": {
        "tied_by_hand": 5.1,
        "none": 0.0,
    },
    "others_there": {
        "alone": 3.07,
        "few": 0.0,
        "several": -0.27,
        "many": -0.48,
        "crowd": -1.08,
    },
}
