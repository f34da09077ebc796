"""A new password for who forgot it: what an outsider may learn, and what a reset does."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from gateway.adapters.strength import ZxcvbnStrengthMeter
from gateway.domain.account import ActivityKind
from gateway.domain.message import MessageKind
from gateway.domain.otp import OtpChannel
from gateway.domain.problem import Code, Problem
from gateway.services import password, session
from tests.services.journey import (
    BUDI,
    CALLER,
    HOUR,
    INSTANT,
    LARAS,
    LARAS_OTHER_KPJ,
    MINUTE,
    NOBODY_KPJ,
    PASSWORD,
    UCOK,
    WRONG,
    Person,
    await_activation,
    last_code,
    last_link_token,
    refused,
    refused_without_trace,
    told,
    wrong_code,
)
from tests.services.staged import START, StagedWorld, kept

STRANGE_NIK = "3171991403880000"


async def ask(
    world: StagedWorld, kpj: str = UCOK.kpj, channel: OtpChannel = OtpChannel.EMAIL, **known: str | None
) -> str | None:
    """Ask for a reset, by NIK unless an e-mail is given."""
    proof = known or {"nik": UCOK.nik}
    asked = await password.request_reset(
        world, kpj=kpj, email=proof.get("email"), nik=proof.get("nik"), channel=channel
    )
    await world.agenda.settle()
    return asked


async def ask_by_sms(world: StagedWorld) -> tuple[str, str]:
    """Ask for a reset of Ucok's password by SMS; answers token and code."""
    token = await ask(world, channel=OtpChannel.SMS)
    assert token is not None
    return token, last_code(world)


async def ask_by_mail(world: StagedWorld) -> str:
    """Ask for a reset of Ucok's password by mail; answers the token of the link."""
    assert await ask(world) is None
    return last_link_token(world)


async def reset(world: StagedWorld, token: str, code: str | None = None, new: str = PASSWORD) -> None:
    await password.reset(world, token=token, code=code, password=new, caller=CALLER)


async def sign_in(world: StagedWorld, person: Person = UCOK, new: str = PASSWORD) -> None:
    await session.sign_in(world, login=person.kpj, password=new, caller=CALLER)


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


async def test_provider_that_does_not_answer_does_not_hold_up_a_reset(world: StagedWorld) -> None:
    link = await ask_by_mail(world)
    world.sessions.unavailable = True

    await reset(world, link)

    world.sessions.unavailable = False
    await sign_in(world)
