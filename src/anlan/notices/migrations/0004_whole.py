"""The tables of a fresh store at once: what the steps before lead to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # A fresh store gets its tables by this one; a store that began earlier goes on step by step.

    replaces = [('notices', '0001_initial'), ('notices', '0002_notice_words'), ('notices', '0003_outbox')]

    dependencies = [
        ('accounts', '0006_whole'),
    ]

    operations = [
        migrations.CreateModel(
            name='OutboundMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.CharField(max_length=48)),
                ('blanks', models.JSONField(default=dict)),
                ('language', models.CharField(default='zh-hans', max_length=8)),
                ('channel', models.CharField(choices=[('sms', 'text message'), ('wecom', 'WeCom'), ('dingtalk', 'DingTalk'), ('feishu', 'Feishu'), ('email', 'e-mail')], max_length=8)),
                ('urgency', models.CharField(choices=[('routine', 'routine'), ('urgent', 'urgent')], default='routine', max_length=8)),
                ('state', models.CharField(choices=[('queued', 'waiting to go out'), ('sending', 'going out'), ('sent', 'handed to the channel'), ('delivered', 'reached its receiver'), ('failed', 'could not be delivered'), ('expired', 'out of time before it went out'), ('recalled', 'recalled before it went out')], default='queued', max_length=12)),
                ('state_since', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('incident_id', models.BigIntegerField(blank=True, null=True)),
                ('subject_type', models.CharField(blank=True, max_length=32)),
                ('subject_id', models.BigIntegerField(blank=True, null=True)),
                ('key', models.CharField(blank=True, max_length=64)),
                ('queued_at', models.DateTimeField()),
                ('queued_by', models.BigIntegerField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, max_length=24)),
                ('expires_at', models.DateTimeField()),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-queued_at', '-id'],
                'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='notices_message_due'), models.Index(condition=models.Q(('incident_id__isnull', False)), fields=['incident_id'], name='notices_message_incident'), models.Index(fields=['organisation', '-queued_at'], name='notices_message_organisation'), models.Index(condition=models.Q(('erased_at__isnull', True), ('next_at__isnull', True)), fields=['state_since'], name='notices_message_keeping')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'sending', 'sent', 'delivered', 'failed', 'expired', 'recalled'])), name='notices_message_states'), models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('key',), name='notices_message_key_once'), models.CheckConstraint(condition=models.Q(models.Q(('next_at__isnull', False), ('state__in', ('queued', 'sending'))), models.Q(models.Q(('state__in', ('queued', 'sending')), _negated=True), ('next_at', None)), _connector='OR'), name='notices_message_only_waiting_tried'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('sent', 'delivered')), _negated=True), ('sent_at__isnull', False), _connector='OR'), name='notices_message_sent_has_time')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.CharField(max_length=48)),
                ('blanks', models.JSONField(default=dict)),
                ('text', models.CharField(blank=True, max_length=200)),
                ('urgency', models.CharField(choices=[('routine', 'routine'), ('urgent', 'urgent')], default='routine', max_length=8)),
                ('asks', models.CharField(choices=[('one', 'one answer is enough'), ('each', 'each receiver answers')], default='one', max_length=4)),
                ('state', models.CharField(choices=[('sent', 'not seen yet'), ('delivered', 'shown'), ('acknowledged', 'acknowledged'), ('withdrawn', 'withdrawn'), ('expired', 'run out')], default='sent', max_length=12)),
                ('state_since', models.DateTimeField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('incident_id', models.BigIntegerField(blank=True, null=True)),
                ('incident_number', models.CharField(blank=True, max_length=16)),
                ('subject_type', models.CharField(blank=True, max_length=32)),
                ('subject_id', models.BigIntegerField(blank=True, null=True)),
                ('key', models.CharField(blank=True, max_length=64)),
                ('sent_at', models.DateTimeField()),
                ('sent_by', models.BigIntegerField(null=True)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ('acknowledged_kind', models.CharField(blank=True, max_length=16)),
                ('acknowledged_by', models.BigIntegerField(null=True)),
                ('step', models.PositiveSmallIntegerField(default=0)),
                ('step_due_at', models.DateTimeField(blank=True, null=True)),
                ('unanswered_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField()),
                ('wakes_at', models.DateTimeField(blank=True, null=True)),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-sent_at', '-id'],
                'indexes': [models.Index(condition=models.Q(('wakes_at__isnull', False)), fields=['wakes_at'], name='notices_wakes'), models.Index(condition=models.Q(('incident_id__isnull', False)), fields=['incident_id'], name='notices_incident'), models.Index(fields=['organisation', '-sent_at'], name='notices_of_organisation'), models.Index(condition=models.Q(('erased_at__isnull', True)), fields=['state_since'], name='notices_keeping')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['sent', 'delivered', 'acknowledged', 'withdrawn', 'expired'])), name='notices_notice_states'), models.UniqueConstraint(condition=models.Q(('state__in', ('sent', 'delivered')), models.Q(('key', ''), _negated=True)), fields=('key',), name='notices_one_open_per_key'), models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_at__isnull', False), ('state', 'acknowledged')), models.Q(models.Q(('state', 'acknowledged'), _negated=True), ('acknowledged_at', None)), _connector='OR'), name='notices_acknowledged_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('sent', 'delivered')), ('wakes_at__isnull', False)), models.Q(models.Q(('state__in', ('sent', 'delivered')), _negated=True), ('wakes_at', None)), _connector='OR'), name='notices_only_open_wake')],
            },
        ),
        migrations.CreateModel(
            name='MessageRecipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='recipient', to='notices.outboundmessage')),
                ('address', models.CharField(max_length=190)),
                ('link', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Addressee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addressees', to='notices.notice')),
                ('step', models.PositiveSmallIntegerField(default=0)),
                ('kind', models.CharField(choices=[('person', 'person'), ('role', 'role at an organisation'), ('group', 'crew or team')], max_length=8)),
                ('organisation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(blank=True, max_length=20)),
                ('group_kind', models.CharField(blank=True, max_length=12)),
                ('group_id', models.BigIntegerField(null=True)),
                ('group_name', models.CharField(blank=True, max_length=24)),
                ('within_s', models.PositiveIntegerField()),
                ('counts', models.CharField(choices=[('clock', 'by the clock'), ('awake', 'outside quiet hours'), ('office', 'in office hours')], max_length=6)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['step', 'id'],
                'indexes': [models.Index(condition=models.Q(('acknowledged_at', None)), fields=['person', 'told_at'], name='notices_to_person'), models.Index(condition=models.Q(('acknowledged_at', None)), fields=['role', 'organisation'], name='notices_to_role'), models.Index(condition=models.Q(('acknowledged_at', None)), fields=['group_kind', 'group_id'], name='notices_to_group')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'person'), ('person__isnull', False)), models.Q(('kind', 'role'), ('person', None), models.Q(('role', ''), _negated=True)), models.Q(('group_id__isnull', False), ('kind', 'group'), ('person', None), models.Q(('group_kind', ''), _negated=True)), _connector='OR'), name='notices_addressee_is_somebody'), models.CheckConstraint(condition=models.Q(('acknowledged_at', None), ('told_at__isnull', False), _connector='OR'), name='notices_told_before_answer')],
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('addressee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='notices.addressee')),
                ('actor_kind', models.CharField(max_length=16)),
                ('actor_id', models.BigIntegerField()),
                ('delivered_at', models.DateTimeField()),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['delivered_at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('addressee', 'actor_kind', 'actor_id'), name='notices_receipt_once'), models.CheckConstraint(condition=models.Q(('acknowledged_at', None), ('acknowledged_at__gte', models.F('delivered_at')), _connector='OR'), name='notices_seen_before_answer')],
                'indexes': [],
            },
        ),
    ]
