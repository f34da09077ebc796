"""The one Database of a process: all worlds' rows, on SQLite files or on PostgreSQL, with the same behaviour."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.models.orm import GATEWAY, AppModules
from gateway.models.storage import (
    Furnish,
    NewerDatabase,
    Seed,
    Storage,
    StorageError,
    StorageUnavailable,
    StoreClosed,
    WorldExists,
    WorldMissing,
    WorldStore,
)
from gateway.models.storage_sqlite import SqliteStorage
from gateway.models.world import WorldRecord, WorldRow
from gateway.ports import Store

__all__ = [
    "AppModules",
    "Database",
    "Furnish",
    "NewerDatabase",
    "Seed",
    "StorageError",
    "StorageUnavailable",
    "StoreClosed",
    "WorldExists",
    "WorldMissing",
    "WorldRecord",
    "WorldStore",
    "is_world_id",
    "load_record",
    "touch_record",
]

WORLD_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def is_world_id(name: str) -> bool:
    """Whether a world may be called that. Source: the control API's conventions."""
    return WORLD_ID.fullmatch(name) is not None


async def _nothing(_: object) -> None:
    """The hook of somebody who has nothing to add."""


@dataclass(slots=True)
class Database:
    """Makes, opens, closes and deletes worlds. Calls on the same world must not overlap; WorldRegistry sees to it."""

    _storage: Storage
    _open: dict[str, WorldStore]

    @classmethod
    async def open(
        cls,
        *,
        data: Path,
        url: str | None = None,
        pool_size: int = 10,
        apps: Mapping[str, AppModules] | None = None,
        seed: Seed = _nothing,
        furnish: Furnish = _nothing,
    ) -> "Database":
        """Use the PostgreSQL database at `url`, at most `pool_size` connections, else files below `data`.

        `apps` are those that share a world's database with the gateway's own rows, by label. `seed` fills a new
        world's rows that all worlds of its day share, `furnish` those of one world. Raises StorageUnavailable.
        """
        every_app = {"gateway": GATEWAY, **(apps or {})}
        storage: Storage
        if url is None:
            storage = await SqliteStorage.start(data, every_app, seed, furnish)
        else:
            # Only here: its driver costs every start on SQLite a tenth of a second otherwise.
            from gateway.models.storage_postgres import PostgresStorage

            storage = await PostgresStorage.start(url, pool_size, every_app, seed, furnish)
        return cls(storage, {})

    async def create_world(self, record: WorldRecord) -> None:
        """Make a world; all of it or nothing. Raises WorldExists, StorageUnavailable."""
        assert is_world_id(record.id), "check the world's id before"
        await self._storage.create(record)

    async def replace_world(self, record: WorldRecord) -> None:
        """Make a closed world anew under its name. Raises StorageUnavailable; then the old one is still there."""
        assert record.id not in self._open, "close the world before it is replaced"
        await self._storage.create(record, replace=True)

    async def open_world(self, world_id: str) -> WorldStore:
        """The world's store, upgraded if need be. Raises WorldMissing, NewerDatabase, StorageUnavailable."""
        assert is_world_id(world_id), "check the world's id before"
        assert world_id not in self._open, "a world is opened once"
        store = await self._storage.open(world_id)
        self._open[world_id] = store
        return store

    async def close_world(self, world_id: str) -> None:
        """Give back what the world holds open; a closed world is left alone."""
        store = self._open.pop(world_id, None)
        if store is not None:
            await store.close()

    async def delete_world(self, world_id: str) -> bool:
        """Throw the world away, closing it first; False when there was none."""
        await self.close_world(world_id)
        return await self._storage.delete(world_id)

    async def list_worlds(self) -> list[str]:
        """The names of all worlds, sorted."""
        return [name for name in await self._storage.list_ids() if is_world_id(name)]

    async def close(self) -> None:
        """Close every world and give everything back."""
        await asyncio.gather(*(self.close_world(world_id) for world_id in list(self._open)))
        await self._storage.close()


async def load_record(store: Store) -> WorldRecord:
    """The world's own values as they are kept. Raises StoreClosed."""
    async with store.reading():
        return (await WorldRow.get()).to_record()


async def touch_record(store: Store, used_at: datetime) -> None:
    """Keep when the world was last used (real time). Raises StoreClosed."""
    async with store.writing():
        await WorldRow.all().update(last_used_at=used_at)
