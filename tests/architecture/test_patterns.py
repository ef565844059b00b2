"""Patterns are written by us: none is made of what somebody sent (OWASP ASVS V1.2.9)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from architecture.source import PACKAGE

ASKING = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
OF_OUR_OWN_WORDS = {
    "core/scope_guard/words.py": "words of a list in the package, each escaped",
    "engines/addresses/numerals.py": "units of house numbers, a constant",
    "notices/outbox_rules.py": "one of the shapes of a table in the file",
}
"""Where a pattern is put together, and of what."""


def put_together(source: str) -> Iterator[int]:
    """Lines in functions on which ``re`` is given a pattern that is neither written there nor a constant."""
    functions = [each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.FunctionDef)]
    for node in {node for each in functions for node in ast.walk(each)}:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in ASKING):
            continue
        pattern = node.args[0]
        if not isinstance(pattern, ast.Constant) and not (
            isinstance(pattern, ast.Name) and pattern.id.lstrip("_").isupper()
        ):
            yield node.lineno


def test_no_pattern_is_made_of_what_somebody_sent():
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "import re\n" in (source := path.read_text(encoding="utf-8")) and any(put_together(source))
    }
    assert found == set(OF_OUR_OWN_WORDS)


def test_a_pattern_of_what_was_asked_is_found():
    assert list(put_together("import re\ndef f():\n    re.search(request.GET['q'], text)\n")) == [3]
    assert list(put_together("import re\ndef f():\n    re.search(rf'^{name}', text)\n")) == [3]
    assert not list(put_together("import re\ndef f():\n    re.search(WORDS, text)\n    re.sub(r'a+', '', text)\n"))
