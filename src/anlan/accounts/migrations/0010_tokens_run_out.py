from datetime import timedelta

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def tokens_count_from_now(apps, schema_editor):
    """Those that are there are good for a whole term from now: no program is cut off by an update."""
    if settings.TOKEN_DAYS:
        tokens = apps.get_model("accounts", "ApiToken").objects.using(schema_editor.connection.alias)
        until = timezone.now() + timedelta(days=settings.TOKEN_DAYS)
        tokens.filter(revoked_at=None, expires_at=None).update(expires_at=until)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_passwords_sessions_glass'),
    ]

    operations = [
        migrations.AddField(
            model_name='apitoken',
            name='expires_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='last_used_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='warned_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(tokens_count_from_now, migrations.RunPython.noop, elidable=True),
    ]
