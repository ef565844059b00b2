"""Packaged data of tagging, read into the plain objects the engine works on.

Taxonomy, tag dimensions, transfer list, lexicon, danger rules, tag words, training patterns and
the trained weights lie beside this file, each with its version.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from anlan.engines.text_tags.danger import DangerRule
from anlan.engines.text_tags.dimensions import TagRow
from anlan.engines.text_tags.flags import FlagPolicy
from anlan.engines.text_tags.grammar import Example, Pattern, examples
from anlan.engines.text_tags.lexicon import Lexicon
from anlan.engines.text_tags.model import LinearModel, packed, unpacked
from anlan.engines.text_tags.tagger import Tagger, TaggerData
from anlan.tagging.packaged import TAXONOMY, TRANSFERS

MODEL_FILE = "model-1.npz"
MODEL_VERSION = "1"
SEED = 20260101
VARIANTS_PER_PATTERN = 6
FLAGS = (
    "weapon",
    "injury",
    "fire",
    "self_harm",
    "fight_ongoing",
    "child_or_elder_at_risk",
    "crowd",
    "drowning",
    "gas",
    "medical",
)
"""Danger flags in the order they are shown."""


@lru_cache(maxsize=1)
def load_tagger() -> Tagger:
    """The tagger from the packaged data, built once a process (about 0.2 s)."""
    return Tagger(tagger_data(load_model()))


def tagger_data(model: LinearModel) -> TaggerData:
    """The packaged data around a model, which may be another one than the packaged."""
    rules = read_json("danger-rules-1.json")
    edition = read_json(TAXONOMY)
    taxonomy = edition["level2"]
    transfers = read_json(TRANSFERS)["items"]
    return TaggerData(
        lexicon=load_lexicon(),
        rules=load_rules(),
        flag_policy=FlagPolicy(
            links={link["code"]: link["flag"] for link in rules["links"]},
            frail_codes=frozenset(rules["frail_codes"]),
            one_of={row["code"]: tuple(row["flags"]) for row in rules["one_of"]},
            harmless_codes=frozenset(rules["harmless_codes"]),
            urgent_codes=frozenset(row["code"] for row in taxonomy if row["priority"] == "P1"),
            quiet=frozenset((row["id"], code) for row in rules["rules"] for code in row.get("unless_codes", ())),
            certain_rules=frozenset(row["id"] for row in rules["rules"] if row.get("certain")),
            weak_rules=frozenset(row["id"] for row in rules["rules"] if row.get("weak")),
        ),
        model=model,
        taxonomy={row["code"]: row for row in taxonomy},
        transfers={row["code"]: row for row in transfers},
        escalations=tuple(edition["dispute_escalation"]),
        tag_rows=tuple(TagRow.of(row) for row in read_json("tag-words-1.json")["rows"]),
    )


def load_lexicon() -> Lexicon:
    """The word families and the harmless expressions."""
    held = read_json("lexicon-1.json")
    return Lexicon(held["families"], held["harmless"])


def load_rules() -> tuple[DangerRule, ...]:
    """The danger rules in their order."""
    return tuple(DangerRule.of(row) for row in read_json("danger-rules-1.json")["rules"])


def load_model() -> LinearModel:
    """The packaged weights."""
    with np.load(io.BytesIO((files(__name__) / MODEL_FILE).read_bytes()), allow_pickle=False) as held:
        return unpacked({name: held[name] for name in held.files})


def load_patterns() -> list[Pattern]:
    """All training patterns, in the order of the files and lines."""
    found: list[Pattern] = []
    folder = files(__name__) / "training"
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".jsonl"):
            lines = entry.read_text(encoding="utf-8").splitlines()
            found.extend(_pattern(json.loads(line)) for line in lines if line.strip())
    return found


def load_slots() -> dict[str, list[str]]:
    """What the slots of the patterns are filled with."""
    slots: dict[str, list[str]] = json.loads((files(__name__) / "training" / "slots.json").read_text("utf-8"))
    return slots


def training_examples(per_pattern: int = VARIANTS_PER_PATTERN, seed: int = SEED) -> list[Example]:
    """The training texts; the same for the same seed."""
    return examples(load_patterns(), load_slots(), per_pattern=per_pattern, seed=seed)


def train_model() -> LinearModel:
    """Fit the weights anew from the packaged patterns; a minute or so, the same every time."""
    # Imported here: scikit-learn takes seconds to load and only training needs it.
    from anlan.engines.text_tags.training import fit

    return fit(training_examples(), load_lexicon(), load_rules(), FLAGS, version=MODEL_VERSION, seed=SEED)


def model_bytes(model: LinearModel) -> bytes:
    """The model as a compressed file."""
    held = io.BytesIO()
    np.savez_compressed(held, **packed(model))  # type: ignore[arg-type]
    return held.getvalue()


def read_json(name: str) -> Any:
    """One of the packaged JSON files."""
    return json.loads((files(__name__) / name).read_text(encoding="utf-8"))


def _pattern(row: Mapping[str, Any]) -> Pattern:
    return Pattern(
        pattern_id=row["id"],
        code=row["code"],
        pattern=row["pattern"],
        also=tuple(row.get("also", ())),
        danger=tuple(row.get("danger", ())),
        may_add_place=bool(row.get("place", True)),
    )
