"""The activation link: its single use, its life, and taken addresses."""

from gateway.adapters.ids import SeededIds
from gateway.adapters.signer import WorldSigner
from gateway.domain.account import AccountStatus
from gateway.domain.message import MessageKind
from gateway.domain.problem import Code
from gateway.domain.registration import RegistrationState
from gateway.services import activation, registration, session
from tests.services.journey import (
    BUDI,
    CALLER,
    DAY,
    INSTANT,
    MINUTE,
    PASSWORD,
    SITI,
    UCOK,
    await_activation,
    last_link_token,
    prove,
    refused,
    refused_without_trace,
    told,
)
from tests.services.staged import START, StagedWorld, kept


async def test_link_makes_the_account_active(world: StagedWorld) -> None:
    token, link = await await_activation(world)
    world.clock.advance(MINUTE)

    await activation.activate(world, token=f" {link} ")

    ended = await registration.find(world, token=token)
    assert ended is not None and (ended.state, ended.activation) == (RegistrationState.ACTIVE, None)
    account = (await kept(world))["AccountRow"][-1]
    assert (account["status"], account["email"], account["pending_email"]) == (AccountStatus.ACTIVE, BUDI.email, None)
    assert account["activated_at"] == START + MINUTE
    known = await session.authenticate(world, login=BUDI.kpj, password=PASSWORD, caller=CALLER)
    assert (known.status, known.email) == (AccountStatus.ACTIVE, BUDI.email)


async def test_link_works_once(world: StagedWorld) -> None:
    _, link = await await_activation(world)
    await activation.activate(world, token=link)

    refusal = await refused_without_trace(world, activation.activate(world, token=link))

    assert told(refusal) == [(Code.TOKEN_USED, ("token",))]


async def test_link_lives_for_a_day(world: StagedWorld) -> None:
    _, link = await await_activation(world)
    world.clock.advance(DAY - INSTANT)

    await activation.activate(world, token=link)

    assert (await kept(world))["AccountRow"][-1]["status"] == AccountStatus.ACTIVE


async def test_link_is_expired_after_a_day_before_and_after_the_sweeper(world: StagedWorld) -> None:
    token, link = await await_activation(world)
    world.clock.advance(DAY)

    before = await refused(activation.activate(world, token=link))
    await world.agenda.settle()
    after = await refused(activation.activate(world, token=link))
    world.clock.advance(INSTANT)
    later = await refused(activation.activate(world, token=link))

    assert told(before) == told(after) == told(later) == [(Code.TOKEN_EXPIRED, ("token",))]
    assert len((await kept(world))["AccountRow"]) == 3
    ended = await registration.find(world, token=token)
    assert ended is not None and ended.state is RegistrationState.EXPIRED


async def test_empty_token_is_required(world: StagedWorld) -> None:
    refusal = await refused_without_trace(world, activation.activate(world, token=" "))

    assert told(refusal) == [(Code.REQUIRED, ("token",))]


async def test_token_that_is_none_of_ours_is_refused(world: StagedWorld) -> None:
    _, link = await await_activation(world)
    other_secret = WorldSigner("11" * 32, world.clock)
    foreign = (
        "garbage",
        link[:-1] + ("A" if link[-1] != "A" else "B"),
        "\ud800",
        "x" * 5000,
        world.signer.sign("reset", {"r": 1, "s": 0}),
        other_secret.sign("activation", {"r": 1, "s": 0}),
        world.signer.sign("activation", {"r": 999, "s": 0}),
    )

    for token in foreign:
        refusal = await refused_without_trace(world, activation.activate(world, token=token))
        assert told(refusal) == [(Code.TOKEN_INVALID, ("token",))]


async def test_worlds_do_not_share_keys(world: StagedWorld) -> None:
    other = SeededIds(world.seed, "other", "11" * 32)

    assert other.key("registration", "a") != world.ids.key("registration", "a")
    assert other.otp_secret(1) != world.ids.otp_secret(1)


async def test_taken_address_gets_a_notice_and_no_link(world: StagedWorld) -> None:
    token = await prove(world, email=UCOK.email)

    waiting = await activation.set_password(world, token=token, password=PASSWORD, caller=CALLER)
    await world.agenda.settle()

    assert waiting.state is RegistrationState.AWAITING_ACTIVATION
    assert waiting.activation is not None and waiting.activation.masked_target == "u***@peserta.test"
    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [(UCOK.email, MessageKind.SECURITY_NOTICE)]
    assert "token=" not in world.mail.sent[0].text + world.mail.sent[0].html


async def test_address_that_was_taken_meanwhile_is_told_by_the_link(world: StagedWorld) -> None:
    token, budis = await await_activation(world, email="shared@peserta.test")
    _, sitis = await await_activation(world, SITI, email="shared@peserta.test")
    await activation.activate(world, token=sitis)

    refusal = await refused_without_trace(world, activation.activate(world, token=budis))

    assert told(refusal) == [(Code.ACCOUNT_EXISTS, None)]
    assert refusal.problems[0].text == "error.ACCOUNT_EXISTS.email"
    world.clock.advance(MINUTE)
    await activation.resend(world, token=token, new_email=BUDI.email, caller=CALLER)
    await world.agenda.settle()
    await activation.activate(world, token=last_link_token(world))
