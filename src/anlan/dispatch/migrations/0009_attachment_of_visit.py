import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', '0008_checkin_words'),
    ]

    operations = [
        migrations.AlterField(
            model_name='fieldattachment',
            name='assignment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='dispatch.assignment'),
        ),
    ]
