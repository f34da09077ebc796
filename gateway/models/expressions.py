"""What services need of the ORM beside the rows themselves, so that only this package imports it."""

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F, Q, RawSQL

__all__ = ["F", "IntegrityError", "Q", "RawSQL"]
