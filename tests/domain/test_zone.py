"""The day in Jakarta."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.zone import local_date, local_instant


def test_the_day_in_jakarta_begins_at_seventeen_utc() -> None:
    assert local_date(datetime(2026, 11, 22, 16, 59, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert local_date(datetime(2026, 11, 22, 17, tzinfo=UTC)) == date(2026, 11, 23)
    assert local_instant(date(2026, 11, 23)) == datetime(2026, 11, 22, 17, tzinfo=UTC)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(0, 23))
def test_every_hour_of_a_day_is_that_day(on: date, hour: int) -> None:
    assert local_date(local_instant(on, hour)) == on
