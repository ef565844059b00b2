"""The tables of a fresh store at once: what the steps before lead to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # A fresh store gets its tables by this one; a store that began earlier goes on step by step.

    replaces = [('places', '0001_initial'), ('places', '0002_basemap'), ('places', '0003_points_weather')]

    dependencies = [
        ('accounts', '0006_whole'),
    ]

    operations = [
        migrations.CreateModel(
            name='Area',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('county', 'county'), ('zone', 'zone'), ('station', 'station area'), ('town', 'street or town'), ('beat', 'beat')], max_length=12)),
                ('code', models.CharField(max_length=32)),
                ('name_zh', models.CharField(max_length=64)),
                ('name_en', models.CharField(blank=True, max_length=64)),
                ('setting', models.CharField(choices=[('town', 'town'), ('suburb', 'suburb'), ('rural', 'countryside')], default='town', max_length=8)),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='areas', to='accounts.organisation')),
                ('polygon', models.JSONField()),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('kind', 'code'), name='places_one_area_in_force')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='RoadNetwork',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64)),
                ('source', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('file', models.CharField(max_length=200)),
                ('nodes', models.PositiveIntegerField()),
                ('edges', models.PositiveIntegerField()),
                ('attribution', models.CharField(max_length=200)),
                ('imported_at', models.DateTimeField()),
                ('is_active', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('is_active',), name='places_one_active_network')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Basemap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64)),
                ('origin', models.CharField(choices=[('drawn', 'drawn from a road file'), ('imported', "the bureau's own tiles")], max_length=8)),
                ('kind', models.CharField(choices=[('mvt', 'vector'), ('png', 'PNG'), ('jpeg', 'JPEG'), ('webp', 'WebP')], max_length=4)),
                ('source', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('file', models.CharField(max_length=200)),
                ('size_bytes', models.BigIntegerField()),
                ('min_zoom', models.PositiveSmallIntegerField()),
                ('max_zoom', models.PositiveSmallIntegerField()),
                ('west', models.FloatField()),
                ('south', models.FloatField()),
                ('east', models.FloatField()),
                ('north', models.FloatField()),
                ('attribution', models.CharField(max_length=200)),
                ('approval_number', models.CharField(blank=True, max_length=64)),
                ('is_synthetic', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField()),
                ('is_active', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('is_active',), name='places_one_active_basemap')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('road', 'road'), ('house_number', 'house number'), ('estate', 'residential estate'), ('building', 'building'), ('village', 'village or group'), ('landmark', 'landmark'), ('junction', 'junction')], max_length=12)),
                ('name_zh', models.CharField(max_length=80)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('aliases', models.JSONField(blank=True, default=list)),
                ('road', models.CharField(blank=True, max_length=80)),
                ('number', models.CharField(blank=True, max_length=16)),
                ('area_code', models.CharField(blank=True, max_length=32)),
                ('lon', models.FloatField()),
                ('lat', models.FloatField()),
                ('cell', models.BigIntegerField()),
                ('source', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'name_zh'], name='places_place_name')],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Point',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('booth', 'police booth'), ('must_cover', 'must-cover point'), ('standby', 'standby point')], max_length=12)),
                ('code', models.CharField(max_length=32)),
                ('name_zh', models.CharField(max_length=64)),
                ('name_en', models.CharField(blank=True, max_length=64)),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='points', to='accounts.organisation')),
                ('lon', models.FloatField()),
                ('lat', models.FloatField()),
                ('cell', models.BigIntegerField()),
                ('source', models.CharField(max_length=64)),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('kind', 'code'), name='places_one_point_in_force')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='WeatherReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=64)),
                ('spot', models.CharField(blank=True, max_length=32)),
                ('lon', models.FloatField(blank=True, null=True)),
                ('lat', models.FloatField(blank=True, null=True)),
                ('form', models.CharField(choices=[('observed', 'measured'), ('forecast', 'forecast')], max_length=8)),
                ('issued_at', models.DateTimeField()),
                ('valid_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('temperature_c', models.FloatField(blank=True, null=True)),
                ('rain_mm_h', models.FloatField(blank=True, null=True)),
                ('wind_mps', models.FloatField(blank=True, null=True)),
                ('visibility_m', models.FloatField(blank=True, null=True)),
                ('is_synthetic', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['form', '-valid_at'], name='places_weather_latest')],
                'constraints': [models.UniqueConstraint(fields=('source', 'spot', 'form', 'issued_at', 'valid_at'), name='places_one_reading')],
            },
        ),
        migrations.CreateModel(
            name='WeatherWarning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=64)),
                ('number', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('rainstorm', 'rainstorm'), ('typhoon', 'typhoon'), ('wind', 'strong wind'), ('fog', 'fog'), ('ice', 'icy roads'), ('snow', 'snowstorm'), ('cold', 'cold wave'), ('heat', 'heat'), ('thunder', 'thunderstorm'), ('hail', 'hail'), ('other', 'other weather')], max_length=12)),
                ('level', models.CharField(choices=[('blue', 'blue'), ('yellow', 'yellow'), ('orange', 'orange'), ('red', 'red')], max_length=6)),
                ('spot', models.CharField(blank=True, max_length=32)),
                ('text', models.CharField(blank=True, max_length=200)),
                ('issued_at', models.DateTimeField()),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('received_at', models.DateTimeField()),
                ('is_synthetic', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['-ends_at'], name='places_warning_ends')],
                'constraints': [models.UniqueConstraint(fields=('source', 'number'), name='places_one_warning')],
            },
        ),
        migrations.CreateModel(
            name='PremiseNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hazard', models.CharField(choices=[('dog', 'dog'), ('gas', 'gas'), ('stairs', 'steep or narrow stairs'), ('access', 'difficult access'), ('water', 'water'), ('electricity', 'electricity'), ('chemicals', 'chemicals'), ('structure', 'unsafe structure'), ('signal', 'no radio signal')], max_length=16)),
                ('text', models.CharField(blank=True, max_length=120)),
                ('address_text', models.CharField(max_length=200)),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='places.place')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('is_dwelling', models.BooleanField(default=False)),
                ('lon', models.FloatField()),
                ('lat', models.FloatField()),
                ('cell', models.BigIntegerField(db_index=True)),
                ('source', models.CharField(max_length=32)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('expires_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='places_note_expiry')],
                'constraints': [],
            },
        ),
    ]
