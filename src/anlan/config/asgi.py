"""The same stream under Django's usual name."""

from anlan.config.live import application

__all__ = ["application"]
