"""Relay's four arguments and the cursors behind them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.page import PageRequest, decode_cursor, encode_cursor, page_request
from gateway.domain.problem import Rejected


def test_neither_first_nor_last_means_the_first_twenty() -> None:
    assert page_request(None, None, None, None) == PageRequest(20, backwards=False, after=None, before=None)


def test_last_reads_backwards_from_a_place() -> None:
    assert page_request(None, None, 5, encode_cursor(9)) == PageRequest(5, backwards=True, after=None, before=9)


@pytest.mark.parametrize("size", [0, 1, 100])
def test_sizes_from_none_to_a_hundred_are_taken(size: int) -> None:
    assert page_request(size, None, None, None).size == size


@pytest.mark.parametrize(
    ("first", "last", "text", "field"),
    [
        (101, None, "request.page_size", "first"),
        (-1, None, "request.page_size", "first"),
        (None, 101, "request.page_size", "last"),
        (None, -1, "request.page_size", "last"),
        (1, 1, "request.first_and_last", "last"),
    ],
)
def test_a_bad_size_is_rejected(first: int | None, last: int | None, text: str, field: str) -> None:
    with pytest.raises(Rejected) as caught:
        page_request(first, None, last, None)

    assert (caught.value.code, caught.value.text, caught.value.extensions) == ("BAD_USER_INPUT", text, {"field": field})


@given(st.integers(0, 10**18 - 1))
def test_a_cursor_leads_back_to_its_place(place: int) -> None:
    assert decode_cursor(encode_cursor(place), "after") == place


# "YzAx" is c01 and "YzE!" holds a stray character: neither is a cursor that we write.
@pytest.mark.parametrize("cursor", ["", "x", "Yw", "YzAx", "YzE!", "Yz\nE", "é", "YzE=", "LTE", "Y" * 5_000])
def test_a_foreign_cursor_is_rejected(cursor: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode_cursor(cursor, "before")

    assert (caught.value.code, caught.value.text) == ("BAD_USER_INPUT", "request.bad_cursor")
    assert caught.value.extensions == {"field": "before"}


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_rejected(text: str) -> None:
    try:
        place = decode_cursor(text, "after")
    except Rejected as rejected:
        assert rejected.extensions == {"field": "after"}
    else:
        assert encode_cursor(place) == text


def test_places_among_rows_are_no_greater_than_a_rows_number_can_be() -> None:
    # PostgreSQL refuses to compare a row's number with a greater one, in words of its own.
    asked = page_request(5, encode_cursor(10**17), None, encode_cursor(3))

    assert asked.among_rows() == PageRequest(5, backwards=False, after=2**31 - 1, before=3)
