"""How the simulators reach a world: by its id, opened for as long as they need it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from gateway.domain.problem import Rejected
from gateway.world import World


class OpenWorlds(Protocol):
    """What a simulator needs of the registry of worlds."""

    def using(self, world_id: str) -> AbstractAsyncContextManager[World]:
        """The world, opened if need be and kept open inside. Raises Rejected NOT_FOUND."""

    def find_open(self, world_id: str) -> World | None:
        """The world, if it is open."""


class WorldReach:
    """One world as a simulator sees it. It may be closed and opened again, or made anew, while this lives."""

    def __init__(self, worlds: OpenWorlds, world: World) -> None:
        self._worlds = worlds
        self._last = world
        self.id = world.id

    @property
    def world(self) -> World:
        """The world as it is open now; the one last seen when it is closed."""
        self._last = self._worlds.find_open(self.id) or self._last
        return self._last

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """One transaction on the world's database."""
        async with self._worlds.using(self.id) as world, world.store.writing():
            yield

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Reads on the world's database."""
        async with self._worlds.using(self.id) as world, world.store.reading():
            yield


async def find_world(worlds: OpenWorlds, world_id: str) -> World | None:
    """The world of that id, opened; None when there is none."""
    try:
        async with worlds.using(world_id) as world:
            return world
    except Rejected:
        return None


class Registry:
    """Stands for the registry until it is there: worlds need simulators, and simulators need worlds."""

    def __init__(self) -> None:
        self._find: Callable[[], OpenWorlds] | None = None

    def become(self, worlds: OpenWorlds) -> None:
        """Name the real registry, once."""
        assert self._find is None, "the registry is named once"
        self._find = lambda: worlds

    @property
    def _worlds(self) -> OpenWorlds:
        assert self._find is not None, "no world is opened before the registry is there"
        return self._find()

    def using(self, world_id: str) -> AbstractAsyncContextManager[World]:
        """As OpenWorlds says."""
        return self._worlds.using(world_id)

    def find_open(self, world_id: str) -> World | None:
        """As OpenWorlds says."""
        return self._worlds.find_open(world_id)
