"""Worlds as schemas of one PostgreSQL database, replayed from tables and rows that were worked out once.

One process per database for now: worlds of another process are seen, its clocks are not heard.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import date

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types

from gateway.models.migrate import RECORDER_TABLE, Migrations
from gateway.models.orm import AppModules, make_context
from gateway.models.postgres_pool import Connection, Pool, RefusingClient, open_pool, transaction
from gateway.models.scope import Binding, Gate, check_not_nested
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

ALIAS = "world_on_postgres"
PREFIX = "w_"
TEMPLATES_KEPT = 16

LIST_WORLDS = """
SELECT n.nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
WHERE n.nspname ~ '^w_[a-z0-9_]+$' AND c.relname = 'tortoise_migrations' AND c.relkind = 'r'
"""
# In the order in which they were made, so that a row comes after the rows that it refers to.
LIST_TABLES = """
SELECT c.relname, pg_get_serial_sequence(quote_ident($1) || '.' || quote_ident(c.relname), a.attname) IS NOT NULL
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
WHERE n.nspname = $1 AND c.relkind = 'r' ORDER BY c.oid
"""


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    numbered: bool


class PostgresWorldStore:
    """One open world: no connection of its own, only the name of its schema."""

    def __init__(self, world_id: str, binding: Binding, pool: Pool) -> None:
        self._schema = schema_name(world_id)
        self._binding = binding
        self._pool = pool
        self._gate = Gate(world_id)

    def writing(self) -> AbstractAsyncContextManager[None]:
        """One transaction; what is inside sees its own rows. Raises StoreClosed."""
        check_not_nested()
        return self._scope(readonly=False)

    def reading(self) -> AbstractAsyncContextManager[None]:
        """Committed rows; writing fails. Raises StoreClosed."""
        check_not_nested()
        return self._scope(readonly=True)

    @asynccontextmanager
    async def _scope(self, *, readonly: bool) -> AsyncIterator[None]:
        with self._gate.passed():
            async with (
                self._pool.acquire() as connection,
                transaction(self._binding, connection, self._schema, readonly=readonly),
            ):
                yield

    async def close(self) -> None:
        """Let who is inside finish, for a while, and refuse from now on."""
        await self._gate.close()


class PostgresStorage:
    """All worlds in one database."""

    def __init__(self, pool: Pool, binding: Binding, migrations: Migrations, seed: Seed, furnish: Furnish) -> None:
        self._pool = pool
        self._binding = binding
        self._migrations = migrations
        self._seed = seed
        self._furnish = furnish
        self._script = ""
        self._templates: OrderedDict[date, tuple[_Table, ...]] = OrderedDict()
        self._making = asyncio.Lock()

    @classmethod
    async def start(
        cls, url: str, pool_size: int, apps: Mapping[str, AppModules], seed: Seed, furnish: Furnish
    ) -> "PostgresStorage":
        """Connect. Raises StorageUnavailable."""
        pool = await open_pool(url, pool_size)
        try:
            binding = Binding(await make_context(apps, ALIAS, RefusingClient.__module__), ALIAS)
        except BaseException:
            await pool.close()
            raise
        return cls(pool, binding, Migrations(apps, ALIAS, binding.refusing), seed, furnish)

    async def create(self, record: WorldRecord, *, replace: bool = False) -> None:
        """Tables, seeded rows and the world's own rows in one transaction. Source of the limit: 150 ms, its issue."""
        schema = schema_name(record.id)
        tables = await self._template(seed_day(record))
        async with self._connection() as connection, connection.transaction():
            if replace:
                await connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
            try:
                await connection.execute(f'CREATE SCHEMA "{schema}"')
            except (asyncpg.DuplicateSchemaError, asyncpg.UniqueViolationError):
                raise WorldExists(record.id) from None
            async with transaction(self._binding, connection, schema):
                await connection.execute(self._script)
                await _fill(connection, schema, tables)
                await WorldRow.create(**asdict(record))
                await self._furnish(record)

    async def open(self, world_id: str) -> PostgresWorldStore:
        """Upgrade the tables if the code has moved on."""
        schema = schema_name(world_id)
        async with self._connection() as connection:
            try:
                rows = await connection.fetch(f'SELECT app, name FROM "{schema}".{RECORDER_TABLE}')  # noqa: S608  # checked name
            except asyncpg.UndefinedTableError:
                raise WorldMissing(world_id) from None
            if self._migrations.pending(world_id, frozenset((row[0], row[1]) for row in rows)):
                async with transaction(self._binding, connection, schema) as client:
                    await self._migrations.apply(client)
        return PostgresWorldStore(world_id, self._binding, self._pool)

    async def delete(self, world_id: str) -> bool:
        """Drop the schema; waits for whoever still reads."""
        async with self._connection() as connection:
            try:
                await connection.execute(f'DROP SCHEMA "{schema_name(world_id)}" CASCADE')
            except asyncpg.InvalidSchemaNameError:
                return False
        return True

    async def list_ids(self) -> list[str]:
        """The schemas that hold a world."""
        async with self._connection() as connection:
            rows = await connection.fetch(LIST_WORLDS)
        return sorted(row[0].removeprefix(PREFIX).replace("_", "-") for row in rows)

    async def close(self) -> None:
        """Close the pool, within ten seconds."""
        try:
            await asyncio.wait_for(self._pool.close(), 10)
        except TimeoutError:
            self._pool.terminate()
        await self._binding.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            connection = await self._pool.acquire()
        except (OSError, TimeoutError, asyncpg.PostgresConnectionError) as error:
            raise StorageUnavailable(f"The database cannot be reached: {error}.") from error
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    async def _template(self, day: date) -> tuple[_Table, ...]:
        async with self._making:
            if day not in self._templates:
                self._templates[day] = await self._make_template(day)
            self._templates.move_to_end(day)
            while len(self._templates) > TEMPLATES_KEPT:
                self._templates.popitem(last=False)
            return self._templates[day]

    async def _make_template(self, day: date) -> tuple[_Table, ...]:
        """Migrate and seed for real, keep what came of it in memory, undo it: nothing is left behind to look after."""
        async with self._connection() as connection:
            schema = f"template_{connection.get_server_pid()}"
            attempt = connection.transaction()
            await attempt.start()
            try:
                await connection.execute(f'CREATE SCHEMA "{schema}"')
                async with transaction(self._binding, connection, schema) as client:
                    await self._migrations.apply(client)
                    self._script = self._script or await self._migrations.script(client)
                    await self._seed(first_instant(day))
                return await _read_all(connection, schema)
            finally:
                await attempt.rollback()


async def _read_all(connection: Connection, schema: str) -> tuple[_Table, ...]:
    tables = []
    for name, numbered in await connection.fetch(LIST_TABLES, schema):
        statement = await connection.prepare(f'SELECT * FROM "{schema}"."{name}"')  # noqa: S608  # names of our own
        columns = tuple(attribute.name for attribute in statement.get_attributes())
        tables.append(_Table(name, columns, tuple(tuple(row) for row in await statement.fetch()), numbered))
    return tuple(tables)


async def _fill(connection: Connection, schema: str, tables: tuple[_Table, ...]) -> None:
    numbering = []
    for table in tables:
        if not table.rows:
            continue
        await connection.copy_records_to_table(
            table.name, schema_name=schema, columns=table.columns, records=table.rows
        )
        if table.numbered:
            key = table.columns[0]
            last = max(row[0] for row in table.rows)  # type: ignore[type-var]  # numbered keys are integers
            numbering.append(f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', '{key}'), {last});")
    await connection.execute("\n".join(numbering))


def schema_name(world_id: str) -> str:
    """The schema of a world; ids hold no underscore, so the way back is clear."""
    return PREFIX + world_id.replace("-", "_")
