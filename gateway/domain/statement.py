"""Annual statements of a JHT ledger: opening balance, contributions, development, payouts, closing balance."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.domain.balance import Balance, Posting, PostingKind
from gateway.domain.rates import DevelopmentRate, rate_on
from gateway.domain.zone import local_date


@dataclass(frozen=True, slots=True)
class AnnualStatement:
    """One closed year in whole rupiah: opening + contributions + development - paid_out = closing.

    What an OPENING of a ledger brought along is part of the opening balance; what was moved between two KPJ cancels
    out there. `rate` is the year's development rate.
    """

    year: int
    opening: int
    contributions: int
    development: int
    paid_out: int
    closing: int
    rate: Decimal
    rate_is_assumption: bool


def make_statements(
    ledgers: Iterable[tuple[Sequence[Posting], Balance]], rates: tuple[DevelopmentRate, ...], as_of: datetime
) -> tuple[AnnualStatement, ...]:
    """The statements of all closed years over several memberships, the latest first.

    Each ledger is its postings and the balance that `make_balance` made of them. A year is closed when it is over in
    Jakarta; closings are whole rupiah each 31 December. Source: domain notes 5.2.
    """
    this_year = local_date(as_of).year
    opening: defaultdict[int, int] = defaultdict(int)
    contributions: defaultdict[int, int] = defaultdict(int)
    paid_out: defaultdict[int, int] = defaultdict(int)
    closing: defaultdict[int, int] = defaultdict(int)
    for postings, balance in ledgers:
        for posting in postings:
            sums = posting.employer_amount + posting.employee_amount
            side, amount = opening, sums + posting.other_amount
            if posting.kind is PostingKind.CONTRIBUTION:
                side, amount = contributions, sums
            elif posting.kind is PostingKind.PAYOUT:
                side, amount = paid_out, posting.other_amount
            side[posting.posted_on.year] += amount
        for month in balance.months:
            year = int(month.period[:4])
            if month.period.endswith("-12") and year < this_year:
                closing[year] += month.closing
    statements: list[AnnualStatement] = []
    for year in sorted(closing):
        start = (statements[-1].closing if statements else 0) + opening[year]
        rate = rate_on(rates, year)
        statements.append(
            AnnualStatement(
                year=year,
                opening=start,
                contributions=contributions[year],
                development=closing[year] - start - contributions[year] + paid_out[year],
                paid_out=paid_out[year],
                closing=closing[year],
                rate=rate.rate,
                rate_is_assumption=rate.is_assumption,
            )
        )
    return tuple(reversed(statements))
