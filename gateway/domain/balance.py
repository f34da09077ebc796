"""The JHT ledger: from postings to a balance, month by month, exact to the rupiah.

A posting counts from the first of its month. Every full month multiplies the balance by (1 + r)^(1/12) with the rate
of its calendar year; a month is full on its last day. Each 31 December the closing is rounded half up to whole rupiah
and goes on rounded; within the running year nothing is rounded before the end.
Source: domain notes 5.2 and 5.3; the real ledger's rule within a year is not published.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

from gateway.domain.rates import DIGITS, DevelopmentRate, rate_on
from gateway.domain.zone import local_date

_RUPIAH = Decimal(1)


class PostingKind(StrEnum):
    """What a line of the ledger says."""

    OPENING = "OPENING"
    CONTRIBUTION = "CONTRIBUTION"
    PAYOUT = "PAYOUT"
    TRANSFER = "TRANSFER"


@dataclass(frozen=True, slots=True)
class Posting:
    """A line of one membership's ledger, in whole rupiah; none is negative but a TRANSFER to another membership.

    An OPENING sums up what lies before the ledger: employer and employee contributions, which count as contributions,
    and in `other_amount` the development until then. A PAYOUT has its sum in `other_amount`; it bears no development
    in its month. A TRANSFER moves what an OPENING would hold: negative where it leaves, the same where it arrives.
    """

    kind: PostingKind
    posted_on: date
    employer_amount: int = 0
    employee_amount: int = 0
    other_amount: int = 0


class HistoryUnit(StrEnum):
    """How fine a history is."""

    MONTH = "MONTH"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class BalancePoint:
    """One month (YYYY-MM) or year (YYYY): what came in, what it grew by, and the balance at its end or so far."""

    period: str
    contributions: int
    development: int
    closing: int


@dataclass(frozen=True, slots=True)
class Balance:
    """A balance in whole rupiah. Always: total = both contributions + development - paid_out.

    `months` runs without a gap from the first posting to the month of `as_of`.
    """

    total: int
    employer_contributions: int
    employee_contributions: int
    development: int
    paid_out: int
    as_of: datetime
    months: tuple[BalancePoint, ...]

    def history(self, unit: HistoryUnit) -> tuple[BalancePoint, ...]:
        """The balance over time, oldest first; the contributions and developments of a year are those of its months."""
        if unit is HistoryUnit.MONTH:
            return self.months
        years: dict[str, BalancePoint] = {}
        for month in self.months:
            year = month.period[:4]
            so_far = years.get(year, BalancePoint(year, 0, 0, 0))
            years[year] = BalancePoint(
                year,
                so_far.contributions + month.contributions,
                so_far.development + month.development,
                month.closing,
            )
        return tuple(years.values())


@dataclass(frozen=True, slots=True)
class MemberBalances:
    """What a person has saved: over all memberships (None without any JHT), and by the KPJ of those with JHT.

    `postings` are the ledgers from which the balances follow, by the same KPJ.
    """

    total: Balance | None
    by_kpj: Mapping[str, Balance]
    postings: Mapping[str, Sequence[Posting]]


def make_balance(postings: Iterable[Posting], rates: tuple[DevelopmentRate, ...], as_of: datetime) -> Balance:
    """The balance of one membership at an instant; postings dated after that day (in Jakarta) do not count yet.

    Raises LookupError when a posting is older than the rates.
    """
    today = local_date(as_of)
    counted = [posting for posting in postings if posting.posted_on <= today]
    months = _months(counted, rates, today)
    total = months[-1].closing if months else 0
    employer = sum(posting.employer_amount for posting in counted)
    employee = sum(posting.employee_amount for posting in counted)
    paid_out = sum(posting.other_amount for posting in counted if posting.kind is PostingKind.PAYOUT)
    return Balance(
        total=total,
        employer_contributions=employer,
        employee_contributions=employee,
        development=total + paid_out - employer - employee,
        paid_out=paid_out,
        as_of=as_of,
        months=months,
    )


def add_balances(balances: Sequence[Balance]) -> Balance:
    """One balance over several memberships: every figure is the sum of theirs. At least one, all of one instant."""
    assert balances, "add at least one balance"
    assert len({balance.as_of for balance in balances}) == 1, "only balances of one instant can be added"
    merged: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for balance in balances:
        for month in balance.months:
            sums = merged[month.period]
            sums[0] += month.contributions
            sums[1] += month.development
            sums[2] += month.closing
    return Balance(
        total=sum(balance.total for balance in balances),
        employer_contributions=sum(balance.employer_contributions for balance in balances),
        employee_contributions=sum(balance.employee_contributions for balance in balances),
        development=sum(balance.development for balance in balances),
        paid_out=sum(balance.paid_out for balance in balances),
        as_of=balances[0].as_of,
        months=tuple(BalancePoint(period, *sums) for period, sums in sorted(merged.items())),
    )


def _months(postings: Sequence[Posting], rates: tuple[DevelopmentRate, ...], today: date) -> tuple[BalancePoint, ...]:
    """Every month from the first posting to that of `today`; months are counted from the year 0."""
    if not postings:
        return ()
    paid_in, brought, paid_out = _by_month(postings)
    full_before = _month_of(today + timedelta(days=1))
    points: list[BalancePoint] = []
    balance, shown, factor = Decimal(0), 0, Decimal(1)
    with localcontext(prec=DIGITS):
        for month in range(min(paid_in), _month_of(today) + 1):
            year, month_before = divmod(month, 12)
            if month_before == 0 or not points:
                factor = rate_on(rates, year).monthly_factor
            contributions, payout = paid_in.get(month, 0), paid_out.get(month, 0)
            balance += contributions + brought.get(month, 0) - payout
            if month < full_before:
                balance *= factor
            closing = balance.quantize(_RUPIAH, ROUND_HALF_UP)
            if month_before == 11 and month < full_before:
                balance = closing
            development = int(closing) - shown - contributions + payout
            shown = int(closing)
            points.append(BalancePoint(f"{year:04d}-{month_before + 1:02d}", contributions, development, shown))
    return tuple(points)


def _by_month(postings: Sequence[Posting]) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """By month: what was paid in, what an opening brought along, what was paid out."""
    paid_in: defaultdict[int, int] = defaultdict(int)
    brought: defaultdict[int, int] = defaultdict(int)
    paid_out: defaultdict[int, int] = defaultdict(int)
    for posting in postings:
        month = _month_of(posting.posted_on)
        paid_in[month] += posting.employer_amount + posting.employee_amount
        side = paid_out if posting.kind is PostingKind.PAYOUT else brought
        side[month] += posting.other_amount
    return paid_in, brought, paid_out


def _month_of(day: date) -> int:
    return day.year * 12 + day.month - 1
