"""Which kinds of matter can be the same quarrel told again, for finding candidates and for judging them."""

FAMILIES: dict[str, frozenset[str]] = {
    name: frozenset(codes.split())
    for name, codes in {
        "home": "0401 0204",
        "living": "0402 0406 0407 0410 0411 0499 0207 0210 0307 0506 0508 1103",
        "money": "0403 0404 0405 0406 0499 1104",
        "care": "0408 0409 0499",
    }.items()
}
"""Families of causes that call takers and taggers take for one another."""
_WORSE = "0101 0103 0108 0201 0202 0203 0204 0207 0208 0209 0299 0501 0801"
WORSE = frozenset(_WORSE.split())
"""What a quarrel turns into: it may come from any family."""
_OTHER_MATTERS = ("01", "03", "06", "07", "08", "09", "10", "12", "90")
_NEVER = "0205 0206 0502 0503 0504 0505 0507 0599 1101 1102 1105"
_NEVER_A_QUARREL = frozenset(_NEVER.split())
_SHORT = {"home": "h", "living": "l", "money": "m", "care": "c"}


def may_be_a_quarrel(code: str | None) -> bool:
    """Whether a call of this code can belong to a dispute file; an unknown code can."""
    if code is None or code in WORSE or any(code in codes for codes in FAMILIES.values()):
        return True
    return code not in _NEVER_A_QUARREL and not code.startswith(_OTHER_MATTERS)


def families_of(code: str | None) -> frozenset[str]:
    """The short names of the families a code may belong to; all of them for an unknown or a worse one."""
    found = frozenset(_SHORT[name] for name, codes in FAMILIES.items() if code in codes)
    if code is None or code in WORSE or not found:
        return frozenset(_SHORT.values())
    return found


def compare_causes(call: str | None, file: str | None) -> str:
    """How two codes stand to each other: same, related, worse, other, not_a_quarrel, unknown."""
    if call is None or file is None:
        return "unknown"
    if call == file:
        return "same"
    if not may_be_a_quarrel(call):
        return "not_a_quarrel"
    if call in WORSE:
        return "worse"
    return "related" if families_of(call) & families_of(file) else "other"
