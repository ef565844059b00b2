"""A small centre in a home of its own, made once and copied for each run that breaks it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

NOTE = "centre.json"


def centre_made(home: Path, *, url: str = "") -> dict[str, Any]:
    """Tokens, units and area of the small centre under ``home``; made there if need be.

    ``url`` is the address of a PostgreSQL in which its store is made instead of a file.
    """
    note = home / NOTE
    if not note.exists():
        home.mkdir(parents=True, exist_ok=True)
        env = {**os.environ, "ANLAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "anlan.config.settings"}
        env.pop("ANLAN_DATABASE_URL", None)
        if url:
            env["ANLAN_DATABASE_URL"] = url
        subprocess.run([sys.executable, "-m", "anlan.config.assurance_store", str(note)], env=env, check=True)
    told: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return told


def main(note: Path) -> None:
    """Make the centre in the store of this process's settings and leave a note of how to get in."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    import django

    django.setup()
    from django.db import connections

    from anlan.config.server import prepare

    prepare()
    told = centre_fill()
    for store in connections.all():
        store.close()
    note.write_text(json.dumps(told), encoding="utf-8")


def centre_fill() -> dict[str, Any]:
    """Fill a store that has its tables: organisations, areas, units, a dispatcher and a feed of positions."""
    from anlan.core.clock import now
    from anlan.drills.bench.past import BOX
    from anlan.drills.bench.store import gateway, small_centre, units_report
    from anlan.units.models import Unit

    at = now()
    token = small_centre(at=at, units=20)
    units_report(at=at)
    told = {"token": token, "feed": gateway(at=at), "box": BOX}
    return {**told, "units": list(Unit.objects.order_by("id").values_list("id", flat=True))}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
