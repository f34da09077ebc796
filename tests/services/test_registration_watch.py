"""Watching a sign-up: its present state at once, every change, and the end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import pytest

from gateway.adapters.bus import InProcessBus
from gateway.domain.otp import OtpChannel
from gateway.domain.problem import Rejected
from gateway.domain.registration import Registration, RegistrationState
from gateway.services import activation, registration
from tests.services.journey import (
    CALLER,
    DAY,
    MINUTE,
    PASSWORD,
    await_activation,
    last_code,
    last_link_token,
    refused,
    start,
    start_and_read,
    wrong_code,
)
from tests.services.staged import StagedWorld

Result = TypeVar("Result")
WAIT_S = 5
OTP, PASSWORD_STEP = RegistrationState.AWAITING_OTP, RegistrationState.AWAITING_PASSWORD
ACTIVATION, ACTIVE = RegistrationState.AWAITING_ACTIVATION, RegistrationState.ACTIVE


async def soon(waiting: Awaitable[Result]) -> Result:
    """What comes within the patience of a test."""
    return await asyncio.wait_for(waiting, WAIT_S)


class Watcher:
    """A started watch; `next` is the next state, None at the end."""

    def __init__(self, watched: AsyncIterator[Registration]) -> None:
        self.watched = watched

    async def next(self) -> Registration | None:
        return await soon(anext(self.watched, None))  # type: ignore[arg-type]

    async def close(self) -> None:
        await self.watched.aclose()  # type: ignore[attr-defined]


async def watch(world: StagedWorld, token: str) -> tuple[Watcher, Registration | None]:
    """Begin to watch; answers the watcher and the state that came at once."""
    watcher = Watcher(registration.watch(world, token=token))
    return watcher, await watcher.next()


def state(shown: Registration | None) -> RegistrationState | None:
    return shown.state if shown is not None else None


async def test_every_step_is_told_until_the_account_is_active(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    watcher, first = await watch(world, token)
    assert first == await registration.find(world, token=token)
    seen = [state(first)]

    await registration.verify_otp(world, token=token, code=code)
    seen.append(state(await watcher.next()))
    await activation.set_password(world, token=token, password=PASSWORD, caller=CALLER)
    seen.append(state(await watcher.next()))
    await world.agenda.settle()
    await activation.activate(world, token=last_link_token(world))
    seen.append(state(await watcher.next()))

    assert seen == [OTP, PASSWORD_STEP, ACTIVATION, ACTIVE]
    assert await watcher.next() is None
    assert world.bus.topics == 0


async def test_wrong_code_and_new_code_are_told(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    watcher, _ = await watch(world, token)

    await refused(registration.verify_otp(world, token=token, code=wrong_code(code)))
    wrong = await watcher.next()
    world.clock.advance(MINUTE)
    await registration.resend_otp(world, token=token, channel=OtpChannel.SMS, caller=CALLER)
    again = await watcher.next()

    assert wrong is not None and wrong.otp is not None and wrong.otp.attempts_left == 4
    assert again is not None and again.otp is not None
    assert (again.otp.attempts_left, again.otp.sends_left) == (5, 3)
    await watcher.close()


async def test_new_link_is_told(world: StagedWorld) -> None:
    token, _ = await await_activation(world)
    watcher, before = await watch(world, token)
    world.clock.advance(MINUTE)

    await activation.resend(world, token=token, new_email="x@peserta.test", caller=CALLER)

    after = await watcher.next()
    assert before is not None and before.masked_email == "b***@peserta.test"
    assert after is not None and after.masked_email == "x***@peserta.test"
    await watcher.close()


async def test_lock_is_told_and_ends_the_watch(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    watcher, _ = await watch(world, token)
    for _ in range(5):
        await refused(registration.verify_otp(world, token=token, code=wrong_code(code)))

    assert state(await watcher.next()) is RegistrationState.LOCKED
    assert await watcher.next() is None


async def test_expiry_is_told_and_ends_the_watch(world: StagedWorld) -> None:
    token, _ = await await_activation(world)
    watcher, _ = await watch(world, token)
    world.clock.advance(DAY)

    await world.agenda.settle()

    assert state(await watcher.next()) is RegistrationState.EXPIRED
    assert await watcher.next() is None


async def test_cancelling_is_told_and_ends_the_watch(world: StagedWorld) -> None:
    _, token = await start(world)
    watcher, _ = await watch(world, token)

    await registration.cancel(world, token=token)

    assert state(await watcher.next()) is RegistrationState.CANCELLED
    assert await watcher.next() is None


@pytest.mark.parametrize(("after", "end"), [(1, RegistrationState.CANCELLED), (30, RegistrationState.EXPIRED)])
async def test_flow_that_a_new_start_ends_is_told(world: StagedWorld, after: int, end: RegistrationState) -> None:
    _, token = await start(world)
    watcher, _ = await watch(world, token)
    world.clock.advance(after * MINUTE)

    await start(world)

    assert state(await watcher.next()) is end
    assert await watcher.next() is None


async def test_ended_flow_is_told_once(world: StagedWorld) -> None:
    _, token = await start(world)
    await registration.cancel(world, token=token)

    watcher, first = await watch(world, token)

    assert state(first) is RegistrationState.CANCELLED
    assert await watcher.next() is None


async def test_unknown_token_is_not_found(world: StagedWorld) -> None:
    with pytest.raises(Rejected) as caught:
        await soon(anext(aiter(registration.watch(world, token="A" * 22))))

    assert caught.value.code == "NOT_FOUND"
    assert world.bus.topics == 0


class InterruptedBus(InProcessBus):
    """A bus on which something happens just before, and just after, somebody begins to listen."""

    def __init__(self, before: Callable[[], Awaitable[object]], after: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self._before = before
        self._after = after

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[AsyncIterator[None]]:
        await self._before()
        async with super().listen(topic) as news:
            await self._after()
            yield news


async def _nothing() -> None:
    """Nothing happens."""


@pytest.mark.parametrize("moment", ["before listening", "after listening"])
async def test_change_between_the_first_look_and_the_next_is_not_lost(world: StagedWorld, moment: str) -> None:
    token, code = await start_and_read(world)

    async def prove_it() -> None:
        await registration.verify_otp(interrupted, token=token, code=code)

    changes = (prove_it, _nothing) if moment == "before listening" else (_nothing, prove_it)
    interrupted = replace(world, bus=InterruptedBus(*changes))
    watcher, first = await watch(interrupted, token)

    await activation.set_password(interrupted, token=token, password=PASSWORD, caller=CALLER)

    assert [state(first), state(await watcher.next())] == [PASSWORD_STEP, ACTIVATION]
    await watcher.close()


async def test_closed_watch_leaves_no_listener(world: StagedWorld) -> None:
    _, token = await start(world)
    watcher, _ = await watch(world, token)
    assert world.bus.topics == 1

    await watcher.close()

    assert world.bus.topics == 0


async def test_cancelled_watch_leaves_no_listener(world: StagedWorld) -> None:
    _, token = await start(world)
    first = asyncio.Event()

    async def listen() -> None:
        async for _ in registration.watch(world, token=token):
            first.set()

    task = asyncio.create_task(listen())
    await soon(first.wait())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert world.bus.topics == 0


async def test_closed_world_ends_the_watch(world: StagedWorld) -> None:
    _, token = await start(world)
    watcher, _ = await watch(world, token)

    world.bus.close()

    assert await watcher.next() is None


async def test_two_watchers_are_told_the_same(world: StagedWorld) -> None:
    token, _ = await start_and_read(world)
    watchers = [(await watch(world, token))[0] for _ in range(2)]

    proved = await registration.verify_otp(world, token=token, code=last_code(world))

    assert [await watcher.next() for watcher in watchers] == [proved, proved]
    for watcher in watchers:
        await watcher.close()
