"""What only PostgreSQL can break: replayed tables, shared connections, outages."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from gateway.models.fault import FaultRow
from gateway.models.member import PersonRow
from gateway.models.migrate import Migrations
from gateway.models.orm import GATEWAY, AppModules, make_context
from gateway.models.postgres_pool import RefusingClient, transaction
from gateway.models.scope import Binding
from gateway.models.store import Database, StorageUnavailable
from tests.models.records import record

pytestmark = pytest.mark.postgres

APPS = {
    "mockidp": AppModules(("mockidp.models",), "mockidp.migrations"),
    "mailsink": AppModules(("mailsink.models",), "mailsink.migrations"),
}
INSPECTIONS = (
    """SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length, is_nullable,
       column_default, is_identity FROM information_schema.columns WHERE table_schema = $1 ORDER BY 1, 3""",
    """SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = $1::regnamespace ORDER BY 1, 2""",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = $1 ORDER BY 1, 2",
    """SELECT c.relname, d.objsubid, d.description FROM pg_description d JOIN pg_class c ON c.oid = d.objoid
       WHERE c.relnamespace = $1::regnamespace ORDER BY 1, 2""",
    "SELECT sequence_name, data_type FROM information_schema.sequences WHERE sequence_schema = $1 ORDER BY 1",
)


async def inspect(connection: asyncpg.Connection, schema: str) -> list[list[tuple[object, ...]]]:
    """Everything that a schema is made of, with its own name taken out."""

    def plain(value: object) -> object:
        return value.replace(f"{schema}.", "") if isinstance(value, str) else value

    applied = f'SELECT app, name FROM "{schema}".tortoise_migrations WHERE $1::text IS NOT NULL ORDER BY 1'  # noqa: S608
    queries = [*INSPECTIONS, applied]
    return [[tuple(map(plain, row)) for row in await connection.fetch(query, schema)] for query in queries]


async def test_replayed_schema_is_the_migrated_one(postgres_url: str, tmp_path: Path) -> None:
    database = await Database.open(data=tmp_path, url=postgres_url, apps=APPS)
    await database.create_world(record("made"))
    await database.close()
    every_app = {"gateway": GATEWAY, **APPS}
    binding = Binding(await make_context(every_app, "direct", RefusingClient.__module__), "direct")
    connection = await asyncpg.connect(postgres_url)
    await connection.execute('CREATE SCHEMA "direct"')
    async with transaction(binding, connection, "direct") as client:
        await Migrations(every_app, "direct", binding.refusing).apply(client)

    made, direct = await inspect(connection, "w_made"), await inspect(connection, "direct")
    schemas = [row[0] for row in await connection.fetch("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'")]
    await connection.close()
    await binding.close()

    assert made == direct
    assert [len(part) > 10 for part in made[:3]] == [True] * 3
    assert len(made[5]) >= 3
    assert sorted(schemas) == ["direct", "information_schema", "public", "w_made"]


async def test_forty_worlds_at_once_share_four_connections(postgres_url: str, tmp_path: Path) -> None:
    database = await Database.open(data=tmp_path, url=postgres_url, pool_size=4)
    names = [f"w-{number}" for number in range(40)]
    await asyncio.gather(*(database.create_world(record(name)) for name in names))
    stores = dict(zip(names, await asyncio.gather(*map(database.open_world, names)), strict=True))

    async def use(name: str) -> list[str | None]:
        async with stores[name].writing():
            await FaultRow.create(target="SMS", mode="DROP", match=name)
        async with stores[name].reading():
            return [row.match for row in await FaultRow.all()]

    rounds = [await asyncio.gather(*map(use, names)) for _ in range(5)]
    watcher = await asyncpg.connect(postgres_url)
    ours = await watcher.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'peserta' AND datname = current_database()"
    )
    await watcher.close()
    await database.close()

    assert rounds == [[[name] * count for name in names] for count in range(1, 6)]
    assert ours <= 4


async def test_numbering_goes_on_after_the_seed(postgres_url: str, tmp_path: Path) -> None:
    async def seed(_: object) -> None:
        await PersonRow.bulk_create(
            PersonRow(nik=f"{n:016}", full_name="x", birth_date=record().starts_at.date(), gender="MALE")
            for n in range(3)
        )

    database = await Database.open(data=tmp_path, url=postgres_url, seed=seed)
    await database.create_world(record())
    store = await database.open_world("main")
    async with store.writing():
        first = await FaultRow.create(target="SMS", mode="DROP")
        fourth = await PersonRow.create(
            nik="9" * 16, full_name="x", birth_date=record().starts_at.date(), gender="MALE"
        )
    await database.close()

    assert (first.id, fourth.id) == (1, 4)


async def test_connection_that_was_cut_is_replaced(postgres_url: str, tmp_path: Path) -> None:
    database = await Database.open(data=tmp_path, url=postgres_url, pool_size=2)
    await database.create_world(record())
    store = await database.open_world("main")
    server = await asyncpg.connect(postgres_url)
    await server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'peserta'"
        " AND datname = current_database()"
    )
    await server.close()

    outcomes: list[int | None] = []
    for _ in range(3):
        try:
            async with store.reading():
                outcomes.append(await FaultRow.all().count())
        except Exception:  # the first to meet the cut hears of it, in one of asyncpg's many ways
            outcomes.append(None)
    await database.close()

    assert outcomes[-1] == 0


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://me:s3cret@127.0.0.1:1/x", "The database cannot be reached: "),
        ("postgresql://me:s3cret@/x?host=/nowhere", "The database cannot be reached: "),
        ("mysql://me:s3cret@127.0.0.1/x", "its address is not one of PostgreSQL"),
        ("nonsense s3cret", "its address is not one of PostgreSQL"),
    ],
)
async def test_unreachable_database_is_told_in_one_sentence(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable) as refused:
        await Database.open(data=tmp_path, url=url)

    told = str(refused.value)
    assert says in told
    assert told.count(".") <= 4
    assert "s3cret" not in told
    assert "\n" not in told


async def test_database_that_does_not_exist_is_told_in_one_sentence(postgres_url: str, tmp_path: Path) -> None:
    head, tail = postgres_url.split("?")
    with pytest.raises(StorageUnavailable) as refused:
        await Database.open(data=tmp_path, url=f"{head}_not?{tail}")

    name = head.rsplit("/", 1)[1]
    assert str(refused.value) == f'The database cannot be reached: database "{name}_not" does not exist.'
