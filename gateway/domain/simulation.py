"""What a JHT balance may grow to: the closed formula of the ministry's published example, exact to the rupiah."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

from gateway.domain.balance import BalancePoint
from gateway.domain.contribution_quote import HIGHEST_WAGE_IDR, check_range
from gateway.domain.problem import Rejected
from gateway.domain.rates import DIGITS, monthly_factor
from gateway.domain.tax import Payment, TaxRule, quote_tax

# 3.7 % by the employer and 2 % by the worker. Source: PP 46/2015 (domain notes 5.3).
CONTRIBUTION_RATE = Decimal("0.057")
# A hundred years: the work is bounded, and no life is longer. Source: assumed for the sandbox.
LONGEST_MONTHS = 1_200
_HIGHEST_BALANCE = 2**53 - 1
_LAST_AGE = 100
# The age at which all of JHT is paid. Source: PP 46/2015 (domain notes 4.1).
DEFAULT_AGE = 56


@dataclass(frozen=True, slots=True)
class JhtPlan:
    """What is put in. `contribution` is rupiah a month, with fractions; ratios as 0.05 for 5 % a year.

    `rate_is_assumption` marks a rate of the sandbox's own table that it made up; a rate that somebody gave is none.
    """

    contribution: Decimal
    months: int
    opening: int
    wage_growth: Decimal
    development_rate: Decimal
    rate_is_assumption: bool = False


@dataclass(frozen=True, slots=True)
class JhtSimulation:
    """What comes out, in whole rupiah; net = total - tax.

    Total, contributions and development are each rounded once, so the opening and the two can miss the total by one
    rupiah. Points stand at the end of every twelfth month and at the end, each with what came since the one before.
    """

    plan: JhtPlan
    contributions: int
    development: int
    total: int
    tax: int
    tax_rule: TaxRule
    points: tuple[BalancePoint, ...]

    @property
    def net(self) -> int:
        """What would be paid out."""
        return self.total - self.tax


def check_plan(*, months: int, opening: int, wage_growth: Decimal, development_rate: Decimal) -> None:
    """Raises Rejected BAD_USER_INPUT, with the field: more than 1,200 months, a negative balance, a rate over 1."""
    check_range("months", months, 0, LONGEST_MONTHS)
    check_range("openingBalance", opening, 0, _HIGHEST_BALANCE)
    for field, rate in (("wageGrowth", wage_growth), ("developmentRate", development_rate)):
        if not 0 <= rate <= 1:
            params = {"argument": field, "min": 0, "max": 1}
            raise Rejected("BAD_USER_INPUT", "request.out_of_range", params=params, extensions={"field": field})


def contribution_of(monthly_wage: int) -> Decimal:
    """What a month's wage brings. Raises Rejected BAD_USER_INPUT for a wage below 0 or over Rp100 billion."""
    check_range("monthlyWage", monthly_wage, 0, HIGHEST_WAGE_IDR)
    return monthly_wage * CONTRIBUTION_RATE


def months_until(birth_date: date, age: int, today: date) -> int:
    """Months from this one to the birthday of that age, 0 when it is past.

    Raises Rejected BAD_USER_INPUT for an age below 1 or over 100.
    """
    check_range("untilAge", age, 1, _LAST_AGE)
    return max(0, (birth_date.year + age - today.year) * 12 + birth_date.month - today.month)


def simulate(plan: JhtPlan, starts_on: date, *, earlier: tuple[Payment, ...] = ()) -> JhtSimulation:
    """Run a plan that was checked; the first contribution is that of the month of `starts_on`.

    A contribution counts from the first of its month, the rate is an effective one, and the wage grows after every
    twelfth month. Each figure is rounded once. `earlier` payouts decide about the tax.
    Raises Rejected BAD_USER_INPUT when the sum could no longer be written.
    Source: domain notes 5.2 and 5.3 (Kemnaker, 17 February 2022).
    """
    points: list[BalancePoint] = []
    paid, grown, closing = 0, 0, plan.opening
    ends = [*range(12, plan.months + 1, 12), *([plan.months] if plan.months % 12 else [])]
    for end in ends:
        exact_paid, exact_closing = contributions_after(plan, end), balance_after(plan, end)
        with localcontext(prec=DIGITS):
            exact_grown = exact_closing - plan.opening - exact_paid
        now_paid, now_grown, closing = _whole(exact_paid), _whole(exact_grown), _whole(exact_closing)
        if max(now_paid, closing) > _HIGHEST_BALANCE:
            raise Rejected("BAD_USER_INPUT", "request.sum_too_large", extensions={"field": "months"})
        points.append(BalancePoint(_period(starts_on, end), now_paid - paid, now_grown - grown, closing))
        paid, grown = now_paid, now_grown
    tax = quote_tax(closing, _end_of(starts_on, plan.months), earlier=earlier)
    return JhtSimulation(
        plan=plan,
        contributions=paid,
        development=grown,
        total=closing,
        tax=tax.tax,
        tax_rule=tax.rule,
        points=tuple(points),
    )


def balance_after(plan: JhtPlan, months: int, opening: Decimal | None = None) -> Decimal:
    """The balance after so many months by the closed formula, not rounded; `opening` in place of the plan's own.

    Source: domain notes 5.3.
    """
    years, rest = divmod(months, 12)
    growth, rate = plan.wage_growth, plan.development_rate
    with localcontext(prec=DIGITS):
        start = Decimal(plan.opening) if opening is None else opening
        if rate == 0:
            return start + contributions_after(plan, months)
        month = _month_factor(rate) - 1
        year_end = rate * (1 + month) / month
        if rate != growth:
            yearly = ((1 + rate) ** years - (1 + growth) ** years) / (rate - growth)
        else:
            yearly = years * (1 + rate) ** (years - 1) if years else Decimal(0)
        after = (1 + month) ** rest
        full_years = start * (1 + rate) ** years + plan.contribution * year_end * yearly
        broken_year = plan.contribution * (1 + growth) ** years * (after - 1) / month * (1 + month)
        return full_years * after + broken_year


@lru_cache(maxsize=64)
def _month_factor(rate: Decimal) -> Decimal:
    """The twelfth root takes longer than all the rest, and every point of a curve needs the same."""
    return monthly_factor(rate)


def contributions_after(plan: JhtPlan, months: int) -> Decimal:
    """What was paid in after so many months, not rounded: the contribution grows after every twelfth month."""
    years, rest = divmod(months, 12)
    growth = plan.wage_growth
    with localcontext(prec=DIGITS):
        yearly = ((1 + growth) ** years - 1) / growth if growth else Decimal(years)
        return plan.contribution * (12 * yearly + rest * (1 + growth) ** years)


def _whole(amount: Decimal) -> int:
    # Not quantize(): a hundred years at the highest rates have more digits than the context.
    return int(amount.to_integral_value(ROUND_HALF_UP))


def _period(starts_on: date, months: int) -> str:
    """The last of so many months from `starts_on` on, as YYYY-MM."""
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months - 1, 12)
    return f"{year:04d}-{month + 1:02d}"


def _end_of(starts_on: date, months: int) -> date:
    """A day in the month in which the money would be paid out; the calendar itself ends in 9999."""
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    return date(min(year, date.max.year), month + 1, 1)
