"""``planted_server.py run --port N …``: serves ``planted_wsgi`` as the real command does the real one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

port = sys.argv[sys.argv.index("--port") + 1]
here = str(Path(__file__).parent)
os.environ["PYTHONPATH"] = os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])
words = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port]
words += ["--workers", "1", "--blocking-threads", "4", "--log-level", "warning", "planted_wsgi:application"]
os.execv(sys.executable, words)
