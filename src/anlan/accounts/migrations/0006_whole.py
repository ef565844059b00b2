"""The tables of a fresh store at once: what the steps before lead to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # A fresh store gets its tables by this one; a store that began earlier goes on step by step.

    replaces = [('accounts', '0001_initial'), ('accounts', '0002_organisation_brigade'), ('accounts', '0003_role_integration'), ('accounts', '0004_sign_in_tries'), ('accounts', '0005_mediation_roles')]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, unique=True)),
                ('kind', models.CharField(choices=[('bureau', 'bureau'), ('zone', 'zone'), ('station', 'police station'), ('brigade', 'brigade'), ('town_room', 'town command room'), ('mediation_centre', 'mediation centre'), ('partner', 'partner desk')], max_length=20)),
                ('name_zh', models.CharField(max_length=64)),
                ('name_en', models.CharField(max_length=64)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='accounts.organisation')),
                ('path', models.CharField(blank=True, db_index=True, max_length=200)),
                ('contact_line', models.CharField(blank=True, max_length=32)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['path'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('parent', None)), fields=('kind',), name='accounts_one_root_per_kind')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='SignInTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=32, unique=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('failed_at', models.DateTimeField(db_index=True)),
                ('locked_until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=40, unique=True, verbose_name='user name')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='people', to='accounts.organisation')),
                ('language', models.CharField(default='zh-hans', max_length=8)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'abstract': False,
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(choices=[('call_taker', 'call taker'), ('dispatcher', 'dispatcher'), ('duty_leader', 'duty leader'), ('station_room', 'station command room'), ('patrol', 'patrol officer'), ('beat_officer', 'community officer'), ('town_operator', 'town room operator'), ('street_team', 'street team member'), ('mediation_desk', 'guide desk of the mediation centre'), ('mediator', 'mediator'), ('partner_desk', 'partner desk'), ('chief', 'chief'), ('analyst', 'analyst'), ('auditor', 'privacy officer'), ('admin', 'administrator'), ('integration', 'feed of another system')], max_length=20)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('person', 'role', 'organisation'), name='accounts_one_open_grant')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tokens', to=settings.AUTH_USER_MODEL)),
                ('label', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [],
                'constraints': [],
            },
        ),
    ]
