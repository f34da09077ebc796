"""The activation mail sent again: to the same address, to a mended one, and without the registration token."""

import pytest

from gateway.domain.account import AccountStatus
from gateway.domain.problem import Code
from gateway.services import activation, registration
from tests.services.journey import (
    BUDI,
    CALLER,
    DAY,
    INSTANT,
    MINUTE,
    SITI,
    UCOK,
    await_activation,
    last_link_token,
    prove,
    refused,
    refused_without_trace,
    sign_up,
    told,
)
from tests.services.staged import START, StagedWorld, kept


async def test_mail_sent_again_renews_the_day_and_leaves_the_older_link_alive(world: StagedWorld) -> None:
    token, first = await await_activation(world)
    world.clock.advance(DAY - MINUTE)

    again = await activation.resend(world, token=token, new_email=None, caller=CALLER)
    await world.agenda.settle()

    assert again.expires_at == START + 2 * DAY - MINUTE
    assert again.activation is not None and again.activation.sent_at == START + DAY - MINUTE
    assert [mail.to for mail in world.mail.sent] == [BUDI.email, BUDI.email]
    second = last_link_token(world)
    assert second != first
    await activation.activate(world, token=first)
    assert told(await refused(activation.activate(world, token=second))) == [(Code.TOKEN_USED, ("token",))]


async def test_renewed_flow_takes_the_second_link_when_the_first_is_over(world: StagedWorld) -> None:
    token, first = await await_activation(world)
    world.clock.advance(DAY - MINUTE)
    await activation.resend(world, token=token, new_email=None, caller=CALLER)
    await world.agenda.settle()
    world.clock.advance(2 * MINUTE)
    assert told(await refused(activation.activate(world, token=first))) == [(Code.TOKEN_EXPIRED, ("token",))]

    await activation.activate(world, token=last_link_token(world))

    assert (await kept(world))["AccountRow"][-1]["status"] == AccountStatus.ACTIVE


async def test_mail_is_sent_again_only_after_the_cool_down(world: StagedWorld) -> None:
    token, _ = await await_activation(world)
    world.clock.advance(MINUTE - INSTANT)

    for new_email in (None, "other@peserta.test"):
        refusal = await refused_without_trace(
            world, activation.resend(world, token=token, new_email=new_email, caller=CALLER)
        )
        assert told(refusal) == [(Code.RATE_LIMITED, None)]
        assert refusal.problems[0].retry_at == START + MINUTE


async def test_mended_address_gets_a_link_and_the_older_link_dies(world: StagedWorld) -> None:
    token, first = await await_activation(world)
    world.clock.advance(MINUTE)

    mended = await activation.resend(world, token=token, new_email=" Budi.Baru@peserta.test", caller=CALLER)
    await world.agenda.settle()

    assert mended.activation is not None
    assert (mended.masked_email, mended.activation.masked_target) == ("b***@peserta.test", "b***@peserta.test")
    assert world.mail.sent[-1].to == "budi.baru@peserta.test"
    assert told(await refused_without_trace(world, activation.activate(world, token=first))) == [
        (Code.TOKEN_INVALID, ("token",))
    ]
    await activation.activate(world, token=last_link_token(world))
    assert (await kept(world))["AccountRow"][-1]["email"] == "budi.baru@peserta.test"


async def test_address_is_mended_three_times_and_no_more(world: StagedWorld) -> None:
    token, _ = await await_activation(world)
    for number in range(3):
        world.clock.advance(MINUTE)
        await activation.resend(world, token=token, new_email=f"budi{number}@peserta.test", caller=CALLER)
    await world.agenda.settle()
    world.clock.advance(MINUTE)

    refusal = await refused_without_trace(
        world, activation.resend(world, token=token, new_email="budi3@peserta.test", caller=CALLER)
    )
    await activation.resend(world, token=token, new_email=None, caller=CALLER)
    await world.agenda.settle()

    assert told(refusal) == [(Code.RATE_LIMITED, ("newEmail",))]
    assert refusal.problems[0].text == "error.RATE_LIMITED.email_corrections"
    assert [mail.to for mail in world.mail.sent][-2:] == ["budi2@peserta.test"] * 2


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("BUDI@peserta.test", Code.UNCHANGED),
        ("budi@", Code.INVALID_EMAIL),
        (" ", Code.REQUIRED),
    ],
)
async def test_address_that_mends_nothing_is_refused(world: StagedWorld, typed: str, code: Code) -> None:
    token, _ = await await_activation(world)
    world.clock.advance(MINUTE)

    refusal = await refused_without_trace(world, activation.resend(world, token=token, new_email=typed, caller=CALLER))

    assert told(refusal) == [(code, ("newEmail",))]


async def test_mail_asked_for_without_the_token_is_sent(world: StagedWorld) -> None:
    token, _ = await await_activation(world)
    world.clock.advance(MINUTE)

    await activation.request_mail(world, kpj=BUDI.kpj, email="BUDI@peserta.test", caller=CALLER)
    await world.agenda.settle()

    assert [mail.to for mail in world.mail.sent] == [BUDI.email, BUDI.email]
    renewed = await registration.find(world, token=token)
    assert renewed is not None and renewed.expires_at == START + MINUTE + DAY
    await activation.activate(world, token=last_link_token(world))


@pytest.mark.parametrize(
    ("kpj", "email"),
    [
        (BUDI.kpj, "other@peserta.test"),
        (SITI.kpj, BUDI.email),
        ("12345678901", "nobody@peserta.test"),
        (UCOK.kpj, UCOK.email),
    ],
)
async def test_mail_asked_for_somebody_unknown_gets_the_same_answer(world: StagedWorld, kpj: str, email: str) -> None:
    await await_activation(world)
    world.clock.advance(MINUTE)
    before = await kept(world)

    await activation.request_mail(world, kpj=kpj, email=email, caller=CALLER)
    await world.agenda.settle()

    assert await kept(world) == before
    assert len(world.mail.sent) == 1


async def test_mail_asked_for_too_soon_or_too_late_gets_the_same_answer(world: StagedWorld) -> None:
    await await_activation(world)

    await activation.request_mail(world, kpj=BUDI.kpj, email=BUDI.email, caller=CALLER)
    world.clock.advance(DAY)
    await activation.request_mail(world, kpj=BUDI.kpj, email=BUDI.email, caller=CALLER)
    await world.agenda.settle()

    assert len(world.mail.sent) == 1


async def test_malformed_request_for_a_mail_is_told(world: StagedWorld) -> None:
    wrong = await refused_without_trace(world, activation.request_mail(world, kpj="1", email="x", caller=CALLER))
    empty = await refused_without_trace(world, activation.request_mail(world, kpj="", email="", caller=CALLER))

    assert told(wrong) == [(Code.INVALID_KPJ, ("kpj",)), (Code.INVALID_EMAIL, ("email",))]
    assert told(empty) == [(Code.REQUIRED, ("kpj",)), (Code.REQUIRED, ("email",))]


async def test_resend_before_the_password_is_the_wrong_step(world: StagedWorld) -> None:
    token = await prove(world)

    refusal = await refused_without_trace(world, activation.resend(world, token=token, new_email=None, caller=CALLER))

    assert told(refusal) == [(Code.WRONG_STEP, None)]
    assert refusal.problems[0].state == "AWAITING_PASSWORD"


async def test_resend_after_activation_is_the_wrong_step(world: StagedWorld) -> None:
    token = await sign_up(world)

    refusal = await refused_without_trace(world, activation.resend(world, token=token, new_email=None, caller=CALLER))

    assert told(refusal) == [(Code.WRONG_STEP, None)]
    assert refusal.problems[0].state == "ACTIVE"


async def test_resend_after_a_day_finds_the_flow_expired(world: StagedWorld) -> None:
    token, _ = await await_activation(world)
    world.clock.advance(DAY)
    await world.agenda.settle()

    refusal = await refused_without_trace(world, activation.resend(world, token=token, new_email=None, caller=CALLER))

    assert told(refusal) == [(Code.FLOW_EXPIRED, None)]
