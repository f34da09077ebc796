"""Asking for a new password: what is sent, what is limited, and what an outsider may learn."""

from collections.abc import Awaitable, Callable

import pytest

from gateway.domain.otp import OtpChannel
from gateway.domain.problem import Code, Problem
from tests.services.journey import (
    BUDI,
    HOUR,
    INSTANT,
    LARAS,
    LARAS_OTHER_KPJ,
    MINUTE,
    NOBODY_KPJ,
    UCOK,
    await_activation,
    refused,
    refused_without_trace,
    told,
    wrong_code,
)
from tests.services.resetting import STRANGE_NIK, ask, ask_by_sms, reset
from tests.services.staged import START, StagedWorld


async def test_any_linked_kpj_asks_for_the_reset(world: StagedWorld) -> None:
    await ask(world, LARAS_OTHER_KPJ, nik=LARAS.nik)

    assert [mail.to for mail in world.mail.sent] == [LARAS.email]


@pytest.mark.parametrize(
    ("kpj", "proof"),
    [
        (NOBODY_KPJ, {"nik": UCOK.nik}),
        (UCOK.kpj, {"nik": STRANGE_NIK}),
        (UCOK.kpj, {"email": "stranger@peserta.test"}),
        (BUDI.kpj, {"nik": BUDI.nik}),
        (BUDI.kpj, {"email": BUDI.email}),
    ],
)
async def test_unknown_people_get_the_same_answers_as_known_ones(
    world: StagedWorld, kpj: str, proof: dict[str, str]
) -> None:
    assert await ask(world, kpj, **proof) is None
    world.clock.advance(MINUTE)
    token = await ask(world, kpj, OtpChannel.SMS, **proof)
    assert token is not None
    assert (world.mail.sent, world.sms.sent) == ([], [])

    answers = await _everything_wrong(world, token)

    world.clock.advance(MINUTE)
    known, code = await ask_by_sms(world)
    assert len(token) == len(known)
    assert answers == await _everything_wrong(world, known, avoid=code)


async def _everything_wrong(world: StagedWorld, token: str, avoid: str = "000000") -> list[Problem]:
    """What an outsider is told who has the token and no code."""
    tries: list[Callable[[], Awaitable[None]]] = [
        lambda: reset(world, token, wrong_code(avoid), ""),
        lambda: reset(world, token, None),
        lambda: reset(world, token, "12345"),
        lambda: reset(world, token, wrong_code(avoid), "short"),
        lambda: reset(world, token, wrong_code(avoid), UCOK.password),
        lambda: reset(world, token, wrong_code(avoid), f"gerimis{UCOK.nik}"),
        *[lambda: reset(world, token, wrong_code(avoid))] * 4,
    ]
    return [problem for attempt in tries for problem in (await refused(attempt())).problems]


async def test_request_waits_for_the_cool_down(world: StagedWorld) -> None:
    await ask(world)
    world.clock.advance(MINUTE - INSTANT)

    known = await refused_without_trace(world, ask(world))
    wrong_nik = await refused_without_trace(world, ask(world, nik=STRANGE_NIK))

    assert told(known) == told(wrong_nik) == [(Code.RATE_LIMITED, None)]
    assert known.problems[0].retry_at == START + MINUTE
    world.clock.advance(INSTANT)
    assert await ask(world) is None


@pytest.mark.parametrize(("kpj", "sent"), [(UCOK.kpj, 5), (NOBODY_KPJ, 0)])
async def test_five_requests_an_hour_are_taken_and_no_more(world: StagedWorld, kpj: str, sent: int) -> None:
    for _ in range(5):
        await ask(world, kpj)
        world.clock.advance(2 * MINUTE)

    refusal = await refused_without_trace(world, ask(world, kpj))

    assert told(refusal) == [(Code.RATE_LIMITED, None)]
    assert refusal.problems[0].retry_at == START + HOUR
    assert len(world.mail.sent) == sent


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ({"kpj": "1", "nik": "2"}, [(Code.INVALID_KPJ, ("kpj",)), (Code.INVALID_NIK, ("nik",))]),
        ({"kpj": "", "nik": ""}, [(Code.REQUIRED, ("kpj",)), (Code.REQUIRED, ("nik",))]),
        ({"email": "x"}, [(Code.INVALID_EMAIL, ("email",))]),
        ({"email": " "}, [(Code.REQUIRED, ("email",))]),
        ({"email": UCOK.email, "nik": UCOK.nik}, [(Code.INVALID_FORMAT, ("nik",))]),
        ({"email": None}, [(Code.REQUIRED, ("email",))]),
    ],
)
async def test_malformed_request_is_told_and_not_counted(
    world: StagedWorld, typed: dict[str, str], answer: list[tuple[Code, tuple[str, ...]]]
) -> None:
    refusal = await refused_without_trace(world, ask(world, **typed))

    assert told(refusal) == answer


async def test_pending_account_gets_no_reset(world: StagedWorld) -> None:
    await await_activation(world)
    sent = len(world.mail.sent)

    assert await ask(world, BUDI.kpj, nik=BUDI.nik) is None

    assert len(world.mail.sent) == sent
