"""The weights of the findings, as log-odds, and the constant they are added to.

Fitted by `anlan disputes match-fit` on made quarrels, book 0 of their wordings, 40 calls of each kind a
set: seeds 100 to 107 with 1,500 files each, 108 to 111 with 6,000, so that the weights know thin and
crowded places; each call with all its rivals. Scored on other seeds and on the other book
(docs/decisions/recurrence.md). Change the version with the table.
"""

VERSION = "recurrence-3"
CONSTANT = -3.46
WEIGHTS: dict[str, dict[str, float]] = {
    "place": {
        "same_room": 4.28,
        "same_number": 4.3,
        "same_building": 3.51,
        "same_whole_place": 1.04,
        "same_name": 2.69,
        "other_room": -4.54,
        "other_number": -4.05,
        "other_building": -4.89,
        "other_group": -2.16,
        "told_same_room": 1.71,
        "told_same_number": 1.13,
        "told_same_whole_place": 1.06,
        "told_same_name": 1.33,
        "told_other_room": -0.03,
        "told_other_number": -0.24,
        "told_other_building": -1.03,
        "told_other_group": -0.29,
        "other_name": -3.84,
    },
    "metres": {
        "within_100": 0.03,
        "within_300": -4.07,
        "within_1000": -3.99,
        "farther": -2.14,
        "moved": 3.65,
        "unknown": 0.0,
    },
    "cause": {
        "same": 0.49,
        "related": -1.39,
        "worse": 1.8,
        "other": -3.11,
        "not_a_quarrel": -0.89,
        "unknown": 0.0,
    },
    "words": {
        "hardly_any": -3.91,
        "few": -1.44,
        "some": -0.03,
        "many": 0.63,
        "most": 0.32,
        "too_few_said": 0.0,
    },
    "only_here": {
        "nothing": -0.34,
        "little": 0.53,
        "something": 1.1,
        "much": 0.86,
        "no_rival": 0.0,
    },
    "details": {
        "clash": -3.83,
        "more_clash": -1.35,
        "balance": -1.92,
        "one_agrees": 0.79,
        "several_agree": 0.54,
        "none_named": 0.0,
    },
    "scene": {
        "alike": 0.73,
        "partly": -0.14,
        "unlike": -0.93,
        "unknown": 0.0,
    },
    "again": {
        "says_so": 2.42,
        "says_little": 3.99,
        "not_said": 0.0,
        "no_quarrel": 0.81,
    },
    "days": {
        "within_7": 1.53,
        "within_30": 0.76,
        "within_90": 0.0,
        "within_200": -2.89,
        "longer": -2.28,
    },
    "parties": {
        "phone": 2.15,
        "name": 0.83,
        "none_of_two": -2.87,
        "none_of_many": -0.06,
        "none_by_other": -0.15,
        "not_asked": 0.0,
    },
    "teller": {
        "party": 0.0,
        "onlooker": 0.37,
        "for_another": 2.43,
    },
    "link": {
        "tied_by_hand": 4.34,
        "none": 0.0,
    },
    "others_there": {
        "alone": 0.66,
        "few": 0.0,
        "several": 0.06,
        "many": -0.11,
        "crowd": -0.52,
    },
}
