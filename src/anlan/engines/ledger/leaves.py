"""How a row is written down so that the same row always gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def leaf_bytes(row: Mapping[str, Any]) -> bytes:
    """A row as one line of JSON: keys in order, no blanks, characters as they are, UTF-8.

    Values are text, whole numbers, finite floats, true, false, null, lists and mappings. Raises ``ValueError``
    for a float that is no number: two readers would not agree on it.
    """
    text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    # A line must stay one line, whatever a reader takes for its end.
    for sign in ("\x7f", "\x85", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a character, as a broken feed may bring: written as JSON escapes it
        return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text).encode()
