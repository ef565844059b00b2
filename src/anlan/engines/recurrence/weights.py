"""The weights of the findings, as log-odds, and the constant they are added to.

Fitted by `anlan disputes match-fit` on made quarrels, book 0 of their wordings, 20 calls of each kind a
set: seeds 100 to 107 with 1,500 files each, 108 to 115 with 6,000, so that the weights know thin and
crowded places; each call with all its rivals. Scored on other seeds and on the other book
(docs/decisions/recurrence.md). Change the version with the table.
"""

VERSION = "recurrence-4"
CONSTANT = -1.55
WEIGHTS: dict[str, dict[str, float]] = {
    "place": {
        "same_room": 2.56,
        "same_number": 2.5,
        "same_building": 1.53,
        "same_whole_place": -0.24,
        "same_name": 1.28,
        "other_room": -5.0,
        "other_number": -4.7,
        "other_building": -5.4,
        "other_group": -3.93,
        "told_same_room": 2.03,
        "told_same_number": 1.64,
        "told_same_building": 0.53,
        "told_same_whole_place": 0.66,
        "told_same_name": 1.51,
        "told_other_room": -3.59,
        "told_other_number": -3.59,
        "told_other_building": -3.6,
        "told_other_group": -3.59,
        "other_name": -4.7,
    },
    "metres": {
        "within_100": 0.05,
        "within_300": -3.71,
        "within_1000": -3.46,
        "farther": -1.53,
        "moved": 2.26,
        "unknown": 0.0,
    },
    "cause": {
        "same": 0.35,
        "related": -0.89,
        "worse": 1.66,
        "other": -1.2,
        "unknown": 0.0,
    },
    "words": {
        "hardly_any": -2.58,
        "few": -1.2,
        "some": 0.16,
        "many": 1.08,
        "most": 0.42,
        "too_few_said": 0.0,
    },
    "only_here": {
        "nothing": -0.81,
        "little": 0.19,
        "something": 0.61,
        "much": 0.38,
        "no_rival": 0.0,
    },
    "details": {
        "clash": -3.96,
        "more_clash": -1.12,
        "balance": -2.08,
        "one_agrees": 0.62,
        "several_agree": 0.43,
        "none_named": 0.0,
    },
    "scene": {
        "alike": 0.76,
        "partly": -0.17,
        "unlike": -1.05,
        "unknown": 0.0,
    },
    "again": {
        "says_so": 1.34,
        "says_little": 1.88,
        "not_said": 0.0,
        "no_quarrel": 0.09,
    },
    "days": {
        "within_3": 1.25,
        "within_7": 2.05,
        "within_14": 1.53,
        "within_30": 0.25,
        "within_90": 0.0,
        "within_200": -2.88,
        "longer": -2.32,
    },
    "parties": {
        "phone": 2.38,
        "name": 1.35,
        "none_of_two": -3.32,
        "none_of_many": -0.17,
        "none_by_other": -0.31,
        "not_asked": 0.0,
    },
    "teller": {
        "party": 0.0,
        "onlooker": 0.52,
        "for_another": 1.84,
    },
    "link": {
        "tied_by_hand": 4.14,
        "none": 0.0,
    },
    "others_there": {
        "alone": 0.57,
        "few": 0.0,
        "several": 0.08,
        "many": 0.06,
        "crowd": -0.46,
    },
}
BY_STANDING: dict[str, dict[str, dict[str, float]]] = {
    "door": {
        "cause": {
            "same": 1.62,
            "related": -0.69,
            "worse": 0.09,
            "other": -1.69,
            "not_a_quarrel": -0.59,
        },
        "words": {
            "hardly_any": -2.82,
            "few": -2.07,
            "some": -0.78,
            "many": 0.07,
            "most": 0.48,
        },
        "again": {
            "says_so": 1.79,
            "says_little": 1.35,
            "no_quarrel": -0.03,
        },
    },
    "building": {
        "cause": {
            "same": 0.28,
            "related": -1.44,
            "worse": 0.17,
            "other": -0.5,
            "not_a_quarrel": -0.5,
        },
        "words": {
            "hardly_any": 0.04,
            "few": -0.19,
            "some": 0.31,
            "many": 0.64,
            "most": 0.2,
        },
        "again": {
            "says_so": 0.53,
            "says_little": -0.03,
            "no_quarrel": 0.38,
        },
    },
    "whole_place": {
        "cause": {
            "same": 0.12,
            "related": 1.76,
            "worse": 1.34,
            "other": 0.48,
            "not_a_quarrel": 0.48,
        },
        "words": {
            "hardly_any": -1.23,
            "few": -1.08,
            "some": -1.22,
            "many": -1.3,
            "most": -0.76,
        },
        "again": {
            "says_so": 1.47,
            "says_little": 2.26,
            "no_quarrel": 2.03,
        },
    },
    "name": {
        "cause": {
            "same": -0.27,
            "related": -0.66,
            "worse": -0.21,
            "other": -0.59,
            "not_a_quarrel": -0.59,
        },
        "words": {
            "hardly_any": -0.23,
            "few": 0.28,
            "some": 0.24,
            "many": 0.21,
            "most": -0.12,
        },
        "again": {
            "says_so": 0.67,
            "says_little": -0.06,
            "no_quarrel": 0.37,
        },
    },
    "elsewhere": {
        "cause": {
            "same": -1.51,
            "related": 0.04,
            "worse": 0.17,
            "other": 1.1,
            "not_a_quarrel": 1.1,
        },
        "words": {
            "hardly_any": -0.45,
            "few": -0.25,
            "some": -0.5,
            "many": -0.66,
            "most": -1.49,
        },
        "again": {
            "says_so": 0.19,
            "says_little": 1.68,
            "no_quarrel": 0.65,
        },
    },
}
"""What is added to the weights of cause, words and "again" by how exactly the place agrees."""
