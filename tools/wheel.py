"""Build the wheel and see that what was built works: its command, its data, its translations.

``python tools/wheel.py [--keep FOLDER]``. The wheel is unpacked beside the installed dependencies and used
from there, far from the checkout.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOT_SHIPPED = {"__pycache__"}
PROOF = """
import anlan, django, os
from pathlib import Path
assert Path(anlan.__file__).is_relative_to(Path(os.environ["UNPACKED"])), anlan.__file__
django.setup()
from django.core.management import call_command
from django.utils import translation
from anlan.core.errors import NotFound
from anlan.core.permissions import permission_table
call_command("migrate", verbosity=0)
call_command("check", databases=["default"])
assert NotFound().detail("zh-hans") != NotFound().detail("en"), "translations are missing"
assert len(permission_table()) > 20, "permission sheets are missing"
from django.contrib.staticfiles import finders
built = finders.find("console/island/manifest.json")
print("works from the wheel,", "with the map console" if built else "WITHOUT the map console (make setup builds it)")
assert built or not os.environ.get("CI"), "the map console is missing"
"""


def missing(names: set[str]) -> list[str]:
    """Files of the package that the wheel lacks."""
    source = ROOT / "src"
    wanted = {
        str(path.relative_to(source))
        for path in (source / "anlan").glob("**/*")
        if path.is_file() and not NOT_SHIPPED & set(path.parts)
    }
    return sorted(wanted - names)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="put the wheel here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anlan-wheel-") as folder:
        # Built from a copy, so that nothing is left in the tree.
        copy = Path(folder) / "source"
        leave_out = shutil.ignore_patterns(
            ".git", ".venv", "var", "build", "*.egg-info", "__pycache__", ".*_cache", "node_modules"
        )
        shutil.copytree(ROOT, copy, ignore=leave_out)
        words = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            folder,
            str(copy),
        ]
        subprocess.run(words, check=True)
        wheel = next(Path(folder).glob("anlan-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            lacking = missing(set(archive.namelist()))
            unpacked = Path(folder) / "unpacked"
            archive.extractall(unpacked)
        if lacking:
            print("the wheel lacks:", *lacking, sep="\n  ")
            return 1
        home = Path(folder) / "home"
        environment = {**os.environ, "PYTHONPATH": str(unpacked), "UNPACKED": str(unpacked), "ANLAN_HOME": str(home)}
        environment["DJANGO_SETTINGS_MODULE"] = "anlan.config.settings"
        code = subprocess.run([sys.executable, "-P", "-c", PROOF], cwd=folder, env=environment).returncode
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
        if options.keep and not code:
            options.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy2(wheel, options.keep)
        return code


if __name__ == "__main__":
    sys.exit(main())
