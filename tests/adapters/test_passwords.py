"""Password hashes and strength: right answers, same work for nobody, threads that end."""

import threading
import time
from collections.abc import Iterator

import pytest

from gateway.adapters.passwords import CHEAP, OWASP, Argon2PasswordHasher, profile_named
from gateway.adapters.strength import ZxcvbnStrengthMeter
from gateway.adapters.strength import _score as score_in_this_thread


@pytest.fixture
def hasher() -> Iterator[Argon2PasswordHasher]:
    made = Argon2PasswordHasher(CHEAP)
    yield made
    made.close()


@pytest.fixture(scope="module")
def meter() -> Iterator[ZxcvbnStrengthMeter]:
    made = ZxcvbnStrengthMeter()
    yield made
    made.close()


async def test_right_password_matches_and_wrong_one_does_not(hasher: Argon2PasswordHasher) -> None:
    hashed = await hasher.hash("Rahasia-2026")

    assert await hasher.verify("Rahasia-2026", hashed)
    assert not await hasher.verify("rahasia-2026", hashed)


async def test_two_hashes_of_one_password_differ(hasher: Argon2PasswordHasher) -> None:
    assert await hasher.hash("Rahasia-2026") != await hasher.hash("Rahasia-2026")


async def test_nobody_never_matches(hasher: Argon2PasswordHasher) -> None:
    assert not await hasher.verify("Rahasia-2026", None)
    assert not await hasher.verify("", None)


async def test_password_typed_on_another_keyboard_matches(hasher: Argon2PasswordHasher) -> None:
    hashed = await hasher.hash("caf\u00e9-2026")

    assert await hasher.verify("cafe\u0301-2026", hashed)


async def test_text_that_is_no_unicode_is_just_wrong(hasher: Argon2PasswordHasher) -> None:
    assert not await hasher.verify("\ud800", await hasher.hash("Rahasia-2026"))


async def test_owasp_hash_names_the_published_minimum() -> None:
    hasher = Argon2PasswordHasher(profile_named("owasp"))

    hashed = await hasher.hash("Rahasia-2026")
    hasher.close()

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert profile_named("owasp") == OWASP
    assert profile_named("cheap") == CHEAP


async def test_nobody_costs_the_work_of_a_real_hash() -> None:
    hasher = Argon2PasswordHasher(OWASP, threads=1)
    hashed = await hasher.hash("Rahasia-2026")

    assert hashed.split("$")[:4] == hasher.nobody.split("$")[:4]
    assert [len(part) for part in hashed.split("$")] == [len(part) for part in hasher.nobody.split("$")]
    hasher.close()


async def test_close_ends_the_threads(hasher: Argon2PasswordHasher) -> None:
    others = set(threading.enumerate())
    meter = ZxcvbnStrengthMeter()
    await hasher.hash("Rahasia-2026")
    await meter.score("Rahasia-2026", ())

    hasher.close()
    meter.close()

    assert set(threading.enumerate()) <= others


@pytest.mark.parametrize(
    ("password", "score"),
    [("", 0), ("password", 0), ("12345678", 0), ("rahasia kuda batre staples", 4), ("jalan-Melati_88!", 4)],
)
async def test_strength_is_what_zxcvbn_says(meter: ZxcvbnStrengthMeter, password: str, score: int) -> None:
    assert await meter.score(password, ()) == score


async def test_known_words_make_a_password_weak(meter: ZxcvbnStrengthMeter) -> None:
    assert await meter.score("yohanawijayanti", ()) > await meter.score("yohanawijayanti", ("Yohanawijayanti",))


async def test_known_words_of_one_person_do_not_reach_the_next(meter: ZxcvbnStrengthMeter) -> None:
    before = await meter.score("yohanawijayanti", ())
    await meter.score("yohanawijayanti", ("yohanawijayanti",))

    assert await meter.score("yohanawijayanti", ()) == before


async def test_only_the_first_72_characters_are_read(meter: ZxcvbnStrengthMeter) -> None:
    assert await meter.score("a" * 1_000_000, ()) == await meter.score("a" * 72, ())


async def test_hostile_mix_of_symbols_is_scored_in_bounded_time() -> None:
    hostile = ("4@8({[<369!|1705$+7%2" * 4)[:72]

    before = time.thread_time()
    scored = score_in_this_thread(hostile, ())

    assert scored == 4
    assert time.thread_time() - before < 0.5  # took 1.7 s before it was bounded
