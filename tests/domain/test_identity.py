"""Numbers and contacts as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.identity import (
    mask_email,
    mask_kpj,
    mask_nik,
    mask_phone,
    normalise_email,
    normalise_kpj,
    normalise_nik,
    normalise_phone,
    parse_birth_date,
)

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("typed", ["99260000001", " 9926 0000 001 ", "9926-0000-001", "9926.0000.001"])
def test_a_kpj_is_taken_with_separators(typed: str) -> None:
    assert normalise_kpj(typed) == "99260000001"


@pytest.mark.parametrize("typed", ["", "9926000000", "992600000012", "9926000000a", "٩٩٢٦٠٠٠٠٠٠١", "99260000001\x00"])
def test_a_number_of_another_shape_is_no_kpj(typed: str) -> None:
    assert normalise_kpj(typed) is None


@pytest.mark.parametrize("typed", ["3171991403889001", "3171 9914 0388 9001", "31.71.99.140388.9001"])
def test_a_nik_is_taken_with_separators(typed: str) -> None:
    assert normalise_nik(typed) == "3171991403889001"


@pytest.mark.parametrize("typed", ["", "317199140388900", "31719914038890011", "3171991403889o01", "３171991403889001"])
def test_a_number_of_another_shape_is_no_nik(typed: str) -> None:
    assert normalise_nik(typed) is None


@pytest.mark.parametrize("typed", ["1988-03-14", "14-03-1988", "14/03/1988", " 1988-3-14 "])
def test_a_birth_date_is_taken_in_both_orders(typed: str) -> None:
    assert parse_birth_date(typed, TODAY) == date(1988, 3, 14)


@pytest.mark.parametrize(
    "typed", ["", "1988-02-30", "1899-12-31", "2026-11-24", "14-03-88", "14 Maret 1988", "x" * 5_000]
)
def test_what_is_no_past_day_is_no_birth_date(typed: str) -> None:
    assert parse_birth_date(typed, TODAY) is None


def test_today_is_a_birth_date() -> None:
    assert parse_birth_date("2026-11-23", TODAY) == TODAY


@pytest.mark.parametrize(
    "typed",
    ["+6284000000001", "6284000000001", "084000000001", "84000000001", "+62 840-0000-0001", "(0840) 0000.0001"],
)
def test_the_fictitious_range_is_taken_however_it_is_typed(typed: str) -> None:
    assert normalise_phone(typed) == "+6284000000001"


@pytest.mark.parametrize("typed", ["0812 3456 7890", "+62 812-3456-7890", "6281234567890", "+62 (0) 812 3456 7890"])
def test_an_indonesian_mobile_becomes_e164(typed: str) -> None:
    assert normalise_phone(typed) == "+6281234567890"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "+14155552671",
        "0215551234",
        "0812",
        "08123456789012345",
        "0812-CALL-NOWX",
        "081234567890 ext 5",
        "tel:+6281234567890",
        "+62840٠٠٠٠٠٠٠٠",
        "++6284000000001",
        "+6284012",
        "9" * 5_000,
    ],
)
def test_anything_else_is_no_phone(typed: str) -> None:
    assert normalise_phone(typed) is None


@pytest.mark.parametrize("typed", ["budi@peserta.test", " Budi@Peserta.TEST "])
def test_an_email_is_kept_in_lower_case(typed: str) -> None:
    assert normalise_email(typed) == "budi@peserta.test"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "budi",
        "budi@",
        "@peserta.test",
        "a@b@c.test",
        "budi@localhost",
        "budi@[127.0.0.1]",
        "a b@x.test",
        "a\n@x.test",
    ],
)
def test_anything_else_is_no_email(typed: str) -> None:
    assert normalise_email(typed) is None


@given(st.text(max_size=80))
def test_no_text_breaks_a_normaliser_and_what_is_normal_stays(typed: str) -> None:
    for normalise in (normalise_kpj, normalise_nik, normalise_phone, normalise_email):
        normal = normalise(typed)
        assert normal is None or normalise(normal) == normal
    assert parse_birth_date(typed, TODAY) is None or parse_birth_date(typed, TODAY) <= TODAY  # type: ignore[operator]


def test_masks_show_no_more_than_said() -> None:
    assert mask_nik("3171991403889001") == "3171********9001"
    assert mask_kpj("99260000001") == "*******0001"
    assert mask_phone("+6284000000001") == "+62840*****001"
    assert mask_email("budi@peserta.test") == "b***@peserta.test"


@given(st.integers(5, 9), st.integers(0, 9))
def test_a_masked_phone_hides_at_least_one_digit(length: int, digit: int) -> None:
    masked = mask_phone("+62840" + str(digit) * length)

    assert masked.startswith("+62840*")
    assert len(masked) == 6 + length
