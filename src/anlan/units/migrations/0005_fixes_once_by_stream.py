"""The row of a device's stream already sees to it that no fix is kept twice (docs/decisions/positions-once.md).

SQLite writes the table anew for this: with a month of a thousand units' fixes that takes as long as copying them.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("units", "0004_whole")]

    operations = [migrations.RemoveConstraint(model_name="positionfix", name="units_fix_once")]
