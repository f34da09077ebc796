"""JP, the pension: at what age, after how many months, how much a month or at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from gateway.domain.datafile import Entry, parse_data, read_text
from gateway.domain.dated import VALIDITY, Validity, check_successions, find_valid, read_table, read_validity
from gateway.domain.duration import move_date
from gateway.domain.tariff import whole_rupiah

AGES_FILE = "pension_ages.json"
AMOUNTS_FILE = "pension_amounts.json"
# Fifteen years; with fewer the contributions are paid back at once. Source: PP 45/2015 (domain notes 4.7).
MONTHS_FOR_PENSION = 180
# The pension earned by each year of contributions. Source: PP 45/2015 (domain notes 4.7).
_PER_YEAR = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PensionAge:
    """The age in years from which a pension is paid."""

    age: int
    validity: Validity


@dataclass(frozen=True, slots=True)
class PensionAmounts:
    """The lowest and the highest pension in whole rupiah a month."""

    minimum: int
    maximum: int
    validity: Validity


def parse_pension_ages(text: str) -> tuple[PensionAge, ...]:
    """The table out of its JSON text, oldest first. Raises BadDataFile, with the place."""
    top = parse_data(AGES_FILE, text)
    top.only("ages")
    ages = read_table(top, "ages", _age)
    check_successions(top, "ages", ages, lambda _: "one line")
    return ages


def parse_pension_amounts(text: str) -> tuple[PensionAmounts, ...]:
    """The table out of its JSON text, oldest first. Raises BadDataFile, with the place."""
    top = parse_data(AMOUNTS_FILE, text)
    top.only("amounts")
    amounts = read_table(top, "amounts", _amounts)
    check_successions(top, "amounts", amounts, lambda _: "one line")
    return amounts


@cache
def load_pension_ages() -> tuple[PensionAge, ...]:
    """The sandbox's own table; read and checked once. Raises BadDataFile."""
    return parse_pension_ages(read_text(AGES_FILE))


@cache
def load_pension_amounts() -> tuple[PensionAmounts, ...]:
    """The sandbox's own table; read and checked once. Raises BadDataFile."""
    return parse_pension_amounts(read_text(AMOUNTS_FILE))


def pension_day(birth_date: date) -> date:
    """The first day on which somebody has reached the pension age of that day.

    Source: PP 45/2015 article 15 (domain notes 4.7).
    """
    ages = load_pension_ages()
    for entry in ages:
        reached = max(move_date(birth_date, f"P{entry.age}Y"), entry.validity.valid_from)
        if entry.validity.covers(reached):
            return reached
    return move_date(birth_date, f"P{ages[-1].age}Y")


def monthly_pension(months: int, average_wage: Decimal) -> int:
    """The pension of the first year before bounds, in whole rupiah a month.

    `average_wage` is that of the wages on which contributions were paid. The law indexes them by inflation; the
    sandbox has no such table and takes them as they were. Source: PP 45/2015 (domain notes 4.7).
    """
    return whole_rupiah(_PER_YEAR * months / 12 * average_wage)


def within_bounds(pension: int, on: date) -> int:
    """A monthly pension, brought within the lowest and the highest of that day."""
    bounds = find_valid(load_pension_amounts(), on)
    return pension if bounds is None else min(max(pension, bounds.minimum), bounds.maximum)


def average(wages: Mapping[date, int]) -> Decimal:
    """The average of the wages by month; 0 without any."""
    return Decimal(sum(wages.values())) / len(wages) if wages else Decimal(0)


def _age(entry: Entry) -> PensionAge:
    entry.only("age", *VALIDITY)
    return PensionAge(entry.whole("age"), read_validity(entry))


def _amounts(entry: Entry) -> PensionAmounts:
    entry.only("minimum", "maximum", *VALIDITY)
    amounts = PensionAmounts(entry.whole("minimum"), entry.whole("maximum"), read_validity(entry))
    if amounts.maximum < amounts.minimum:
        raise entry.fail("must not be below the minimum", "maximum")
    return amounts
