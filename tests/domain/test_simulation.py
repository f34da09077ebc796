"""The JHT simulation by the closed formula: the published example and the computed cases, to the rupiah."""

from datetime import date
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.problem import Rejected
from gateway.domain.simulation import (
    JhtPlan,
    JhtSimulation,
    balance_after,
    check_plan,
    contribution_of,
    months_until,
    simulate,
)
from gateway.domain.tax import Payment, TaxRule

START = date(2026, 11, 1)


def _plan(wage: int, growth: str, rate: str, opening: int, months: int) -> JhtPlan:
    return JhtPlan(contribution_of(wage), months, opening, Decimal(growth), Decimal(rate))


def _run(wage: int, growth: str, rate: str, opening: int, months: int) -> JhtSimulation:
    return simulate(_plan(wage, growth, rate, opening, months), START)


def test_the_ministrys_example_is_reproduced_to_the_rupiah() -> None:
    # Source: Kemnaker, 17 February 2022 (domain notes 5.2): 13,680,000 + 2,120,310 = 15,800,310.
    result = _run(4_000_000, "0", "0.057", 0, 60)

    assert (result.contributions, result.development, result.total) == (13_680_000, 2_120_310, 15_800_310)


def test_the_example_kept_for_26_more_years_is_reproduced_from_its_unrounded_balance() -> None:
    # Source: Kemnaker, 17 February 2022 (domain notes 5.2 and K2).
    first = _plan(4_000_000, "0", "0.057", 0, 60)
    later = _plan(0, "0", "0.057", 0, 312)

    kept = balance_after(later, 312, opening=balance_after(first, 60))

    assert round(kept) == 66_775_213
    # The API takes a whole opening balance, which misses the unrounded one by two tenths of a rupiah.
    assert _run(0, "0", "0.057", 15_800_310, 312).total == 66_775_212


@pytest.mark.parametrize(
    ("wage", "growth", "rate", "opening", "months", "paid", "total", "development"),
    [
        (5_000_000, "0", "0.05", 0, 12, 3_420_000, 3_511_935, 91_935),
        (5_000_000, "0", "0.05", 0, 120, 34_200_000, 44_172_736, 9_972_736),
        (5_000_000, "0", "0.05", 25_000_000, 120, 34_200_000, 84_895_102, 25_695_102),
        (6_500_000, "0.05", "0.055", 18_250_000, 120, 55_921_310, 103_724_802, 29_553_492),
        (8_000_000, "0.05", "0.05", 0, 240, 180_936_901, 283_983_482, 103_046_581),
        (7_250_000, "0.03", "0.0563", 12_500_000, 30, 12_697_272, 27_962_068, 2_764_797),
        (5_000_000, "0", "0", 1_000_000, 24, 6_840_000, 7_840_000, 0),
        (0, "0", "0.05", 10_000_000, 7, 0, 10_288_698, 288_698),
        (5_500_000, "0.04", "0.05", 0, 360, 210_991_536, 416_655_693, 205_664_157),
    ],
    ids=[f"C{number}" for number in range(1, 10)],
)
def test_the_computed_cases_come_out(
    wage: int, growth: str, rate: str, opening: int, months: int, paid: int, total: int, development: int
) -> None:
    # Source: domain notes 5.3, cases C1 to C9.
    result = _run(wage, growth, rate, opening, months)

    assert (result.contributions, result.total, result.development) == (paid, total, development)
    assert sum(point.contributions for point in result.points) == paid
    assert sum(point.development for point in result.points) == development
    assert result.points[-1].closing == total


def test_points_stand_at_every_twelfth_month_and_at_the_end() -> None:
    result = _run(5_000_000, "0", "0.05", 0, 30)

    assert [point.period for point in result.points] == ["2027-10", "2028-10", "2029-04"]
    assert result.points[0].closing == 3_511_935


def test_no_months_leave_the_opening_as_it_is() -> None:
    result = _run(5_000_000, "0.05", "0.05", 7_000_000, 0)

    assert (result.total, result.contributions, result.development, result.points) == (7_000_000, 0, 0, ())


def test_the_tax_is_final_without_an_earlier_payout_and_article_17_after_two_years() -> None:
    plan = _plan(0, "0", "0", 120_000_000, 0)
    first = simulate(plan, START)
    later = simulate(plan, START, earlier=(Payment(date(2022, 11, 23), 6_667_864),))

    assert (first.tax, first.net, first.tax_rule) == (3_500_000, 116_500_000, TaxRule.FINAL_0_5)
    assert (later.tax, later.net, later.tax_rule) == (12_000_000, 108_000_000, TaxRule.ARTICLE_17)


@settings(deadline=None, max_examples=100)
@given(
    st.integers(0, 50_000_000),
    st.decimals(0, 1, places=4),
    st.decimals(0, 1, places=4),
    st.integers(0, 10**9),
    st.integers(1, 60),
)
def test_the_closed_formula_agrees_with_a_loop_over_the_months(
    wage: int, growth: Decimal, rate: Decimal, opening: int, months: int
) -> None:
    # Source: domain notes 5.3, the independent check.
    plan = JhtPlan(contribution_of(wage), months, opening, growth, rate)
    with localcontext(prec=50):
        factor, balance = (1 + rate) ** (Decimal(1) / 12), Decimal(opening)
        for month in range(months):
            balance = (balance + plan.contribution * (1 + growth) ** (month // 12)) * factor

    assert abs(balance_after(plan, months) - balance) < Decimal("1e-15")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"months": -1}, "months"),
        ({"months": 1_201}, "months"),
        ({"months": 10**9}, "months"),
        ({"opening": -1}, "openingBalance"),
        ({"wage_growth": Decimal("1.01")}, "wageGrowth"),
        ({"wage_growth": Decimal("-0.01")}, "wageGrowth"),
        ({"development_rate": Decimal("1.000001")}, "developmentRate"),
        ({"development_rate": Decimal("-1")}, "developmentRate"),
    ],
)
def test_a_plan_out_of_bounds_is_bad_input(changed: dict[str, object], field: str) -> None:
    plain: dict[str, object] = {
        "months": 12,
        "opening": 0,
        "wage_growth": Decimal(0),
        "development_rate": Decimal("0.05"),
    }

    with pytest.raises(Rejected) as caught:
        check_plan(**(plain | changed))  # type: ignore[arg-type]  # names are check_plan's own

    assert (caught.value.code, caught.value.extensions) == ("BAD_USER_INPUT", {"field": field})


@pytest.mark.parametrize("wage", [-1, 100_000_000_001, 2**53 - 1])
def test_an_absurd_wage_is_bad_input(wage: int) -> None:
    with pytest.raises(Rejected) as caught:
        contribution_of(wage)

    assert (caught.value.code, caught.value.extensions) == ("BAD_USER_INPUT", {"field": "monthlyWage"})


def test_a_sum_that_json_cannot_hold_is_bad_input() -> None:
    with pytest.raises(Rejected) as caught:
        _run(100_000_000_000, "1", "1", 0, 1_200)

    assert (caught.value.code, caught.value.text) == ("BAD_USER_INPUT", "request.sum_too_large")


@pytest.mark.parametrize(
    ("born", "age", "months"),
    [
        (date(1988, 3, 14), 56, 208),
        (date(1970, 11, 9), 56, 0),
        (date(1967, 2, 17), 56, 0),
        (date(1970, 12, 1), 56, 1),
        (date(2001, 9, 30), 100, 898),
    ],
)
def test_months_run_to_the_birthdays_month(born: date, age: int, months: int) -> None:
    assert months_until(born, age, date(2026, 11, 23)) == months


@pytest.mark.parametrize("age", [0, -5, 101, 10**9])
def test_an_absurd_age_is_bad_input(age: int) -> None:
    with pytest.raises(Rejected) as caught:
        months_until(date(1988, 3, 14), age, date(2026, 11, 23))

    assert caught.value.extensions == {"field": "untilAge"}
