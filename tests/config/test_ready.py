"""A new store begun as a copy of an empty one has what one made by its migrations has, and never less."""

from __future__ import annotations

import json
import subprocess
import sys

STORES = """
import json, os, sqlite3, sys
from pathlib import Path
import django
from django.conf import settings
folder = Path(sys.argv[1])
os.environ["ANLAN_READY_STORES"] = str(folder / "ready")
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "first.sqlite3")}},
)
django.setup()
from django.db import connection
from anlan.config import ready

migrated = []
migrate = ready.call_command
ready.call_command = lambda *words, **options: (migrated.append(store), migrate(*words, **options))

def make(name):
    global store
    store = name
    connection.close()
    connection.settings_dict["NAME"] = str(folder / f"{name}.sqlite3")
    ready.tables_make("default")
    assert not ready.is_behind("default")
    return "\\n".join(sqlite3.connect(folder / f"{name}.sqlite3").iterdump())

first, second = make("first"), make("second")
(kept,) = (folder / "ready").iterdir()
with sqlite3.connect(kept) as lacking:
    lacking.execute("delete from django_migrations where app = 'auth' and name like '0012%'")
third = make("third")
again = make("first")
print(json.dumps({"migrated": migrated, "same": first == second == again, "tables": "auth_user" in third}))
"""


def test_a_ready_store_saves_the_migrations_and_one_that_lacks_some_gets_them(tmp_path):
    done = subprocess.run([sys.executable, "-c", STORES, str(tmp_path)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"migrated": ["first", "third", "first"], "same": True, "tables": True}
