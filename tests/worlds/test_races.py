"""Several at once: one opens, nobody waits for himself, nobody writes into a world that is gone."""

import asyncio
from typing import Any

import pytest

from gateway.domain.problem import Rejected
from gateway.models.fault import FaultRow
from gateway.models.store import StoreClosed
from gateway.world import NewWorld, World
from gateway.worlds import WorldRegistry
from tests.worlds.conftest import Stage
from tests.worlds.reading import rows, write

WAIT_S = 5


async def outcome(call: Any) -> Any:
    """What a call answers or raises, within a time."""
    try:
        return await asyncio.wait_for(call, WAIT_S)
    except (Rejected, StoreClosed) as error:
        return getattr(error, "code", type(error).__name__)


async def test_twenty_users_of_a_closed_world_open_it_once(registry: WorldRegistry, stage: Stage) -> None:
    await registry.create(NewWorld(id="a"))
    seen: list[World] = []

    async def use() -> None:
        async with registry.using("a") as world:
            seen.append(world)
            await asyncio.sleep(0)

    await asyncio.gather(*(use() for _ in range(20)))

    assert stage.opened == ["main", "a"]
    assert len(seen) == 20
    assert len(set(map(id, seen))) == 1


async def test_sixteen_creators_of_one_name_make_it_once(registry: WorldRegistry) -> None:
    outcomes = await asyncio.gather(*(outcome(registry.create(NewWorld(id="a", seed=n))) for n in range(16)))

    assert sorted(outcomes) == ["CONFLICT"] * 15 + ["a"]
    assert await rows(registry, "a") == ["seeded"]


async def test_creators_at_once_do_not_pass_the_limit(registry: WorldRegistry) -> None:
    outcomes = await asyncio.gather(*(outcome(registry.create(NewWorld())) for _ in range(12)))

    assert outcomes.count("RATE_LIMITED") == 5
    assert len(await registry.list_ids()) == 8


async def test_reset_from_inside_of_the_world_does_not_wait_for_itself(registry: WorldRegistry) -> None:
    await registry.create(NewWorld(id="a"))

    async def reset_own() -> tuple[World, World]:
        async with registry.using("a") as before:
            await write(before, "gone")
            await asyncio.gather(registry.reset("a"))  # a resolver may run in a task of its own
            async with registry.using("a") as after:
                return before, after

    before, after = await asyncio.wait_for(reset_own(), WAIT_S)

    assert before is not after
    assert await rows(registry, "a") == ["seeded"]
    with pytest.raises(StoreClosed):
        await write(before, "late")


async def test_reset_waits_for_a_user_who_is_about_to_finish(registry: WorldRegistry, stage: Stage) -> None:
    await registry.create(NewWorld(id="a"))
    inside, closing = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def tell(_: World) -> None:
        closing.set()

    async def use() -> None:
        async with registry.using("a") as world:
            inside.set()
            await closing.wait()
            await write(world, "in time")  # what a user does twice finds the world open still
            async with registry.using("a") as again:
                assert again is world
            order.append("used")

    stage.closing_trap = tell
    user = asyncio.create_task(use())
    await asyncio.wait_for(inside.wait(), WAIT_S)
    await asyncio.wait_for(registry.reset("a"), WAIT_S)
    order.append("reset")
    await user

    assert order == ["used", "reset"]
    assert await rows(registry, "a") == ["seeded"]


async def test_user_who_stays_is_cut_off_by_a_reset(registry: WorldRegistry) -> None:
    await registry.create(NewWorld(id="a"))
    inside, done = asyncio.Event(), asyncio.Event()

    async def stay() -> None:
        async with registry.using("a") as world:
            inside.set()
            await done.wait()
            await write(world, "late")

    user = asyncio.create_task(outcome(stay()))
    await asyncio.wait_for(inside.wait(), WAIT_S)
    await asyncio.wait_for(registry.reset("a"), WAIT_S)
    done.set()

    assert await user == "StoreClosed"
    assert await rows(registry, "a") == ["seeded"]


async def test_transaction_under_way_ends_before_the_world_is_deleted(registry: WorldRegistry) -> None:
    await registry.create(NewWorld(id="a"))
    inside, finish = asyncio.Event(), asyncio.Event()

    async def work() -> str:
        async with registry.using("a") as world:
            async with world.store.writing():
                inside.set()
                await finish.wait()
                await FaultRow.create(target="SMS", mode="DROP")
            return "committed"

    user = asyncio.create_task(work())
    await asyncio.wait_for(inside.wait(), WAIT_S)
    deletion = asyncio.create_task(registry.delete("a"))
    finish.set()

    assert await asyncio.wait_for(user, WAIT_S) == "committed"
    assert await asyncio.wait_for(deletion, WAIT_S) is True
    assert await registry.list_ids() == ["main"]


async def test_newcomers_during_a_deletion_do_not_find_the_world(registry: WorldRegistry, stage: Stage) -> None:
    await registry.create(NewWorld(id="a"))
    assert await rows(registry, "a") == ["seeded"]
    closing, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: World) -> None:
        closing.set()
        await go_on.wait()

    stage.closing_trap = wait
    deletion = asyncio.create_task(registry.delete("a"))
    await asyncio.wait_for(closing.wait(), WAIT_S)
    newcomers = asyncio.gather(
        *(outcome(rows(registry, "a")) for _ in range(5)), outcome(registry.delete("a")), outcome(registry.reset("a"))
    )
    await asyncio.sleep(0)
    go_on.set()

    assert await deletion is True
    assert await asyncio.wait_for(newcomers, WAIT_S) == [*["NOT_FOUND"] * 5, False, "NOT_FOUND"]


async def test_worker_of_a_world_may_use_it_while_it_opens_and_closes(registry: WorldRegistry, stage: Stage) -> None:
    async def use(world: World) -> None:
        async with registry.using(world.id) as same:
            assert same is world

    async def use_in_a_task(world: World) -> None:
        await asyncio.wait_for(asyncio.gather(use(world)), WAIT_S)

    stage.trap = stage.closing_trap = use_in_a_task
    await registry.create(NewWorld(id="a"))

    assert await asyncio.wait_for(rows(registry, "a"), WAIT_S) == ["seeded"]
    assert await asyncio.wait_for(registry.delete("a"), WAIT_S) is True


async def test_use_reset_and_delete_at_once_leave_a_whole_registry(registry: WorldRegistry) -> None:
    await registry.create(NewWorld(id="a"))

    async def use() -> None:
        async with registry.using("a") as world:
            await write(world, "x")

    calls = [use() for _ in range(10)] + [registry.reset("a") for _ in range(3)] + [registry.delete("a")]
    outcomes = await asyncio.gather(*map(outcome, calls), return_exceptions=True)

    assert set(outcomes) <= {None, True, "NOT_FOUND", "StoreClosed"}
    assert await registry.list_ids() == ["main"]
    await registry.create(NewWorld(id="a"))
    assert await rows(registry, "a") == ["seeded"]
