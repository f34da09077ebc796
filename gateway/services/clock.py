"""Moving a world's clock. What falls due on the way runs in order, each at its own moment."""

from datetime import datetime, timedelta

from gateway.domain.problem import Rejected
from gateway.models.world import WorldRow
from gateway.services import jobs
from gateway.world import World

_FARTHEST = timedelta(days=36_525)


async def freeze(world: World, *, at: datetime | None) -> None:
    """Stop the clock, now or at a later moment; what falls due until then runs first.

    Raises Rejected CONFLICT when `at` is before now: time never goes back.
    """
    async with world.agenda.still():
        now = world.clock.now()
        if at is not None and at < now:
            params = {"now": now.isoformat(timespec="seconds")}
            raise Rejected("CONFLICT", "clock.backwards", params=params, extensions={"field": "at"})
        if at is not None:
            _check_distance(at - now, "at")
            await _run_until(world, at, "at")
        _stand_still(world, at)
        await _keep(world)


def _stand_still(world: World, at: datetime | None) -> None:
    try:
        world.clock.freeze(at)
    except ValueError:
        if at is None or at > world.clock.now():
            raise _too_far("at") from None
        # It passed while the jobs before it ran.
        world.clock.freeze()


async def advance(world: World, *, by: timedelta) -> list[str]:
    """Move the clock on; answers the jobs that ran, in order of their due time.

    Raises Rejected BAD_USER_INPUT unless `by` is positive and at most a hundred years.
    """
    if by <= timedelta(0):
        raise Rejected("BAD_USER_INPUT", "clock.not_positive", extensions={"field": "by"})
    _check_distance(by, "by")
    async with world.agenda.still():
        target = world.clock.now() + by
        done, moved = await _run_until(world, target, "by")
        # By the whole duration: what the jobs took in real time is not part of it.
        _move(world, by - moved, "by")
        await _keep(world)
        done += await world.agenda.settle()
    return done


async def resume(world: World) -> None:
    """Let the clock run on from where it stands."""
    world.clock.resume()
    await _keep(world)


def _check_distance(by: timedelta, field: str) -> None:
    if by > _FARTHEST:
        raise _too_far(field)


def _too_far(field: str) -> Rejected:
    return Rejected("BAD_USER_INPUT", "clock.too_far", params={"years": 100}, extensions={"field": field})


def _move(world: World, by: timedelta, field: str) -> timedelta:
    """Move on, unless that is backwards; answers by how much. After many moves a date can be too far to be written."""
    if by <= timedelta(0):
        return timedelta(0)
    try:
        world.clock.advance(by)
    except ValueError:
        raise _too_far(field) from None
    return by


async def _run_until(world: World, target: datetime, field: str) -> tuple[list[str], timedelta]:
    """Stop at each due moment up to `target` and run what is due there; answers the jobs and how far it moved."""
    done, moved = list(await world.agenda.settle()), timedelta(0)
    seen: datetime | None = None
    while (due := await jobs.next_due(world)) is not None and due <= target and due != seen:
        # A moment that stays due although its jobs ran would hold the clock for ever: it is passed once.
        seen = due
        moved += _move(world, due - world.clock.now(), field)
        done += await world.agenda.settle()
    return done, moved


async def _keep(world: World) -> None:
    """The clock's state is the world's: it survives a restart."""
    frozen_at = world.clock.now() if world.clock.frozen else None
    offset_us = world.clock.offset // timedelta(microseconds=1)
    async with world.store.writing():
        await WorldRow.filter(id=world.id).update(frozen_at=frozen_at, offset_us=offset_us)
    world.agenda.clock_moved()
