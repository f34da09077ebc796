"""What a world's store promises, on both engines."""

import asyncio
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError, OperationalError, TransactionManagementError
from tortoise.transactions import in_transaction

from gateway.models.expressions import F
from gateway.models.fault import FaultRow
from gateway.models.member import MembershipRow
from gateway.models.scope import OutsideScope
from gateway.models.store import Database, StoreClosed, WorldStore
from tests.models.conftest import OpenDatabase
from tests.models.records import record

WAIT_S = 5


@pytest.fixture
async def store(database: Database) -> WorldStore:
    """World main, open."""
    await database.create_world(record())
    return await database.open_world("main")


async def add_fault(**values: Any) -> FaultRow:
    return await FaultRow.create(**{"target": "SMS", "mode": "DROP", **values})


async def count_faults(store: WorldStore) -> int:
    async with store.reading():
        return await FaultRow.all().count()


async def test_row_written_is_read_afterwards(store: WorldStore) -> None:
    async with store.writing():
        written = await add_fault(match="a", delay_s=1.5)

    async with store.reading():
        read = await FaultRow.get(id=written.id)

    assert (read.match, read.delay_s, read.remaining) == ("a", 1.5, None)


async def test_exception_in_writing_undoes_all_of_it(store: WorldStore) -> None:
    with pytest.raises(ValueError, match="no"):
        async with store.writing():
            await add_fault()
            await add_fault()
            raise ValueError("no")

    assert await count_faults(store) == 0
    async with store.writing():
        await add_fault()
    assert await count_faults(store) == 1


async def test_cancelled_writing_undoes_all_of_it_and_frees_the_store(store: WorldStore) -> None:
    inside = asyncio.Event()

    async def write_for_ever() -> None:
        async with store.writing():
            await add_fault()
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write_for_ever())
    await asyncio.wait_for(inside.wait(), WAIT_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await count_faults(store) == 0
    async with store.writing():
        await add_fault()
    assert await count_faults(store) == 1


async def test_failed_statement_undoes_all_of_it(store: WorldStore) -> None:
    with pytest.raises(IntegrityError):
        async with store.writing():
            await add_fault(id=1)
            await add_fault(id=1)

    assert await count_faults(store) == 0


async def test_row_that_refers_to_nothing_is_refused(store: WorldStore) -> None:
    with pytest.raises(IntegrityError):
        async with store.writing():
            await MembershipRow.create(
                person_id=99,
                kpj="00000000001",
                segment="PU",
                status="ACTIVE",
                programs="JHT",
                member_since=record().starts_at.date(),
            )

    async with store.reading():
        assert await MembershipRow.all().count() == 0


async def test_reads_inside_a_transaction_see_its_writes(store: WorldStore) -> None:
    async with store.writing():
        await add_fault()
        seen = await FaultRow.all().count()

    assert seen == 1


async def test_reader_does_not_wait_for_an_open_transaction(store: WorldStore) -> None:
    inside, read = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with store.writing():
            await add_fault()
            inside.set()
            await asyncio.wait_for(read.wait(), WAIT_S)

    writer = asyncio.create_task(write())
    await asyncio.wait_for(inside.wait(), WAIT_S)
    before = await asyncio.wait_for(count_faults(store), WAIT_S)
    read.set()
    await writer

    assert before == 0
    assert await count_faults(store) == 1


async def test_writing_while_reading_is_refused(store: WorldStore) -> None:
    with pytest.raises((OperationalError, TransactionManagementError)):  # SQLite says the one, PostgreSQL the other
        async with store.reading():
            await add_fault()

    assert await count_faults(store) == 0


@pytest.mark.parametrize("outer", ["writing", "reading"])
@pytest.mark.parametrize("inner", ["writing", "reading"])
async def test_nested_scope_fails_at_once(store: WorldStore, outer: str, inner: str) -> None:
    with pytest.raises(AssertionError, match="do not nest"):
        async with getattr(store, outer)(), getattr(store, inner)():
            pass

    assert await count_faults(store) == 0


async def test_rows_outside_of_a_scope_are_refused(store: WorldStore) -> None:
    with pytest.raises(OutsideScope, match=r"only inside `async with world.store.writing\(\)`"):
        await FaultRow.all().count()
    with pytest.raises(OutsideScope):
        await add_fault()

    assert await count_faults(store) == 0


async def test_task_that_outlives_a_transaction_cannot_touch_its_rows(store: WorldStore) -> None:
    ended = asyncio.Event()

    async def linger() -> int:
        await ended.wait()
        with pytest.raises(OutsideScope):
            await add_fault()
        async with store.writing():
            await add_fault()
        return await count_faults(store)

    async with store.writing():
        task = asyncio.create_task(linger())
        await add_fault()
    ended.set()

    assert await asyncio.wait_for(task, WAIT_S) == 2


async def test_statements_gathered_inside_a_transaction_belong_to_it(store: WorldStore) -> None:
    with pytest.raises(ValueError, match="no"):
        async with store.writing():
            await asyncio.gather(*(add_fault() for _ in range(5)))
            assert await FaultRow.all().count() == 5
            raise ValueError("no")

    assert await count_faults(store) == 0


async def test_savepoint_inside_a_transaction_can_be_undone_alone(store: WorldStore) -> None:
    async with store.writing():
        first = await add_fault()
        with pytest.raises(IntegrityError):
            async with in_transaction(first._meta.default_connection):
                await add_fault(id=first.id)
        await FaultRow.get_or_create(target="MAIL", defaults={"mode": "DROP"})

    assert await count_faults(store) == 2


async def test_fifty_parallel_writers_lose_no_update(store: WorldStore) -> None:
    async with store.writing():
        fault = await add_fault()

    async def fire() -> None:
        async with store.writing():
            await FaultRow.filter(id=fault.id).update(fired=F("fired") + 1)

    await asyncio.gather(*(fire() for _ in range(50)))

    async with store.reading():
        assert (await FaultRow.get(id=fault.id)).fired == 50


async def test_worlds_used_at_once_do_not_meet(database: Database) -> None:
    names = [f"w-{number}" for number in range(8)]

    async def use(name: str) -> tuple[str, list[str | None]]:
        await database.create_world(record(name))
        store = await database.open_world(name)
        for _ in range(5):
            async with store.writing():
                await add_fault(match=name)
                await asyncio.sleep(0)
                await add_fault(match=name)
        async with store.reading():
            return name, [row.match for row in await FaultRow.all()]

    found = await asyncio.gather(*(use(name) for name in names))

    assert found == [(name, [name] * 10) for name in names]


async def test_closed_store_refuses(database: Database, store: WorldStore) -> None:
    await database.close_world("main")
    await database.close_world("main")

    with pytest.raises(StoreClosed, match='World "main" was closed'):
        async with store.writing():
            pass
    with pytest.raises(StoreClosed):
        async with store.reading():
            pass


async def test_rows_are_there_after_closing_and_opening_again(open_database: OpenDatabase) -> None:
    first = await open_database()
    await first.create_world(record())
    store = await first.open_world("main")
    async with store.writing():
        await add_fault(match="kept")
    await first.close()

    second = await open_database()
    store = await second.open_world("main")
    async with store.reading():
        assert [row.match for row in await FaultRow.all()] == ["kept"]
