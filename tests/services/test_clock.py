"""Moving a world's clock: what runs on the way, what is refused, what is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.problem import Rejected
from gateway.domain.registration import RegistrationState
from gateway.models.account import AccountRow
from gateway.models.outbox import OutboxRow
from gateway.models.store import load_record
from gateway.ports import DeliveryFailed
from gateway.services import clock, registration, session
from tests.services.journey import (
    CALLER,
    DAY,
    HOUR,
    MINUTE,
    SITI,
    UCOK,
    WRONG,
    await_activation,
    refused,
    start,
)
from tests.services.staged import START, StagedWorld, stage


async def rejected(call):  # type: ignore[no-untyped-def]
    with pytest.raises(Rejected) as caught:
        await call
    return caught.value.code, caught.value.text, caught.value.extensions


async def reopened(world: StagedWorld) -> StagedWorld:
    """The same world as after a restart."""
    return stage(world.store, world.passwords, await load_record(world.store))  # type: ignore[arg-type]


async def test_frozen_clock_stands_and_stays_frozen_after_a_restart(world: StagedWorld) -> None:
    await clock.freeze(world, at=START + HOUR)

    again = await reopened(world)

    for known in (world, again):
        assert (known.clock.frozen, known.clock.now()) == (True, START + HOUR)
    assert world.agenda.moves == 1


async def test_clock_freezes_where_it_is(world: StagedWorld) -> None:
    await clock.freeze(world, at=None)

    assert (world.clock.frozen, world.clock.now()) == (True, START)


async def test_advanced_clock_keeps_its_offset_after_a_restart(world: StagedWorld) -> None:
    done = await clock.advance(world, by=DAY)

    again = await reopened(world)

    assert done == []
    for known in (world, again):
        assert (known.clock.frozen, known.clock.now(), known.clock.offset) == (False, START + DAY, DAY)


async def test_frozen_clock_moves_by_exactly_what_was_asked(world: StagedWorld) -> None:
    await clock.freeze(world, at=None)

    await clock.advance(world, by=timedelta(seconds=1.5))

    assert (world.clock.frozen, world.clock.now()) == (True, START + timedelta(seconds=1.5))
    assert (await reopened(world)).clock.now() == START + timedelta(seconds=1.5)


async def test_resumed_clock_runs_on_from_where_it_stood(world: StagedWorld) -> None:
    await clock.freeze(world, at=START + HOUR)

    await clock.resume(world)

    again = await reopened(world)
    for known in (world, again):
        assert (known.clock.frozen, known.clock.now(), known.clock.offset) == (False, START + HOUR, HOUR)


async def test_time_never_goes_back(world: StagedWorld) -> None:
    answer = await rejected(clock.freeze(world, at=START - timedelta(microseconds=1)))

    assert answer == ("CONFLICT", "clock.backwards", {"field": "at"})
    assert (world.clock.frozen, world.clock.now()) == (False, START)


@pytest.mark.parametrize("by", [timedelta(0), timedelta(seconds=-1)])
async def test_clock_moves_by_something_positive(world: StagedWorld, by: timedelta) -> None:
    assert await rejected(clock.advance(world, by=by)) == ("BAD_USER_INPUT", "clock.not_positive", {"field": "by"})
    assert world.clock.now() == START


async def test_clock_moves_by_a_hundred_years_at_most(world: StagedWorld) -> None:
    too_far = timedelta(days=36_525, microseconds=1)

    assert await rejected(clock.advance(world, by=too_far)) == ("BAD_USER_INPUT", "clock.too_far", {"field": "by"})
    assert await rejected(clock.freeze(world, at=START + too_far)) == (
        "BAD_USER_INPUT",
        "clock.too_far",
        {"field": "at"},
    )
    assert (world.clock.frozen, world.clock.now()) == (False, START)
    await clock.advance(world, by=timedelta(days=36_525))
    assert world.clock.now() == START + timedelta(days=36_525)


async def test_end_of_all_dates_is_too_far(world: StagedWorld) -> None:
    await clock.freeze(world, at=None)
    world.clock.freeze(datetime(8999, 12, 31, tzinfo=UTC))

    assert await rejected(clock.advance(world, by=2 * DAY)) == ("BAD_USER_INPUT", "clock.too_far", {"field": "by"})
    assert await rejected(clock.freeze(world, at=datetime(9000, 1, 2, tzinfo=UTC))) == (
        "BAD_USER_INPUT",
        "clock.too_far",
        {"field": "at"},
    )
    assert world.clock.now() == datetime(8999, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize("frozen", [True, False])
async def test_jobs_run_in_order_each_at_its_own_moment(world: StagedWorld, frozen: bool) -> None:
    await start(world)
    for _ in range(5):
        await refused(session.authenticate(world, login=UCOK.kpj, password=WRONG, caller=CALLER))
    world.inbox.held = [START + 20 * MINUTE, START + 10 * MINUTE, START + 2 * HOUR]
    if frozen:
        await clock.freeze(world, at=None)

    done = await clock.advance(world, by=HOUR)

    assert done == [
        "courier.sent SMS OTP",
        "courier.sent EMAIL SECURITY_NOTICE",
        "message.released 05:10",
        "account.unlocked 1",
        "message.released 05:20",
        "registration.expired 1",
    ]
    assert world.inbox.released_at == [START + 10 * MINUTE, START + 20 * MINUTE]
    assert world.clock.now() == START + HOUR


async def test_job_that_is_due_at_the_very_end_runs(world: StagedWorld) -> None:
    _, token = await start(world)

    done = await clock.advance(world, by=30 * MINUTE)

    assert done == ["courier.sent SMS OTP", "registration.expired 1"]
    shown = await registration.find(world, token=token)
    assert shown is not None and shown.state is RegistrationState.EXPIRED


async def test_freezing_later_runs_what_falls_due_until_then(world: StagedWorld) -> None:
    world.inbox.held = [START + MINUTE]

    await clock.freeze(world, at=START + HOUR)

    assert world.inbox.released_at == [START + MINUTE]
    assert world.clock.now() == START + HOUR


async def test_a_day_passes_with_the_mail_server_down(world: StagedWorld) -> None:
    await await_activation(world)
    await start(world, SITI, email="other@peserta.test")
    for _ in range(5):
        await refused(session.authenticate(world, login=UCOK.kpj, password=WRONG, caller=CALLER))
    world.mail.refusal = DeliveryFailed("the mail server cannot be reached", permanent=False)

    done = await clock.advance(world, by=DAY)

    assert [job for job in done if not job.startswith("courier")] == [
        "account.unlocked 1",
        "registration.expired 2",
        "registration.expired 1",
    ]
    async with world.store.reading():
        assert [row.kind for row in await OutboxRow.filter(state="QUEUED")] == ["SECURITY_NOTICE"]
        assert await AccountRow.all().count() == 3
