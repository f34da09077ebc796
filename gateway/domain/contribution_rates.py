"""The dated tables of contribution rates and of the wages up to which they are taken."""

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
    valid_on,
)
from gateway.domain.member import JkkRisk, Program, Segment

RATES_FILE = "contribution_rates.json"
CEILINGS_FILE = "wage_ceilings.json"


class Payer(StrEnum):
    """Who pays a part of a contribution; SELF is a member who has no employer."""

    EMPLOYER = "EMPLOYER"
    EMPLOYEE = "EMPLOYEE"
    STATE = "STATE"
    SELF = "SELF"


@dataclass(frozen=True, slots=True)
class ContributionRate:
    """A part of the wage as a ratio (0.037 is 3.7 %).

    `jkk_risk` where the rate depends on the employer's risk class. `included_in` names the program out of whose
    contribution this part is taken: it costs nobody anything more.
    """

    segment: Segment
    program: Program
    payer: Payer
    jkk_risk: JkkRisk | None
    rate: Decimal
    included_in: Program | None
    validity: Validity


@dataclass(frozen=True, slots=True)
class WageCeiling:
    """The highest monthly wage, in whole rupiah, of which a program takes its part."""

    program: Program
    amount: int
    validity: Validity


def parse_contribution_rates(text: str) -> tuple[ContributionRate, ...]:
    """The table out of its JSON text.

    Raises BadDataFile, with the place: a wrong value, a gap or an overlap in the line of one rate.
    """
    top = parse_data(RATES_FILE, text)
    top.only("rates")
    rates = read_table(top, "rates", _rate)
    check_successions(
        top,
        "rates",
        rates,
        lambda rate: (rate.segment, rate.program, rate.payer, rate.jkk_risk, rate.included_in),
        # What is taken out of another program can be given back to it.
        may_end=lambda rate: rate.included_in is not None,
    )
    return rates


def parse_wage_ceilings(text: str) -> tuple[WageCeiling, ...]:
    """The table out of its JSON text; ceilings change with a month. Raises BadDataFile, with the place."""
    top = parse_data(CEILINGS_FILE, text)
    top.only("ceilings")
    ceilings = read_table(top, "ceilings", _ceiling)
    check_successions(top, "ceilings", ceilings, lambda ceiling: ceiling.program)
    return ceilings


@cache
def load_contribution_rates() -> tuple[ContributionRate, ...]:
    """The sandbox's own table; read and checked once. Raises BadDataFile."""
    return parse_contribution_rates(read_text(RATES_FILE))


@cache
def load_wage_ceilings() -> tuple[WageCeiling, ...]:
    """The sandbox's own table; read and checked once. Raises BadDataFile."""
    return parse_wage_ceilings(read_text(CEILINGS_FILE))


def list_rates(program: Program, on: date) -> tuple[ContributionRate, ...]:
    """The rates of a program that hold on a day, those of every segment."""
    return tuple(rate for rate in valid_on(load_contribution_rates(), on) if rate.program is program)


def find_ceiling(program: Program, on: date) -> WageCeiling | None:
    """The wage ceiling of a program on a day; None where the whole wage counts."""
    return find_valid((ceiling for ceiling in load_wage_ceilings() if ceiling.program is program), on)


def _rate(entry: Entry) -> ContributionRate:
    entry.only("segment", "program", "payer", "jkkRisk", "rate", "includedIn", *VALIDITY)
    return ContributionRate(
        segment=entry.read("segment", Segment, "is no segment"),
        program=entry.read("program", Program, "is no program"),
        payer=entry.read("payer", Payer, "is no payer"),
        jkk_risk=entry.read("jkkRisk", JkkRisk, "is no risk class") if entry.has("jkkRisk") else None,
        rate=read_ratio(entry, "rate", "0.25"),
        included_in=entry.read("includedIn", Program, "is no program") if entry.has("includedIn") else None,
        validity=read_validity(entry),
    )


def _ceiling(entry: Entry) -> WageCeiling:
    entry.only("program", "ceiling", *VALIDITY)
    ceiling = WageCeiling(entry.read("program", Program, "is no program"), entry.whole("ceiling"), read_validity(entry))
    if ceiling.amount == 0:
        raise entry.fail("must be more than 0", "ceiling")
    return ceiling
