"""A new password for who forgot it: what an outsider may learn, and what a reset does."""

from dataclasses import replace

import pytest

from gateway.adapters.strength import ZxcvbnStrengthMeter
from gateway.domain.account import ActivityKind
from gateway.domain.message import MessageKind
from gateway.domain.problem import Code
from gateway.services import session
from tests.services.journey import (
    CALLER,
    HOUR,
    INSTANT,
    LARAS,
    LARAS_OTHER_KPJ,
    MINUTE,
    PASSWORD,
    UCOK,
    WRONG,
    last_link_token,
    refused,
    refused_without_trace,
    told,
    wrong_code,
)
from tests.services.resetting import ask, ask_by_mail, ask_by_sms, reset, sign_in
from tests.services.staged import StagedWorld, kept


@pytest.mark.parametrize("proof", [{"nik": UCOK.nik}, {"email": "UCOK@peserta.test"}])
async def test_mailed_link_sets_a_new_password(world: StagedWorld, proof: dict[str, str]) -> None:
    assert await ask(world, **proof) is None
    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [(UCOK.email, MessageKind.PASSWORD_RESET)]
    assert "http://127.0.0.1:8000/sandi-baru?token=" in world.mail.sent[0].text

    await reset(world, last_link_token(world))
    await world.agenda.settle()

    await sign_in(world)
    assert told(await refused(sign_in(world, new=UCOK.password))) == [(Code.INVALID_CREDENTIALS, None)]
    assert [mail.kind for mail in world.mail.sent] == [MessageKind.PASSWORD_RESET, MessageKind.SECURITY_NOTICE]
    assert world.sms.sent == []


async def test_code_by_sms_sets_a_new_password(world: StagedWorld) -> None:
    token, code = await ask_by_sms(world)
    assert [(sms.to, sms.kind) for sms in world.sms.sent] == [(UCOK.phone, MessageKind.PASSWORD_RESET)]

    await reset(world, token, f" {code} ")
    await world.agenda.settle()

    await sign_in(world)
    assert [mail.kind for mail in world.mail.sent] == [MessageKind.SECURITY_NOTICE]


async def test_wrong_codes_are_counted_exactly(world: StagedWorld) -> None:
    token, code = await ask_by_sms(world)

    answers = [await refused(reset(world, token, wrong_code(code))) for _ in range(6)]

    assert [told(answer) for answer in answers] == [[(Code.OTP_INVALID, ("code",))]] * 4 + [
        [(Code.OTP_LOCKED, ("code",))]
    ] * 2
    assert [answer.problems[0].attempts_left for answer in answers] == [4, 3, 2, 1, 0, 0]
    assert told(await refused_without_trace(world, reset(world, token, code))) == [(Code.OTP_LOCKED, ("code",))]


async def test_weak_password_does_not_use_up_the_code(world: StagedWorld) -> None:
    token, code = await ask_by_sms(world)
    for _ in range(6):
        reused = await refused_without_trace(world, reset(world, token, code, UCOK.password))
        assert told(reused) == [(Code.PASSWORD_REUSED, ("password",))]

    await reset(world, token, code)

    await sign_in(world)


async def test_rules_of_every_account_are_told_without_a_right_code(world: StagedWorld) -> None:
    token, code = await ask_by_sms(world)

    short = await refused_without_trace(world, reset(world, token, wrong_code(code), "short"))
    long = await refused_without_trace(world, reset(world, token, wrong_code(code), "x" * 65))

    assert told(short) == [(Code.PASSWORD_TOO_SHORT, ("password",))]
    assert told(long) == [(Code.PASSWORD_TOO_LONG, ("password",))]


async def test_every_password_rule_holds_for_a_reset(world: StagedWorld) -> None:
    meter = ZxcvbnStrengthMeter()
    measuring = replace(world, strength=meter)  # type: ignore[arg-type]
    link = await ask_by_mail(world)

    answers = [
        told(await refused_without_trace(measuring, reset(measuring, link, new=new)))
        for new in ("ab", "password1", f"gerimis{UCOK.nik}", "x" * 65, UCOK.password, "")
    ]
    meter.close()

    assert answers == [
        [(Code.PASSWORD_TOO_SHORT, ("password",)), (Code.PASSWORD_TOO_WEAK, ("password",))],
        [(Code.PASSWORD_TOO_WEAK, ("password",))],
        [(Code.PASSWORD_CONTAINS_IDENTITY, ("password",))],
        [(Code.PASSWORD_TOO_LONG, ("password",))],
        [(Code.PASSWORD_REUSED, ("password",))],
        [(Code.REQUIRED, ("password",))],
    ]


async def test_link_works_once(world: StagedWorld) -> None:
    link = await ask_by_mail(world)
    await reset(world, link)
    await world.agenda.settle()

    refusal = await refused_without_trace(world, reset(world, link, new=WRONG))

    assert told(refusal) == [(Code.TOKEN_USED, ("token",))]


async def test_reset_ends_the_other_reset_tokens(world: StagedWorld) -> None:
    first = await ask_by_mail(world)
    world.clock.advance(MINUTE)
    second = await ask_by_mail(world)
    await reset(world, second)
    await world.agenda.settle()

    refusal = await refused_without_trace(world, reset(world, first, new=WRONG))

    assert told(refusal) == [(Code.TOKEN_USED, ("token",))]


async def test_link_lives_for_an_hour_bounds_included(world: StagedWorld) -> None:
    link = await ask_by_mail(world)
    world.clock.advance(HOUR)
    assert told(await refused(reset(world, link, new=""))) == [(Code.REQUIRED, ("password",))]
    world.clock.advance(INSTANT)

    refusal = await refused_without_trace(world, reset(world, link))

    assert told(refusal) == [(Code.TOKEN_EXPIRED, ("token",))]


async def test_code_of_a_reset_lives_for_five_minutes(world: StagedWorld) -> None:
    token, code = await ask_by_sms(world)
    world.clock.advance(5 * MINUTE + INSTANT)

    refusal = await refused_without_trace(world, reset(world, token, code))

    assert told(refusal) == [(Code.OTP_EXPIRED, ("code",))]


async def test_token_that_is_none_of_ours_is_refused(world: StagedWorld) -> None:
    link = await ask_by_mail(world)
    activation = world.signer.sign("activation", {"q": 1})
    missing = world.signer.sign("reset", {"q": 999})

    for token in ("garbage", link + "x", activation, missing):
        refusal = await refused_without_trace(world, reset(world, token))
        assert told(refusal) == [(Code.TOKEN_INVALID, ("token",))]
    assert told(await refused_without_trace(world, reset(world, " "))) == [(Code.REQUIRED, ("token",))]


async def test_reset_ends_every_session_and_is_written_down(world: StagedWorld) -> None:
    await sign_in(world, new=UCOK.password)
    await sign_in(world, LARAS, LARAS.password)
    link = await ask_by_mail(world)

    await reset(world, link)

    assert list(world.sessions.live) == ["s2"]
    assert [row["kind"] for row in (await kept(world))["ActivityRow"]][-1] == ActivityKind.PASSWORD_RESET


async def test_reset_lifts_the_lock_of_every_login(world: StagedWorld) -> None:
    logins = (LARAS.kpj, LARAS_OTHER_KPJ, LARAS.email)
    for login in logins:
        for _ in range(5):
            await refused(session.authenticate(world, login=login, password=WRONG, caller=CALLER))
    await ask(world, LARAS.kpj, nik=LARAS.nik)

    await reset(world, last_link_token(world))

    for login in logins:
        await session.authenticate(world, login=login, password=PASSWORD, caller=CALLER)


async def test_provider_that_does_not_answer_does_not_hold_up_a_reset(world: StagedWorld) -> None:
    link = await ask_by_mail(world)
    world.sessions.unavailable = True

    await reset(world, link)

    world.sessions.unavailable = False
    await sign_in(world)
