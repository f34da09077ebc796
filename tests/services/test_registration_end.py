"""How a sign-up ends before it is active: cancelled, expired, locked."""

import pytest

from gateway.domain.problem import Code
from gateway.domain.registration import RegistrationState
from gateway.services import activation, registration
from tests.services.journey import (
    BUDI,
    DAY,
    HOUR,
    INSTANT,
    MINUTE,
    SITI,
    await_activation,
    prove,
    refused,
    refused_without_trace,
    sign_up,
    start,
    start_and_read,
    told,
    wrong_code,
)
from tests.services.staged import START, StagedWorld, kept


async def awaiting_otp(world: StagedWorld) -> str:
    return (await start(world))[1]


async def awaiting_activation(world: StagedWorld) -> str:
    return (await await_activation(world))[0]


@pytest.mark.parametrize("reach", [awaiting_otp, prove, awaiting_activation])
async def test_cancelling_frees_the_kpj(world: StagedWorld, reach) -> None:  # type: ignore[no-untyped-def]
    token = await reach(world)

    ended = await registration.cancel(world, token=token)

    assert (ended.state, ended.otp, ended.activation) == (RegistrationState.CANCELLED, None, None)
    assert len((await kept(world))["AccountRow"]) == 3
    begun, _ = await start(world)
    assert begun.state is RegistrationState.AWAITING_OTP
    assert begun.otp is not None and begun.otp.sends_left == 3


async def test_cancelling_ends_the_link(world: StagedWorld) -> None:
    token, link = await await_activation(world)
    await registration.cancel(world, token=token)

    refusal = await refused_without_trace(world, activation.activate(world, token=link))

    assert told(refusal) == [(Code.TOKEN_INVALID, ("token",))]


async def test_cancelling_does_not_lift_the_lock(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    for _ in range(5):
        await refused(registration.verify_otp(world, token=token, code=wrong_code(code)))

    ended = await registration.cancel(world, token=token)

    assert ended.state is RegistrationState.CANCELLED
    world.clock.advance(15 * MINUTE - INSTANT)
    refusal = await refused_without_trace(world, start(world))
    assert told(refusal) == [(Code.RATE_LIMITED, None)]
    assert refusal.problems[0].retry_at == START + 15 * MINUTE
    world.clock.advance(INSTANT)
    assert (await start(world))[0].state is RegistrationState.AWAITING_OTP


async def test_cancelling_does_not_reset_the_hour_of_codes(world: StagedWorld) -> None:
    for _ in range(5):
        _, token = await start(world)
        await registration.cancel(world, token=token)

    refusal = await refused(start(world))

    assert told(refusal) == [(Code.RATE_LIMITED, None)]
    assert refusal.problems[0].retry_at == START + HOUR


async def test_cancelling_twice_is_the_wrong_step(world: StagedWorld) -> None:
    _, token = await start(world)
    ended = await registration.cancel(world, token=token)
    await world.agenda.settle()

    refusal = await refused_without_trace(world, registration.cancel(world, token=token))

    assert told(refusal) == [(Code.WRONG_STEP, None)]
    assert (refusal.problems[0].state, refusal.subject) == ("CANCELLED", ended)


async def test_cancelling_an_active_account_is_the_wrong_step(world: StagedWorld) -> None:
    token = await sign_up(world)

    refusal = await refused_without_trace(world, registration.cancel(world, token=token))

    assert told(refusal) == [(Code.WRONG_STEP, None)]
    assert refusal.problems[0].state == "ACTIVE"


async def test_sweeper_ends_what_is_over_and_nothing_else(world: StagedWorld) -> None:
    _, mine = await start(world)
    world.clock.advance(MINUTE)
    _, other = await start(world, SITI)
    world.clock.advance(29 * MINUTE)

    done = await world.agenda.settle()

    assert done == ["registration.expired 1", "courier.sent SMS OTP", "courier.sent SMS OTP"]
    states = [await registration.find(world, token=token) for token in (mine, other)]
    assert [shown and shown.state for shown in states] == [RegistrationState.EXPIRED, RegistrationState.AWAITING_OTP]
    assert await world.agenda.settle() == []


async def test_pending_account_dies_with_its_flow(world: StagedWorld) -> None:
    await await_activation(world)
    world.clock.advance(DAY)

    done = await world.agenda.settle()

    assert done == ["registration.expired 1"]
    rows = await kept(world)
    assert BUDI.kpj not in [row["kpj"] for row in rows["AccountRow"]]
    assert [row["live_key"] for row in rows["RegistrationRow"]] == [None]


async def test_active_account_outlives_its_flow(world: StagedWorld) -> None:
    await sign_up(world)
    world.clock.advance(2 * DAY)

    assert await world.agenda.settle() == []
    assert len((await kept(world))["AccountRow"]) == 4
