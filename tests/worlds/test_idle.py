"""Closing what nobody uses, and ending worlds whose life is over."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.problem import Rejected
from gateway.world import NewWorld
from gateway.worlds import WorldRegistry
from tests.worlds.conftest import NOON, OpenRegistry, Stage
from tests.worlds.reading import kept, rows, write


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """SQLite only: when a world is closed is nothing that an engine has a say in."""
    return Stage({"data": tmp_path / "data"})


async def test_idle_world_is_closed_and_opened_again_on_use(registry: WorldRegistry, stage: Stage) -> None:
    await registry.create(NewWorld(id="a", ttl=None))
    async with registry.using("a") as world:
        await write(world, "kept")

    stage.later(seconds=599)
    await registry.sweep()
    assert stage.closed == []
    stage.later(seconds=1)
    await registry.sweep()

    assert stage.closed == ["a"]
    assert await rows(registry, "a") == ["seeded", "kept"]
    assert stage.opened == ["main", "a", "a"]


async def test_world_in_use_and_main_are_never_idle(registry: WorldRegistry, stage: Stage) -> None:
    await registry.create(NewWorld(id="a", ttl=None))

    async with registry.using("a"):
        stage.later(days=2)
        await registry.sweep()

    assert stage.closed == []


async def test_last_use_is_kept_now_and_then(registry: WorldRegistry, stage: Stage) -> None:
    stage.later(minutes=3)
    assert await rows(registry, "main") == ["seeded"]

    await registry.sweep()

    assert (await kept(registry, "main")).last_used_at == NOON + timedelta(minutes=3)


async def test_most_idle_world_makes_room_for_another(open_registry: OpenRegistry, stage: Stage) -> None:
    registry = await open_registry(max_open=3)
    for name in ("a", "b", "c"):
        await registry.create(NewWorld(id=name))
    assert await rows(registry, "a") == ["seeded"]
    stage.later(seconds=1)
    assert await rows(registry, "b") == ["seeded"]
    stage.later(seconds=1)
    assert await rows(registry, "a") == ["seeded"]

    assert await rows(registry, "c") == ["seeded"]

    assert stage.closed == ["b"]


async def test_more_worlds_than_room_may_be_in_use_and_then_close(open_registry: OpenRegistry, stage: Stage) -> None:
    registry = await open_registry(max_open=2)
    names = ["a", "b", "c"]
    for name in names:
        await registry.create(NewWorld(id=name))

    async with AsyncExitStack() as stack:
        for name in names:
            await stack.enter_async_context(registry.using(name))
        assert stage.closed == []
    await registry.sweep()

    assert sorted(stage.closed) == ["a", "b"] or len(stage.closed) == 2


async def test_world_whose_life_is_over_is_deleted(registry: WorldRegistry, stage: Stage) -> None:
    await registry.create(NewWorld(id="a", ttl=timedelta(minutes=1)))
    await registry.create(NewWorld(id="b", ttl=None))
    stage.later(seconds=59)
    await registry.sweep()
    assert await registry.list_ids() == ["a", "b", "main"]

    stage.later(seconds=1)

    assert await registry.list_ids() == ["b", "main"]
    with pytest.raises(Rejected):
        async with registry.using("a"):
            pass
    await registry.sweep()
    await registry.create(NewWorld(id="a"))
    assert await rows(registry, "a") == ["seeded"]


async def test_sweeping_goes_on_after_a_failure(
    registry: WorldRegistry, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        await registry.create(NewWorld(id=name, ttl=None))
        assert await rows(registry, name) == ["seeded"]
    failures = [ValueError("no")]

    async def fail_once(_: object) -> None:
        if failures:
            raise failures.pop()

    stage.closing_trap = fail_once
    stage.later(hours=1)
    await registry.sweep()

    assert stage.closed == ["b"]
    assert "world.sweep_failed" in capsys.readouterr().out
    assert await rows(registry, "a") == ["seeded"]


async def test_sweeper_ends_with_the_registry(registry: WorldRegistry) -> None:
    await registry.close()

    assert [task for task in asyncio.all_tasks() if task.get_name() == "sweeper of worlds"] == []
