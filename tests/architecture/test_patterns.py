"""Patterns are written by us: none is made of what somebody sent (OWASP ASVS V1.2.9). Nor is a name of a script's
objects, under which something could be written into what all objects share (V15.3.6)."""

from __future__ import annotations

import ast
import re
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


UNDER_A_NAME = re.compile(r"\w\[(?!\d)[\w.]+\]\s*=[^=]|__proto__|Object\.assign\((?!document\.createElement)")
OF_OUR_OWN_NAMES = {
    "frontend/src/deeds.ts": "names of two lists in the file",
    "frontend/src/map/signs.ts": "numbers of cells in an array of numbers",
    "console/static/console/phone.js": "onto a dataset, which keeps words and has no such names",
    "console/static/console/phone-visits.js": "onto a dataset",
    "core/static/core/shell.js": "words under the names of the fields of our own forms",
}
"""Where a script writes under a name that isn't written there, and whose names they are."""


def test_no_script_writes_under_a_name_that_somebody_sent():
    ours = [*PACKAGE.glob("*/static/**/*.js"), *(PACKAGE.parents[1] / "frontend" / "src").rglob("*.ts")]
    scripts = [path for path in ours if "island" not in path.parts and "vendor" not in path.parts]
    assert len(scripts) > 30
    found = {
        str(path.relative_to(PACKAGE if PACKAGE in path.parents else PACKAGE.parents[1]))
        for path in scripts
        if UNDER_A_NAME.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(OF_OUR_OWN_NAMES)


def test_a_script_that_does_is_found():
    assert UNDER_A_NAME.search("into[key] = value")
    assert UNDER_A_NAME.search("Object.assign(known, JSON.parse(told))")
    assert not UNDER_A_NAME.search("const [file] = files; row[0] = 1; if (a[b] == c) x();")
