"""One-time codes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.otp import make_code


def test_the_code_is_that_of_the_standard() -> None:
    # Source: RFC 4226 appendix D, count 0 of the secret "12345678901234567890".
    secret = base64.b32encode(b"12345678901234567890").decode()

    assert make_code(secret, 6) == "755224"


@given(st.binary(min_size=16, max_size=32), st.integers(6, 8))
def test_a_code_has_its_length_in_digits(secret: bytes, length: int) -> None:
    code = make_code(base64.b32encode(secret).decode().rstrip("="), length)

    assert len(code) == length
    assert code.isascii()
    assert code.isdigit()


def test_another_secret_makes_another_code() -> None:
    codes = {make_code(base64.b32encode(bytes([number]) * 20).decode(), 6) for number in range(50)}

    assert len(codes) > 45


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match=r".+"):
        make_code(base64.b32encode(b"short").decode(), 6)
