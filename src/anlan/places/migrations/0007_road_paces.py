from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("places", "0006_one_direction"),
    ]

    operations = [
        migrations.CreateModel(
            name="RoadPace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("learned_at", models.DateTimeField(db_index=True)),
                ("drives", models.PositiveIntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("content", models.JSONField()),
            ],
        ),
    ]
