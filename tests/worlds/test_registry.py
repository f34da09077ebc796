"""Making, opening, resetting and deleting worlds."""

from datetime import datetime, timedelta, timezone

import pytest

from gateway.domain.problem import Rejected
from gateway.models.storage import StorageUnavailable
from gateway.world import NewWorld, TokenTime, World, WorldInfo
from gateway.worlds import WorldRegistry
from tests.worlds.conftest import NOON, OpenRegistry, Stage
from tests.worlds.reading import kept, refused, rows, write


async def test_main_is_there_after_start(registry: WorldRegistry, stage: Stage) -> None:
    main = await kept(registry, "main")

    assert (main.starts_at, main.created_at, main.expires_at, main.offset_us) == (NOON, NOON, None, 0)
    assert len(main.secret) == 64
    assert 0 <= main.seed < 2**31
    assert stage.opened == ["main"]
    assert await registry.list_ids() == ["main"]


async def test_main_starts_as_the_settings_say(open_registry: OpenRegistry) -> None:
    start = NOON + timedelta(days=400)
    registry = await open_registry(main_seed=42, main_starts_at=start)

    main = await kept(registry, "main")

    assert (main.seed, main.starts_at) == (42, start)
    assert main.offset_us == 400 * 24 * 3600 * 1_000_000


async def test_main_keeps_its_state_over_a_restart(open_registry: OpenRegistry) -> None:
    first = await open_registry(main_seed=1)
    async with first.using("main") as world:
        await write(world, "kept")
    before = await kept(first, "main")

    second = await open_registry(main_seed=2)

    assert await rows(second, "main") == ["seeded", "kept"]
    assert await kept(second, "main") == before


async def test_created_world_is_as_asked_for(registry: WorldRegistry) -> None:
    at = datetime(2031, 1, 1, 7, tzinfo=timezone(timedelta(hours=7)))
    wanted = NewWorld(id="toko-1", seed=9, at=at, token_time=TokenTime.REAL, ttl=timedelta(minutes=5))

    assert await registry.create(wanted) == "toko-1"

    async with registry.using("toko-1") as world:
        assert registry.info(world) == WorldInfo(
            id="toko-1",
            created_at=NOON,
            last_used_at=NOON,
            expires_at=NOON + timedelta(minutes=5),
            seed=9,
            token_time=TokenTime.REAL,
        )
    record = await kept(registry, "toko-1")
    assert record.starts_at == at
    assert record.offset_us == (at - NOON) // timedelta(microseconds=1)
    assert await rows(registry, "toko-1") == ["seeded"]


async def test_every_world_has_a_secret_of_its_own(registry: WorldRegistry) -> None:
    names = ["main", *[await registry.create(NewWorld(seed=1)) for _ in range(3)]]

    assert len({(await kept(registry, name)).secret for name in names}) == 4


async def test_deleted_world_is_gone_for_good(open_registry: OpenRegistry, stage: Stage) -> None:
    registry = await open_registry()
    await registry.create(NewWorld(id="a"))
    assert await rows(registry, "a") == ["seeded"]

    assert await registry.delete("a") is True

    assert stage.closed == ["a"]
    assert await registry.delete("a") is False
    with refused("NOT_FOUND", "world.not_found"):
        async with registry.using("a"):
            pass
    assert await (await open_registry()).list_ids() == ["main"]


async def test_reset_world_is_back_at_its_seed_with_new_secrets(registry: WorldRegistry, stage: Stage) -> None:
    await registry.create(NewWorld(id="a", seed=5))
    before = await kept(registry, "a")
    async with registry.using("a") as world:
        await write(world, "gone")
    stage.later(minutes=10)

    await registry.reset("a")

    after = await kept(registry, "a")
    assert await rows(registry, "a") == ["seeded"]
    assert (after.seed, after.expires_at) == (5, before.expires_at)
    assert after.starts_at == after.created_at == NOON + timedelta(minutes=10)
    assert after.secret != before.secret
    assert stage.opened == ["main", "a", "a"]
    assert stage.closed == ["a"]


async def test_reset_world_that_was_made_for_a_moment_starts_there_again(registry: WorldRegistry, stage: Stage) -> None:
    start = NOON + timedelta(days=30)
    await registry.create(NewWorld(id="a", at=start))
    stage.later(minutes=10)

    for _ in range(2):
        await registry.reset("a")
        after = await kept(registry, "a")
        assert after.starts_at == start
        assert after.offset_us == (start - stage.now) // timedelta(microseconds=1)


async def test_reset_main_runs_again_at_once(open_registry: OpenRegistry, stage: Stage) -> None:
    registry = await open_registry(main_starts_at=NOON + timedelta(days=1))
    async with registry.using("main") as world:
        await write(world, "gone")

    await registry.reset("main")

    assert (stage.opened, stage.closed) == (["main", "main"], ["main"])
    assert await rows(registry, "main") == ["seeded"]
    assert (await kept(registry, "main")).starts_at == NOON + timedelta(days=1)


async def test_world_is_found_while_it_opens_and_not_after_it_closed(registry: WorldRegistry, stage: Stage) -> None:
    seen: list[World | None] = []

    async def look(world: World) -> None:
        seen.append(registry.find_open(world.id))

    stage.trap = look
    await registry.create(NewWorld(id="a"))
    assert registry.find_open("a") is None
    async with registry.using("a") as world:
        assert seen == [world]
        assert registry.find_open("a") is world
    await registry.delete("a")

    assert registry.find_open("a") is None


async def test_opening_that_fails_is_tried_again(registry: WorldRegistry, stage: Stage) -> None:
    await registry.create(NewWorld(id="a"))

    async def fail(_: World) -> None:
        raise StorageUnavailable("The disk is full.")

    stage.trap = fail
    with pytest.raises(StorageUnavailable):
        async with registry.using("a"):
            pass
    stage.trap = None

    assert await rows(registry, "a") == ["seeded"]


async def test_no_world_is_found_after_closing(registry: WorldRegistry, stage: Stage) -> None:
    await registry.create(NewWorld(id="a"))
    assert await rows(registry, "a") == ["seeded"]

    await registry.close()

    assert sorted(stage.closed) == ["a", "main"]
    with refused("NOT_FOUND", "world.not_found"):
        async with registry.using("main"):
            pass


async def test_last_use_outlives_a_restart(open_registry: OpenRegistry, stage: Stage) -> None:
    first = await open_registry()
    await first.create(NewWorld(id="a", ttl=None))
    stage.later(minutes=3)
    assert await rows(first, "a") == ["seeded"]

    second = await open_registry()

    async with second.using("a") as world:
        assert (await kept(second, "a")).last_used_at == NOON + timedelta(minutes=3)
        assert second.info(world).last_used_at == NOON + timedelta(minutes=3)


async def test_world_whose_life_ended_while_nothing_ran_is_deleted(open_registry: OpenRegistry, stage: Stage) -> None:
    first = await open_registry()
    await first.create(NewWorld(id="a", ttl=timedelta(minutes=1)))
    await first.create(NewWorld(id="b", ttl=timedelta(days=1)))
    stage.later(minutes=2)
    second = await open_registry()

    with pytest.raises(Rejected) as rejected:
        async with second.using("a"):
            pass
    await second.sweep()

    assert rejected.value.code == "NOT_FOUND"
    assert await second.list_ids() == ["b", "main"]
    assert await (await open_registry()).list_ids() == ["b", "main"]
