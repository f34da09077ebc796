"""A registry of small worlds on both engines, with a real clock that only the test moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.models.fault import FaultRow
from gateway.models.store import Database, WorldRecord
from gateway.ports import Store
from gateway.world import World
from gateway.worlds import WorldRegistry

NOON = datetime(2030, 5, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SmallWorld:
    """What the registry needs of a world."""

    id: str
    record: WorldRecord
    store: Store


@dataclass(slots=True)
class Stage:
    """Where registries run: the clock, what was opened and closed, and traps that a test may set."""

    place: dict[str, Any]
    now: datetime = NOON
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    trap: Callable[[World], Awaitable[None]] | None = None
    closing_trap: Callable[[World], Awaitable[None]] | None = None
    seeds: int = 0

    async def seed(self, _: datetime) -> None:
        self.seeds += 1
        await FaultRow.create(target="SMS", mode="DROP", match="seeded")

    def make_world(self, record: WorldRecord, store: Store) -> World:
        return cast(World, SmallWorld(record.id, record, store))

    async def on_open(self, world: World) -> None:
        if self.trap is not None:
            await self.trap(world)
        await asyncio.sleep(0)  # as a hook does that reads rows over a network: others come in between
        self.opened.append(world.id)

    async def on_close(self, world: World) -> None:
        if self.closing_trap is not None:
            await self.closing_trap(world)
        self.closed.append(world.id)

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


OpenRegistry = Callable[..., Awaitable[WorldRegistry]]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    """The place and the hooks of this test's registries."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    return Stage({"data": tmp_path / "data", "url": url, "pool_size": 4})


@pytest.fixture
async def open_registry(stage: Stage) -> AsyncIterator[OpenRegistry]:
    """Starts a registry; `closing()` on the stack ends the one before, as a restart does."""
    async with AsyncExitStack() as stack:

        async def start(**values: Any) -> WorldRegistry:
            await stack.aclose()
            database = await Database.open(**stage.place, seed=stage.seed)
            stack.push_async_callback(database.close)
            limits = {"max_worlds": 8, "max_open": 5, "idle_s": 600}
            registry = WorldRegistry(
                database,
                make_world=stage.make_world,
                on_open=stage.on_open,
                on_close=stage.on_close,
                real_now=lambda: stage.now,
                **{**limits, **values},
            )
            stack.push_async_callback(registry.close)
            await registry.start()
            return registry

        yield start


@pytest.fixture
async def registry(open_registry: OpenRegistry) -> WorldRegistry:
    """A started registry with room for eight worlds, five of them open."""
    return await open_registry()
