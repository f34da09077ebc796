"""What a persona has paid in: the JHT ledger of a membership, made for the day on which a world starts."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from gateway.domain.balance import Posting, PostingKind, make_balance
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
class PaidIn:
    """A membership's ledger, oldest first, and the last month that was paid (its first day), if any was."""

    postings: tuple[Posting, ...]
    last_month: date | None


def make_paid_in(membership: PersonaMembership, starts_on: date, rates: tuple[DevelopmentRate, ...]) -> PaidIn:
    """The ledger at the start of a world. The month of the start is not paid yet: it falls due a month later.

    Raises ValueError when `target_balance` cannot be reached within Rp 1,000.
    Source: amounts and history are assumed for the sandbox.
    """
    months = _paid_months(membership, starts_on)
    last_month = months[-1] if months else None
    if Program.JHT not in membership.programs or last_month is None:
        return PaidIn((), last_month)
    contributions = tuple(_contribution(membership, month, last_month.year) for month in months)
    ledger = _Ledger(membership, starts_on, rates, contributions)
    opening = ledger.opening()
    if opening is not None and membership.target_balance is not None:
        opening = ledger.reach(membership.target_balance, opening)
    return PaidIn(ledger.with_opening(opening), last_month)


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


def _contribution(membership: PersonaMembership, month: date, last_year: int) -> Posting:
    if membership.monthly_jht is not None:
        return Posting(PostingKind.CONTRIBUTION, month, 0, membership.monthly_jht)
    assert membership.wage is not None, "personas.json is checked: JHT has a wage or a chosen contribution"
    wage = Decimal(membership.wage) / (1 + membership.yearly_raise) ** (last_year - month.year)
    wage = wage.quantize(Decimal(1), ROUND_HALF_UP) // _WAGE_STEP_IDR * _WAGE_STEP_IDR
    return Posting(PostingKind.CONTRIBUTION, month, _rupiah(wage * EMPLOYER_SHARE), _rupiah(wage * EMPLOYEE_SHARE))


def _rupiah(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
