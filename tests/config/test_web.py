"""Pages and API are built once and forked: what is open at that moment would be shared by all processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

LOOK = """
import django, json, os, threading
django.setup()
from django.db import connections
from anlan.config.ready import tables_make
for alias in connections:
    tables_make(alias)
connections.close_all()
from anlan.config import web
files = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
print(json.dumps({
    "threads": [thread.name for thread in threading.enumerate()],
    "lines": [line.alias for line in connections.all() if line.connection is not None],
    "files": [file for file in files if file.endswith(("sqlite3", "-wal", "-shm"))],
}))
"""


@pytest.mark.sqlite
def test_nothing_is_open_and_nobody_is_at_work_when_the_processes_are_forked(tmp_path):
    environment = {**os.environ, "ANLAN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "anlan.config.settings"}
    environment.pop("ANLAN_DATABASE_URL", None)
    done = subprocess.run([sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == {"threads": ["MainThread"], "lines": [], "files": []}
