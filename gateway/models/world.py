"""The world's own row: its seed, clock and secret. There is exactly one."""

from dataclasses import dataclass, field
from datetime import datetime

from tortoise import fields
from tortoise.models import Model


@dataclass(frozen=True, slots=True)
class WorldRecord:
    """The row's values, for whoever opens, closes and resets worlds. `offset_us` is world time minus real time."""

    id: str
    seed: int
    secret: str = field(repr=False)
    starts_at: datetime
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime | None
    token_time: str
    offset_us: int
    frozen_at: datetime | None


class WorldRow(Model):
    """`secret` keys signatures and hashes and is random for each world. Clock: frozen_at wins over offset_us."""

    id = fields.CharField(primary_key=True, max_length=32)
    seed = fields.BigIntField()
    secret = fields.CharField(max_length=64)
    starts_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    token_time = fields.CharField(max_length=8)
    offset_us = fields.BigIntField()
    frozen_at = fields.DatetimeField(null=True)

    class Meta:
        table = "world"

    def to_record(self) -> WorldRecord:
        """The row's values, free of the ORM."""
        return WorldRecord(**{name: getattr(self, name) for name in WorldRecord.__slots__})
