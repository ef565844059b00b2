"""The live stream: an ASGI application for ``/live`` alone."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
django.setup()

from anlan.console.live import LiveStream  # noqa: E402 - Django must be set up first

application = LiveStream()
