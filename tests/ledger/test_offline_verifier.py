"""The offline verifier finds every change of an export, and says where; a verifier with a hole is found out."""

from __future__ import annotations

import base64
import subprocess
import sys
from functools import lru_cache, partial
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.ledger import Checkpoint, Frontier, Key, TreeHash, leaf_bytes, public_key, sign
from anlan.ledger.offline import anlan_verify
from anlan.ledger.offline.anlan_verify import SAYS, Ledger, key_read, note_read, told

SEED, THIEF = bytes(range(32)), bytes(range(1, 33))
KEY = Key("anlan/test", public_key(SEED))
STOLEN = Key("anlan/test", public_key(THIEF))
ROWS = [leaf_bytes({"type": "event", "id": n, "kind": "test.step", "data": {"字": "安", "n": n}}) for n in range(14)]
SEALS = (4, 9, 14)


def checkpoint(tree: Frontier, *, seed: bytes = SEED, key: Key = KEY, hour: int = 0) -> bytes:
    state = Checkpoint("anlan/test", tree.size, tree.root(), tree.by.name, f"2026-11-22T{hour:02d}:00:00Z")
    return base64.b64encode(state.signed(key, partial(sign, seed)).encode())


@lru_cache(maxsize=64)
def _export(
    rows: tuple[bytes, ...] = tuple(ROWS), *, seed: bytes = SEED, key: Key = KEY, by: str = "sha256"
) -> tuple[bytes, ...]:
    """An export with checkpoints after 4, 9 and all rows, line by line."""
    tree, lines = Frontier(by=TreeHash(by)), [f"anlan-ledger 1 {by} anlan/test {key}\n".encode()]
    for place, row in enumerate(rows):
        leaf = tree.by.leaf(row)
        tree.extend([leaf])
        lines.append(f"R {place} {leaf.hex()} ".encode() + row + b"\n")
        if place + 1 in SEALS or place + 1 == len(rows):
            lines.append(b"C " + checkpoint(tree, seed=seed, key=key, hour=len(lines)) + b"\n")
    seals = sum(line.startswith(b"C") for line in lines)
    return *lines, b"E %d %d\n" % (len(rows), seals)


def export(*given, **named) -> list[bytes]:
    """``_export`` as a list to be tampered with."""
    return list(_export(*given, **named))


@pytest.fixture(autouse=True, scope="module")
def _each_signature_once():
    """The same signature is not reckoned a thousand times; another one is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anlan_verify, "signature_holds", lru_cache(maxsize=None)(anlan_verify.signature_holds))
        yield


@lru_cache(maxsize=1)
def sound() -> tuple[bytes, ...]:
    return tuple(export())


def findings(lines, verifier: ModuleType = anlan_verify, **more):
    """What the verifier says of these lines, given the first key."""
    return verifier.Ledger(str(KEY), **more).read(b"".join(lines).splitlines(keepends=True))


def line_of(row: int) -> int:
    """The line (from 1) on which row number ``row`` stands."""
    return next(n for n, line in enumerate(sound(), 1) if line.startswith(b"R %d " % row))


def test_a_sound_export_is_sound():
    assert findings(sound()) == []
    assert findings(export(tuple(ROWS[:1]))) == []


@pytest.mark.parametrize("name", ["sha256", "sm3"])
def test_it_reads_both_hashes(name, monkeypatch):
    import hashlib

    if name not in hashlib.algorithms_available:
        pytest.skip("this OpenSSL has no SM3 to make such a ledger with")
    lines = export(tuple(ROWS[:5]), by=name)
    assert findings(lines) == []
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})  # the auditor's machine has none
    assert findings(lines) == []
    assert findings([line.replace(b'"n":2', b'"n":3') for line in lines])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_bit_of_any_row_is_found_on_its_line(data):
    lines = list(sound())
    number = data.draw(st.sampled_from([n for n, line in enumerate(lines) if line.startswith(b"R")]))
    changed = bytearray(lines[number])
    changed[data.draw(st.integers(0, len(changed) - 2))] ^= 1 << data.draw(st.integers(0, 7))
    lines[number] = bytes(changed)
    # A bit may make a line end of a letter: the first half is still that line.
    assert number + 1 in {finding["line"] for finding in findings(lines)}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_bit_anywhere_is_found(data):
    whole = bytearray(b"".join(sound()))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert findings([bytes(whole)])


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_a_row_taken_out_is_named(row):
    lines = list(sound())
    del lines[line_of(row) - 1]
    found = findings(lines)
    if row + 1 in SEALS:  # nothing after it tells of it but the checkpoint
        assert {"what": "place", "line": line_of(row), "size": row + 1, "rows": row} in found
    else:
        assert {"what": "row_missing", "line": line_of(row), "seq": row, "last": row} in found


@pytest.mark.parametrize("row", range(len(ROWS) - 1))
def test_two_rows_changed_about_are_named(row):
    lines, here = list(sound()), line_of(row) - 1
    there = line_of(row + 1) - 1
    lines[here], lines[there] = lines[there], lines[here]
    assert {finding["line"] for finding in findings(lines)} & {here + 1, there + 1}


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_a_row_put_in_is_named(row):
    lines, here = list(sound()), line_of(row)
    lines.insert(here, lines[here - 1])
    assert here + 1 in {finding["line"] for finding in findings(lines)}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_an_export_cut_short_is_found(at):
    whole = b"".join(sound())
    assert findings([whole[: at % len(whole)]])


# Those who know how the ledger is made change a row and everything that follows from it but the signature


def forged(row: int, *, seed: bytes = SEED) -> list[bytes]:
    """Row ``row`` changed together with its leaf; where ``seed`` is the key's, everything is signed anew."""
    rows = list(ROWS)
    rows[row] = rows[row].replace(b"test.step", b"test.slip")
    fresh = export(tuple(rows), seed=seed)
    return (
        fresh if seed == SEED else [new if new[:1] == b"R" else old for new, old in zip(fresh, sound(), strict=True)]
    )


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_a_row_forged_with_its_leaf_is_found_between_two_checkpoints(row):
    ((only),) = findings(forged(row, seed=THIEF))
    start = max((size for size in (0, *SEALS) if size <= row), default=0)
    assert (only["what"], only["start"], only["end"]) == ("root", start, min(s for s in SEALS if s > row) - 1)


def test_rows_after_the_forged_one_are_still_looked_at_one_by_one():
    lines = forged(1, seed=THIEF)
    lines[line_of(12) - 1] = lines[line_of(12) - 1].replace(b"step", b"slip")
    assert {finding.get("seq") for finding in findings(lines)} == {None, 12}


def test_an_older_export_names_the_forged_row():
    older = iter([line.split(b" ", 3)[2] for line in sound() if line.startswith(b"R")])
    found = findings(forged(6, seed=THIEF), older=older)
    assert {"what": "against", "line": line_of(6), "seq": 6} in found


def test_who_holds_the_key_is_found_out_by_the_witness_only():
    lines = forged(6)
    assert findings(lines) == []
    seen = [note_read(base64.b64decode(line[2:]).decode()) for line in sound() if line.startswith(b"C")]
    assert [(f["what"], f["size"]) for f in findings(lines, witnesses=seen)] == [("witness", 9), ("witness", 14)]


def test_a_ledger_put_back_to_yesterday_is_found_out_by_the_witness():
    seen = [note_read(base64.b64decode(line[2:]).decode()) for line in sound() if line.startswith(b"C")]
    found = findings(export(tuple(ROWS[:9])), witnesses=seen)
    assert [(f["what"], f["size"], f["rows"]) for f in found] == [("witness_beyond", 14, 9)]


def test_a_ledger_signed_with_another_key_is_refused():
    assert [f["what"] for f in findings(export(seed=THIEF, key=STOLEN))] == ["key", *["signature"] * 3, "end"]


def test_every_finding_is_told_in_both_languages():
    class Anything(dict):
        def __missing__(self, key):
            return "?"

    for what, (zh, en) in SAYS.items():
        facts = Anything(what=what, line=3)
        assert zh.format_map(facts)
        assert en.format_map(facts)
    assert told({"what": "row_changed", "line": 3, "seq": 1}).startswith(
        "第 3 行 / line 3: 第 1 行内容被改动 / row 1"
    )


# As a command, alone on a machine without anything of ours


@pytest.fixture
def alone(tmp_path):
    """The one file, copied elsewhere and run by a Python that sees nothing else of ours."""
    script = tmp_path / "anlan_verify.py"
    script.write_bytes(Path(anlan_verify.__file__).read_bytes())

    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-I", "-S", str(script), *words]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"}
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_alone_it_says_sound_or_what_is_wrong_and_where(alone, tmp_path):
    (tmp_path / "good").write_bytes(b"".join(sound()))
    (tmp_path / "bad").write_bytes(b"".join(sound()).replace(b'"n":7', b'"n":8'))
    assert alone("good", "--key", str(KEY)) == (0, "完好 / sound: 14 rows, 3 checkpoints\n")
    code, words = alone("good")
    assert code == 0
    assert "compare it" in words
    code, words = alone("bad", "--key", str(KEY))
    assert code == 1
    assert f"line {line_of(7)}: " in words
    assert "row 7 was changed" in words
    (tmp_path / "seen").write_bytes(b"2026-11-22 14 " + sound()[-2][2:])
    assert alone("good", "--key", str(KEY), "--witness", "seen", "--against", "good")[0] == 0
    (tmp_path / "noise").write_bytes(b"\x00\xff\n")
    for wrong in (("absent",), ("noise", "--key", "x")):
        assert alone(*wrong)[0] in (1, 2)


def test_a_key_that_does_not_fit_its_own_id_is_refused():
    with pytest.raises(anlan_verify.Unreadable):
        key_read(str(KEY).replace("+" + KEY.id.hex(), "+00000000"))


# A verifier with a hole is found out by the tests above

HOLES = {
    "rows are not hashed": ("if found.hex().encode() != written:", "if False:"),
    "roots are not compared": ('if tree.root() == note["root"]]', "]"),
    "any signature holds": ("return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0", "return True"),
    "places are not compared": ("if seq != self.rows:", "if False:"),
    "a checkpoint may stand anywhere": ('if note["size"] != self.rows:', "if False:"),
    "the end is not asked for": ("if not self.has_ended:", "if False:"),
    "the counts are not compared": ('if raw != b"E %d %d" % (self.rows, self.checkpoints):', "if False:"),
    "the witness is not asked": ('tree.root() != note["root"] for tree', "False for tree"),
    "who is beyond the end is not asked": ("if size > self.rows", "if False"),
    "the older export is not asked": ("if older is not None and older != written:", "if False:"),
    "leaf and node alike": ('self.digest(b"\\x00" + parts[3])', "self.digest(parts[3])"),
    "the key may be another": ("if self.given and self.given != words[4]:", "if False:"),
    "base64 in any form": ("if base64.b64encode(data).decode() != text:", "if False:"),
}


def holed(old: str, new: str) -> ModuleType:
    source = Path(anlan_verify.__file__).read_text(encoding="utf-8")
    assert old in source, f"{old} is not in the verifier any more; plant the hole anew"
    module = ModuleType("holed")
    exec(compile(source.replace(old, new), "holed", "exec"), module.__dict__)  # noqa: S102 - our own file with one word changed
    if (old, new) != HOLES["any signature holds"]:
        module.signature_holds = anlan_verify.signature_holds
    return module


def suspicion(verifier: ModuleType) -> list[str]:
    """What the exercises above find wrong with a verifier; nothing with a sound one."""
    seen = [note_read(base64.b64decode(line[2:]).decode()) for line in sound() if line.startswith(b"C")]
    bent = list(sound())
    bent[2] = bent[2].replace(b"step", b"slip")
    doubled = [*sound()[:2], *sound()[1:]]
    loose = [line.replace(b"=\n", b"=\n") for line in sound()]
    loose[-2] = _loosened(loose[-2])
    older = iter([line.split(b" ", 3)[2] for line in sound() if line.startswith(b"R")])
    signed_by_thief = [new if new[:1] == b"C" else old for new, old in zip(export(seed=THIEF), sound(), strict=True)]
    shifted = [*sound()[:5], *sound()[6:7], sound()[5], *sound()[7:]]
    wrong = {
        "bent": findings(bent, verifier),
        "forged": findings(forged(6, seed=THIEF), verifier),
        "signature": findings(signed_by_thief, verifier),
        "doubled": findings(doubled, verifier),
        "end": findings(sound()[:-1], verifier),
        "counts": findings([*sound()[:-1], b"E 14 4\n"], verifier),
        "witness": findings(forged(6), verifier, witnesses=seen),
        "beyond": findings(export(tuple(ROWS[:9])), verifier, witnesses=seen),
        "against": findings(forged(6), verifier, older=older),
        "key": [f for f in findings(export(seed=THIEF, key=STOLEN), verifier) if f["what"] == "key"],
        "shifted": findings(shifted, verifier),
        "loose": findings(loose, verifier),
    }
    # Not only that something is wrong: that it is told where it is.
    located = (3 in {f["line"] for f in wrong["bent"]}) and (3 in {f["line"] for f in wrong["doubled"]})
    whole = not findings(sound(), verifier)
    place = any(f["what"] == "place" for f in wrong["shifted"])
    return (
        [name for name, found in wrong.items() if not found]
        + ["where"] * (not located)
        + [
            *["sound"] * (not whole),
            *["place"] * (not place),
        ]
    )


def _loosened(line: bytes) -> bytes:
    """The same checkpoint, its base64 written with other bits where nobody reads them."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body, pad = line.rstrip(b"\n").rstrip(b"="), line.count(b"=")
    if not pad:
        return line[:2] + b"\n"
    return body[:-1] + bytes([alphabet[alphabet.index(body[-1:]) + 1]]) + b"=" * pad + b"\n"


def test_the_verifier_itself_passes_the_exercises():
    assert suspicion(anlan_verify) == []


@pytest.mark.parametrize("hole", HOLES)
def test_a_hole_in_the_verifier_is_found_out(hole):
    assert suspicion(holed(*HOLES[hole]))


def test_the_class_is_what_the_command_uses():
    assert anlan_verify.Ledger is Ledger
