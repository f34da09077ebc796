"""A JHT balance and how it came about."""

from datetime import datetime

import strawberry

from gateway.domain import balance
from gateway.domain.balance import HistoryUnit
from schema.scalars import Rupiah

strawberry.enum(HistoryUnit, description="How fine a history is.")


@strawberry.type(description="One month (YYYY-MM) or year (YYYY) of a balance, in whole rupiah.")
class BalancePoint:
    """What came in, what it grew by, and the balance at the end or so far."""

    period: str
    contributions: Rupiah
    development: Rupiah
    closing: Rupiah

    @staticmethod
    def of(point: balance.BalancePoint) -> "BalancePoint":
        """The point as its owner sees it."""
        return BalancePoint(
            period=point.period,
            contributions=Rupiah(point.contributions),
            development=Rupiah(point.development),
            closing=Rupiah(point.closing),
        )


@strawberry.type(description="A JHT balance: total = contributions + development - paidOut, in whole rupiah.")
class Balance:
    """`asOf` is world time."""

    source: strawberry.Private[balance.Balance]

    total: Rupiah
    employer_contributions: Rupiah
    employee_contributions: Rupiah
    development: Rupiah
    paid_out: Rupiah
    as_of: datetime

    @staticmethod
    def of(known: balance.Balance) -> "Balance":
        """The balance as its owner sees it."""
        return Balance(
            source=known,
            total=Rupiah(known.total),
            employer_contributions=Rupiah(known.employer_contributions),
            employee_contributions=Rupiah(known.employee_contributions),
            development=Rupiah(known.development),
            paid_out=Rupiah(known.paid_out),
            as_of=known.as_of,
        )

    @strawberry.field(description="The balance over time, oldest first.")
    def history(self, unit: HistoryUnit = HistoryUnit.YEAR) -> list[BalancePoint]:
        """Thin: the domain knows."""
        return [BalancePoint.of(point) for point in self.source.history(unit)]
