"""The packaged vocabulary, training patterns and weights hang together."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from anlan.engines.text_tags.model import ANY_DANGER
from anlan.engines.text_tags.training import counted, flag_column, in_bytes, raised, told_by_kind
from anlan.tagging import evaluation
from anlan.tagging.data import (
    FLAGS,
    MODEL_FILE,
    SEED,
    load_lexicon,
    load_model,
    load_patterns,
    load_rules,
    load_tagger,
    model_bytes,
    read_json,
    tagger_data,
    train_model,
    training_examples,
)

HERE = Path(__file__).parent
PACKAGED = Path(evaluation.__file__).parent / "data"
DEV = HERE.parents[3] / "shared" / "data" / "zh_calls_dev" / "calls.jsonl"


def test_the_taxonomy_has_fourteen_groups_and_eighty_three_types():
    held = read_json("taxonomy-1.json")
    assert len(held["level1"]) == 14
    codes = [row["code"] for row in held["level2"]]
    assert len(codes) == len(set(codes)) == 83
    assert {code[:2] for code in codes} == {row["code"] for row in held["level1"]}


def test_rules_and_words_speak_only_of_what_exists():
    rules, families = read_json("danger-rules-1.json"), read_json("lexicon-1.json")["families"]
    codes = {row["code"] for row in read_json("taxonomy-1.json")["level2"]}
    named = {name for rule in rules["rules"] for group in rule["near"] for name in group}
    named |= {name for rule in rules["rules"] for name in rule.get("unless", ())}
    assert named <= set(families), named - set(families)
    assert {rule["flag"] for rule in rules["rules"]} | {link["flag"] for link in rules["links"]} <= set(FLAGS)
    assert {link["code"] for link in rules["links"]} | set(rules["frail_codes"]) <= codes


def test_tag_words_give_only_values_of_the_dimensions():
    values = {
        (dimension["dimension"], value["value"])
        for dimension in read_json("tag-dimensions-1.json")["dimensions"]
        for value in dimension["values"]
    }
    given = {(row["dimension"], row["value"]) for row in read_json("tag-words-1.json")["rows"]}
    assert given <= values, given - values


def test_every_code_is_told_in_at_least_sixty_ways():
    texts = Counter()
    seen = set()
    for example in training_examples():
        if example.text not in seen:
            seen.add(example.text)
            texts[example.pattern.code] += 1
    assert len(texts) == 83
    assert sum(texts.values()) >= 5000
    assert min(texts.values()) >= 60, texts.most_common()[-3:]


def test_pattern_ids_are_unique_and_labels_exist():
    patterns = load_patterns()
    codes = {row["code"] for row in read_json("taxonomy-1.json")["level2"]}
    assert len({pattern.pattern_id for pattern in patterns}) == len(patterns)
    assert {code for pattern in patterns for code in (pattern.code, *pattern.also)} <= codes
    assert {flag for pattern in patterns for flag in pattern.danger} <= set(FLAGS)


@pytest.mark.skipif(not DEV.exists(), reason="the labelled development set (../shared/data) is not here")
def test_no_training_text_repeats_a_narrative_of_the_development_set():
    index = defaultdict(set)
    for at, example in enumerate(training_examples()):
        for gram in _grams(example.text):
            index[gram].add(at)
    for line in DEV.read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        grams = _grams(text)
        if len(grams) < 8:
            continue
        shared = Counter(at for gram in grams for at in index.get(gram, ()))
        most = max(shared.values(), default=0)
        assert most / len(grams) <= 0.5, text


def _grams(text):
    bare = re.sub(r"\W", "", text)
    return {bare[at : at + 4] for at in range(len(bare) - 3)}


def test_the_weights_are_small_and_read_back_as_written():
    held = (PACKAGED / MODEL_FILE).read_bytes()
    assert len(held) <= 3_000_000
    assert model_bytes(load_model()) == held


@pytest.mark.slow
def test_what_is_packaged_was_counted_from_the_patterns_words_and_rules_as_they_stand():
    """All but the columns of the codes, whose fit takes minutes: ``make test-release`` tries that as well."""
    packaged, given = load_model(), training_examples()
    names, table = counted(given, load_lexicon(), load_rules())
    assert list(packaged.names) == list(names)
    assert packaged.codes == tuple(sorted({example.pattern.code for example in given}))
    kinds, told, slopes = told_by_kind(table, given)
    assert packaged.kinds == kinds
    assert np.array_equal(packaged.told.starts, told.starts)
    assert np.array_equal(packaged.told.columns, told.columns)
    assert np.array_equal(packaged.told.values, told.values)
    assert packaged.slopes == pytest.approx(slopes, rel=1e-5)
    for flag in ("weapon", "fire", ANY_DANGER):
        weights, offset = flag_column(table, raised(given, flag), SEED)
        at = len(packaged.codes) + packaged.flags.index(flag)
        steps, scales = in_bytes(weights.T)
        assert packaged.scales[at] == pytest.approx(scales[0], rel=1e-3), flag
        assert packaged.offsets[at] == pytest.approx(offset, abs=1e-2), flag
        # Another processor adds in another order: a weight between two steps may fall to the other side.
        assert np.mean(column_of(packaged.weights, at) == steps[:, 0]) > 0.999, flag


def column_of(table, column):
    """One column of a table, written out."""
    rows = np.repeat(np.arange(len(table.starts) - 1), np.diff(table.starts))
    here = table.columns == column
    found = np.zeros(len(table.starts) - 1, np.int8)
    found[rows[here]] = table.values[here]
    return found


@pytest.mark.release
@pytest.mark.sqlite  # hangs on no store: once is enough
def test_training_anew_gives_the_packaged_suggestions():
    fresh, packaged = train_model(), load_model()
    assert fresh.names == packaged.names
    assert fresh.codes == packaged.codes
    anew, held = type(load_tagger())(tagger_data(fresh)), load_tagger()
    texts = [example.text for example in training_examples()[::40]]
    same = sum(anew.suggest(text).codes[0].code == held.suggest(text).codes[0].code for text in texts)
    assert same / len(texts) >= 0.995


@pytest.mark.parametrize(
    ("name", "top1", "top3", "recall"),
    [
        ("plain_style.jsonl", 0.85, 0.95, 0.95),
        ("indirect.jsonl", 0.70, 0.85, 0.75),
        ("many_voices.jsonl", 0.80, 0.90, 0.93),
    ],
)
def test_it_keeps_its_hold_on_texts_written_apart_from_the_patterns(name, top1, top3, recall):
    calls, bad = evaluation.read_calls((HERE / name).read_text(encoding="utf-8").splitlines())
    told = evaluation.report(evaluation.judge(calls, load_tagger().suggest), bad)
    assert bad == []
    assert told["level2_top1"] >= top1
    assert told["level2_top3"] >= top3
    assert told["danger_recall"] >= recall


def test_dangerous_words_in_harmless_calls_seldom_take_a_unit_from_someone_else():
    calls, _ = evaluation.read_calls((HERE / "many_voices.jsonl").read_text(encoding="utf-8").splitlines())
    told = evaluation.report(evaluation.judge(calls, load_tagger().suggest))
    # A floor that guards against getting worse; the aim of 0.05 is not met on these (see the decision page).
    assert told["false_p1_rate"] <= 0.09
