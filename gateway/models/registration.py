"""Rows of the sign-up: the flow and its codes."""

from tortoise import fields
from tortoise.models import Model


class RegistrationRow(Model):
    """A sign-up. `token_hash` is the keyed hash of the registration token, which itself is kept nowhere.

    `live_key` is the person's keyed hash while the flow is open and NULL afterwards: its uniqueness is what lets one
    flow of a person live at a time. `existing_account_id` marks a flow of somebody who has an account already.
    """

    id = fields.IntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    live_key = fields.CharField(max_length=64, null=True, unique=True)
    person_key = fields.CharField(max_length=64, db_index=True)
    person_id = fields.IntField()
    state = fields.CharField(max_length=20)
    kpj = fields.CharField(max_length=11)
    nik = fields.CharField(max_length=16)
    birth_date = fields.DateField()
    phone = fields.CharField(max_length=20)
    email = fields.CharField(max_length=254)
    locale = fields.CharField(max_length=2)
    existing_account_id = fields.IntField(null=True)
    account_id = fields.IntField(null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    locked_until = fields.DatetimeField(null=True)
    activation_sent_at = fields.DatetimeField(null=True)
    activation_serial = fields.IntField(default=0)
    email_corrections = fields.IntField(default=0)
    activated_at = fields.DatetimeField(null=True)

    class Meta:
        table = "registration"


class ChallengeRow(Model):
    """One code that was sent. The code itself is not kept: it follows from the world's seed and this row's number.

    `owner` says what it is for ("registration:1", "reset:4"). `deliverable` is false when the code goes to nobody.
    """

    id = fields.IntField(primary_key=True)
    owner = fields.CharField(max_length=40, db_index=True)
    channel = fields.CharField(max_length=5)
    target = fields.CharField(max_length=254)
    deliverable = fields.BooleanField(default=True)
    sent_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "challenge"


class ResetRow(Model):
    """A request for a new password. `account_id` is None for a person without an account, who must not notice."""

    id = fields.IntField(primary_key=True)
    account_id = fields.IntField(null=True)
    channel = fields.CharField(max_length=5)
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "password_reset"


class AttemptRow(Model):
    """Something that is counted within a window: mismatches, sends, failed sign-ins. `key` is a keyed hash."""

    id = fields.IntField(primary_key=True)
    scope = fields.CharField(max_length=20)
    key = fields.CharField(max_length=64)
    at = fields.DatetimeField()

    class Meta:
        table = "attempt"
        indexes = (("scope", "key", "at"),)
