"""Short ways to look into a world."""

import pytest

from gateway.domain.problem import Rejected
from gateway.models.fault import FaultRow
from gateway.models.store import WorldRecord
from gateway.models.world import WorldRow
from gateway.world import World
from gateway.worlds import WorldRegistry


async def write(world: World, name: str) -> None:
    """One row."""
    async with world.store.writing():
        await FaultRow.create(target="SMS", mode="DROP", match=name)


async def rows(registry: WorldRegistry, world_id: str) -> list[str | None]:
    """The rows that the seed and `write` made."""
    async with registry.using(world_id) as world, world.store.reading():
        return [row.match for row in await FaultRow.all().order_by("id")]


async def kept(registry: WorldRegistry, world_id: str) -> WorldRecord:
    """The world's own row."""
    async with registry.using(world_id) as world, world.store.reading():
        return (await WorldRow.get()).to_record()


def refused(code: str, text: str) -> pytest.RaisesExc[Rejected]:
    """Raises Rejected with that code and sentence."""
    return pytest.RaisesExc(Rejected, check=lambda rejected: (rejected.code, rejected.text) == (code, text))
