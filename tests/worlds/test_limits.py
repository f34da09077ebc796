"""What is refused, and with which code. No engine has a say in it, so one is enough."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.world import NewWorld
from gateway.worlds import WorldRegistry
from tests.worlds.conftest import NOON, OpenRegistry, Stage
from tests.worlds.reading import kept, refused, rows


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """SQLite only."""
    return Stage({"data": tmp_path / "data"})


async def test_worlds_without_a_name_get_readable_ones(registry: WorldRegistry) -> None:
    names = [await registry.create(NewWorld()) for _ in range(3)]

    assert len(set(names)) == 3
    assert all(len(name.split("-")) == 2 and len(name) <= 12 for name in names)
    assert sorted(await registry.list_ids()) == sorted(["main", *names])


@pytest.mark.parametrize("name", ["", "A", "-a", "a_b", "a/b", "..", "a" * 33, "ä", "a\n"])
async def test_name_that_breaks_the_rule_is_refused(registry: WorldRegistry, name: str) -> None:
    with refused("BAD_USER_INPUT", "world.bad_id"):
        await registry.create(NewWorld(id=name))

    assert await registry.list_ids() == ["main"]


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (NewWorld(ttl=timedelta(0)), "clock.not_positive"),
        (NewWorld(ttl=timedelta(days=40_000)), "clock.too_far"),
        (NewWorld(at=NOON + timedelta(days=40_000)), "clock.too_far"),
        (NewWorld(at=NOON - timedelta(days=40_000)), "clock.too_far"),
    ],
)
async def test_world_with_impossible_times_is_refused(registry: WorldRegistry, wanted: NewWorld, text: str) -> None:
    with refused("BAD_USER_INPUT", text):
        await registry.create(wanted)

    assert await registry.list_ids() == ["main"]


@pytest.mark.parametrize("name", ["main", "a"])
async def test_name_that_is_taken_is_refused(registry: WorldRegistry, name: str) -> None:
    await registry.create(NewWorld(id="a", seed=1))

    with refused("CONFLICT", "world.taken"):
        await registry.create(NewWorld(id=name, seed=2))

    assert (await kept(registry, "a")).seed == 1


async def test_more_worlds_than_allowed_are_refused(open_registry: OpenRegistry) -> None:
    registry = await open_registry(max_worlds=2)
    await registry.create(NewWorld(id="a"))

    with refused("RATE_LIMITED", "world.too_many") as rejected:
        await registry.create(NewWorld())
    await registry.delete("a")
    await registry.create(NewWorld(id="b"))

    assert rejected.value.params == {"max": 2}
    assert await registry.list_ids() == ["b", "main"]


@pytest.mark.parametrize("name", ["nobody", "", "../main", "x" * 5000])
async def test_unknown_world_is_not_found(registry: WorldRegistry, name: str) -> None:
    with refused("NOT_FOUND", "world.not_found"):
        async with registry.using(name):
            pass
    with refused("NOT_FOUND", "world.not_found"):
        await registry.reset(name)

    assert await registry.delete(name) is False


async def test_main_cannot_be_deleted(registry: WorldRegistry) -> None:
    with refused("FORBIDDEN", "world.main_stays"):
        await registry.delete("main")

    assert await rows(registry, "main") == ["seeded"]
