"""The docs are part of the build: what exists is told, what is told exists."""

from __future__ import annotations

import re

import pytest

import docs_reference
import docs_states
from anlan.core.permissions import permission_table
from anlan.core.state_machine import REGISTRY
from architecture.source import ROOMS, ROOT

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def reference() -> str:
    return (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")


def test_the_reference_is_what_the_code_says():
    assert reference() == docs_reference.page(), "run make docs"


def test_every_setting_is_told():
    assert docs_reference.settings_read() == set(docs_reference.SETTINGS)


@pytest.mark.parametrize("kind", sorted({kind for _, kind in docs_reference.events()}))
def test_every_event_is_told(kind):
    assert f"`{kind}`" in reference()


@pytest.mark.parametrize("action", sorted(permission_table()))
def test_every_permission_is_told(action):
    assert f"`{action}`" in reference()


def test_every_command_is_told():
    told = reference()
    assert not [words for words, _ in docs_reference.commands() if f"`{words}`" not in told]


def test_every_command_says_what_it_does():
    assert not [words for words, text in docs_reference.commands() if not text]


def test_an_events_name_begins_with_its_room():
    assert not [(room, kind) for room, kind in docs_reference.events() if not re.fullmatch(rf"{room}\.[a-z_]+", kind)]


def test_two_changes_never_share_an_event():
    kinds = [kind for _, kind in docs_reference.events()]
    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize("page", sorted(docs_states.PAGES.glob("*.md")), ids=lambda page: page.name)
def test_the_drawings_are_what_the_code_says(page):
    text = page.read_text(encoding="utf-8")
    assert docs_states.drawn(text) == text, "run make docs"


def test_every_state_machine_is_drawn():
    assert docs_states.asked_for() == set(REGISTRY)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_page(room):
    assert (ROOT / "docs" / "rooms" / f"{room}.md").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_somewhere(page):
    dead = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert not dead


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_names_the_two_commands(readme):
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text


def test_recipes_stay_short():
    """If a recipe grows past ten lines, the code wants simplifying, not the list."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    recipes = re.findall(r"^## (Add .+?)\n(.+?)(?=^## )", text, flags=re.DOTALL | re.MULTILINE)
    assert len(recipes) == 5
    assert not [name for name, steps in recipes if len(steps.strip().splitlines()) > 10]


def test_decisions_are_numbered_without_a_gap():
    numbers = sorted(int(page.name[:4]) for page in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
