from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("equipment", "0004_life_limits")]

    operations = [
        migrations.AddField("loan", "asked_until", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("loan", "fault", models.CharField(blank=True, max_length=200, default=""), False),
        migrations.AddField(
            "stockcount",
            "model",
            models.ForeignKey(
                null=True, on_delete=models.deletion.PROTECT, related_name="+", to="equipment.itemmodel"
            ),
        ),
        migrations.AddField("stockcount", "others", models.JSONField(default=list)),
        migrations.AddField("stockcount", "settled_at", models.DateTimeField(null=True)),
    ]
