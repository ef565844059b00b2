from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="viewlog",
            name="note",
            field=models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        )
    ]
