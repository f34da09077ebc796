from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='HeldRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('mailbox', fields.CharField(max_length=32)),
                ('channel', fields.CharField(max_length=8)),
                ('sender', fields.TextField(unique=False)),
                ('recipients', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('raw_bytes', fields.BinaryField()),
                ('dedupe_key', fields.CharField(null=True, unique=True, max_length=64)),
                ('due_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sink_held', 'app': 'mailsink', 'indexes': [Index(fields=['mailbox', 'due_at'], name='sink_held_due')], 'pk_attr': 'id', 'table_description': 'A message that was accepted but has not arrived: `due_at` set by a delay, None while it waits to be overtaken.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MessageRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('mailbox', fields.CharField(max_length=32)),
                ('channel', fields.CharField(max_length=8)),
                ('kind', fields.CharField(max_length=20)),
                ('sender', fields.TextField(unique=False)),
                ('recipients', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('recipient_keys', fields.TextField(unique=False)),
                ('subject', fields.TextField(null=True, unique=False)),
                ('text', fields.TextField(unique=False)),
                ('html', fields.TextField(null=True, unique=False)),
                ('haystack', fields.TextField(unique=False)),
                ('code', fields.CharField(null=True, max_length=8)),
                ('link', fields.TextField(null=True, unique=False)),
                ('expires_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('received_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('raw_bytes', fields.BinaryField()),
                ('size', fields.IntField()),
                ('attachments', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('message_id', fields.TextField(null=True, unique=False)),
                ('dedupe_key', fields.CharField(null=True, unique=True, max_length=64)),
            ],
            options={'table': 'sink_messages', 'app': 'mailsink', 'indexes': [Index(fields=['mailbox', 'id'], name='sink_messages_mailbox')], 'pk_attr': 'id', 'table_description': 'One caught message. Its primary key is the arrival sequence, which never comes back.'},
            bases=['Model'],
        ),
    ]
