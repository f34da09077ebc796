"""Working days: weekends and the dated table of holidays."""

from datetime import UTC, date, datetime

import pytest

from gateway.domain.datafile import BadDataFile, read_text
from gateway.domain.working_days import (
    FILE,
    add_working_days,
    is_working_day,
    load_holidays,
    office_opens_at,
    parse_holidays,
    sla_due_at,
)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),  # a Saturday
        (date(2026, 11, 22), False),  # a Sunday
        (date(2026, 3, 18), False),  # shared leave before Nyepi
        (date(2026, 3, 25), True),  # the first day after Idulfitri
        (date(2026, 12, 24), False),  # shared leave before Christmas
        (date(2031, 8, 18), True),  # a Monday after a fixed holiday on a Sunday
        (date(2032, 8, 17), False),  # fixed holidays hold in years that no decree names yet
    ],
)
def test_offices_rest_on_weekends_and_holidays(day: date, works: bool) -> None:
    # Source: SKB 3 Menteri No. 1497, 2 and 5 of 2025 for 2026.
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("day", "days", "wanted"),
    [
        (date(2026, 11, 23), 1, date(2026, 11, 24)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
        (date(2026, 3, 17), 1, date(2026, 3, 25)),
        (date(2026, 12, 23), 2, date(2026, 12, 29)),
    ],
)
def test_working_days_are_counted_after_the_day_itself(day: date, days: int, wanted: date) -> None:
    assert add_working_days(day, days) == wanted


def test_a_time_limit_ends_at_the_close_of_business_in_jakarta() -> None:
    # 23:30 in UTC is the next morning in Jakarta.
    start = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    assert sla_due_at(start, 5) == datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert office_opens_at(start, 1) == datetime(2026, 11, 24, 1, tzinfo=UTC)


def test_a_year_that_no_source_was_checked_for_is_marked() -> None:
    holidays = load_holidays()

    assert holidays.dated[date(2025, 1, 29)].is_assumption
    assert not holidays.dated[date(2026, 2, 17)].is_assumption
    assert {day.year for day in holidays.dated} == {2025, 2026}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"on": "01-01"', '"on": "13-01"', "holidays.json yearly[0].on: must be a day as MM-DD"),
        ('"on": "05-01"', '"on": "01-01"', "holidays.json yearly[1].on: stands twice"),
        ('"on": "2025-01-28"', '"on": "2025-01-27"', "holidays.json decrees[0].days[1].on: stands twice"),
        (
            '"on": "2025-01-28"',
            '"on": "2025-02-30"',
            "holidays.json decrees[0].days[1].on: must be a date as YYYY-MM-DD",
        ),
        ('"isAssumption": true', '"isAssumption": 1', "holidays.json decrees[0].isAssumption: must be true or false"),
    ],
)
def test_a_broken_table_is_refused_with_its_place(old: str, new: str, reason: str) -> None:
    with pytest.raises(BadDataFile) as caught:
        parse_holidays(read_text(FILE).replace(old, new, 1))

    assert str(caught.value) == reason
