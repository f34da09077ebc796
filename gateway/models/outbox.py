"""Messages on their way out: a row in the transaction that caused it, sent after commit."""

from tortoise import fields
from tortoise.models import Model


class OutboxRow(Model):
    """A rendered message. Its text is emptied once it is sent: codes and links are not kept longer than needed."""

    id = fields.IntField(primary_key=True)
    message_id = fields.CharField(max_length=120, unique=True)
    channel = fields.CharField(max_length=5)
    kind = fields.CharField(max_length=20)
    target = fields.CharField(max_length=254)
    subject = fields.CharField(max_length=200, null=True)
    text = fields.TextField()
    html = fields.TextField(null=True)
    state = fields.CharField(max_length=9)
    attempts = fields.IntField(default=0)
    queued_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox"
        indexes = (("state", "id"),)
