"""Rows of accounts and of what happened to them."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from gateway.domain.account import Account, AccountStatus


class AccountRow(Model):
    """One account per NIK, one per e-mail. `password_hash` is argon2id."""

    id = fields.IntField(primary_key=True)
    subject = fields.CharField(max_length=32, unique=True)
    person_id = fields.IntField()
    kpj = fields.CharField(max_length=11, unique=True)
    nik = fields.CharField(max_length=16, unique=True)
    email = fields.CharField(max_length=254, unique=True, null=True)
    pending_email = fields.CharField(max_length=254, null=True)
    phone = fields.CharField(max_length=20)
    password_hash = fields.CharField(max_length=200)
    status = fields.CharField(max_length=20)
    locale = fields.CharField(max_length=2)
    created_at = fields.DatetimeField()
    activated_at = fields.DatetimeField(null=True)
    last_sign_in_at = fields.DatetimeField(null=True)
    locked_until = fields.DatetimeField(null=True)

    class Meta:
        table = "account"

    def to_domain(self, now: datetime) -> Account:
        """The account as of `now`: a lock that has passed is no lock."""
        locked = self.locked_until is not None and self.locked_until > now
        return Account(
            id=self.id,
            subject=self.subject,
            kpj=self.kpj,
            nik=self.nik,
            email=self.email or self.pending_email or "",
            phone=self.phone,
            status=AccountStatus.LOCKED if locked else AccountStatus(self.status),
            locale=self.locale,
            created_at=self.created_at,
            activated_at=self.activated_at,
            last_sign_in_at=self.last_sign_in_at,
        )


class ActivityRow(Model):
    """One entry of an account's activity."""

    id = fields.IntField(primary_key=True)
    account_id = fields.IntField(db_index=True)
    at = fields.DatetimeField()
    kind = fields.CharField(max_length=20)
    ip_address = fields.CharField(max_length=45, null=True)
    user_agent = fields.CharField(max_length=255, null=True)

    class Meta:
        table = "activity"
