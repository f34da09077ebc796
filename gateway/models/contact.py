"""Rows of changed contacts: a new phone or address that waits for its proof, or has given it."""

from tortoise import fields
from tortoise.models import Model


class ContactChangeRow(Model):
    """A change of `kind` PHONE or EMAIL to `target`. A newer one of the same kind ends the older.

    `done_at` is when the new contact was proved; from then on the cool-down before a claim is counted.
    """

    id = fields.IntField(primary_key=True)
    account_id = fields.IntField(db_index=True)
    kind = fields.CharField(max_length=5)
    target = fields.CharField(max_length=254)
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "contact_change"
