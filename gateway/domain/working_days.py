"""Working days of Indonesia: Monday to Friday without the holidays of a table that a person can read and extend."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from gateway.domain.datafile import Entry, parse_data, read_text
from gateway.domain.zone import local_date, local_instant

FILE = "holidays.json"
OPENING_HOUR = 8
CLOSING_HOUR = 17
_SATURDAY = 5
_SOME_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day off. `is_assumption` says that no decree names it for that year yet."""

    name: str
    source: str
    is_assumption: bool


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days that a decree names, by date, and days that come every year, by month and day."""

    dated: Mapping[date, Holiday]
    yearly: Mapping[tuple[int, int], Holiday]

    def find(self, on: date) -> Holiday | None:
        """The holiday of a day, if it is one."""
        return self.dated.get(on) or self.yearly.get((on.month, on.day))


def parse_holidays(text: str) -> Holidays:
    """The table out of its JSON text. Raises BadDataFile, with the place: a wrong date, a date that stands twice."""
    top = parse_data(FILE, text)
    top.only("yearly", "decrees")
    yearly: dict[tuple[int, int], Holiday] = {}
    for entry in top.entries("yearly"):
        entry.only("on", "name", "source", "isAssumption")
        key = entry.read("on", _month_and_day, "must be a day as MM-DD")
        if key in yearly:
            raise entry.fail("stands twice", "on")
        yearly[key] = _holiday(entry, entry)
    dated: dict[date, Holiday] = {}
    for decree in top.entries("decrees"):
        decree.only("source", "isAssumption", "days")
        for entry in decree.entries("days"):
            entry.only("on", "name")
            day = entry.day("on")
            if day in dated:
                raise entry.fail("stands twice", "on")
            dated[day] = _holiday(entry, decree)
    return Holidays(dated, yearly)


def _holiday(entry: Entry, origin: Entry) -> Holiday:
    return Holiday(entry.text("name"), origin.text("source"), origin.flag("isAssumption"))


def _month_and_day(text: str) -> tuple[int, int]:
    day = date.fromisoformat(f"{_SOME_LEAP_YEAR}-{text}")
    return day.month, day.day


@cache
def load_holidays() -> Holidays:
    """The sandbox's own table; read and checked once. Raises BadDataFile."""
    return parse_holidays(read_text(FILE))


def is_working_day(on: date) -> bool:
    """Whether offices work on a day. Source: domain notes 2.2 (Monday to Friday, no holidays)."""
    return on.weekday() < _SATURDAY and load_holidays().find(on) is None


def add_working_days(on: date, days: int) -> date:
    """The `days`-th working day after `on`; the day itself does not count."""
    assert days > 0, "count at least one working day"
    while days:
        on += timedelta(days=1)
        days -= is_working_day(on)
    return on


def sla_due_at(start: datetime, days: int) -> datetime:
    """When `days` working days from an instant are over: the close of business (17:00 in Jakarta) of the last one.

    Source: domain notes 4.1 (payment within 5 working days); the hour is assumed.
    """
    return local_instant(add_working_days(local_date(start), days), CLOSING_HOUR)


def office_opens_at(start: datetime, days: int) -> datetime:
    """The opening (8:00 in Jakarta, assumed) of the `days`-th working day after an instant."""
    return local_instant(add_working_days(local_date(start), days), OPENING_HOUR)
