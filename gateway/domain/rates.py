"""The dated table of JHT development rates: what the balance of a calendar year grows by."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation, localcontext
from functools import cache

from gateway.domain.datafile import Entry, parse_data, read_text

FILE = "development_rates.json"
# Fifty digits leave no doubt about the rupiah, however long the ledger. Source: domain notes 5.3.
DIGITS = 50
_HIGHEST = Decimal("0.25")


@dataclass(frozen=True, slots=True)
class DevelopmentRate:
    """A yearly rate as a ratio (0.055 is 5.5 %) with the days it is valid on, bounds included.

    `monthly_factor` is what one month multiplies a balance by: (1 + rate)^(1/12), to 50 digits.
    """

    valid_from: date
    valid_to: date | None
    rate: Decimal
    source: str
    is_assumption: bool
    monthly_factor: Decimal


def rate_on(rates: tuple[DevelopmentRate, ...], year: int) -> DevelopmentRate:
    """The rate of a calendar year. Raises LookupError for a year before the table."""
    for rate in reversed(rates):
        if rate.valid_from.year <= year:
            return rate
    raise LookupError(f"no development rate is known for {year}")


def monthly_factor(rate: Decimal) -> Decimal:
    """What one month multiplies a balance by: the twelfth root of a year's growth.

    Source: domain notes 5.2; the nominal rate / 12 does not reproduce the ministry's published example.
    """
    with localcontext(prec=DIGITS):
        return (1 + rate) ** (Decimal(1) / 12)


def parse_rates(text: str) -> tuple[DevelopmentRate, ...]:
    """The table out of its JSON text, oldest first.

    Raises BadDataFile, with the place: a wrong rate or date, a gap, an overlap, no end left open.
    """
    top = parse_data(FILE, text)
    top.only("rates")
    entries = top.entries("rates")
    rates = tuple(_rate(entry) for entry in entries)
    if not rates:
        raise top.fail("must hold at least one rate", "rates")
    for entry, earlier, later in zip(entries[1:], rates, rates[1:], strict=False):
        _check_succession(entry, earlier, later)
    if rates[-1].valid_to is not None:
        raise entries[-1].fail("the last rate must stay open (null)", "validTo")
    return rates


@cache
def load_rates() -> tuple[DevelopmentRate, ...]:
    """The sandbox's own table; read and checked once. Raises BadDataFile."""
    return parse_rates(read_text(FILE))


def _rate(entry: Entry) -> DevelopmentRate:
    entry.only("validFrom", "validTo", "rate", "source", "isAssumption")
    valid_from = entry.day("validFrom")
    valid_to = entry.day("validTo") if entry.has("validTo") else None
    # Closings are booked on 31 December, so a rate that changes within a year would have no year to belong to.
    if (valid_from.month, valid_from.day) != (1, 1):
        raise entry.fail("must be a 1 January", "validFrom")
    if valid_to is not None and ((valid_to.month, valid_to.day) != (12, 31) or valid_to < valid_from):
        raise entry.fail("must be a 31 December, not before validFrom", "validTo")
    if not entry.has("isAssumption"):
        raise entry.fail("must be true or false", "isAssumption")
    rate = entry.read("rate", _ratio, 'must be a decimal text from "0" to "0.25"')
    return DevelopmentRate(
        valid_from, valid_to, rate, entry.text("source"), entry.flag("isAssumption"), monthly_factor(rate)
    )


def _ratio(text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not rate.is_finite() or not 0 <= rate <= _HIGHEST:
        raise ValueError(text)
    return rate


def _check_succession(entry: Entry, earlier: DevelopmentRate, later: DevelopmentRate) -> None:
    if earlier.valid_to is None:
        raise entry.fail("follows a rate that never ends", "validFrom")
    wanted = earlier.valid_to + timedelta(days=1)
    if later.valid_from > wanted:
        raise entry.fail(f"leaves a gap after {earlier.valid_to}", "validFrom")
    if later.valid_from < wanted:
        raise entry.fail(f"overlaps the rate until {earlier.valid_to}", "validFrom")
