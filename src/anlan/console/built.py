"""Where the console's programs are, by the builder's manifest."""

from __future__ import annotations

from typing import Any

from anlan.core.programs import FOLDER, MANIFEST, program


def built(entry: str) -> dict[str, Any] | None:
    """``{"js": address, "css": [addresses]}`` of a program by its source's path; None where it was not built."""
    return program(entry, manifest=MANIFEST)


__all__ = ["FOLDER", "MANIFEST", "built"]
