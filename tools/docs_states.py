"""Draw the state machines into the rooms' pages: ``python tools/docs_states.py [--check]``.

A page asks for a drawing with ``<!-- states: intake.call -->``; everything up to ``<!-- end -->`` is
replaced by the diagram of that machine as the code has it.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "rooms"
PLACE = re.compile(r"(<!-- states: (?P<name>[\w.]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def drawing(name: str) -> str:
    """The machine ``name`` as a mermaid diagram: states with their words, moves, beginning and ends."""
    from django.utils import translation

    from anlan.core.state_machine import REGISTRY

    machine = REGISTRY[name]
    lines = ["```mermaid", "stateDiagram-v2"]
    with translation.override("en"):
        lines += [f'    state "{machine.labels[state]}" as {state}' for state in machine.states]
    lines.append(f"    [*] --> {machine.initial}")
    lines += [f"    {state} --> {target}" for state in machine.states for target in machine.moves.get(state, ())]
    lines += [f"    {state} --> [*]" for state in machine.final]
    return "\n".join([*lines, "```\n"])


def drawn(text: str) -> str:
    """``text`` with every drawing it asks for."""
    return PLACE.sub(lambda hit: hit[1] + drawing(hit["name"]) + hit[3], text)


def asked_for() -> set[str]:
    """Names of the machines that some page shows."""
    return {hit["name"] for page in PAGES.glob("*.md") for hit in PLACE.finditer(page.read_text(encoding="utf-8"))}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    import django

    django.setup()
    stale = []
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if (now := drawn(text)) != text:
            stale.append(page.name)
            if "--check" not in sys.argv:
                page.write_text(now, encoding="utf-8")
    if stale:
        print(("stale: " if "--check" in sys.argv else "drawn anew: ") + ", ".join(stale))
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
