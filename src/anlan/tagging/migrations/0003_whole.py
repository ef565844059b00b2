"""The tables of a fresh store at once: what the steps before lead to."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    # A fresh store gets its tables by this one; a store that began earlier goes on step by step.

    replaces = [('tagging', '0001_initial'), ('tagging', '0002_editions_and_transfer_list')]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='TaxonomyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField(unique=True)),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(blank=True, null=True)),
                ('sha256', models.CharField(max_length=64)),
                ('is_in_force', models.BooleanField(default=False)),
                ('groups', models.JSONField(default=list)),
                ('escalations', models.JSONField(default=list)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_in_force', True)), fields=('is_in_force',), name='tagging_one_taxonomy_in_force')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='TagValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(max_length=24)),
                ('value', models.CharField(max_length=40)),
                ('name_zh', models.CharField(max_length=40)),
                ('name_en', models.CharField(max_length=60)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('set_by', models.CharField(blank=True, max_length=10)),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['dimension', 'position'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('dimension', 'value'), name='tagging_one_value_in_force')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='TransferItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list_version', models.CharField(max_length=16)),
                ('code', models.CharField(max_length=4)),
                ('partner_code', models.CharField(max_length=8)),
                ('is_non_urgent', models.BooleanField(default=False)),
                ('police_also', models.BooleanField(default=False)),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['code', 'partner_code'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('code', 'partner_code'), name='tagging_one_transfer_item_in_force')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='ExternalCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(max_length=32)),
                ('code', models.CharField(max_length=32)),
                ('maps_to', models.CharField(max_length=4)),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('system', 'code'), name='tagging_one_mapping_in_force')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='IncidentType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('taxonomy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='types', to='tagging.taxonomyversion')),
                ('code', models.CharField(max_length=4)),
                ('parent_code', models.CharField(blank=True, max_length=2)),
                ('name_zh', models.CharField(max_length=40)),
                ('name_en', models.CharField(max_length=80)),
                ('priority', models.CharField(blank=True, max_length=2)),
                ('track', models.CharField(blank=True, max_length=1)),
                ('tracks_also', models.CharField(blank=True, max_length=4)),
                ('arrive_town_s', models.PositiveIntegerField(null=True)),
                ('arrive_suburb_s', models.PositiveIntegerField(null=True)),
                ('arrive_rural_s', models.PositiveIntegerField(null=True)),
                ('close_rule', models.CharField(blank=True, max_length=24)),
                ('push', models.CharField(blank=True, max_length=8)),
                ('family', models.CharField(blank=True, max_length=12)),
                ('external_code', models.CharField(blank=True, max_length=16)),
                ('is_valid_incident', models.BooleanField(default=True)),
                ('arrive_note', models.JSONField(blank=True, default=dict)),
                ('exceptions', models.JSONField(blank=True, default=list)),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.UniqueConstraint(fields=('taxonomy', 'code'), name='tagging_code_once')],
                'indexes': [],
            },
        ),
    ]
