"""Durations as the control API writes them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.duration import format_duration, move_date, parse_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT5M", timedelta(minutes=5)),
        ("P1D", timedelta(days=1)),
        ("P1W2D", timedelta(days=9)),
        ("PT1H30M0.5S", timedelta(hours=1, minutes=30, microseconds=500_000)),
        (" pt60s ", timedelta(seconds=60)),
        ("P-1DT1H", timedelta(hours=-23)),
        ("-P1DT1H", timedelta(hours=-25)),
        ("PT0S", timedelta(0)),
    ],
)
def test_a_duration_is_read(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "-P",
        "P1DT",
        "5M",
        "P5",
        "PT5",
        "PT1M1H",
        "P1.5D",
        "PT0.0000001S",
        "PT٥M",
        "P1D x",
        "--P1D",
        "T5M",
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an ISO 8601 duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P1M", "P1Y", "P1Y2DT3H"])
def test_months_and_years_have_no_length(text: str) -> None:
    with pytest.raises(ValueError, match="no fixed length"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P1000000000D", "P99999999999999D", "-P1000000000D", "P" + "9" * 500 + "D"])
def test_an_endless_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="too long"):
        parse_duration(text)


@given(st.timedeltas(timedelta(days=-99_999), timedelta(days=99_999)))
def test_a_written_duration_is_read_back(length: timedelta) -> None:
    assert parse_duration(format_duration(length)) == length


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(minutes=5), "PT5M"),
        (timedelta(days=1), "P1D"),
        (timedelta(days=1, seconds=3661, microseconds=20), "P1DT1H1M1.00002S"),
        (timedelta(hours=-25), "-P1DT1H"),
    ],
)
def test_a_duration_is_written_as_short_as_it_goes(length: timedelta, text: str) -> None:
    assert format_duration(length) == text


@pytest.mark.parametrize(
    ("start", "text", "moved"),
    [
        (date(2026, 11, 23), "P-40D", date(2026, 10, 14)),
        (date(2026, 11, 23), "P-5Y", date(2021, 11, 23)),
        (date(2026, 11, 23), "P-136M", date(2015, 7, 23)),
        (date(2026, 11, 23), "P-3Y-2M-1D", date(2023, 9, 22)),
        (date(2026, 3, 31), "P-1M", date(2026, 2, 28)),
        (date(2024, 2, 29), "P-1Y", date(2023, 2, 28)),
        (date(2026, 12, 31), "P2M", date(2027, 2, 28)),
        (date(2026, 12, 1), "P1W", date(2026, 12, 8)),
    ],
)
def test_a_date_moves_by_days_months_and_years(start: date, text: str, moved: date) -> None:
    assert move_date(start, text) == moved


@pytest.mark.parametrize("text", ["PT1H", "-P1D", "P9999Y", "P-9999Y", "P99999999999999D", "40D"])
def test_a_date_that_cannot_move_so_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        move_date(date(2026, 11, 23), text)
