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
            name='ClientRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('realm', fields.CharField(max_length=32)),
                ('client_id', fields.CharField(max_length=64)),
                ('any_loopback', fields.BooleanField(default=False)),
                ('redirect_uris', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('post_logout_redirect_uris', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('grants', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('assertion_jwk', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'idp_clients', 'app': 'mockidp', 'unique_together': (('realm', 'client_id'),), 'pk_attr': 'id', 'table_description': 'A registered client of a realm.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CodeRow',
            fields=[
                ('code_hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('realm', fields.CharField(max_length=32)),
                ('client_id', fields.CharField(max_length=64)),
                ('session_id', fields.CharField(max_length=32)),
                ('redirect_uri', fields.TextField(unique=False)),
                ('scope', fields.CharField(max_length=255)),
                ('nonce', fields.TextField(null=True, unique=False)),
                ('challenge', fields.CharField(max_length=128)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'idp_codes', 'app': 'mockidp', 'pk_attr': 'code_hash', 'table_description': 'An authorization code, found by its hash, used once.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='KeyRow',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('realm', fields.CharField(max_length=32)),
                ('use', fields.CharField(max_length=16)),
                ('generation', fields.IntField(default=1)),
                ('kid', fields.CharField(max_length=64)),
                ('private_jwk', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'idp_keys', 'app': 'mockidp', 'unique_together': (('realm', 'use', 'generation'),), 'pk_attr': 'id', 'table_description': 'A private key of a realm, used to sign tokens, by the gateway for assertions, or for forms.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RefreshTokenRow',
            fields=[
                ('token_hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('realm', fields.CharField(max_length=32)),
                ('client_id', fields.CharField(max_length=64)),
                ('session_id', fields.CharField(db_index=True, max_length=32)),
                ('scope', fields.CharField(max_length=255)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('rotated_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'idp_refresh_tokens', 'app': 'mockidp', 'pk_attr': 'token_hash', 'table_description': 'A refresh token, found by its hash, kept when rotated so that its reuse is noticed.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SessionRow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('realm', fields.CharField(max_length=32)),
                ('subject', fields.CharField(max_length=64)),
                ('how', fields.CharField(max_length=16)),
                ('proof_hash', fields.CharField(unique=True, max_length=64)),
                ('user_agent', fields.CharField(null=True, max_length=255)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('last_used_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('revoked_why', fields.CharField(null=True, max_length=16)),
            ],
            options={'table': 'idp_sessions', 'app': 'mockidp', 'indexes': [Index(fields=['realm', 'subject'])], 'pk_attr': 'id', 'table_description': 'One sign-in: the `sid` of every token that came of it, and the family of its refresh tokens.'},
            bases=['Model'],
        ),
    ]
