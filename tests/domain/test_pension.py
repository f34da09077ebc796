"""JP: pension ages, the monthly pension and its bounds."""

from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.pension import average, load_pension_ages, monthly_pension, pension_day, within_bounds


@pytest.mark.parametrize(("months", "wage", "pension"), [(180, 6_000_000, 900_000), (240, 9_500_000, 1_900_000)])
def test_a_pension_is_one_per_cent_a_year_of_the_average_wage(months: int, wage: int, pension: int) -> None:
    # Source: domain notes 4.7, asserts.
    assert monthly_pension(months, Decimal(wage)) == pension


@pytest.mark.parametrize(
    ("born", "day"),
    [
        # Source: domain notes 4.7: 57 from 2019 on, 58 from 2022, 59 from 2025, 60 from 2028, up to 65 from 2043.
        (date(1967, 2, 17), date(2026, 2, 17)),
        (date(1970, 11, 9), date(2030, 11, 9)),
        (date(1968, 12, 31), date(2027, 12, 31)),
        (date(1969, 1, 1), date(2029, 1, 1)),
        (date(1962, 6, 15), date(2018, 6, 15)),
        (date(1963, 1, 1), date(2020, 1, 1)),
        (date(1988, 3, 14), date(2053, 3, 14)),
        (date(1950, 1, 1), date(2015, 7, 1)),
    ],
)
def test_the_pension_age_is_that_of_the_day_on_which_it_is_reached(born: date, day: date) -> None:
    assert pension_day(born) == day


def test_the_pension_age_rises_by_one_every_three_years_to_65() -> None:
    ages = load_pension_ages()

    assert [entry.age for entry in ages] == list(range(56, 66))
    assert [entry.validity.valid_from.year for entry in ages[1:]] == list(range(2019, 2044, 3))


def test_a_pension_keeps_within_the_bounds_of_its_day() -> None:
    # Source: domain notes 4.7: 350,700 and 4,207,200 in 2020.
    on = date(2020, 6, 1)

    assert [within_bounds(pension, on) for pension in (1, 900_000, 9_000_000)] == [350_700, 900_000, 4_207_200]
    assert within_bounds(1, date(2015, 1, 1)) == 1


def test_the_average_of_no_wages_is_nothing() -> None:
    assert average({}) == 0
    assert average({date(2026, 1, 1): 5, date(2026, 2, 1): 6}) == Decimal("5.5")
