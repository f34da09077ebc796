"""Counting within a window."""

from gateway.services import limit
from tests.services.journey import HOUR, INSTANT, MINUTE
from tests.services.staged import START, StagedWorld

HOUR_S = 3600


async def record(world: StagedWorld, key: str = "a", scope: str = limit.RESET) -> None:
    async with world.store.writing():
        await limit.record(world, scope, key)


async def count(world: StagedWorld, key: str = "a", scope: str = limit.RESET) -> limit.Count:
    async with world.store.reading():
        return await limit.count(world, scope, key, HOUR_S)


async def test_each_key_and_scope_is_counted_for_itself(world: StagedWorld) -> None:
    await record(world)
    await record(world)
    await record(world, "b")
    await record(world, "a", limit.MISMATCH)

    assert [len(await count(world)), len(await count(world, "b")), len(await count(world, "c"))] == [2, 1, 0]


async def test_one_more_is_allowed_when_the_oldest_that_counts_leaves_the_window(world: StagedWorld) -> None:
    for _ in range(3):
        await record(world)
        world.clock.advance(MINUTE)

    seen = await count(world)

    assert seen.times == (START, START + MINUTE, START + 2 * MINUTE)
    assert seen.retry_at(4, HOUR_S) is None
    assert seen.retry_at(3, HOUR_S) == START + HOUR
    assert seen.retry_at(2, HOUR_S) == START + HOUR + MINUTE
    world.clock.advance(HOUR - 3 * MINUTE - INSTANT)
    assert len(await count(world)) == 3
    world.clock.advance(INSTANT)
    assert len(await count(world)) == 2


async def test_forgetting_starts_over_for_these_keys_only(world: StagedWorld) -> None:
    for key in ("a", "b", "c"):
        await record(world, key)
    await record(world, "a", limit.MISMATCH)

    async with world.store.writing():
        await limit.forget([limit.RESET], ["a", "b"])

    assert [len(await count(world, key)) for key in ("a", "b", "c")] == [0, 0, 1]
    assert len(await count(world, "a", limit.MISMATCH)) == 1
