"""The centre that ``anlan load`` puts under load: many units, crews, and browsers that have signed in."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
NOTE = "load.json"


def main(note: Path, job: dict[str, Any]) -> None:
    """Make it in the store of this process's settings and leave a note of how to get in."""
    import django

    django.setup()
    from django.db import connections, transaction

    from anlan.config.server import prepare
    from anlan.core.clock import now
    from anlan.drills.bench.past import BOX, past_build
    from anlan.drills.bench.store import desks, gateway, small_centre
    from anlan.units.models import Unit

    prepare()
    at = now()
    with transaction.atomic():  # thousands of rows, one commit
        told = {"token": small_centre(at=at, units=job["units"]), "feed": gateway(at=at), "box": BOX}
        told["cookies"] = desks(job["desks"], sessions=job["desks"], at=at)
    if job["past"]:
        from anlan.config.bench_intake import past_is_followed

        past_build(job["past"], until=at)
        past_is_followed()
    units = list(Unit.objects.order_by("id").values_list("id", flat=True))
    told |= {"units": units, "phones": units[: job["phones"]]}
    for store in connections.all():
        store.close()
    note.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
