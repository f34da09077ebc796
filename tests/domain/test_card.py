"""The code of a card: the same for half its life, ended after all of it, and never guessed."""

import hmac
from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.card import make_token, mask_name, read_token

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIFE_S = 86_400
INSTANT = timedelta(microseconds=1)


def keyed(text: str) -> str:
    return hmac.digest(b"one world", text.encode(), "sha256").hex()


def other(text: str) -> str:
    return hmac.digest(b"another world", text.encode(), "sha256").hex()


def test_a_code_is_read_as_its_membership_until_it_ends() -> None:
    token, ends_at = make_token(7, NOON, LIFE_S, keyed)

    assert (len(token), ends_at) == (32, NOON + timedelta(days=1))
    assert read_token(token, NOON, LIFE_S, keyed) == 7
    assert read_token(token, ends_at - INSTANT, LIFE_S, keyed) == 7
    assert read_token(token, ends_at, LIFE_S, keyed) is None
    assert read_token(token, NOON - INSTANT, LIFE_S, keyed) is None


def test_a_code_is_the_same_for_half_a_life_so_that_a_card_can_be_kept() -> None:
    first, _ = make_token(7, NOON, LIFE_S, keyed)

    assert make_token(7, NOON + timedelta(hours=12) - INSTANT, LIFE_S, keyed)[0] == first
    later, ends_at = make_token(7, NOON + timedelta(hours=12), LIFE_S, keyed)
    assert later != first
    assert ends_at == NOON + timedelta(hours=36)


@pytest.mark.parametrize("place", range(32))
def test_a_code_with_one_letter_changed_proves_nothing(place: int) -> None:
    token, _ = make_token(7, NOON, LIFE_S, keyed)
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]

    assert read_token(changed, NOON, LIFE_S, keyed) is None


@pytest.mark.parametrize("token", ["", "x", "A" * 32, "A" * 31 + "!", "é" * 32, "A" * 33, "A" * 10_000])
def test_what_is_no_code_proves_nothing(token: str) -> None:
    assert read_token(token, NOON, LIFE_S, keyed) is None


def test_a_code_of_another_world_proves_nothing() -> None:
    token, _ = make_token(7, NOON, LIFE_S, other)

    assert read_token(token, NOON, LIFE_S, keyed) is None


@pytest.mark.parametrize(
    ("name", "masked"), [("Budi Contoh", "B*** C*****"), ("Made", "M***"), ("  A  Bc ", "A B*"), ("", "")]
)
def test_a_name_is_masked_to_its_first_letters(name: str, masked: str) -> None:
    # Source: domain notes 7.
    assert mask_name(name) == masked
