"""Files follow what happens from now on: what a centre did before it had them opens none and pushes nothing."""

from __future__ import annotations

from django.db import migrations


def follow_from_here(apps, schema_editor):
    events = apps.get_model("core", "Event").objects.order_by("-txid", "-id")
    cursors = apps.get_model("core", "HandlerCursor").objects
    if (last := events.first()) is not None:
        cursors.get_or_create(handler="disputes.follow", defaults={"txid": last.txid, "event_id": last.pk})


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_view_note"),
        ("disputes", "0004_revisits"),
    ]

    operations = [migrations.RunPython(follow_from_here, migrations.RunPython.noop)]
