"""What is owed for a month: the golden figures, the ceilings, the tariffs and the discounts, to the rupiah."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.contribution import (
    Contribution,
    ContributionStatus,
    Terms,
    charge,
    due_day,
    next_month,
    programs_of,
    total,
)
from gateway.domain.contribution_quote import QuoteRequest, quote_contribution
from gateway.domain.contribution_rates import Payer
from gateway.domain.member import JkkRisk, Program, Segment
from gateway.domain.problem import Rejected

EMPLOYER, EMPLOYEE, STATE, SELF = Payer.EMPLOYER, Payer.EMPLOYEE, Payer.STATE, Payer.SELF
JHT, JP, JKK, JKM, JKP = Program


def _amounts(**request: object) -> dict[tuple[Program, Payer], int]:
    quote = quote_contribution(QuoteRequest(**({"month": "2026-11", "wage": 0} | request)))  # type: ignore[arg-type]
    found: dict[tuple[Program, Payer], int] = {}
    for line in quote.lines:
        found[line.program, line.payer] = found.get((line.program, line.payer), 0) + line.amount
    return found


def test_a_wage_of_five_million_is_split_as_computed() -> None:
    # Source: domain notes 3, asserts of November 2026.
    assert _amounts(wage=5_000_000) == {
        (JHT, EMPLOYER): 185_000,
        (JHT, EMPLOYEE): 100_000,
        (JP, EMPLOYER): 100_000,
        (JP, EMPLOYEE): 50_000,
        (JKK, EMPLOYER): 12_000,
        (JKM, EMPLOYER): 15_000,
        (JKP, STATE): 11_000,
    }


def test_a_wage_over_the_ceiling_pays_jp_of_the_ceiling_alone() -> None:
    # Source: domain notes 3, asserts of November 2026.
    amounts = _amounts(wage=15_000_000, jkk_risk=JkkRisk.VERY_HIGH)

    assert (amounts[JHT, EMPLOYER], amounts[JHT, EMPLOYEE]) == (555_000, 300_000)
    assert (amounts[JP, EMPLOYER], amounts[JP, EMPLOYEE]) == (221_726, 110_863)
    assert (amounts[JKK, EMPLOYER], amounts[JKM, EMPLOYER]) == (261_000, 45_000)


def test_totals_are_those_of_the_lines() -> None:
    quote = quote_contribution(QuoteRequest(wage=5_000_000, month="2026-11"))

    assert (quote.employer_total, quote.employee_total, quote.total) == (312_000, 150_000, 473_000)


@pytest.mark.parametrize(
    ("month", "ceiling"),
    [
        ("2015-07", 7_000_000),
        ("2016-02", 7_000_000),
        ("2016-03", 7_335_300),
        ("2017-03", 7_703_500),
        ("2018-03", 8_094_000),
        ("2019-03", 8_512_400),
        ("2020-03", 8_939_700),
        ("2021-03", 8_754_600),
        ("2022-03", 9_077_600),
        ("2023-03", 9_559_600),
        ("2024-03", 10_042_300),
        ("2025-03", 10_547_400),
        ("2026-02", 10_547_400),
        ("2026-03", 11_086_300),
    ],
)
def test_jp_takes_its_part_of_the_ceiling_of_the_month(month: str, ceiling: int) -> None:
    # Source: domain notes 3; January and February keep the old ceiling.
    quote = quote_contribution(QuoteRequest(wage=99_000_000, month=month))

    assert {line.base for line in quote.lines if line.program is JP} == {ceiling}


def test_there_is_no_jp_before_july_2015_and_no_jkp_before_2021() -> None:
    assert {program for program, _ in _amounts(wage=5_000_000, month="2015-06")} == {JHT, JKK, JKM}
    assert {program for program, _ in _amounts(wage=5_000_000, month="2021-01")} == {JHT, JP, JKK, JKM}


@pytest.mark.parametrize(
    ("risk", "full", "half"),
    [
        (JkkRisk.VERY_LOW, 240_000, 120_000),
        (JkkRisk.LOW, 540_000, 270_000),
        (JkkRisk.MEDIUM, 890_000, 445_000),
        (JkkRisk.HIGH, 1_270_000, 635_000),
        (JkkRisk.VERY_HIGH, 1_740_000, 870_000),
    ],
)
def test_labour_intensive_industries_paid_half_of_jkk_in_2025(risk: JkkRisk, full: int, half: int) -> None:
    # Source: domain notes 3 (PP 7/2025): 0.120 to 0.870 %, February to July 2025.
    def jkk(month: str, *, relief: bool) -> int:
        return _amounts(wage=100_000_000, month=month, jkk_risk=risk, labour_intensive=relief)[JKK, EMPLOYER]

    assert [jkk(month, relief=True) for month in ("2025-01", "2025-02", "2025-07", "2025-08")] == [
        full,
        half,
        half,
        full,
    ]
    assert jkk("2025-04", relief=False) == full


@pytest.mark.parametrize(
    ("month", "transport", "jkk", "jkm"),
    [
        ("2025-12", True, 10_000, 6_800),
        ("2026-01", True, 5_000, 3_400),
        ("2026-01", False, 10_000, 6_800),
        ("2026-03", False, 10_000, 6_800),
        ("2026-04", False, 5_000, 3_400),
        ("2026-12", False, 5_000, 3_400),
        ("2027-01", False, 10_000, 6_800),
        ("2027-03", True, 5_000, 3_400),
        ("2027-04", True, 10_000, 6_800),
    ],
)
def test_the_self_employed_pay_half_of_jkk_and_jkm_while_the_discount_lasts(
    month: str, transport: bool, jkk: int, jkm: int
) -> None:
    # Source: domain notes 3 (PP 50/2025): on Rp1 million 16,800 for two programs, 8,400 with the discount; not for JHT.
    amounts = _amounts(segment=Segment.BPU, wage=1_000_000, month=month, transport=transport)

    assert amounts == {(JHT, SELF): 20_000, (JKK, SELF): jkk, (JKM, SELF): jkm}


@pytest.mark.parametrize(
    ("wage", "jkk", "jht"), [(0, 10_000, 20_000), (3_000_000, 30_000, 60_000), (90_000_000, 207_000, 414_000)]
)
def test_the_self_employed_pay_within_bounds(wage: int, jkk: int, jht: int) -> None:
    # Source: domain notes 3.
    amounts = _amounts(segment=Segment.BPU, wage=wage, month="2025-12")

    assert (amounts[JKK, SELF], amounts[JHT, SELF]) == (jkk, jht)


@pytest.mark.parametrize(
    ("value", "jkk", "jkm"),
    [
        (100_000_000, 210_000, 30_000),
        (250_000_000, 465_000, 60_000),
        (2_000_000_000, 2_640_000, 310_000),
        (0, 0, 0),
    ],
)
def test_a_building_project_pays_by_its_value(value: int, jkk: int, jkm: int) -> None:
    # Source: domain notes 3, asserts; the first row by its own band.
    amounts = _amounts(segment=Segment.JAKON, contract_value=value)

    assert amounts == {(JKK, EMPLOYER): jkk, (JKM, EMPLOYER): jkm}


def test_a_builder_with_a_wage_pays_of_the_wage() -> None:
    # Source: domain notes 3: 1.74 % and 0.30 %.
    assert _amounts(segment=Segment.JAKON, wage=4_500_000) == {(JKK, EMPLOYER): 78_300, (JKM, EMPLOYER): 13_500}


@pytest.mark.parametrize(
    ("months", "package"),
    [(1, 108_000), (6, 108_000), (7, 121_500), (12, 189_000), (13, 202_500), (24, 332_500), (30, 413_500)],
)
def test_a_migrant_pays_for_a_package(months: int, package: int) -> None:
    # Source: domain notes 3 (Permenaker 4/2023), with 37,500 before work.
    amounts = _amounts(segment=Segment.PMI, package_months=months, jht=200_000)

    assert amounts == {(JHT, SELF): 200_000, (JKK, SELF): 37_500 + package}


def test_after_the_package_a_migrant_pays_by_the_month() -> None:
    def jkk(month: int) -> int:
        terms = Terms(Segment.PMI, programs_of(Segment.PMI), 0, chosen_jht=200_000, package_month=month)
        return total(line for line in charge(terms, date(2026, 11, 1)) if line.program is JKK)

    assert [jkk(month) for month in (0, 1, 23, 24, 40)] == [370_000, 0, 0, 13_500, 13_500]


def test_only_the_memberships_own_programs_are_charged() -> None:
    terms = Terms(Segment.PU, frozenset({JHT, JKM}), 5_000_000)

    assert [line.program for line in charge(terms, date(2026, 11, 1))] == [JHT, JHT, JKM]


@given(st.integers(0, 10**11), st.dates(date(2015, 1, 1), date(2200, 1, 1)), st.sampled_from(JkkRisk))
def test_every_line_is_its_part_of_its_base(wage: int, day: date, risk: JkkRisk) -> None:
    for line in charge(Terms(Segment.PU, programs_of(Segment.PU), wage, risk), day):
        assert line.rate is not None
        assert 0 <= line.base <= wage
        assert abs(line.amount - line.base * line.rate) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"wage": -1}, "wage"),
        ({"wage": 100_000_000_001}, "wage"),
        ({"month": "2014-12"}, "month"),
        ({"month": "0000-01"}, "month"),
        ({"jht": -5}, "jht"),
        ({"contract_value": -1}, "contractValue"),
        ({"contract_value": 2**53 - 1}, "contractValue"),
        ({"package_months": 0}, "packageMonths"),
        ({"package_months": 10**9}, "packageMonths"),
    ],
)
def test_a_question_out_of_bounds_is_bad_input(changed: dict[str, object], field: str) -> None:
    with pytest.raises(Rejected) as caught:
        _amounts(**changed)

    assert (caught.value.code, caught.value.extensions) == ("BAD_USER_INPUT", {"field": field})


def test_the_last_month_of_the_calendar_can_be_asked_for() -> None:
    assert _amounts(wage=5_000_000, month="9999-12")[JHT, EMPLOYER] == 185_000


def test_a_contribution_is_due_on_the_fifteenth_of_the_next_month() -> None:
    # Source: domain notes 2.5.
    assert due_day(date(2026, 11, 1)) == date(2026, 12, 15)
    assert due_day(date(2026, 12, 1)) == date(2027, 1, 15)
    assert next_month(date(2026, 1, 31)) == date(2026, 2, 1)


def test_what_is_not_paid_in_time_is_overdue() -> None:
    owed = Contribution(1, date(2026, 11, 1), "99260000001", 5_000_000, (), None)
    paid = Contribution(1, date(2026, 11, 1), "99260000001", 5_000_000, (), date(2026, 12, 1))

    assert owed.status(date(2026, 12, 15)) is ContributionStatus.DUE
    assert owed.status(date(2026, 12, 16)) is ContributionStatus.OVERDUE
    assert paid.status(date(2027, 5, 1)) is ContributionStatus.PAID
