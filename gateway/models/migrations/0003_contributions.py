from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('gateway', '0002_personal_data')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ContributionRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('membership', fields.ForeignKeyField('gateway.MembershipRow', source_field='membership_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('month', fields.DateField()),
                ('wage', fields.BigIntField(default=0)),
                ('chosen_jht', fields.BigIntField(null=True)),
                ('paid_on', fields.DateField(null=True, db_index=True)),
            ],
            options={'table': 'contribution', 'app': 'gateway', 'unique_together': (('membership_id', 'month'),), 'pk_attr': 'id', 'table_description': 'One month (its first day) of one membership. What is owed by whom follows from the dated tables.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='MembershipRow',
            name='charge_next_on',
            field=fields.DateField(null=True, db_index=True),
        ),
        ops.AddField(
            model_name='MembershipRow',
            name='chosen_jht',
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name='MembershipRow',
            name='discount_group',
            field=fields.CharField(null=True, max_length=16),
        ),
    ]
