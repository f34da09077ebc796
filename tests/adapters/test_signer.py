"""Signed tokens: one purpose, one world, a life that ends on the instant."""

from datetime import timedelta

import pytest

from gateway.adapters.signer import WorldSigner
from gateway.ports import BadToken, ExpiredToken
from tests.fakes import NOON, FixedClock

SECRET = "ab" * 32


def test_signed_payload_is_read_back() -> None:
    signer = WorldSigner(SECRET, FixedClock())

    token = signer.sign("activation", {"registration": 7, "round": 1})

    assert signer.read("activation", token, 60) == {"registration": 7, "round": 1}
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_life_ends_one_microsecond_after_its_last_second() -> None:
    clock = FixedClock(NOON + timedelta(microseconds=900_000))
    signer = WorldSigner(SECRET, clock)
    token = signer.sign("activation", {})

    clock.advance(timedelta(seconds=60))
    assert signer.read("activation", token, 60) == {}
    clock.advance(timedelta(microseconds=1))

    with pytest.raises(ExpiredToken):
        signer.read("activation", token, 60)


def test_token_of_another_purpose_is_bad() -> None:
    signer = WorldSigner(SECRET, FixedClock())

    with pytest.raises(BadToken):
        signer.read("reset", signer.sign("activation", {}), 60)


def test_token_of_another_world_is_bad() -> None:
    token = WorldSigner(SECRET, FixedClock()).sign("activation", {})

    with pytest.raises(BadToken):
        WorldSigner("cd" * 32, FixedClock()).read("activation", token, 60)


def test_token_from_the_future_is_bad() -> None:
    token = WorldSigner(SECRET, FixedClock(NOON + timedelta(seconds=1))).sign("activation", {})

    with pytest.raises(BadToken):
        WorldSigner(SECRET, FixedClock(NOON)).read("activation", token, 60)


def test_changed_token_is_bad_in_every_character() -> None:
    signer = WorldSigner(SECRET, FixedClock())
    token = signer.sign("activation", {"a": 1})

    for place, letter in enumerate(token[:-1]):  # the last letter carries unused bits
        changed = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        with pytest.raises(BadToken):
            signer.read("activation", changed, 60)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é", "\ud800", "\x00", "A" * 2_049, "." * 2_000])
def test_junk_is_bad(token: str) -> None:
    with pytest.raises(BadToken):
        WorldSigner(SECRET, FixedClock()).read("activation", token, 60)


def test_error_does_not_repeat_the_token() -> None:
    with pytest.raises(BadToken) as caught:
        WorldSigner(SECRET, FixedClock()).read("activation", "my-secret-token", 60)

    assert "my-secret-token" not in str(caught.value)
    assert caught.value.__suppress_context__
