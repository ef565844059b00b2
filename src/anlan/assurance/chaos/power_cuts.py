"""F3: the power goes at a random operation beneath the store."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.power.rig import OURS, PLANT_EARLY, PLANT_NORMAL, power_run

COMMANDS = 150
MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one, the cut stores are made in memory


class PowerCut(Fault):
    """A tape of every write beneath the application, cut at random moments (see ``power/``)."""

    id, title = "F3", "power cut at a random write or sync, unsynced writes lost, torn or reordered"
    plants = (PLANT_EARLY, PLANT_NORMAL)

    def run(self, setting: Setting) -> Outcome:
        scratch = Path(tempfile.mkdtemp(prefix="anlan-power-", dir=MEMORY if MEMORY.is_dir() else None))
        try:
            done = power_run(
                store=setting.home / "anlan.sqlite3",
                scratch=scratch,
                token=setting.centre["token"],
                units=setting.centre["units"],
                box=tuple(setting.centre["box"]),
                commands=COMMANDS,
                cuts=setting.count,
                seed=setting.seed,
                plant=setting.plant or OURS,
                on_cut=setting.on_trial,
            )
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        told = done.as_json()
        names = ("lost", "damaged", "unresolved", "resent", "acknowledged", "operations", "syncs", "manners")
        return Outcome(done.cuts, done.failed, done.examples, {name: told[name] for name in names})
