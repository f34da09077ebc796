"""Worlds as SQLite files: one folder each, copied from a template that was migrated and seeded once.

A world is made in a hidden folder and renamed, so that a folder with a world's name always holds a whole world.
"""

import asyncio
import shutil
import sqlite3
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import asdict
from datetime import date
from itertools import count
from pathlib import Path

from tortoise.backends.sqlite.client import SqliteClient

from gateway.models.migrate import RECORDER_TABLE, Migrations
from gateway.models.orm import AppModules, make_context
from gateway.models.scope import Binding, Gate, check_not_nested
from gateway.models.sqlite_inline import InlineConnection, RefusingClient, ScopedClient, connect
from gateway.models.storage import (
    Furnish,
    Seed,
    StorageUnavailable,
    WorldExists,
    WorldMissing,
    first_instant,
    seed_day,
)
from gateway.models.world import WorldRecord, WorldRow

ALIAS = "world_on_sqlite"
BUSY_TIMEOUT_MS = 2000
TEMPLATES_KEPT = 16

# The journal is cut back when it has been written into the file; the ORM's own engine does the same.
DURABLE: Mapping[str, str | int] = {
    "busy_timeout": BUSY_TIMEOUT_MS,
    "synchronous": "NORMAL",
    "journal_size_limit": 1 << 20,
    "foreign_keys": "ON",
}
# For files that nobody has seen yet: should the machine fail now, they are thrown away anyway.
IN_MAKING: Mapping[str, str | int] = {"synchronous": "OFF", "foreign_keys": "ON"}


class SqliteWorldStore:
    """One open world: a connection that writes, one transaction at a time, and one that only reads.

    With two connections a reader never waits for an open transaction and never sees what is not committed.
    """

    def __init__(self, world_id: str, binding: Binding, writer: InlineConnection, reader: InlineConnection) -> None:
        self._binding = binding
        self._writer = writer
        self._reader = reader
        self._turn = asyncio.Lock()
        self._gate = Gate(world_id)

    def writing(self) -> AbstractAsyncContextManager[None]:
        """One transaction; what is inside sees its own rows. Raises StoreClosed."""
        check_not_nested()
        return self._write()

    def reading(self) -> AbstractAsyncContextManager[None]:
        """Committed rows; writing fails. Raises StoreClosed."""
        check_not_nested()
        return self._read()

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[None]:
        with self._gate.passed():
            async with self._turn:
                self._gate.check()
                async with transaction(self._binding, self._writer):
                    yield

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[None]:
        with self._gate.passed():
            client = ScopedClient(_dialect(self._binding), self._reader)
            try:
                async with self._binding.bound(client):
                    yield
            finally:
                client.end()

    async def close(self) -> None:
        """Let who is inside finish, for a while, and close both connections; what is still open then is undone."""
        if await self._gate.close():
            await self._reader.close()
            await self._writer.close()  # last, so that this one writes the journal back and removes it


class SqliteStorage:
    """All worlds below one data folder. The folder is locked: two processes would not hear of each other's clocks."""

    def __init__(self, root: Path, binding: Binding, migrations: Migrations, seed: Seed, furnish: Furnish) -> None:
        self._worlds = root / "worlds"
        self._templates = root / "templates"
        self._lock_file = root / "lock.db"
        self._lock: sqlite3.Connection | None = None
        self._binding = binding
        self._migrations = migrations
        self._seed = seed
        self._furnish = furnish
        self._making: OrderedDict[date, asyncio.Lock] = OrderedDict()
        self._numbers = count()

    @classmethod
    async def start(cls, root: Path, apps: Mapping[str, AppModules], seed: Seed, furnish: Furnish) -> "SqliteStorage":
        """Take the data folder, making it if need be. Raises StorageUnavailable."""
        binding = Binding(await make_context(apps, ALIAS, RefusingClient.__module__), ALIAS)
        storage = cls(root, binding, Migrations(apps, ALIAS, binding.refusing), seed, furnish)
        try:
            storage._take_folder()
        except BaseException:
            await binding.close()
            raise
        return storage

    def _take_folder(self) -> None:
        with _explained(self._worlds.parent):
            self._worlds.mkdir(parents=True, exist_ok=True)
            self._lock = sqlite3.connect(self._lock_file, timeout=0, isolation_level=None)
            try:
                # The lock of a file ends with its process, however that ends, and works on every system.
                self._lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                self._lock.close()
                if "locked" not in str(error):
                    raise
                raise StorageUnavailable(f"Another Peserta is using the data folder {self._worlds.parent}.") from None
            # Templates are remade by each process: migrations and personas may have changed since.
            shutil.rmtree(self._templates, ignore_errors=True)
            self._templates.mkdir()
            for leftover in self._worlds.glob(".*"):
                shutil.rmtree(leftover)

    async def create(self, record: WorldRecord, *, replace: bool = False) -> None:
        """Copy the day's template and write the world's own rows. Source of the limit: 5 ms, issue of the sandbox."""
        home = self._worlds / record.id
        if home.exists() and not replace:
            raise WorldExists(record.id)
        template = await self._template(seed_day(record))
        aside = self._aside(record.id)
        with _explained(self._worlds):
            try:
                aside.mkdir()
                shutil.copyfile(template, aside / "world.db")
                connection = connect(aside / "world.db", **IN_MAKING)
                try:
                    async with transaction(self._binding, connection):
                        await WorldRow.create(**asdict(record))
                        await self._furnish(record)
                finally:
                    await connection.close()
                if replace:
                    self._discard(record.id)
                aside.rename(home)
            except BaseException:
                shutil.rmtree(aside, ignore_errors=True)
                raise

    async def open(self, world_id: str) -> SqliteWorldStore:
        """Open both connections; upgrade first if the code has moved on."""
        file = self._worlds / world_id / "world.db"
        if not file.exists():
            raise WorldMissing(world_id)
        with _explained(file):
            writer = connect(file, **DURABLE)
            try:
                await self._upgrade(world_id, writer)
                reader = connect(file, **DURABLE, query_only="ON")
            except BaseException:
                await writer.close()
                raise
        return SqliteWorldStore(world_id, self._binding, writer, reader)

    async def _upgrade(self, world_id: str, writer: InlineConnection) -> None:
        rows = await writer.execute_fetchall(f"SELECT app, name FROM {RECORDER_TABLE}")  # noqa: S608  # a constant
        if not self._migrations.pending(world_id, frozenset((row[0], row[1]) for row in rows)):
            return
        # Rebuilding a table drops the old one, and with checking on that would delete the rows that refer to it.
        await writer.execute("PRAGMA foreign_keys=OFF")
        async with transaction(self._binding, writer) as client:
            await self._migrations.apply(client)
            broken = await writer.execute_fetchall("PRAGMA foreign_key_check")
            assert not broken, f"a migration left rows in {broken[0][0]} that refer to nothing"
        await writer.execute("PRAGMA foreign_keys=ON")

    async def delete(self, world_id: str) -> bool:
        """Rename the folder first, so that a world that is half deleted has no name any more."""
        with _explained(self._worlds):
            return self._discard(world_id)

    def _discard(self, world_id: str) -> bool:
        gone = self._aside(world_id)
        try:
            (self._worlds / world_id).rename(gone)
        except FileNotFoundError:
            return False
        shutil.rmtree(gone)
        return True

    async def list_ids(self) -> list[str]:
        """The folders' names."""
        return sorted(entry.name for entry in self._worlds.iterdir() if not entry.name.startswith("."))

    async def close(self) -> None:
        """Drop the templates and let go of the folder."""
        shutil.rmtree(self._templates, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        await self._binding.close()

    def _aside(self, world_id: str) -> Path:
        return self._worlds / f".{next(self._numbers)}-{world_id}"

    async def _template(self, day: date) -> Path:
        file = self._templates / f"{day.isoformat()}.db"
        async with self._making.setdefault(day, asyncio.Lock()):
            self._making.move_to_end(day)
            if not file.exists():
                with _explained(self._templates):
                    await self._make_template(day, file)
        self._prune()
        return file

    async def _make_template(self, day: date, file: Path) -> None:
        aside = file.with_suffix(".new")
        aside.unlink(missing_ok=True)
        aside.touch()
        connection = connect(aside, **IN_MAKING)
        try:
            async with transaction(self._binding, connection) as client:
                await self._migrations.apply(client)
                await self._seed(first_instant(day))
            # The mode is kept in the file, so every copy is in it. Closing seals: nothing is left in a journal.
            await connection.execute("PRAGMA journal_mode=WAL")
        finally:
            await connection.close()
        aside.rename(file)

    def _prune(self) -> None:
        for day in list(self._making)[:-TEMPLATES_KEPT]:
            if not self._making[day].locked():
                del self._making[day]
                (self._templates / f"{day.isoformat()}.db").unlink(missing_ok=True)


@asynccontextmanager
async def transaction(binding: Binding, connection: InlineConnection) -> AsyncIterator[ScopedClient]:
    """One transaction that takes the write lock at once, with the alias bound to it."""
    client = ScopedClient(_dialect(binding), connection)
    await connection.execute("BEGIN IMMEDIATE")
    try:
        async with binding.bound(client):
            yield client
        await connection.commit()
    except BaseException:
        await connection.rollback()
        raise
    finally:
        client.end()


def _dialect(binding: Binding) -> SqliteClient:
    client = binding.refusing
    assert isinstance(client, SqliteClient)
    return client


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    """Turn what the file system says into one sentence."""
    try:
        yield
    except (OSError, sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StorageUnavailable(f"The data folder {place} cannot be used: {reason}.") from error
