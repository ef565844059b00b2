"""The tables of a fresh store at once: what the steps before lead to."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    # A fresh store gets its tables by this one; a store that began earlier goes on step by step.

    replaces = [('core', '0001_initial'), ('core', '0002_view_note')]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('txid', models.BigIntegerField(default=0)),
                ('kind', models.CharField(max_length=64)),
                ('schema', models.PositiveSmallIntegerField(default=1)),
                ('at', models.DateTimeField()),
                ('actor_kind', models.CharField(max_length=16)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('subject_type', models.CharField(max_length=32)),
                ('subject_id', models.BigIntegerField()),
                ('incident_id', models.BigIntegerField(null=True)),
                ('org_ids', models.JSONField(default=list)),
                ('data', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['txid', 'id'],
                'indexes': [models.Index(fields=['txid', 'id'], name='core_event_tail'), models.Index(condition=models.Q(('incident_id__isnull', False)), fields=['incident_id', 'id'], name='core_event_incident'), models.Index(fields=['subject_type', 'subject_id', 'id'], name='core_event_subject'), models.Index(fields=['kind', 'at'], name='core_event_kind_at')],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=64)),
                ('key', models.CharField(max_length=128)),
                ('body_hash', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('response', models.JSONField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['created_at'], name='core_idempotency_created')],
                'constraints': [models.UniqueConstraint(fields=('scope', 'key'), name='core_idempotency_key_once')],
            },
        ),
        migrations.CreateModel(
            name='ImportBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=32)),
                ('source', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('mapping', models.CharField(blank=True, max_length=64)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('received', models.PositiveIntegerField(default=0)),
                ('accepted', models.PositiveIntegerField(default=0)),
                ('repeated', models.PositiveIntegerField(default=0)),
                ('quarantined', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('finished_at', None), ('received', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('accepted'), '+', models.F('repeated')), '+', models.F('quarantined'))), _connector='OR'), name='core_import_every_row_counted')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='ViewLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor_kind', models.CharField(max_length=16)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('purpose', models.CharField(max_length=32)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('object_type', models.CharField(max_length=32)),
                ('object_id', models.BigIntegerField()),
                ('incident_id', models.BigIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['object_type', 'object_id', 'at'], name='core_viewlog_object')],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=48, unique=True)),
                ('value', models.PositiveBigIntegerField(default=0)),
            ],
            options={
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='HandlerCursor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('handler', models.CharField(max_length=64, unique=True)),
                ('txid', models.BigIntegerField(default=0)),
                ('event_id', models.BigIntegerField(default=0)),
            ],
            options={
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='QuarantinedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='quarantine', to='core.importbatch')),
                ('source', models.CharField(max_length=200)),
                ('line', models.PositiveIntegerField(null=True)),
                ('raw', models.TextField()),
                ('code', models.CharField(max_length=64)),
                ('reason_zh', models.TextField()),
                ('reason_en', models.TextField()),
                ('status', models.CharField(choices=[('open', 'open'), ('taken', 'taken after correction'), ('discarded', 'discarded')], default='open', max_length=12)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['status', '-at'], name='core_quarantine_open')],
                'constraints': [],
            },
        ),
    ]
