"""Contributions that are not a plain part of the wage: those of the self-employed, migrants and building projects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
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
from gateway.domain.member import DiscountGroup, Program

TARIFFS_FILE = "tariffs.json"
DISCOUNTS_FILE = "discounts.json"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and the highest monthly contribution of a self-employed member, in whole rupiah; equal when flat."""

    program: Program
    minimum: int
    maximum: int
    validity: Validity

    def hold(self, amount: int) -> int:
        """`amount`, brought within the bounds."""
        return min(max(amount, self.minimum), self.maximum)


@dataclass(frozen=True, slots=True)
class MigrantTariff:
    """What a migrant worker pays for JKK and JKM together, in whole rupiah.

    `packages` gives the sum by months; every month beyond the package that fits costs `extra_month`.
    """

    before_work: int
    packages: Mapping[int, int]
    extra_month: int
    jht_minimum: int
    jht_maximum: int
    validity: Validity

    def package(self, months: int) -> int:
        """The sum for that many months of work abroad, at least 1; fewer than the shortest package cost as much."""
        fitting = max((size for size in self.packages if size <= months), default=min(self.packages))
        return self.packages[fitting] + max(0, months - fitting) * self.extra_month


@dataclass(frozen=True, slots=True)
class ConstructionBand:
    """The rates of a project's value up to `up_to` whole rupiah; None for everything above."""

    up_to: int | None
    jkk: Decimal
    jkm: Decimal


@dataclass(frozen=True, slots=True)
class ConstructionTariff:
    """What a project pays by its contract value, where wages are not known."""

    bands: tuple[ConstructionBand, ...]
    validity: Validity

    def contributions(self, contract_value: int) -> tuple[int, int]:
        """JKK and JKM of a whole project in whole rupiah; each band counts for its own part of the value."""
        jkk = jkm = Decimal(0)
        below = 0
        for band in self.bands:
            part = min(contract_value, band.up_to if band.up_to is not None else contract_value) - below
            if part <= 0:
                break
            jkk, jkm, below = jkk + part * band.jkk, jkm + part * band.jkm, below + part
        return whole_rupiah(jkk), whole_rupiah(jkm)


@dataclass(frozen=True, slots=True)
class Tariffs:
    """The three tariffs, each with all its dates."""

    self_employed: tuple[Bounds, ...]
    migrant: tuple[MigrantTariff, ...]
    construction: tuple[ConstructionTariff, ...]


@dataclass(frozen=True, slots=True)
class Discount:
    """A share (0.5 is half) that a group need not pay of some programs' contributions."""

    group: DiscountGroup
    programs: frozenset[Program]
    share: Decimal
    validity: Validity


def whole_rupiah(amount: Decimal) -> int:
    """`amount` rounded half up to whole rupiah. Source: assumed for the sandbox."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def parse_tariffs(text: str) -> Tariffs:
    """The tariffs out of their JSON text. Raises BadDataFile, with the place."""
    top = parse_data(TARIFFS_FILE, text)
    top.only("selfEmployed", "migrant", "construction")
    bounds = read_table(top, "selfEmployed", _bounds)
    check_successions(top, "selfEmployed", bounds, lambda one: one.program)
    migrant = read_table(top, "migrant", _migrant)
    check_successions(top, "migrant", migrant, lambda _: "one line")
    construction = read_table(top, "construction", _construction)
    check_successions(top, "construction", construction, lambda _: "one line")
    return Tariffs(bounds, migrant, construction)


def parse_discounts(text: str) -> tuple[Discount, ...]:
    """The discounts out of their JSON text; each may end. Raises BadDataFile, with the place."""
    top = parse_data(DISCOUNTS_FILE, text)
    top.only("discounts")
    discounts = read_table(top, "discounts", _discount)
    check_successions(top, "discounts", discounts, lambda discount: discount.group, may_end=lambda _: True)
    return discounts


@cache
def load_tariffs() -> Tariffs:
    """The sandbox's own tariffs; read and checked once. Raises BadDataFile."""
    return parse_tariffs(read_text(TARIFFS_FILE))


@cache
def load_discounts() -> tuple[Discount, ...]:
    """The sandbox's own discounts; read and checked once. Raises BadDataFile."""
    return parse_discounts(read_text(DISCOUNTS_FILE))


def find_bounds(program: Program, on: date) -> Bounds | None:
    """The bounds of a self-employed member's contribution on a day; None where there are none."""
    return find_valid((one for one in load_tariffs().self_employed if one.program is program), on)


def discount_share(group: DiscountGroup | None, program: Program, on: date) -> Decimal:
    """The share that a group need not pay of a program's contribution on a day; 0 without a discount."""
    fitting = (one for one in valid_on(load_discounts(), on) if one.group is group and program in one.programs)
    return next((discount.share for discount in fitting), Decimal(0))


def _bounds(entry: Entry) -> Bounds:
    entry.only("program", "minimum", "maximum", *VALIDITY)
    program = entry.read("program", Program, "is no program")
    bounds = Bounds(program, entry.whole("minimum"), entry.whole("maximum"), read_validity(entry))
    if bounds.maximum < bounds.minimum:
        raise entry.fail("must not be below the minimum", "maximum")
    return bounds


def _migrant(entry: Entry) -> MigrantTariff:
    entry.only("beforeWork", "packages", "extraMonth", "jhtMinimum", "jhtMaximum", *VALIDITY)
    packages: dict[int, int] = {}
    for package in entry.entries("packages"):
        package.only("months", "amount")
        months = package.whole("months")
        if months == 0 or months in packages:
            raise package.fail("must be more than 0, and no other's", "months")
        packages[months] = package.whole("amount")
    if not packages:
        raise entry.fail("must hold at least one package", "packages")
    tariff = MigrantTariff(
        entry.whole("beforeWork"),
        packages,
        entry.whole("extraMonth"),
        entry.whole("jhtMinimum"),
        entry.whole("jhtMaximum"),
        read_validity(entry),
    )
    if tariff.jht_maximum < tariff.jht_minimum:
        raise entry.fail("must not be below the minimum", "jhtMaximum")
    return tariff


def _construction(entry: Entry) -> ConstructionTariff:
    entry.only("bands", *VALIDITY)
    bands: list[ConstructionBand] = []
    for inner in entry.entries("bands"):
        inner.only("upTo", "jkk", "jkm")
        band = ConstructionBand(
            inner.whole("upTo") if inner.has("upTo") else None, read_ratio(inner, "jkk"), read_ratio(inner, "jkm")
        )
        check_rising(inner, [one.up_to for one in bands], band.up_to)
        bands.append(band)
    check_last_open(entry, "bands", [band.up_to for band in bands])
    return ConstructionTariff(tuple(bands), read_validity(entry))


def check_rising(entry: Entry, earlier: list[int | None], up_to: int | None) -> None:
    """Steps rise, and none comes after the open one. Raises BadDataFile."""
    before = earlier[-1] if earlier else 0
    if before is None or (up_to is not None and up_to <= before):
        raise entry.fail("must be more than the one before", "upTo")


def check_last_open(entry: Entry, name: str, steps: list[int | None]) -> None:
    """There are steps, and the last one is open upwards. Raises BadDataFile."""
    if not steps or steps[-1] is not None:
        raise entry.fail("must hold steps, the last one open (null)", name)


def _discount(entry: Entry) -> Discount:
    entry.only("group", "programs", "share", *VALIDITY)
    group = entry.read("group", DiscountGroup, "is no group")
    try:
        programs = frozenset(Program(name) for name in entry.texts("programs"))
    except ValueError as problem:
        if type(problem) is not ValueError:
            raise
        raise entry.fail("names a program that does not exist", "programs") from None
    if not programs:
        raise entry.fail("must name at least one program", "programs")
    return Discount(group, programs, read_ratio(entry, "share"), read_validity(entry))
