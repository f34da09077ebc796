from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('gateway', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ContactChangeRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('account_id', fields.IntField(db_index=True)),
                ('kind', fields.CharField(max_length=5)),
                ('target', fields.CharField(max_length=254)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('done_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'contact_change', 'app': 'gateway', 'pk_attr': 'id', 'table_description': 'A change of `kind` PHONE or EMAIL to `target`. A newer one of the same kind ends the older.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='DisputeRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('membership_id', fields.IntField(unique=True)),
                ('kpj', fields.CharField(max_length=11)),
                ('person_id', fields.IntField(db_index=True)),
                ('statement', fields.TextField(unique=False)),
                ('state', fields.CharField(max_length=8)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('sla_due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decide_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'dispute', 'app': 'gateway', 'pk_attr': 'id', 'table_description': 'One dispute; a membership has one at most. `decide_at` is when the agency decides, NULL once it has.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MergeRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('person_id', fields.IntField(db_index=True)),
                ('live_key', fields.IntField(null=True, unique=True)),
                ('kpjs', fields.TextField(unique=False)),
                ('into', fields.CharField(max_length=11)),
                ('state', fields.CharField(max_length=11)),
                ('outcome', fields.CharField(null=True, max_length=40)),
                ('requested_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('sla_due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('step_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'merge', 'app': 'gateway', 'pk_attr': 'id', 'table_description': 'One request. `kpjs` is a comma-separated list of what is merged `into` a KPJ; `outcome` names the decision.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ProfileRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('person_id', fields.IntField(unique=True)),
                ('street', fields.CharField(null=True, max_length=120)),
                ('village', fields.CharField(null=True, max_length=60)),
                ('district', fields.CharField(null=True, max_length=60)),
                ('city', fields.CharField(null=True, max_length=60)),
                ('province', fields.CharField(null=True, max_length=60)),
                ('postal_code', fields.CharField(null=True, max_length=5)),
                ('contact_name', fields.CharField(null=True, max_length=120)),
                ('contact_phone', fields.CharField(null=True, max_length=20)),
                ('contact_relation', fields.CharField(null=True, max_length=60)),
                ('confirmed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'profile', 'app': 'gateway', 'pk_attr': 'id', 'table_description': "One member's own data. An absent address has no street, an absent emergency contact no name."},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='MembershipRow',
            name='link',
            field=fields.CharField(default='LINKED', max_length=8),
        ),
    ]
