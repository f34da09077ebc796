"""The contribution calculator: any wage, month, segment and risk class, within what can be answered."""

from dataclasses import dataclass
from datetime import date

from gateway.domain.contribution import DEFAULT_PACKAGE_MONTHS, ContributionLine, Terms, charge, programs_of, total
from gateway.domain.contribution_rates import Payer
from gateway.domain.member import DiscountGroup, JkkRisk, Segment
from gateway.domain.problem import Rejected

# Nobody in the sandbox earns more; beyond it, sums would leave what a JSON number can hold. Assumed for the sandbox.
HIGHEST_WAGE_IDR = 100_000_000_000
HIGHEST_CONTRACT_IDR = 1_000_000_000_000_000
FIRST_MONTH = date(2015, 1, 1)
_LONGEST_PACKAGE = 600


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What a contribution is asked for; the values of another segment than one's own are not looked at.

    `month` YYYY-MM. `jht` a voluntary contribution of BPU and PMI; `contract_value` of a building project in place of
    the wage; `package_months` of a migrant's package; `transport` and `labour_intensive` may bring a discount.
    """

    wage: int
    month: str
    segment: Segment = Segment.PU
    jkk_risk: JkkRisk = JkkRisk.VERY_LOW
    jht: int | None = None
    contract_value: int | None = None
    package_months: int = DEFAULT_PACKAGE_MONTHS
    transport: bool = False
    labour_intensive: bool = False


@dataclass(frozen=True, slots=True)
class ContributionQuote:
    """What is owed for a month, in whole rupiah."""

    month: str
    lines: tuple[ContributionLine, ...]

    @property
    def employer_total(self) -> int:
        """What the employer pays."""
        return total(self.lines, Payer.EMPLOYER)

    @property
    def employee_total(self) -> int:
        """What the member pays: out of the wage, or alone where there is no employer."""
        return total(self.lines, Payer.EMPLOYEE, Payer.SELF)

    @property
    def total(self) -> int:
        """All lines together, the state's part included."""
        return total(self.lines)


def quote_contribution(request: QuoteRequest) -> ContributionQuote:
    """What would be owed.

    Raises Rejected BAD_USER_INPUT, with the field: a wage below 0 or over Rp100 billion, a month before 2015, a
    voluntary JHT, contract value or package out of bounds. Source: domain notes 3; the bounds are assumed.
    """
    month = read_month(request.month)
    check_range("wage", request.wage, 0, HIGHEST_WAGE_IDR)
    check_range("jht", request.jht, 0, HIGHEST_WAGE_IDR)
    check_range("contractValue", request.contract_value, 0, HIGHEST_CONTRACT_IDR)
    check_range("packageMonths", request.package_months, 1, _LONGEST_PACKAGE)
    terms = Terms(
        segment=request.segment,
        programs=programs_of(request.segment),
        wage=request.wage,
        jkk_risk=request.jkk_risk,
        chosen_jht=request.jht if request.segment in (Segment.BPU, Segment.PMI) else None,
        discount_group=_group(request),
        package_months=request.package_months,
        contract_value=request.contract_value,
    )
    return ContributionQuote(request.month, charge(terms, month))


def read_month(text: str, field: str = "month") -> date:
    """The first day of YYYY-MM. Raises Rejected BAD_USER_INPUT for a month before 2015."""
    year, _, number = text.partition("-")
    if int(year) < FIRST_MONTH.year:
        params = {"argument": field, "first": f"{FIRST_MONTH:%Y-%m}"}
        raise Rejected("BAD_USER_INPUT", "request.month_too_early", params=params, extensions={"field": field})
    return date(int(year), int(number), 1)


def check_range(field: str, value: int | None, lowest: int, highest: int) -> None:
    """Raises Rejected BAD_USER_INPUT, with the field, unless `value` is absent or within the bounds."""
    if value is not None and not lowest <= value <= highest:
        params = {"argument": field, "min": lowest, "max": highest}
        raise Rejected("BAD_USER_INPUT", "request.out_of_range", params=params, extensions={"field": field})


def _group(request: QuoteRequest) -> DiscountGroup | None:
    if request.segment is Segment.BPU:
        return DiscountGroup.BPU_TRANSPORT if request.transport else DiscountGroup.BPU_OTHER
    return DiscountGroup.LABOUR_INTENSIVE if request.segment is Segment.PU and request.labour_intensive else None
