"""The worker of a world: what wakes it, what it tries again, and what a stop leaves behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.adapters.clock import WorldClock
from gateway.domain.message import OutgoingSms
from gateway.domain.registration import RegistrationState
from gateway.models.registration import RegistrationRow
from gateway.ports import DeliveryFailed
from gateway.services import clock, registration
from gateway.workers import Worker
from tests.fakes import RecordingSmsSender
from tests.services.journey import HOUR, MINUTE, start
from tests.services.staged import START, StagedWorld, kept
from tests.services.standins import HoldingInbox

WAIT_S = 5
SOON = timedelta(milliseconds=20)


class TellingSmsSender(RecordingSmsSender):
    """Tells when a message was tried; fails for now as often as `failing` says."""

    def __init__(self, failing: int = 0) -> None:
        super().__init__()
        self.failing = failing
        self.tried: asyncio.Queue[bool] = asyncio.Queue()

    async def send(self, sms: OutgoingSms) -> None:
        fails, self.failing = self.failing > 0, self.failing - 1
        self.tried.put_nowait(not fails)
        if fails:
            raise DeliveryFailed("not now", permanent=False)
        await super().send(sms)


class HangingSmsSender(TellingSmsSender):
    """Never gets an answer."""

    async def send(self, sms: OutgoingSms) -> None:
        self.tried.put_nowait(False)
        await asyncio.Event().wait()


class TroublingInbox(HoldingInbox):
    """Fails when it is asked for the first time."""

    asked = 0

    async def next_due(self) -> datetime | None:
        self.asked += 1
        if self.asked == 1:
            raise RuntimeError("trouble")
        return await super().next_due()


class SlowInbox(HoldingInbox):
    """Answers the first question only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def next_due(self) -> datetime | None:
        self.asked.set()
        await self.may_answer.wait()
        return await super().next_due()


async def soon(waiting):  # type: ignore[no-untyped-def]
    return await asyncio.wait_for(waiting, WAIT_S)


@asynccontextmanager
async def working(world: StagedWorld, **parts: object) -> AsyncIterator[tuple[StagedWorld, Worker]]:
    """The world with a worker at work, and with some parts of it exchanged."""
    worker = Worker()
    busy = replace(world, agenda=worker, **parts)  # type: ignore[arg-type]
    worker.start(busy)
    try:
        yield busy, worker
    finally:
        await worker.stop()


async def expire(world: StagedWorld, at: datetime) -> str:
    """A sign-up that expires then, of which the worker does not know yet; answers its bus topic."""
    begun, _ = await start(world)
    async with world.store.writing():
        await RegistrationRow.filter(id=begun.id).update(expires_at=at)
    return f"registration:{begun.id}"


async def states(world: StagedWorld) -> list[str]:
    return [row["state"] for row in (await kept(world))["RegistrationRow"]]


async def test_message_goes_out_when_the_worker_is_told(world: StagedWorld) -> None:
    sms = TellingSmsSender()
    async with working(world, sms=sms) as (busy, _):
        await start(busy)

        assert await soon(sms.tried.get())

    assert [sent.kind for sent in sms.sent] == ["OTP"]


async def test_message_of_a_former_process_goes_out_at_the_start(world: StagedWorld) -> None:
    await start(world)
    sms = TellingSmsSender()

    async with working(world, sms=sms):
        assert await soon(sms.tried.get())


async def test_message_that_did_not_go_out_is_tried_again_in_real_time(world: StagedWorld) -> None:
    sms = TellingSmsSender(failing=1)
    await clock.freeze(world, at=None)
    async with working(world, sms=sms) as (busy, _):
        await start(busy)

        assert [await soon(sms.tried.get()), await soon(sms.tried.get())] == [False, True]


async def test_anything_that_happens_tries_again_at_once(world: StagedWorld) -> None:
    sms = TellingSmsSender(failing=1)
    await start(world)
    async with working(world, sms=sms) as (_, worker):
        assert not await soon(sms.tried.get())

        done = await soon(worker.settle())

    assert done == ["courier.sent SMS OTP"]


async def test_job_falls_due_by_the_worlds_clock(world: StagedWorld) -> None:
    running = replace(world, clock=WorldClock())
    async with working(running) as (busy, worker):
        due = busy.clock.now() + SOON
        topic = await expire(busy, due)
        async with busy.bus.listen(topic) as news:
            worker.at(due)
            await soon(anext(news))

        assert await states(busy) == [RegistrationState.EXPIRED]


async def test_frozen_world_waits_until_its_clock_moves(world: StagedWorld) -> None:
    await clock.freeze(world, at=START)
    sms = TellingSmsSender()
    async with working(world, sms=sms) as (busy, _):
        _, token = await start(busy)
        assert await soon(sms.tried.get())
        assert await states(busy) == [RegistrationState.AWAITING_OTP]

        done = await soon(clock.advance(busy, by=HOUR))

        assert done == ["registration.expired 1"]
        shown = await registration.find(busy, token=token)
        assert shown is not None and shown.state is RegistrationState.EXPIRED


async def test_moved_clock_wakes_the_worker(world: StagedWorld) -> None:
    await clock.freeze(world, at=START)
    topic = await expire(world, START + MINUTE)
    async with working(world) as (busy, worker), busy.bus.listen(topic) as news:
        busy.clock.advance(MINUTE)
        worker.clock_moved()

        await soon(anext(news))

    assert await states(world) == [RegistrationState.EXPIRED]


async def test_moment_told_while_the_worker_looks_ahead_is_not_lost(world: StagedWorld) -> None:
    inbox = SlowInbox()
    async with working(replace(world, clock=WorldClock()), inbox=inbox) as (busy, worker):
        await soon(inbox.asked.wait())
        due = busy.clock.now() + SOON
        topic = await expire(busy, due)
        async with busy.bus.listen(topic) as news:
            worker.at(due)
            inbox.may_answer.set()

            await soon(anext(news))


async def test_worker_survives_trouble_and_looks_again(world: StagedWorld) -> None:
    topic = await expire(world, START)
    async with working(world, inbox=TroublingInbox()) as (busy, _), busy.bus.listen(topic) as news:
        await soon(anext(news))

    assert await states(world) == [RegistrationState.EXPIRED]


async def test_stop_in_the_middle_of_a_pass_loses_nothing(world: StagedWorld) -> None:
    sms = HangingSmsSender()
    async with working(world, sms=sms) as (busy, worker):
        await start(busy)
        await soon(sms.tried.get())

        await soon(worker.stop())

    assert [row["state"] for row in (await kept(world))["OutboxRow"]] == ["QUEUED"]
    again = TellingSmsSender()
    async with working(world, sms=again):
        assert await soon(again.tried.get())


async def test_stopped_worker_can_be_stopped_again(world: StagedWorld) -> None:
    async with working(world) as (_, worker):
        await soon(worker.stop())
        await soon(worker.stop())


async def test_passes_never_overlap(world: StagedWorld) -> None:
    sms = TellingSmsSender()
    async with working(world, sms=sms) as (busy, worker):
        await start(busy)
        await soon(asyncio.gather(*(worker.settle() for _ in range(8))))

    assert len(sms.sent) == 1


def test_worker_needs_a_world_before_it_settles() -> None:
    with pytest.raises(AssertionError, match="start the worker first"):
        asyncio.run(Worker().settle())
