"""ISO 8601 durations as the control API writes them: PT5M, P1D, P-40D, P1Y."""

import re
from datetime import date, timedelta

_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>-?\d+)Y)?(?:(?P<months>-?\d+)M)?(?:(?P<weeks>-?\d+)W)?(?:(?P<days>-?\d+)D)?"
    r"(?:T(?=-?[0-9])(?:(?P<hours>-?\d+)H)?(?:(?P<minutes>-?\d+)M)?(?:(?P<seconds>-?\d+(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
_FIXED_UNITS = ("weeks", "days", "hours", "minutes", "seconds")


def parse_duration(text: str) -> timedelta:
    """A duration without months and years, whose length is always the same; a minus in front turns it around.

    Raises ValueError when `text` is none, or longer than 999,999,999 days.
    """
    parts = _parts(text)
    if parts["years"] or parts["months"]:
        raise ValueError("months and years have no fixed length; use days")
    try:
        length = timedelta(**{unit: float(parts[unit] or 0) for unit in _FIXED_UNITS})
        return -length if parts["sign"] else length
    except OverflowError:
        raise ValueError("the duration is too long") from None


def format_duration(length: timedelta) -> str:
    """The shortest ISO 8601 form of `length`; PT0S for none. Negative lengths carry a minus sign in front."""
    if length < timedelta(0):
        return "-" + format_duration(-length)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{length.microseconds:06d}".rstrip("0") if length.microseconds else ""
    clock = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes)
    if seconds or fraction:
        clock += f"{seconds}{fraction}S"
    days = f"{length.days}D" * bool(length.days)
    return f"P{days}" + (f"T{clock}" if clock else "") if days or clock else "PT0S"


def move_date(start: date, text: str) -> date:
    """`start` moved by a duration of days, months and years; a day that a month lacks becomes its last.

    Raises ValueError when `text` is no such duration, or leads out of the years 1 to 9999.
    """
    parts = _parts(text)
    if parts["hours"] or parts["minutes"] or parts["seconds"] or parts["sign"]:
        raise ValueError("a date moves by days, months and years, each with its own sign")
    months = start.year * 12 + start.month - 1 + int(parts["years"] or 0) * 12 + int(parts["months"] or 0)
    year, month = divmod(months, 12)
    month_after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last_day = (month_after - timedelta(days=1)).day
    moved = date(year, month + 1, min(start.day, last_day))
    try:
        return moved + timedelta(weeks=int(parts["weeks"] or 0), days=int(parts["days"] or 0))
    except OverflowError:
        raise ValueError("the date is out of range") from None


def _parts(text: str) -> dict[str, str | None]:
    match = _DURATION.fullmatch(text.strip().upper())
    if match is None or not any(value for unit, value in match.groupdict().items() if unit != "sign"):
        raise ValueError("not an ISO 8601 duration such as PT5M or P1D")
    return match.groupdict()
