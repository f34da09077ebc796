"""The password step of the sign-up: its rules, its time, and what it leaves behind."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from gateway.adapters.passwords import Argon2PasswordHasher
from gateway.adapters.strength import ZxcvbnStrengthMeter
from gateway.domain.account import AccountStatus
from gateway.domain.message import MessageKind
from gateway.domain.problem import Code
from gateway.domain.registration import RegistrationState
from gateway.services import activation, registration
from tests.services.journey import (
    BUDI,
    CALLER,
    DAY,
    INSTANT,
    MINUTE,
    PASSWORD,
    await_activation,
    prove,
    refused,
    refused_without_trace,
    start_and_read,
    told,
)
from tests.services.staged import START, StagedWorld, kept


@pytest.fixture
async def measuring(world: StagedWorld) -> AsyncIterator[StagedWorld]:
    """A world with the real strength meter."""
    meter = ZxcvbnStrengthMeter()
    yield replace(world, strength=meter)  # type: ignore[arg-type]
    meter.close()


async def test_good_password_makes_a_pending_account_and_sends_the_link(world: StagedWorld) -> None:
    token = await prove(world)
    world.clock.advance(MINUTE)

    waiting = await activation.set_password(world, token=token, password=PASSWORD, caller=CALLER)
    await world.agenda.settle()

    assert waiting.state is RegistrationState.AWAITING_ACTIVATION
    assert waiting.expires_at == START + MINUTE + DAY
    assert waiting.activation is not None
    assert waiting.activation.masked_target == "b***@peserta.test"
    assert (waiting.activation.sent_at, waiting.activation.expires_at) == (START + MINUTE, START + MINUTE + DAY)
    assert waiting.activation.resend_at == START + 2 * MINUTE
    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [(BUDI.email, MessageKind.ACTIVATION)]
    assert "http://127.0.0.1:8000/aktivasi?token=" in world.mail.sent[0].text
    account = (await kept(world))["AccountRow"][-1]
    assert (account["status"], account["email"], account["pending_email"]) == (
        AccountStatus.PENDING_ACTIVATION,
        None,
        BUDI.email,
    )
    assert account["password_hash"].startswith("$argon2id$") and PASSWORD not in account["password_hash"]
    assert world.agenda.moments[-1] == START + MINUTE + DAY


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Xk9#qLv", [Code.PASSWORD_TOO_SHORT]),
        ("abc", [Code.PASSWORD_TOO_SHORT, Code.PASSWORD_TOO_WEAK]),
        ("password1", [Code.PASSWORD_TOO_WEAK]),
        ("budi@peserta.test", [Code.PASSWORD_TOO_WEAK]),
        (f"gerimis{BUDI.kpj}kapal", [Code.PASSWORD_CONTAINS_IDENTITY]),
        (f"gerimis{BUDI.nik}kapal", [Code.PASSWORD_CONTAINS_IDENTITY]),
        ("gerimis-14031988-kapal", [Code.PASSWORD_CONTAINS_IDENTITY]),
        ("gerimis-1988-03-14-kapal", [Code.PASSWORD_CONTAINS_IDENTITY]),
        ("gerimis-lima-kapal-biru-" + "z" * 41, [Code.PASSWORD_TOO_LONG]),
    ],
)
async def test_password_that_breaks_rules_is_told_which(
    measuring: StagedWorld, password: str, codes: list[Code]
) -> None:
    token = await prove(measuring)

    refusal = await refused_without_trace(
        measuring, activation.set_password(measuring, token=token, password=password, caller=CALLER)
    )
    checked = await activation.check(measuring, token=token, password=password)

    assert told(refusal) == [(code, ("password",)) for code in codes]
    assert refusal.problems[0].params == {"min": 8, "max": 64}
    assert checked.unmet == tuple(codes)


@pytest.mark.parametrize(
    "password", ["gerimis-lima-kapal-biru-" + "qzwxecrv" * 5, "пароль-дождь-五隻船", "é" * 3 + "Xk9#q"]
)
async def test_password_of_any_script_up_to_64_characters_is_taken(measuring: StagedWorld, password: str) -> None:
    assert len(password) in (64, 16, 8)
    token = await prove(measuring)

    waiting = await activation.set_password(measuring, token=token, password=password, caller=CALLER)

    assert waiting.state is RegistrationState.AWAITING_ACTIVATION


async def test_empty_password_is_required(world: StagedWorld) -> None:
    token = await prove(world)

    refusal = await refused_without_trace(
        world, activation.set_password(world, token=token, password="", caller=CALLER)
    )

    assert told(refusal) == [(Code.REQUIRED, ("password",))]


async def test_half_a_character_in_a_password_breaks_nothing(world: StagedWorld) -> None:
    token = await prove(world)

    waiting = await activation.set_password(world, token=token, password="gerimis-\ud800-kapal", caller=CALLER)

    assert waiting.state is RegistrationState.AWAITING_ACTIVATION


async def test_checking_a_password_keeps_nothing(measuring: StagedWorld) -> None:
    token = await prove(measuring)
    before = await kept(measuring)

    weak = await activation.check(measuring, token=token, password="password")
    strong = await activation.check(measuring, token=token, password=PASSWORD)
    empty = await activation.check(measuring, token=token, password="")

    assert (weak.score, weak.unmet) == (0, (Code.PASSWORD_TOO_WEAK,))
    assert (strong.score, strong.unmet) == (4, ())
    assert (empty.score, empty.unmet) == (0, (Code.PASSWORD_TOO_SHORT, Code.PASSWORD_TOO_WEAK))
    assert await kept(measuring) == before


async def test_password_before_the_code_is_the_wrong_step(world: StagedWorld) -> None:
    token, _ = await start_and_read(world)
    shown = await registration.find(world, token=token)

    setting = await refused_without_trace(
        world, activation.set_password(world, token=token, password=PASSWORD, caller=CALLER)
    )
    checking = await refused_without_trace(world, activation.check(world, token=token, password=PASSWORD))

    assert told(setting) == told(checking) == [(Code.WRONG_STEP, None)]
    assert setting.problems[0].state == "AWAITING_OTP"
    assert setting.subject == checking.subject == shown


async def test_second_password_is_the_wrong_step_and_carries_the_flow(world: StagedWorld) -> None:
    token, _ = await await_activation(world)

    refusal = await refused_without_trace(
        world, activation.set_password(world, token=token, password=PASSWORD, caller=CALLER)
    )

    assert told(refusal) == [(Code.WRONG_STEP, None)]
    assert refusal.subject == await registration.find(world, token=token)


async def test_password_has_thirty_minutes_from_the_form(world: StagedWorld) -> None:
    token = await prove(world)
    world.clock.advance(30 * MINUTE - INSTANT)
    assert (await activation.check(world, token=token, password=PASSWORD)).unmet == ()
    world.clock.advance(INSTANT)

    for _ in ("before the sweeper has seen it", "afterwards"):
        setting = await refused(activation.set_password(world, token=token, password=PASSWORD, caller=CALLER))
        checking = await refused(activation.check(world, token=token, password=PASSWORD))
        assert told(setting) == told(checking) == [(Code.FLOW_EXPIRED, None)]
        await world.agenda.settle()
    assert len((await kept(world))["AccountRow"]) == 3


async def test_unknown_token_is_refused(world: StagedWorld) -> None:
    setting = await refused_without_trace(
        world, activation.set_password(world, token="A" * 22, password=PASSWORD, caller=CALLER)
    )
    checking = await refused_without_trace(world, activation.check(world, token="A" * 22, password=PASSWORD))

    assert told(setting) == told(checking) == [(Code.TOKEN_INVALID, ("registrationToken",))]


async def test_hash_is_checked_by_the_real_hasher(world: StagedWorld, passwords: Argon2PasswordHasher) -> None:
    await await_activation(world)

    hashed = (await kept(world))["AccountRow"][-1]["password_hash"]

    assert await passwords.verify(PASSWORD, hashed)
    assert not await passwords.verify(PASSWORD + "x", hashed)
