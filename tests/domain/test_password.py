"""Password rules: every one that is broken is named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.password import PasswordCheck, check_password, identity_of
from gateway.domain.policy import Policy
from gateway.domain.problem import Code

IDENTITY = identity_of("99260000001", "3171991403889001", date(1988, 3, 14))


@pytest.mark.parametrize(
    ("password", "score", "unmet"),
    [
        ("kucing-besar-biru", 4, ()),
        ("kucing78", 2, ()),
        ("x" * 64, 2, ()),
        ("kucing7", 2, (Code.PASSWORD_TOO_SHORT,)),
        ("kucing78", 1, (Code.PASSWORD_TOO_WEAK,)),
        ("", 0, (Code.PASSWORD_TOO_SHORT, Code.PASSWORD_TOO_WEAK)),
        # Only a part of an overlong password is measured, so its strength says nothing.
        ("x" * 65, 0, (Code.PASSWORD_TOO_LONG,)),
        ("aku 99260000001", 4, (Code.PASSWORD_CONTAINS_IDENTITY,)),
        ("3171991403889001!", 4, (Code.PASSWORD_CONTAINS_IDENTITY,)),
        ("kucing 14-03-1988", 4, (Code.PASSWORD_CONTAINS_IDENTITY,)),
        ("140388", 0, (Code.PASSWORD_TOO_SHORT, Code.PASSWORD_TOO_WEAK, Code.PASSWORD_CONTAINS_IDENTITY)),
    ],
)
def test_every_broken_rule_is_named(password: str, score: int, unmet: tuple[Code, ...]) -> None:
    assert check_password(password, score, IDENTITY, Policy()) == PasswordCheck(score, unmet)


@pytest.mark.parametrize("shape", ["19880314", "14031988", "140388", "880314", "1988-03-14", "14-03-1988"])
def test_the_birth_date_is_found_in_each_shape(shape: str) -> None:
    assert Code.PASSWORD_CONTAINS_IDENTITY in check_password(f"kucing {shape} besar", 4, IDENTITY, Policy()).unmet


def test_the_rules_follow_the_policy() -> None:
    strict = Policy(password_min_length=20, password_min_score=4)

    assert check_password("kucing-besar-biru", 3, (), strict).unmet == (
        Code.PASSWORD_TOO_SHORT,
        Code.PASSWORD_TOO_WEAK,
    )


@given(st.text(max_size=100), st.integers(0, 4))
def test_a_password_without_unmet_rules_meets_them_all(password: str, score: int) -> None:
    check = check_password(password, score, IDENTITY, Policy())

    if not check.unmet:
        assert 8 <= len(password) <= 64
        assert score >= 2
        assert not any(part in password for part in IDENTITY)
