"""What both engines promise: where worlds are kept, how they are made, and the sentences for what can go wrong."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Protocol

from gateway.domain.zone import local_date, local_instant
from gateway.models.world import WorldRecord
from gateway.ports import Store

# Fills a new world that starts on some day; runs in an open transaction and is given that day's first instant in
# Jakarta. Its rows are made once per day and shared by all worlds of the day: nothing in them may be a secret.
Seed = Callable[[datetime], Awaitable[None]]

# Adds to a new world what is its own, such as keys; runs in the transaction that makes it.
Furnish = Callable[[WorldRecord], Awaitable[None]]


class StorageError(Exception):
    """Something about the storage that the person who runs this has to know; its text is one sentence for them."""


class StorageUnavailable(StorageError):
    """The data folder cannot be written, or the database cannot be reached."""


class NewerDatabase(StorageError):
    """The database was written by a newer version than this one."""

    def __init__(self, world_id: str, migration: str) -> None:
        super().__init__(
            f'World "{world_id}" was written by a newer version of Peserta (it has {migration}): '
            "start that version, or choose another place for the data."
        )


class WorldExists(StorageError):
    """A world of that name is there already."""

    def __init__(self, world_id: str) -> None:
        super().__init__(f'World "{world_id}" exists already.')


class WorldMissing(StorageError):
    """There is no world of that name."""

    def __init__(self, world_id: str) -> None:
        super().__init__(f'World "{world_id}" does not exist.')


class StoreClosed(StorageError):
    """The world's database was closed under somebody who still held it."""

    def __init__(self, world_id: str) -> None:
        super().__init__(f'World "{world_id}" was closed.')


class WorldStore(Store, Protocol):
    """One open world's database."""

    async def close(self) -> None:
        """Give back what the world holds open. Closing again does nothing."""


class Storage(Protocol):
    """All worlds of one engine. Calls on the same world must not overlap; different worlds may."""

    async def create(self, record: WorldRecord, *, replace: bool = False) -> None:
        """Make a world, seeded, with its own row; all of it or nothing. With `replace`, in the place of its old self.

        Raises WorldExists, StorageUnavailable.
        """

    async def open(self, world_id: str) -> WorldStore:
        """Open a world, with its tables brought up to date. Raises WorldMissing, NewerDatabase, StorageUnavailable."""

    async def delete(self, world_id: str) -> bool:
        """Throw a closed world away; False when there was none."""

    async def list_ids(self) -> list[str]:
        """The names of all worlds, sorted."""

    async def close(self) -> None:
        """Give everything back. All worlds must be closed before."""


def seed_day(record: WorldRecord) -> date:
    """The day in Jakarta on which a world starts: worlds of one day are seeded alike."""
    return local_date(record.starts_at)


def first_instant(day: date) -> datetime:
    """The first instant (UTC) of a day in Jakarta."""
    return local_instant(day)
