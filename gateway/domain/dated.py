"""Dated tables: what is valid from a day to a day, where it comes from, and whether we made it up."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Protocol, TypeVar

from gateway.domain.datafile import Entry

VALIDITY = ("validFrom", "validTo", "source", "isAssumption")


@dataclass(frozen=True, slots=True)
class Validity:
    """The days on which an entry holds, bounds included (None: until further notice), and where it is written."""

    valid_from: date
    valid_to: date | None
    source: str
    is_assumption: bool

    def covers(self, on: date) -> bool:
        """Whether the entry holds on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Dated(Protocol):
    """An entry of a dated table."""

    @property
    def validity(self) -> Validity:
        """When it holds."""
        ...


Item = TypeVar("Item", bound=Dated)


def valid_on(table: Iterable[Item], on: date) -> tuple[Item, ...]:
    """The entries of a table that hold on a day, in the table's order."""
    return tuple(item for item in table if item.validity.covers(on))


def find_valid(table: Iterable[Item], on: date) -> Item | None:
    """The first entry that holds on a day; None when there is none."""
    return next((item for item in table if item.validity.covers(on)), None)


def read_validity(entry: Entry) -> Validity:
    """The four values that every dated entry has. Raises BadDataFile."""
    valid_from = entry.day("validFrom")
    valid_to = entry.day("validTo") if entry.has("validTo") else None
    if valid_to is not None and valid_to < valid_from:
        raise entry.fail("must not be before validFrom", "validTo")
    if not entry.has("isAssumption"):
        raise entry.fail("must be true or false", "isAssumption")
    return Validity(valid_from, valid_to, entry.text("source"), entry.flag("isAssumption"))


def read_ratio(entry: Entry, name: str, highest: str = "1") -> Decimal:
    """A ratio written as a decimal text, from 0 to `highest`. Raises BadDataFile."""

    def ratio(text: str) -> Decimal:
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise ValueError(text) from None
        if not value.is_finite() or not 0 <= value <= Decimal(highest):
            raise ValueError(text)
        return value

    return entry.read(name, ratio, f'must be a decimal text from "0" to "{highest}"')


def read_table(top: Entry, name: str, reader: Callable[[Entry], Item]) -> tuple[Item, ...]:
    """A list of dated entries, at least one. Raises BadDataFile."""
    table = tuple(reader(entry) for entry in top.entries(name))
    if not table:
        raise top.fail("must hold at least one entry", name)
    return table


def _never(_: object) -> bool:
    return False


def check_successions(
    top: Entry,
    name: str,
    table: Sequence[Item],
    kind: Callable[[Item], object],
    *,
    may_end: Callable[[Item], bool] = _never,
) -> None:
    """Hold the entries of each kind to one unbroken line: no gap, no overlap, the last one open.

    Where `may_end` is true the line may end for good, and begin again after a pause. Raises BadDataFile.
    """
    latest: dict[object, tuple[Entry, Item]] = {}
    for entry, item in zip(top.entries(name), table, strict=True):
        before = latest.get(kind(item))
        if before is not None:
            check_succession(entry, before[1].validity, item.validity, gaps=may_end(item))
        latest[kind(item)] = (entry, item)
    for entry, item in latest.values():
        if item.validity.valid_to is not None and not may_end(item):
            raise entry.fail("the last one must stay open (null)", "validTo")


def check_succession(entry: Entry, earlier: Validity, later: Validity, *, gaps: bool = False) -> None:
    """`later`, which stands at `entry`, begins on the day after `earlier`. Raises BadDataFile."""
    if earlier.valid_to is None:
        raise entry.fail("follows one that never ends", "validFrom")
    wanted = earlier.valid_to + timedelta(days=1)
    if later.valid_from > wanted and not gaps:
        raise entry.fail(f"leaves a gap after {earlier.valid_to}", "validFrom")
    if later.valid_from < wanted:
        raise entry.fail(f"overlaps the one until {earlier.valid_to}", "validFrom")
