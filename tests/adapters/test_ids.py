"""What follows the seed and what must not."""

from base64 import b32decode

from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.ids import SeededIds
from gateway.domain.otp import make_code

SECRET = "00" * 32
OTHER_SECRET = "11" * 32


def test_same_seed_and_world_give_the_same_codes_whatever_the_secret() -> None:
    one, other = SeededIds(7, "a", SECRET), SeededIds(7, "a", OTHER_SECRET)

    assert [one.otp_secret(n) for n in range(5)] == [other.otp_secret(n) for n in range(5)]


def test_other_seed_world_or_challenge_gives_another_secret() -> None:
    secrets = {
        SeededIds(7, "a", SECRET).otp_secret(1),
        SeededIds(8, "a", SECRET).otp_secret(1),
        SeededIds(7, "b", SECRET).otp_secret(1),
        SeededIds(7, "a", SECRET).otp_secret(2),
    }

    assert len(secrets) == 4


def test_otp_secret_has_160_bits_and_makes_a_code() -> None:
    secret = SeededIds(1, "main", SECRET).otp_secret(1)

    assert len(b32decode(secret)) == 20
    assert make_code(secret, 6).isdigit()
    assert len(make_code(secret, 6)) == 6


def test_seeded_values_stay_as_they_were_published() -> None:
    ids = SeededIds(1, "main", SECRET)

    assert make_code(ids.otp_secret(1), 6) == "200141"
    assert ids.draw("fault", 1) == 0.8596310988702592


def test_tokens_and_subjects_never_repeat_with_the_same_seed_and_secret() -> None:
    one, other = SeededIds(7, "a", SECRET), SeededIds(7, "a", SECRET)

    assert one.token() != other.token()
    assert one.subject() != other.subject()
    assert len(one.token()) == 22
    assert len(one.subject()) == 32


def test_keyed_hash_depends_on_secret_purpose_and_value() -> None:
    ids = SeededIds(7, "a", SECRET)

    assert ids.key("login", "budi") == SeededIds(9, "b", SECRET).key("login", "budi")
    assert (
        len({ids.key("login", "budi"), ids.key("kpj", "budi"), SeededIds(7, "a", OTHER_SECRET).key("login", "budi")})
        == 3
    )
    assert ids.key("a", "bc") != ids.key("ab", "c")
    assert "budi" not in ids.key("login", "budi")


def test_keyed_hash_takes_any_text() -> None:
    assert len(SeededIds(7, "a", SECRET).key("login", "\ud800")) == 64


@given(seed=st.integers(), number=st.integers(0, 10**9), purpose=st.text(max_size=20))
def test_draw_is_a_fraction_and_repeats(seed: int, number: int, purpose: str) -> None:
    drawn = SeededIds(seed, "a", SECRET).draw(purpose, number)

    assert 0 <= drawn < 1
    assert drawn == SeededIds(seed, "b", OTHER_SECRET).draw(purpose, number)
