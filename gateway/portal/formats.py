"""How pages write money, dates and lengths of time, in both languages."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from gateway.domain.zone import WIB


def rupiah(amount: int, locale: str) -> str:
    """Whole rupiah: Rp14.200.000, in English Rp14,200,000; a minus sign stands in front."""
    digits = f"{abs(amount):,}"
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{digits if locale == 'en' else digits.replace(',', '.')}"


def long_date(day: str, locale: str) -> str:
    """A date (YYYY-MM-DD) or month (YYYY-MM) in words: 14 Maret 1988, Maret 1988."""
    if len(day) == len("YYYY-MM"):
        year, _, month = day.partition("-")
        return f"{_months(locale)[int(month)]} {year}"
    on = date.fromisoformat(day)
    return f"{on.day} {_months(locale)[on.month]} {on.year}"


def instant(at: str, locale: str) -> str:
    """An instant (RFC 3339) by the clock of western Indonesia: 14 Maret 2026 pukul 09.05 WIB."""
    local = datetime.fromisoformat(at).astimezone(WIB)
    day = f"{local.day} {_months(locale)[local.month]} {local.year}"
    return f"{day}, {local:%H:%M} WIB" if locale == "en" else f"{day} pukul {local:%H.%M} WIB"


def length_of_time(seconds: int, locale: str) -> str:
    """A length of time in its largest fitting unit, rounded up, so that whoever waits that long is never early."""
    names = {"id": ("detik", "menit", "jam"), "en": ("second", "minute", "hour")}[locale]
    for size, name in ((3600, names[2]), (60, names[1])):
        if seconds >= 2 * size:
            return f"{-(-seconds // size)} {name}{'s' if locale == 'en' else ''}"
    return f"{seconds} {names[0]}{'s' if locale == 'en' and seconds != 1 else ''}"


@cache
def _months(locale: str) -> Mapping[int, str]:
    # Imported here: only pages with dates need Babel's locale data.
    from babel import Locale

    months: Mapping[int, str] = Locale(locale).months["format"]["wide"]
    return months
