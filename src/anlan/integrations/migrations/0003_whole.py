"""The tables of a fresh store at once: what the steps before lead to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    # A fresh store gets its tables by this one; a store that began earlier goes on step by step.

    replaces = [('integrations', '0001_initial'), ('integrations', '0002_town_platform')]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='ExternalRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(max_length=32)),
                ('sheet', models.CharField(max_length=16)),
                ('external_id', models.CharField(max_length=64)),
                ('object_type', models.CharField(max_length=32)),
                ('object_id', models.BigIntegerField()),
                ('taken_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('system', 'sheet', 'external_id'), name='integrations_record_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='PlatformDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_name', models.CharField(max_length=32)),
                ('event_txid', models.BigIntegerField(default=0)),
                ('event_id', models.BigIntegerField()),
                ('matter', models.CharField(max_length=24)),
                ('body', models.JSONField()),
                ('state', models.CharField(choices=[('waiting', 'waits to be told'), ('sending', 'being told'), ('taken', 'taken by the platform'), ('given_up', 'given up')], default='waiting', max_length=8)),
                ('state_since', models.DateTimeField()),
                ('made_at', models.DateTimeField()),
                ('next_at', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=24)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='integrations_delivery_due'), models.Index(condition=models.Q(('next_at__isnull', False)), fields=['matter', 'event_id'], name='integrations_delivery_matter')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'taken', 'given_up'])), name='integrations_delivery_states'), models.UniqueConstraint(fields=('event_id', 'key_name'), name='integrations_delivery_once'), models.CheckConstraint(condition=models.Q(models.Q(('next_at__isnull', False), ('state__in', ('waiting', 'sending'))), models.Q(models.Q(('state__in', ('waiting', 'sending')), _negated=True), ('next_at', None)), _connector='OR'), name='integrations_delivery_next')],
            },
        ),
        migrations.CreateModel(
            name='PlatformEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_name', models.CharField(max_length=32)),
                ('external_id', models.CharField(max_length=64)),
                ('body_sha256', models.CharField(max_length=64)),
                ('matter', models.CharField(max_length=24)),
                ('state', models.CharField(max_length=12)),
                ('said_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('outcome', models.CharField(choices=[('taken', 'done here'), ('noted', 'noted, changes nothing here'), ('late', 'came late, changes nothing')], max_length=8)),
            ],
            options={
                'indexes': [models.Index(fields=['matter', '-said_at'], name='integrations_platform_matter')],
                'constraints': [models.UniqueConstraint(fields=('key_name', 'external_id'), name='integrations_platform_once')],
            },
        ),
    ]
