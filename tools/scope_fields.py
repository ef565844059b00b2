"""Print the rows the field inventory still lacks, for a person to complete.

Append them to ``src/anlan/core/scope_guard/fields.csv`` and replace each question mark. What the words mean
stands in ``anlan.core.scope_guard.inventory``.
"""

from __future__ import annotations

import csv
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
django.setup()

from django.apps import apps  # noqa: E402 - Django first

from anlan.core.scope_guard.inventory import inventory_load  # noqa: E402


def main() -> None:
    listed = {row.field for row in inventory_load()}
    out = csv.writer(sys.stdout, lineterminator="\n")
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            name = f"{model._meta.label}.{field.name}"
            if name not in listed:
                out.writerow((name, "?", "?", "?", "?", ""))


if __name__ == "__main__":
    main()
