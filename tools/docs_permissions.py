"""Write docs/permissions.md from the reviewed table of doors: ``python tools/docs_permissions.py [--check]``."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "permissions.md"
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]

HEAD = """# Who may do what

Written by `tools/docs_permissions.py` from `tests/permissions/doors.csv`, the table people review; do not edit here.
The tests ask every door as every role and hold the answers against it (`tests/permissions/`).

Rules for all doors:

- Nobody comes in without signing in, except where it says *anyone*.
- A role reaches its own organisation and those beneath it. A record of any other answers exactly like one that does
  not exist: status, headers and body, in lists, counts, searches and exports as well. Exceptions say why.
- Patrol, community officer and street team act only for the unit whose crew they are on.
- That an organisation or a colleague exists is known to all; what is in it is not.

Reach: **o** own organisation, **b** beneath, **s** beside, **a** above, **–** the same for all or one's own desk.
"""


def page() -> str:
    from permissions.county import RELATIONS, ROLES
    from permissions.doors import doors

    groups: dict[str, list[str]] = defaultdict(list)
    for door in doors():
        part = door.path.split("/")[2 if door.is_api else 1].partition("?")[0] or "first page"
        roles = "anyone" if door.is_public else "all" if door.roles == set(ROLES) else ", ".join(sorted(door.roles))
        given = f"; only what was given to them: {', '.join(sorted(door.given))}" if door.given else ""
        reach = "".join(name[0] for name in RELATIONS if name in door.open) or "–"
        path = door.path.partition("?")[0].replace("{=", "{")
        row = f"| {door.method} `{path}` | {door.record} | {roles}{given} | {reach} | {door.why} |"
        groups[f"{'Interface' if door.is_api else 'Pages'}: {part}"].append(row)
    parts = [HEAD]
    for name in sorted(groups):
        table = "\n".join(dict.fromkeys(groups[name]))
        parts.append(f"## {name}\n\n| Door | Record | Roles | Reach | Why |\n|---|---|---|---|---|\n{table}\n")
    return "\n".join(parts)


def main() -> int:
    if "--check" in sys.argv:
        return int(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    import django

    django.setup()
    raise SystemExit(main())
