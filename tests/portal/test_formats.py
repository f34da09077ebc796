"""Money, dates and lengths of time in both languages."""

import pytest

from gateway.portal.formats import instant, length_of_time, long_date, rupiah


@pytest.mark.parametrize(
    ("amount", "locale", "written"),
    [
        (0, "id", "Rp0"),
        (999, "id", "Rp999"),
        (14_200_000, "id", "Rp14.200.000"),
        (14_200_000, "en", "Rp14,200,000"),
        (-1_500, "id", "-Rp1.500"),
    ],
)
def test_rupiah_is_written_as_readers_write_it(amount, locale, written):
    assert rupiah(amount, locale) == written


@pytest.mark.parametrize(
    ("day", "locale", "written"),
    [
        ("1988-03-14", "id", "14 Maret 1988"),
        ("1988-03-04", "en", "4 March 1988"),
        ("2026-01", "id", "Januari 2026"),
        ("2026-12", "en", "December 2026"),
    ],
)
def test_date_is_written_in_words(day, locale, written):
    assert long_date(day, locale) == written


def test_instant_is_told_by_the_clock_of_western_indonesia():
    assert instant("2026-12-31T17:05:00Z", "id") == "1 Januari 2027 pukul 00.05 WIB"
    assert instant("2026-12-31T16:59:00Z", "en") == "31 December 2026, 23:59 WIB"


@pytest.mark.parametrize(
    ("seconds", "locale", "written"),
    [
        (0, "id", "0 detik"),
        (1, "en", "1 second"),
        (60, "id", "60 detik"),
        (119, "en", "119 seconds"),
        (121, "id", "3 menit"),
        (300, "en", "5 minutes"),
        (7201, "id", "3 jam"),
        (86_400, "en", "24 hours"),
    ],
)
def test_length_of_time_is_rounded_up(seconds, locale, written):
    assert length_of_time(seconds, locale) == written
