"""Income tax on JHT payouts: final within two calendar years of the first payout, article 17 after that."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

from gateway.domain.datafile import Entry, parse_data, read_text
from gateway.domain.dated import (
    VALIDITY,
    Validity,
    check_successions,
    find_valid,
    read_ratio,
    read_table,
    read_validity,
)
from gateway.domain.tariff import check_last_open, check_rising, whole_rupiah

FILE = "tax_brackets.json"
# Years of the final tariff, the first payout's included. The agency's form counts from the month of the first claim
# instead; the law says calendar years, and the sandbox follows it. Source: domain notes 4.3.
FINAL_YEARS = 2


class TaxRule(StrEnum):
    """Which tariff a payout falls under."""

    FINAL_0_5 = "FINAL_0_5"
    ARTICLE_17 = "ARTICLE_17"
    ARTICLE_17_NO_NPWP = "ARTICLE_17_NO_NPWP"


class TariffKind(StrEnum):
    """The two tariffs of the table."""

    FINAL = "FINAL"
    ARTICLE_17 = "ARTICLE_17"


@dataclass(frozen=True, slots=True)
class Bracket:
    """The rate of what lies below `up_to` whole rupiah and above the bracket before; None for everything above."""

    up_to: int | None
    rate: Decimal


@dataclass(frozen=True, slots=True)
class TaxTariff:
    """A progressive tariff; `no_npwp_factor` multiplies the tax of somebody without a tax number."""

    kind: TariffKind
    brackets: tuple[Bracket, ...]
    no_npwp_factor: Decimal
    validity: Validity

    def tax(self, amount: int) -> Decimal:
        """The tax on so many rupiah, before rounding."""
        tax, below = Decimal(0), 0
        for bracket in self.brackets:
            top = amount if bracket.up_to is None else min(amount, bracket.up_to)
            tax += max(0, top - below) * bracket.rate
            below = max(below, top)
        return tax


@dataclass(frozen=True, slots=True)
class Payment:
    """A payout that was made: its day and its gross sum in whole rupiah."""

    paid_on: date
    gross: int


@dataclass(frozen=True, slots=True)
class TaxQuote:
    """What a payout would come to, in whole rupiah."""

    gross: int
    tax: int
    rule: TaxRule

    @property
    def net(self) -> int:
        """What reaches the member."""
        return self.gross - self.tax


def quote_tax(gross: int, paid_on: date, *, earlier: Iterable[Payment] = (), has_npwp: bool = True) -> TaxQuote:
    """The tax on a payout of `gross` on a day, after the payouts before it.

    Until the end of the second calendar year the payouts add up under the final tariff. From 1 January of the third
    on, article 17 holds, for what is paid within the same calendar year together; a fifth more without an NPWP.
    Rounded half up to whole rupiah. Source: PP 68/2009 and PMK 16/2010 (domain notes 4.3); that payouts add up, in
    the window and in a later year, is known but not checked.
    """
    before = sorted((payment for payment in earlier if payment.paid_on <= paid_on), key=lambda one: one.paid_on)
    first_year = before[0].paid_on.year if before else paid_on.year
    is_final = paid_on.year < first_year + FINAL_YEARS
    since = first_year if is_final else paid_on.year
    added_up = sum(payment.gross for payment in before if payment.paid_on.year >= since)
    tariff = find_tariff(TariffKind.FINAL if is_final else TariffKind.ARTICLE_17, paid_on)
    tax = tariff.tax(added_up + gross) - tariff.tax(added_up)
    if is_final:
        return TaxQuote(gross, whole_rupiah(tax), TaxRule.FINAL_0_5)
    if has_npwp:
        return TaxQuote(gross, whole_rupiah(tax), TaxRule.ARTICLE_17)
    return TaxQuote(gross, whole_rupiah(tax * tariff.no_npwp_factor), TaxRule.ARTICLE_17_NO_NPWP)


def find_tariff(kind: TariffKind, on: date) -> TaxTariff:
    """The tariff of that kind on a day. Raises LookupError before 1900."""
    found = find_valid((tariff for tariff in load_tariffs() if tariff.kind is kind), on)
    if found is None:
        raise LookupError(f"no tax tariff is known for {on.year}")
    return found


def parse_tariffs(text: str) -> tuple[TaxTariff, ...]:
    """The tariffs out of their JSON text. Raises BadDataFile, with the place."""
    top = parse_data(FILE, text)
    top.only("tariffs")
    tariffs = read_table(top, "tariffs", _tariff)
    check_successions(top, "tariffs", tariffs, lambda tariff: tariff.kind)
    for kind in TariffKind:
        if all(tariff.kind is not kind for tariff in tariffs):
            raise top.fail(f"must hold a tariff of the kind {kind}", "tariffs")
    return tariffs


@cache
def load_tariffs() -> tuple[TaxTariff, ...]:
    """The sandbox's own table; read and checked once. Raises BadDataFile."""
    return parse_tariffs(read_text(FILE))


def _tariff(entry: Entry) -> TaxTariff:
    entry.only("kind", "noNpwpFactor", "brackets", *VALIDITY)
    kind = entry.read("kind", TariffKind, "must be FINAL or ARTICLE_17")
    brackets: list[Bracket] = []
    for inner in entry.entries("brackets"):
        inner.only("upTo", "rate")
        bracket = Bracket(inner.whole("upTo") if inner.has("upTo") else None, read_ratio(inner, "rate"))
        check_rising(inner, [one.up_to for one in brackets], bracket.up_to)
        brackets.append(bracket)
    check_last_open(entry, "brackets", [bracket.up_to for bracket in brackets])
    return TaxTariff(kind, tuple(brackets), read_ratio(entry, "noNpwpFactor", "2"), read_validity(entry))
