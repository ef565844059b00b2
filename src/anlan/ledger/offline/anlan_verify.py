#!/usr/bin/env python3
"""Checks an exported ledger of Anlan without Anlan: one file, nothing but Python 3.10 or later.

    python3 anlan_verify.py EXPORT [--key KEY] [--witness FILE] [--against OLDER_EXPORT]
    python3 anlan_verify.py PROOF.json --key KEY [--witness FILE]

Says "sound" and ends with 0, or says what is wrong and where and ends with 1; 2 if it can't read what it was
given. It is written apart from the program that keeps the ledger and shares no line with it, so that a slip there
is not repeated here. What each line of an export means stands in docs/rooms/ledger.md.

What it can say: every row is as it was when the next checkpoint after it was signed. Who holds the signing key
could sign another history; only a witness outside (--witness, an older export, the book) shows that.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Digest = Callable[[bytes], bytes]
Point = tuple[int, int, int]
KnownKey = tuple[str, bytes, bytes]
Note = dict[str, Any]
Finding = dict[str, Any]

# Words of every finding: Chinese, English. {…} are filled by name.
# fmt: off
SAYS = {
    "unreadable": ("无法识别的内容", "not a line of a ledger"),
    "row_changed": ("第 {seq} 行内容被改动", "row {seq} was changed: its content does not give its leaf"),
    "row_missing": ("缺少第 {seq} 至 {last} 行", "rows {seq} to {last} are missing"),
    "row_extra": ("应为第 {wanted} 行，实为第 {seq} 行", "row {seq} stands where row {wanted} should"),
    "root": ("第 {start} 至 {end} 行之间的历史与已签名的检查点不符",
        "something in rows {start} to {end} is not what the checkpoint was signed for"),
    "place": ("检查点大小为 {size}，之前却有 {rows} 行", "a checkpoint of {size} rows stands after {rows}"),
    "signature": ("检查点签名无效（{why}）", "the signature of this checkpoint does not hold ({why})"),
    "origin": ("首行与检查点属于不同账本", "the first line and this checkpoint name different ledgers ({why})"),
    "key": ("导出文件的公钥与给定公钥不同", "the key in the file is not the key that was given"),
    "end": ("文件被截断或计数不符（{why}）", "the file is cut short or its counts are wrong ({why})"),
    "witness": ("与 {time} 的外部见证（{size} 行）不符", "not what the witness saw at {time}, {size} rows"),
    "witness_beyond": ("见证在 {time} 已见 {size} 行，此处只有 {rows} 行",
        "the witness saw {size} rows at {time}; here are only {rows}: the ledger was put back or cut"),
    "witness_line": ("见证文件中有无法核实的一行（{why}）", "a line of the witness file can't be trusted ({why})"),
    "against": ("第 {seq} 行与旧导出文件不同", "row {seq} is not what the older export has there"),
    "proof": ("第 {seq} 行的证明不成立", "the proof of row {seq} does not hold"),
}
# fmt: on


class Unreadable(Exception):
    """What was given can't be read at all."""


def sm3(data: bytes) -> bytes:
    """SM3 (GB/T 32905-2016), for a Python whose OpenSSL lacks it."""
    mask = 0xFFFFFFFF

    def turn(x: int, n: int) -> int:
        return (x << n % 32 | x >> (32 - n % 32)) & mask

    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + b"\x00" * ((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        w = [int.from_bytes(padded[start + 4 * i : start + 4 * i + 4], "big") for i in range(16)]
        for i in range(16, 68):
            x = w[i - 16] ^ w[i - 9] ^ turn(w[i - 3], 15)
            w.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[i - 13], 7) ^ w[i - 6])
        a, b, c, d, e, f, g, h = state
        for i in range(64):
            constant = 0x79CC4519 if i < 16 else 0x7A879D8A
            ss1 = turn((turn(a, 12) + e + turn(constant, i)) & mask, 7)
            ff = a ^ b ^ c if i < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if i < 16 else (e & f) | (~e & g)
            tt1 = (ff + d + (ss1 ^ turn(a, 12)) + (w[i] ^ w[i + 4])) & mask
            tt2 = (gg + h + ss1 + w[i]) & mask
            a, b, c, d = tt1, a, turn(b, 9), c
            e, f, g, h = tt2 ^ turn(tt2, 9) ^ turn(tt2, 17), e, turn(f, 19), g
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    return b"".join(word.to_bytes(4, "big") for word in state)


def hash_named(name: str) -> Digest:
    """The hash function of this name; only the two that ledgers are kept in."""
    if name == "sha256":
        return lambda data: hashlib.sha256(data).digest()
    if name == "sm3":
        if "sm3" in hashlib.algorithms_available:
            return lambda data: hashlib.new("sm3", data).digest()
        return sm3
    raise Unreadable("unknown hash " + name)


class Tree:
    """A growing tree, as the list of its complete subtrees (leaves in it, hash)."""

    def __init__(self, digest: Digest, parts: Iterable[tuple[int, bytes]] = ()) -> None:
        self.digest = digest
        self.parts = list(parts)

    def add(self, leaf: bytes) -> None:
        size = 1
        while self.parts and self.parts[-1][0] == size:
            leaf = self.digest(b"\x01" + self.parts.pop()[1] + leaf)
            size *= 2
        self.parts.append((size, leaf))

    def root(self) -> bytes:
        if not self.parts:
            return self.digest(b"")
        right = self.parts[-1][1]
        for _, left in self.parts[-2::-1]:
            right = self.digest(b"\x01" + left + right)
        return right


def root_from_path(digest: Digest, leaf_hash: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root to which an audit path leads, by the recursive words of RFC 6962; None for a path of wrong length."""
    if size == 1:
        return leaf_hash if not path else None
    if not path:
        return None
    half = 1
    while half * 2 < size:
        half *= 2
    if index < half:
        inner = root_from_path(digest, leaf_hash, index, half, path[:-1])
        return None if inner is None else digest(b"\x01" + inner + path[-1])
    inner = root_from_path(digest, leaf_hash, index - half, size - half, path[:-1])
    return None if inner is None else digest(b"\x01" + path[-1] + inner)


# Ed25519, verifying only (RFC 8032, 5.1.7)

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def point_add(a: Point, b: Point) -> Point:
    """Affine addition on the twisted Edwards curve, in projective coordinates X, Y, Z."""
    x1, y1, z1 = a
    x2, y2, z2 = b
    z = z1 * z2 % P
    zz, xx, yy = z * z % P, x1 * x2 % P, y1 * y2 % P
    e = D * xx * yy % P
    minus, plus = (zz - e) % P, (zz + e) % P
    cross = ((x1 + y1) * (x2 + y2) - xx - yy) % P
    return z * minus * cross % P, z * plus * (yy + xx) % P, minus * plus % P


def point_mul(n: int, point: Point) -> Point:
    total = (0, 1, 1)
    while n:
        if n & 1:
            total = point_add(total, point)
        point = point_add(point, point)
        n >>= 1
    return total


def point_read(data: bytes) -> Point | None:
    """The point 32 bytes stand for; None for bytes that stand for none, or not in the one way allowed."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x), y, 1


BASE = (4 * pow(5, P - 2, P) % P).to_bytes(32, "little")


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    if len(public) != 32 or len(signature) != 64:
        return False
    key, start, base = point_read(public), point_read(signature[:32]), point_read(BASE)
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or start is None or base is None or scalar >= ORDER:
        return False
    number = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    x1, y1, z1 = point_mul(scalar, base)
    x2, y2, z2 = point_add(start, point_mul(number, key))
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


def unbase64(text: str) -> bytes:
    """The bytes, if ``text`` is the one way of writing them."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("base64") from None
    if base64.b64encode(data).decode() != text:
        raise Unreadable("base64")
    return data


def key_read(text: str) -> KnownKey:
    """``name+id+key`` as (name, id, public key)."""
    try:
        name, ident, data = text.strip().split("+", 2)
    except ValueError:
        raise Unreadable("a key is name+id+key") from None
    raw = unbase64(data)
    known = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if raw[:1] != b"\x01" or len(raw) != 33 or known.hex() != ident:
        raise Unreadable("a key that does not fit its own id")
    return name, known, raw[1:]


def note_read(note: str) -> Note:
    """A signed checkpoint as a dict; ``Unreadable`` for anything but its exact form."""
    text, empty, mark = note.rpartition("\n\n")
    lines = (text + "\n").split("\n")
    words = mark.split(" ")
    if not empty or not mark.endswith("\n") or mark.count("\n") != 1 or len(words) != 3 or words[0] != "\u2014":
        raise Unreadable("form of the note")
    if len(lines) not in (6, 7) or lines[-1] or not lines[1].isascii() or not lines[1].isdecimal():
        raise Unreadable("form of the checkpoint")
    fields = dict(line.partition(" ")[::2] for line in lines[3:-1])
    if list(fields) not in (["hash", "time"], ["hash", "time", "next"]) or str(int(lines[1])) != lines[1]:
        raise Unreadable("lines of the checkpoint")
    raw = unbase64(words[2][:-1])
    return {
        "text": text + "\n", "origin": lines[0], "size": int(lines[1]), "root": unbase64(lines[2]),
        "hash": fields["hash"], "time": fields["time"], "next": fields.get("next", ""),
        "name": words[1], "key_id": raw[:4], "signature": raw[4:],
    }  # fmt: skip


def note_fault(note: Note, key: KnownKey) -> str:
    """Why ``note`` was not signed with ``key``; empty when it was."""
    name, ident, public = key
    if note["name"] != name or note["key_id"] != ident:
        return f"another key: {note['name']}"
    return "" if signature_holds(public, note["text"].encode(), note["signature"]) else "not made with this key"


class Ledger:
    """Reads an export line by line and holds what is wrong with it."""

    def __init__(self, key: str = "", witnesses: Iterable[Note] = (), older: Iterator[bytes] | None = None) -> None:
        self.findings: list[Finding] = []
        self.line = self.rows = self.checkpoints = self.sealed = 0
        self.given, self.older = key.strip(), older
        self.digest: Digest | None = None
        self.key: KnownKey = ("", b"", b"")
        self.origin = self.hash = ""
        self.trees: list[Tree] = []
        self.is_lost = self.doubts = self.has_ended = False
        self.witnesses: dict[int, list[Note]] = {}
        for note in witnesses:
            self.witnesses.setdefault(note["size"], []).append(note)

    def say(self, what: str, **facts: Any) -> None:
        self.findings.append({"line": self.line, "what": what, **facts})

    def read(self, lines: Iterable[bytes]) -> list[Finding]:
        """Take every line (bytes with their line end); afterwards ``findings`` is complete."""
        for raw in lines:
            self.line += 1
            try:
                if self.has_ended or not raw.endswith(b"\n"):
                    raise Unreadable("after the end")
                self.take(raw[:-1])
            except Unreadable as problem:
                self.say("unreadable", why=str(problem))
                if self.digest is None:
                    return self.findings
        self.line += 1
        if not self.has_ended:
            self.say("end", why="no last line")
        for size in sorted(size for size in self.witnesses if size > self.rows):
            self.say("witness_beyond", size=size, time=self.witnesses[size][0]["time"], rows=self.rows)
        if self.older is not None and next(self.older, None) is not None:
            self.say("against", seq=self.rows)
        return self.findings

    def take(self, raw: bytes) -> None:
        kinds = {b"R ": self.row, b"C ": self.checkpoint, b"E ": self.last}
        act = self.head if self.line == 1 else kinds.get(raw[:2])
        if act is None:
            raise Unreadable("unknown line")
        act(raw)

    def head(self, raw: bytes) -> None:
        words = text_of(raw).split(" ")
        if len(words) != 5 or words[:2] != ["anlan-ledger", "1"]:
            raise Unreadable("not an export of a ledger, or of an edition this file does not know")
        digest, self.hash, self.origin = hash_named(words[2]), words[2], words[3]
        self.key = key_read(words[4])
        if self.given and self.given != words[4]:
            self.say("key")
            self.key = key_read(self.given)
        self.digest, self.trees = digest, [Tree(digest)]

    def row(self, raw: bytes) -> None:
        parts = raw.split(b" ", 3)
        if len(parts) != 4 or not parts[1].isdigit() or str(int(parts[1])).encode() != parts[1]:
            raise Unreadable("row")
        assert self.digest is not None
        seq = int(parts[1])
        if seq != self.rows:
            self.is_lost = True
            if seq > self.rows:
                self.say("row_missing", seq=self.rows, last=seq - 1)
            else:
                self.say("row_extra", seq=seq, wanted=self.rows)
            self.rows = seq
        found, written = self.digest(b"\x00" + parts[3]), parts[2]
        if found.hex().encode() != written:
            self.say("row_changed", seq=seq)
            self.fork()
        self.grow(found, written)
        self.rows += 1
        older = next(self.older, None) if self.older is not None else None
        if older is not None and older != written:
            self.say("against", seq=seq)
        self.seen_outside()

    def fork(self) -> None:
        """From here on two trees: of the rows as they are, and of the leaves as they are written."""
        self.doubts = True
        if len(self.trees) == 1:
            self.trees.append(Tree(self.trees[0].digest, self.trees[0].parts))

    def grow(self, found: bytes, written: bytes) -> None:
        self.trees[0].add(found)
        if len(self.trees) > 1:
            try:
                self.trees[1].add(bytes.fromhex(written.decode("ascii")))
            except ValueError:  # no hash at all: only the row itself can be right
                self.trees[1].add(found)

    def seen_outside(self) -> None:
        for note in self.witnesses.get(self.rows, ()):
            if not self.is_lost and all(tree.root() != note["root"] for tree in self.trees):
                self.say("witness", size=self.rows, time=note["time"])

    def checkpoint(self, raw: bytes) -> None:
        self.checkpoints += 1
        try:
            note = note_read(unbase64(text_of(raw[2:])).decode())
            fault = note_fault(note, self.key)
        except (Unreadable, UnicodeDecodeError) as problem:
            fault = str(problem)
        if fault:
            self.say("signature", why=fault)
            return
        if note["origin"] != self.origin or note["hash"] != self.hash:
            self.say("origin", why=note["origin"] + " " + note["hash"])
        if note["size"] != self.rows:
            self.say("place", size=note["size"], rows=self.rows)
        elif not self.is_lost:
            self.seal(note)
        self.sealed = max(self.sealed, note["size"])
        if note["next"]:
            self.key = key_read(note["next"])

    def seal(self, note: Note) -> None:
        """Compare the root; a tree that doesn't fit can't be followed any further."""
        right = [tree for tree in self.trees if tree.root() == note["root"]]
        if right:
            self.trees, self.doubts = right[:1], False
            return
        if not self.doubts:
            self.say("root", start=self.sealed, end=self.rows - 1)
        self.is_lost = True

    def last(self, raw: bytes) -> None:
        self.has_ended = True
        if raw != b"E %d %d" % (self.rows, self.checkpoints):
            self.say("end", why=text_of(raw))
        if self.sealed != self.rows:
            self.say("end", why=f"{self.rows - self.sealed} rows after the last checkpoint")


def text_of(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Unreadable("no UTF-8") from None


def witness_read(path: str, key: str) -> tuple[list[Note], list[Finding]]:
    """The checkpoints of a witness file, and what is wrong with its lines. ``key`` is the first key."""
    notes: list[Note] = []
    findings: list[Finding] = []
    keys = [key_read(key)]
    with open(path, "rb") as lines:
        for number, raw in enumerate(lines, 1):
            try:
                note = note_read(unbase64(text_of(raw).split()[-1]).decode())
                if all(note_fault(note, known) for known in keys):
                    raise Unreadable("not signed with the key")
                if note["next"]:
                    keys.append(key_read(note["next"]))
                notes.append(note)
            except (Unreadable, UnicodeDecodeError, IndexError) as problem:
                findings.append({"line": number, "what": "witness_line", "why": str(problem)})
    return notes, findings


def leaves_of(path: str) -> Iterator[bytes]:
    """The leaves an older export has written, one after the other."""
    with open(path, "rb") as lines:
        for raw in lines:
            if raw.startswith(b"R "):
                yield raw.split(b" ", 3)[2]


def proof_check(proof: dict[str, Any], key: str, witnesses: Iterable[Note] = ()) -> list[Finding]:
    """Findings about the proof of some rows. ``proof``: {checkpoint, keys, rows: [{seq, row, path}]}."""
    findings: list[Finding] = []
    note = note_read(proof["checkpoint"])
    known = key_read(key)
    for passing in proof.get("keys", ()):  # checkpoints by which one key named the next
        step = note_read(passing)
        if note_fault(step, known):
            break
        known = key_read(step["next"])
    if fault := note_fault(note, known):
        findings.append({"line": 0, "what": "signature", "why": fault})
    digest = hash_named(note["hash"])
    for row in proof["rows"]:
        leaf = digest(b"\x00" + row["row"].encode("utf-8", "surrogatepass"))
        path = [bytes.fromhex(step) for step in row["path"]]
        fits = isinstance(row["seq"], int) and 0 <= row["seq"] < note["size"]
        if not fits or root_from_path(digest, leaf, row["seq"], note["size"], path) != note["root"]:
            findings.append({"line": 0, "what": "proof", "seq": row["seq"]})
    return findings + [
        {"line": 0, "what": "witness", "size": seen["size"], "time": seen["time"]}
        for seen in witnesses
        if seen["size"] == note["size"] and seen["root"] != note["root"]
    ]


def told(finding: Finding) -> str:
    zh, en = SAYS[finding["what"]]
    where = f"第 {finding['line']} 行 / line {finding['line']}: " if finding["line"] else ""
    return where + zh.format(**finding) + " / " + en.format(**finding)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Checks an exported ledger of Anlan, or a proof taken from it.")
    parser.add_argument("file")
    parser.add_argument("--key", default="", help="the first public key, as it was noted when the ledger was begun")
    parser.add_argument("--witness", help="a file of checkpoints that was kept elsewhere")
    parser.add_argument("--against", help="an older export of the same ledger")
    given = parser.parse_args(arguments)
    try:
        return run(given)
    except (Unreadable, OSError, KeyError, ValueError, TypeError) as problem:
        sys.stderr.write(f"无法读取 / can't be read: {problem}\n")
        return 2


def run(given: argparse.Namespace) -> int:
    with open(given.file, "rb") as file:
        first = file.readline()
    if first.lstrip().startswith(b"{"):
        with open(given.file, encoding="utf-8") as file:
            proof = json.load(file)
        if not given.key:
            raise Unreadable("a proof needs --key")
        notes, findings = witness_read(given.witness, given.key) if given.witness else ([], [])
        findings += proof_check(proof, given.key, notes)
        summary = f"{len(proof['rows'])} rows proven"
    else:
        key = given.key or text_of(first).strip().rpartition(" ")[2]
        notes, findings = witness_read(given.witness, key) if given.witness else ([], [])
        ledger = Ledger(given.key, notes, leaves_of(given.against) if given.against else None)
        with open(given.file, "rb") as file:
            findings += ledger.read(file)
        summary = f"{ledger.rows} rows, {ledger.checkpoints} checkpoints"
        if not given.key:
            summary += "; key taken from the file itself, compare it: " + key
    for finding in findings:
        sys.stdout.write(told(finding) + "\n")
    sys.stdout.write(("可疑 / NOT SOUND: " if findings else "完好 / sound: ") + summary + "\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
