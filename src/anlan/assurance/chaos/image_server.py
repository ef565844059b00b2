"""F4 on PostgreSQL: the power goes under the server's disk, an image; what is left is recovered and judged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from anlan.assurance.chaos.cluster import Cluster, descendants
from anlan.assurance.chaos.fault import Setting
from anlan.assurance.chaos.image import PowerOff, disk_under, mounted
from anlan.assurance.chaos.site import Site

SERVER_MB = 768
PLANT_UNANSWERED, PLANT_UNSYNCED = "synchronous_commit=off", "fsync=off"
"""A server that answers before its log is on disk, and one that syncs nothing at all."""


class PowerOffServer(PowerOff):
    """The application answers, PostgreSQL keeps; its folder of data lies on the disk that is cut."""

    title = "power cut under the disk of PostgreSQL (an image)"
    store = "PostgreSQL"
    plants = (PLANT_UNANSWERED, PLANT_UNSYNCED)

    @contextmanager
    def on_a_disk(self, setting: Setting) -> Iterator[tuple[Path, Path]]:
        usual = Cluster(_home())
        usual.stop_well()
        # A server that could forget is refused at the start; one that says it is for tests isn't.
        weaker = {setting.plant.split("=")[0]: "off", "anlan.scratch": "on"} if setting.plant else {}
        self.server = Cluster(usual.home, settings=weaker)
        try:
            with disk_under(usual.data, size_mb=SERVER_MB) as both:
                usual.data.chmod(0o700)
                self.server.start()
                try:
                    yield both
                finally:
                    connections.close_all()
                    self.server.stop()
        finally:
            usual.start()

    @contextmanager
    def opened(self, left: Path) -> Iterator[None]:
        """A second server recovers what is left, as the first would when the power is back."""
        home = left.parent / "left"
        home.mkdir(exist_ok=True)
        programs = home / "site"
        if not programs.exists() and (_home() / "site").exists():
            programs.symlink_to(_home() / "site")
        (home / "data").mkdir()
        second = Cluster(home)
        with mounted(left, home / "data"):
            (home / "data" / "postmaster.pid").unlink(missing_ok=True)  # of a machine that lost its power
            second.start()
            try:
                with _served_at(home):
                    yield
            finally:
                second.stop()

    def processes(self, site: Site) -> list[int]:
        """First who answers, then who keeps: nothing is told after the disk stands still."""
        return [*super().processes(site), *descendants(self.server.postmaster)]


def _home() -> Path:
    return Path(str(settings.DATABASES[DEFAULT_DB_ALIAS]["HOST"]))


@contextmanager
def _served_at(home: Path) -> Iterator[None]:
    """This process asks the server at ``home`` meanwhile."""
    connections.close_all()
    told = [connections[alias].settings_dict for alias in connections]
    kept = [one["HOST"] for one in told]
    for one in told:
        if one["ENGINE"].endswith("postgresql"):
            one["HOST"] = str(home)
    try:
        yield
    finally:
        connections.close_all()
        for one, host in zip(told, kept, strict=True):
            one["HOST"] = host
