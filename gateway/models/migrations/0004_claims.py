from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('gateway', '0003_contributions')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ClaimEventRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('claim_id', fields.IntField(db_index=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('state', fields.CharField(max_length=20)),
                ('note', fields.CharField(null=True, max_length=40)),
            ],
            options={'table': 'claim_event', 'app': 'gateway', 'pk_attr': 'id', 'table_description': 'A state that a claim entered; `note` is the decision that its owner was told.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ClaimRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('number', fields.CharField(unique=True, max_length=20)),
                ('person_id', fields.IntField(db_index=True)),
                ('live_key', fields.IntField(null=True, unique=True)),
                ('request_key', fields.CharField(unique=True, max_length=64)),
                ('request_hash', fields.CharField(max_length=64)),
                ('reason', fields.CharField(max_length=20)),
                ('channel', fields.CharField(max_length=8)),
                ('state', fields.CharField(max_length=20)),
                ('gross', fields.BigIntField()),
                ('tax', fields.BigIntField()),
                ('has_npwp', fields.BooleanField()),
                ('bank_code', fields.CharField(max_length=3)),
                ('bank_number', fields.CharField(max_length=20)),
                ('bank_holder', fields.CharField(max_length=120)),
                ('kpjs', fields.TextField(unique=False)),
                ('submitted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('sla_due_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('paid_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('interview_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('step_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('decision', fields.CharField(null=True, max_length=40)),
            ],
            options={'table': 'claim', 'app': 'gateway', 'pk_attr': 'id', 'table_description': 'One claim. `kpjs` is a comma-separated list; money whole rupiah.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='DocumentRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('person_id', fields.IntField(db_index=True)),
                ('claim_id', fields.IntField(null=True, db_index=True)),
                ('kind', fields.CharField(max_length=20)),
                ('file_name', fields.CharField(max_length=120)),
                ('content_type', fields.CharField(max_length=20)),
                ('size', fields.IntField()),
                ('sha256', fields.CharField(max_length=64)),
                ('uploaded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('state', fields.CharField(max_length=8)),
                ('problem', fields.CharField(null=True, max_length=40)),
            ],
            options={'table': 'document', 'app': 'gateway', 'pk_attr': 'id', 'table_description': 'One file. `claim_id` is the claim that uses it; without one it is thrown away at `expires_at`.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='DocumentPartRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('document', fields.ForeignKeyField('gateway.DocumentRow', source_field='document_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('content', fields.BinaryField()),
            ],
            options={'table': 'document_part', 'app': 'gateway', 'pk_attr': 'id', 'table_description': "A stretch of a document's bytes; the stretches follow each other by `id`."},
            bases=['Model'],
        ),
    ]
