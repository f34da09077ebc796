"""The civil day of the sandbox: dates in rules and texts are those of western Indonesia."""

from datetime import UTC, date, datetime, time, timedelta, timezone

# A fixed offset and not a zone file: western Indonesia (WIB) knows no summer time, and some machines have no zone data.
WIB = timezone(timedelta(hours=7), "WIB")


def local_date(at: datetime) -> date:
    """The date in Asia/Jakarta at an instant. Source: domain notes 6 (dates in Asia/Jakarta)."""
    return at.astimezone(WIB).date()


def local_instant(on: date, hour: int = 0) -> datetime:
    """The instant (UTC) at which the clock in Jakarta shows `hour` o'clock on that date."""
    return datetime.combine(on, time(hour), WIB).astimezone(UTC)
