"""What a persona has paid in: the JHT ledger of a membership, made for the day on which a world starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from gateway.domain.balance import Posting, PostingKind, make_balance
from gateway.domain.contribution import next_month
from gateway.domain.contribution_quote import FIRST_MONTH
from gateway.domain.member import Program
from gateway.domain.persona import PersonaMembership
from gateway.domain.rates import DevelopmentRate
from gateway.domain.zone import local_instant

# Source: PP 46/2015, JHT 5.7 % of the wage: 3.7 % by the employer and 2 % by the worker (domain notes 3).
EMPLOYER_SHARE = Decimal("0.037")
EMPLOYEE_SHARE = Decimal("0.02")
TARGET_TOLERANCE_IDR = 1_000
_WAGE_STEP_IDR = 1_000


@dataclass(frozen=True, slots=True)
class ChargedMonth:
    """A month (its first day) for which a contribution was charged, its wage in whole rupiah, and when it was paid."""

    month: date
    wage: int
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class PaidIn:
    """A membership's ledger, oldest first, and the last month that was paid (its first day), if any was.

    `charged` goes back to January 2015 at most, oldest first; what lies before is in the ledger's opening alone.
    """

    postings: tuple[Posting, ...]
    last_month: date | None
    charged: tuple[ChargedMonth, ...] = ()


def make_paid_in(membership: PersonaMembership, starts_on: date, rates: tuple[DevelopmentRate, ...]) -> PaidIn:
    """The ledger at the start of a world. The month of the start is not paid yet: it falls due a month later.

    Raises ValueError when `target_balance` cannot be reached within Rp 1,000.
    Source: amounts and history are assumed for the sandbox.
    """
    months = _paid_months(membership, starts_on)
    last_month = months[-1] if months else None
    owed = _owed_months(membership, last_month, starts_on)
    if Program.JHT not in membership.programs or last_month is None:
        return PaidIn((), last_month, _charged(membership, months, owed))
    contributions = tuple(_contribution(membership, month, last_month.year) for month in months)
    ledger = _Ledger(membership, starts_on, rates, contributions)
    opening = scaled = ledger.opening()
    if opening is not None and membership.target_balance is not None:
        scaled = ledger.reach(membership.target_balance, opening)
    charged = _charged(membership, months, owed, ledger.begins_on(), _size(scaled) / _size(opening))
    return PaidIn(ledger.with_opening(scaled), last_month, charged)


@dataclass(frozen=True, slots=True)
class _Ledger:
    membership: PersonaMembership
    starts_on: date
    rates: tuple[DevelopmentRate, ...]
    contributions: tuple[Posting, ...]

    def begins_on(self) -> date:
        """The first day that is told month by month."""
        since = self.membership.ledger_from or self.membership.since
        return since.on(self.starts_on).replace(day=1)

    def opening(self) -> Posting | None:
        """Everything before the ledger begins, summed up in one posting; None where there is nothing before."""
        begins_on = self.begins_on()
        earlier = [posting for posting in self.contributions if posting.posted_on < begins_on]
        if not earlier:
            return None
        before = make_balance(earlier, self.rates, local_instant(begins_on - timedelta(days=1)))
        return Posting(
            PostingKind.OPENING,
            begins_on,
            before.employer_contributions,
            before.employee_contributions,
            before.development,
        )

    def with_opening(self, opening: Posting | None) -> tuple[Posting, ...]:
        """The whole ledger upon `opening`, payouts among it, oldest first."""
        begins_on = self.begins_on()
        postings = [posting for posting in self.contributions if posting.posted_on >= begins_on]
        if opening is not None:
            postings.insert(0, opening)
        for payout in self.membership.payouts:
            paid_on = payout.on.on(self.starts_on)
            base = make_balance(postings, self.rates, local_instant(paid_on)).total
            postings.append(Posting(PostingKind.PAYOUT, paid_on, other_amount=int(base * payout.share)))
        return tuple(sorted(postings, key=lambda posting: posting.posted_on))

    def reach(self, target: int, opening: Posting) -> Posting:
        """`opening` scaled so that the balance at the start is `target`.

        The balance is a straight line over the opening but for single rupiah of rounding, so two points tell it.
        """
        size = opening.employer_amount + opening.employee_amount + opening.other_amount
        without, full = self._total(_scaled(opening, 0)), self._total(opening)
        scaled = _scaled(opening, round(Decimal(target - without) * size / (full - without)))
        if scaled.other_amount < 0 or abs(self._total(scaled) - target) > TARGET_TOLERANCE_IDR:
            raise ValueError(f"no opening of KPJ {self.membership.kpj} leads to its target balance")
        return scaled

    def _total(self, opening: Posting) -> int:
        return make_balance(self.with_opening(opening), self.rates, local_instant(self.starts_on)).total


def _scaled(opening: Posting, size: int) -> Posting:
    whole = opening.employer_amount + opening.employee_amount + opening.other_amount
    employer, employee = opening.employer_amount * size // whole, opening.employee_amount * size // whole
    return Posting(opening.kind, opening.posted_on, employer, employee, size - employer - employee)


def _paid_months(membership: PersonaMembership, starts_on: date) -> tuple[date, ...]:
    """The first days of the months that are paid, from the first month to the last one before the start."""
    end = starts_on.replace(day=1) - timedelta(days=1)
    stop = membership.paid_until or membership.until
    if stop is not None:
        end = min(end, stop.on(starts_on))
    month, months = membership.since.on(starts_on).replace(day=1), []
    while month <= end:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return tuple(months)


def _owed_months(membership: PersonaMembership, last_month: date | None, starts_on: date) -> tuple[date, ...]:
    """The months after the last paid one, up to that of the start or of the leave, whichever is first."""
    end = min(starts_on, membership.until.on(starts_on)) if membership.until else starts_on
    month = next_month(last_month) if last_month else membership.since.on(starts_on).replace(day=1)
    months = []
    while month <= end:
        months.append(month)
        month = next_month(month)
    return tuple(months)


def _charged(
    membership: PersonaMembership,
    paid: Sequence[date],
    owed: Sequence[date],
    ledger_from: date = date.min,
    scale: Decimal = Decimal(1),
) -> tuple[ChargedMonth, ...]:
    """Every charged month; wages before the ledger are scaled as its opening was, so that both tell the same.

    A month is paid on the first of the next. Source: assumed for the sandbox.
    """
    last_year = (paid[-1] if paid else owed[0]).year if paid or owed else 0
    charged = []
    for month in (*paid, *owed):
        if month >= FIRST_MONTH:
            wage = _wage(membership, month, last_year)
            if month < ledger_from:
                wage = _rupiah(wage * scale) // _WAGE_STEP_IDR * _WAGE_STEP_IDR
            charged.append(ChargedMonth(month, wage, next_month(month) if month not in owed else None))
    return tuple(charged)


def _wage(membership: PersonaMembership, month: date, last_year: int) -> int:
    """The wage of a month in whole rupiah; 0 where the contribution does not depend on one."""
    wage = Decimal(membership.wage or 0) / (1 + membership.yearly_raise) ** max(0, last_year - month.year)
    return _rupiah(wage) // _WAGE_STEP_IDR * _WAGE_STEP_IDR


def _contribution(membership: PersonaMembership, month: date, last_year: int) -> Posting:
    if membership.monthly_jht is not None:
        return Posting(PostingKind.CONTRIBUTION, month, 0, membership.monthly_jht)
    assert membership.wage is not None, "personas.json is checked: JHT has a wage or a chosen contribution"
    wage = _wage(membership, month, last_year)
    return Posting(PostingKind.CONTRIBUTION, month, _rupiah(wage * EMPLOYER_SHARE), _rupiah(wage * EMPLOYEE_SHARE))


def _size(opening: Posting | None) -> Decimal:
    """All that an opening holds; 1 for none, so that two sizes can be compared."""
    return Decimal(opening.employer_amount + opening.employee_amount + opening.other_amount) if opening else Decimal(1)


def _rupiah(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
