"""A function fits on a screen; a file has one subject."""

from __future__ import annotations

import ast

from architecture.source import modules

FUNCTION_LINES = 60
FILE_LINES = 500


def test_functions_fit_on_a_screen():
    long = [
        f"{module.name}.{function.name} has {lines} lines"
        for module in modules()
        for function in module.functions()
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


def test_files_have_one_subject():
    long = [
        f"{module.name} has {lines} lines"
        for module in modules()
        if (lines := len(module.path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    ]
    assert not long, "\n".join(long)


def test_public_functions_of_engines_and_services_say_what_they_do():
    mute = [
        f"{module.name}.{function.name}"
        for module in modules()
        if module.room == "engines" or module.leaf.startswith("services") or module.leaf == "rules"
        for function in module.tree.body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and ast.get_docstring(function) is None
    ]
    assert not mute, "\n".join(mute)
