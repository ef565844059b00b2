"""The tables of a fresh store at once: what the steps before lead to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # A fresh store gets its tables by this one; a store that began earlier goes on step by step.

    replaces = [('units', '0001_initial'), ('units', '0002_incident_number_and_streams'), ('units', '0003_desk_duty')]

    dependencies = [
        ('accounts', '0006_whole'),
    ]

    operations = [
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('call_sign', models.CharField(max_length=24, unique=True)),
                ('track', models.CharField(choices=[('P', 'police'), ('C', 'community')], max_length=1)),
                ('vehicle', models.CharField(choices=[('car', 'patrol car'), ('motorcycle', 'motorcycle'), ('foot', 'on foot'), ('boat', 'boat')], default='car', max_length=12)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='units', to='accounts.organisation')),
                ('capabilities', models.JSONField(blank=True, default=list)),
                ('state', models.CharField(choices=[('off', 'off duty'), ('available', 'available'), ('assigned', 'assigned'), ('en_route', 'en route'), ('on_scene', 'on scene'), ('busy', 'busy with other work'), ('out_of_service', 'out of service')], default='off', max_length=16)),
                ('state_since', models.DateTimeField()),
                ('incident_id', models.BigIntegerField(blank=True, null=True)),
                ('incident_number', models.CharField(blank=True, max_length=16)),
                ('base_lon', models.FloatField(blank=True, null=True)),
                ('base_lat', models.FloatField(blank=True, null=True)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['call_sign'],
                'indexes': [models.Index(fields=['state', 'track'], name='units_unit_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['off', 'available', 'assigned', 'en_route', 'on_scene', 'busy', 'out_of_service'])), name='units_status_states')],
            },
        ),
        migrations.CreateModel(
            name='DeskDuty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='desk_duties', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('role', models.CharField(max_length=20)),
                ('taken_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['taken_at', 'id'],
                'indexes': [models.Index(condition=models.Q(('left_at', None)), fields=['organisation'], name='units_desk_now')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('person',), name='units_person_at_one_desk'), models.CheckConstraint(condition=models.Q(('left_at', None), ('left_at__gte', models.F('taken_at')), _connector='OR'), name='units_desk_forward')],
            },
        ),
        migrations.CreateModel(
            name='UnitPosition',
            fields=[
                ('unit_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('lon', models.FloatField()),
                ('lat', models.FloatField()),
                ('cell', models.BigIntegerField()),
                ('speed_mps', models.FloatField(null=True)),
                ('heading_deg', models.FloatField(null=True)),
                ('fixed_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='PositionStream',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit_id', models.BigIntegerField()),
                ('boot', models.CharField(max_length=32)),
                ('upto', models.BigIntegerField(default=0)),
                ('beyond', models.JSONField(default=list)),
                ('heard_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('unit_id', 'boot'), name='units_stream_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='PositionFix',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit_id', models.BigIntegerField()),
                ('boot', models.CharField(max_length=32)),
                ('seq', models.BigIntegerField()),
                ('lon', models.FloatField()),
                ('lat', models.FloatField()),
                ('speed_mps', models.FloatField(null=True)),
                ('heading_deg', models.FloatField(null=True)),
                ('fixed_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['unit_id', 'fixed_at'], name='units_fix_track'), models.Index(fields=['received_at'], name='units_fix_age')],
                'constraints': [models.UniqueConstraint(fields=('unit_id', 'boot', 'seq'), name='units_fix_once')],
            },
        ),
        migrations.CreateModel(
            name='StatusLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='status_log', to='units.unit')),
                ('state_from', models.CharField(max_length=16)),
                ('state_to', models.CharField(max_length=16)),
                ('at', models.DateTimeField()),
                ('incident_id', models.BigIntegerField(null=True)),
                ('actor_kind', models.CharField(max_length=16)),
                ('actor_id', models.BigIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['unit', '-at'], name='units_statuslog_unit')],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='units.unit')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['unit', 'starts_at'], name='units_shift_unit')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='units_shift_forward')],
            },
        ),
        migrations.CreateModel(
            name='CrewMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='crew', to='units.unit')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='crew_duties', to=settings.AUTH_USER_MODEL)),
                ('joined_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('person',), name='units_person_on_one_unit')],
                'indexes': [],
            },
        ),
    ]
