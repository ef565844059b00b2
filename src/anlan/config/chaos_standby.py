"""The standby of F12: ``python -m anlan.config.chaos_standby PORT PLANT PAGE CENTRE``, as ``anlan standby serve`` is.

With a plant (or '') it has a known fault, to show that the rig sees such a thing.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
import django

django.setup()

from anlan.assurance.chaos.standby import PLANT_NO_FENCE, PLANT_NO_POSITIONS  # noqa: E402 - Django must be set up first
from anlan.assurance.standby.copy import Copy  # noqa: E402
from anlan.assurance.standby.kept import Kept  # noqa: E402
from anlan.config.commands.standby import serve  # noqa: E402

if __name__ == "__main__":
    port, plant, page, centre = sys.argv[1:]
    if plant == PLANT_NO_FENCE:
        Copy.is_refused = lambda *_: False  # type: ignore[method-assign]
    if plant == PLANT_NO_POSITIONS:
        append = Kept._append
        Kept._append = lambda kept, *what: append(kept, *what) if kept.is_synced else None  # type: ignore[method-assign]
    serve.main(["--port", port, "--page", page, "--centre", centre], prog_name="anlan standby serve")
