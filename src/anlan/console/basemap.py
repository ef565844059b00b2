"""Which base map the browser programs draw under what they show."""

from __future__ import annotations

from anlan.core.programs import basemap

__all__ = ["basemap"]
