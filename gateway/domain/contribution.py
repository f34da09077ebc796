"""Monthly contributions: what a membership owes for a month, by program and payer, and when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from gateway.domain.contribution_rates import ContributionRate, Payer, find_ceiling, load_contribution_rates
from gateway.domain.dated import find_valid, valid_on
from gateway.domain.member import DiscountGroup, JkkRisk, Membership, Program, Segment
from gateway.domain.tariff import (
    MigrantTariff,
    discount_share,
    find_bounds,
    load_tariffs,
    whole_rupiah,
)

_ORDER = list(Program)
# Source: PP 45/2015 and PP 46/2015, as i-admin reports them in 2017 (domain notes 2.5).
_DUE_DAY = 15
DEFAULT_PACKAGE_MONTHS = 24


class ContributionStatus(StrEnum):
    """DUE until the 15th of the next month, then OVERDUE, unless PAID."""

    DUE = "DUE"
    PAID = "PAID"
    OVERDUE = "OVERDUE"


@dataclass(frozen=True, slots=True)
class ContributionLine:
    """One program's part by one payer, in whole rupiah; `rate` None where the amount is fixed."""

    program: Program
    payer: Payer
    base: int
    rate: Decimal | None
    amount: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contribution follows from. Money in whole rupiah a month.

    `wage` is the reported wage, or a self-employed member's chosen income. `chosen_jht` is a voluntary JHT in place
    of one from the wage. `package_month` counts the months of a migrant's work from 0; None quotes a whole package of
    `package_months`. `contract_value` stands for a building project whose wages are not known.
    """

    segment: Segment
    programs: frozenset[Program]
    wage: int
    jkk_risk: JkkRisk = JkkRisk.VERY_LOW
    chosen_jht: int | None = None
    discount_group: DiscountGroup | None = None
    package_month: int | None = None
    package_months: int = DEFAULT_PACKAGE_MONTHS
    contract_value: int | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One month (its first day) of one membership. `paid_on` None: not paid yet."""

    id: int
    month: date
    kpj: str
    wage: int
    lines: tuple[ContributionLine, ...]
    paid_on: date | None

    @property
    def due_on(self) -> date:
        """The last day to pay in time."""
        return due_day(self.month)

    @property
    def total(self) -> int:
        """All lines together, the state's part included."""
        return total(self.lines)

    def status(self, on: date) -> ContributionStatus:
        """How it stands on a day."""
        if self.paid_on is not None:
            return ContributionStatus.PAID
        return ContributionStatus.DUE if on <= self.due_on else ContributionStatus.OVERDUE


def charge(terms: Terms, month: date) -> tuple[ContributionLine, ...]:
    """What is owed for a month, by program and payer; a month takes the rates of its first day.

    Source: domain notes 3; the day that decides is assumed for the sandbox.
    """
    on = month.replace(day=1)
    if terms.segment is Segment.PMI:
        lines: Iterable[ContributionLine] = _migrant_lines(terms, on)
    elif terms.segment is Segment.JAKON and terms.contract_value is not None:
        lines = _project_lines(terms.contract_value, on)
    else:
        lines = _wage_lines(terms, on)
    kept = (line for line in lines if line.program in terms.programs)
    return tuple(sorted(kept, key=lambda line: _ORDER.index(line.program)))


def make_contribution(
    number: int, membership: Membership, month: date, *, wage: int, chosen_jht: int | None, paid_on: date | None
) -> Contribution:
    """The contribution of a membership for a month, split by the tables; `number` names it."""
    lines = charge(terms_of(membership, month, wage, chosen_jht), month)
    return Contribution(number, month, membership.kpj, wage, lines, paid_on)


def terms_of(membership: Membership, month: date, wage: int, chosen_jht: int | None) -> Terms:
    """What a membership's contribution for a month follows from; `wage` and `chosen_jht` are those of that month."""
    group = membership.discount_group
    if group is None and membership.segment is Segment.BPU:
        group = DiscountGroup.BPU_OTHER
    since = membership.member_since
    return Terms(
        segment=membership.segment,
        programs=frozenset(membership.programs),
        wage=wage,
        jkk_risk=membership.employer.jkk_risk if membership.employer else JkkRisk.VERY_LOW,
        chosen_jht=chosen_jht,
        discount_group=group,
        package_month=(month.year - since.year) * 12 + month.month - since.month,
    )


def programs_of(segment: Segment) -> frozenset[Program]:
    """The programs that a segment can have. Source: domain notes 6."""
    if segment is Segment.PU:
        return frozenset(Program)
    jobless = frozenset({Program.JKK, Program.JKM})
    return jobless if segment is Segment.JAKON else jobless | {Program.JHT}


def total(lines: Iterable[ContributionLine], *payers: Payer) -> int:
    """The lines together, or those of some payers."""
    return sum(line.amount for line in lines if not payers or line.payer in payers)


def due_day(month: date) -> date:
    """The 15th of the month after `month`. Source: domain notes 2.5."""
    return next_month(month).replace(day=_DUE_DAY)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1)


def _wage_lines(terms: Terms, on: date) -> Iterator[ContributionLine]:
    for rate, ceiling in _rates_in_force(terms.segment, terms.jkk_risk, on):
        yield _line(terms, rate, ceiling, on)
    if terms.segment is Segment.BPU:
        flat = find_bounds(Program.JKM, on)
        if flat is not None:
            amount = _discounted(Decimal(flat.minimum), terms, Program.JKM, on)
            yield ContributionLine(Program.JKM, Payer.SELF, 0, None, amount)


# A member's page asks for the same few months again and again.
@lru_cache(maxsize=2_048)
def _rates_in_force(segment: Segment, risk: JkkRisk, on: date) -> tuple[tuple[ContributionRate, int | None], ...]:
    """The rates that somebody is charged, each with its wage ceiling in whole rupiah, if there is one."""
    charged = [
        rate
        for rate in valid_on(load_contribution_rates(), on)
        if rate.segment is segment and rate.included_in is None and rate.jkk_risk in (None, risk)
    ]
    ceilings = [find_ceiling(rate.program, on) for rate in charged]
    amounts = [ceiling.amount if ceiling is not None else None for ceiling in ceilings]
    return tuple(zip(charged, amounts, strict=True))


def _line(terms: Terms, rate: ContributionRate, ceiling: int | None, on: date) -> ContributionLine:
    if rate.program is Program.JHT and terms.chosen_jht is not None:
        return ContributionLine(Program.JHT, rate.payer, 0, None, terms.chosen_jht)
    base = terms.wage if ceiling is None else min(terms.wage, ceiling)
    exact = base * rate.rate
    bounds = find_bounds(rate.program, on) if terms.segment is Segment.BPU else None
    full = exact if bounds is None else Decimal(bounds.hold(whole_rupiah(exact)))
    return ContributionLine(rate.program, rate.payer, base, rate.rate, _discounted(full, terms, rate.program, on))


def _discounted(amount: Decimal, terms: Terms, program: Program, on: date) -> int:
    if terms.discount_group is None:
        return whole_rupiah(amount)
    return whole_rupiah(amount * (1 - discount_share(terms.discount_group, program, on)))


def _migrant_lines(terms: Terms, on: date) -> Iterator[ContributionLine]:
    """JHT every month; JKK and JKM as one sum, booked as JKK, for a package and then month by month."""
    tariff = find_valid(load_tariffs().migrant, on)
    if tariff is None:
        return
    jht = terms.chosen_jht if terms.chosen_jht is not None else tariff.jht_minimum
    yield ContributionLine(Program.JHT, Payer.SELF, 0, None, jht)
    for amount in _package(terms, tariff):
        yield ContributionLine(Program.JKK, Payer.SELF, 0, None, amount)


def _package(terms: Terms, tariff: MigrantTariff) -> Iterator[int]:
    # Source: domain notes 3; when a package is paid, and what comes after it, is assumed for the sandbox.
    if terms.package_month in (None, 0):
        yield tariff.before_work
        yield tariff.package(terms.package_months)
    elif terms.package_month is not None and terms.package_month >= terms.package_months:
        yield tariff.extra_month


def _project_lines(contract_value: int, on: date) -> Iterator[ContributionLine]:
    tariff = find_valid(load_tariffs().construction, on)
    if tariff is None:
        return
    for program, amount in zip((Program.JKK, Program.JKM), tariff.contributions(contract_value), strict=True):
        yield ContributionLine(program, Payer.EMPLOYER, contract_value, None, amount)
