"""What is thrown at parsers for a release: each target takes what is well-formed, and finds a guard that is gone."""

from __future__ import annotations

import importlib

import pytest

import fuzz

HARMFUL = {
    "positions": b'{"fixes": [], "datum": "mars"}',
    "epc": b"3034257BF7194E4000001A8G",
    "table": "编号,时间\n".encode() * 9 + b"\xff,1\n",
    "sheet": b"<worksheet",
    "areas": b"[]",
    "roads": b"\x00",
    "road_tags": b"maxspeed=-5",
}
"""What a parser without its guard stumbles over."""


def test_each_parser_has_its_packages_and_its_harm():
    assert set(fuzz.targets()) == set(fuzz.LED_BY) == set(HARMFUL)


@pytest.mark.parametrize("name", sorted(HARMFUL))
def test_a_guard_that_is_gone_is_found(name, monkeypatch):
    target = fuzz.targets()[name]
    for data in (*target.seeds, HARMFUL[name], b"", b"\x00" * 40):
        target.ask(data)
    module = importlib.import_module(target.plant[0])
    monkeypatch.setattr(module, target.plant[1], getattr(module, target.plant[1]))
    if name == "positions":
        monkeypatch.setattr(module, "_usual", module._usual)
    fuzz.plant(target)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, nobody expects it
        target.ask(HARMFUL[name])
