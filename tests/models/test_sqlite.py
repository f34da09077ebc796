"""What only the files can break: crashes, locks, leftovers, threads and descriptors."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from gateway.models.fault import FaultRow
from gateway.models.sqlite_inline import connect, statements
from gateway.models.store import Database, StorageUnavailable, StoreClosed
from tests.models.records import record

WAIT_S = 20
WRITER = """
import asyncio, sys
from pathlib import Path
from gateway.models.fault import FaultRow
from gateway.models.store import Database
from tests.models.records import record

async def main():
    database = await Database.open(data=Path(sys.argv[1]))
    await database.create_world(record())
    store = await database.open_world("main")
    number = 0
    while True:
        async with store.writing():
            await FaultRow.create(target="SMS", mode="DROP", match=str(number))
        print(number, flush=True)
        number += 1

asyncio.run(main())
"""


@pytest.fixture
async def database(tmp_path: Path) -> Database:
    """Opened on a folder that does not exist yet; the test closes it."""
    return await Database.open(data=tmp_path / "new" / "data")


def write_until_killed(folder: Path) -> list[str]:
    """What a process said that it had committed until it was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(50)]
        process.kill()
        told += process.stdout.readlines()
    return told


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


async def test_killed_process_loses_nothing_that_it_had_committed(tmp_path: Path) -> None:
    told = write_until_killed(tmp_path)

    last = max(int(line) for line in told if line.endswith("\n"))
    database = await Database.open(data=tmp_path)
    store = await database.open_world("main")
    async with store.reading():
        found = [row.match for row in await FaultRow.all().order_by("id")]
    await database.close()

    assert found[: last + 1] == [str(number) for number in range(last + 1)]
    assert len(found) <= last + 2


async def test_leftovers_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    worlds, templates = tmp_path / "worlds", tmp_path / "templates"
    (worlds / ".7-half").mkdir(parents=True)
    (worlds / ".7-half" / "world.db").write_bytes(b"torn")
    templates.mkdir()
    (templates / "2030-05-01.db").write_bytes(b"stale")

    database = await Database.open(data=tmp_path)
    await database.create_world(record())
    names = names_in(worlds)
    await database.close()

    assert names == ["main"]


async def test_folder_that_somebody_put_there_is_no_world(database: Database, tmp_path: Path) -> None:
    (tmp_path / "new" / "data" / "worlds" / "Not A World").mkdir()

    assert await database.list_worlds() == []
    await database.close()


async def test_three_hundred_worlds_leave_no_thread_and_no_descriptor(tmp_path: Path) -> None:
    process = psutil.Process()
    threads, descriptors = threading.active_count(), process.num_fds()
    database = await Database.open(data=tmp_path)

    for first in range(0, 300, 100):
        names = [f"w-{number}" for number in range(first, first + 100)]
        for name in names:
            await database.create_world(record(name))
        stores = await asyncio.gather(*map(database.open_world, names))
        assert threading.active_count() == threads
        for store in stores:
            async with store.writing():
                await FaultRow.create(target="SMS", mode="DROP")
        await asyncio.gather(*map(database.close_world, names))
    assert len(await database.list_worlds()) == 300
    await database.close()

    assert process.num_fds() == descriptors
    assert threading.active_count() == threads
    assert names_in(tmp_path) == ["lock.db", "worlds"]
    assert names_in(tmp_path / "worlds" / "w-0") == ["world.db"]


async def test_closed_world_refuses_who_still_waits_to_write(database: Database) -> None:
    await database.create_world(record())
    store = await database.open_world("main")
    inside, leave = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with store.writing():
            inside.set()
            await leave.wait()
            await FaultRow.create(target="SMS", mode="DROP", match="held")

    async def wait() -> None:
        async with store.writing():
            await FaultRow.create(target="SMS", mode="DROP", match="waited")

    holder = asyncio.create_task(hold())
    await asyncio.wait_for(inside.wait(), WAIT_S)
    waiter = asyncio.create_task(wait())
    await asyncio.sleep(0)
    closing = asyncio.create_task(database.close_world("main"))
    await asyncio.sleep(0)
    leave.set()
    await asyncio.wait_for(closing, WAIT_S)

    assert await holder is None
    with pytest.raises(StoreClosed):
        await waiter
    store = await database.open_world("main")
    async with store.reading():
        assert [row.match for row in await FaultRow.all()] == ["held"]
    await database.close()


async def test_transaction_that_outlasts_the_patience_is_undone(database: Database) -> None:
    await database.create_world(record())
    store = await database.open_world("main")
    inside = asyncio.Event()

    async def stay() -> None:
        async with store.writing():
            await FaultRow.create(target="SMS", mode="DROP")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stay())
    await asyncio.wait_for(inside.wait(), WAIT_S)
    await asyncio.wait_for(database.close_world("main"), WAIT_S)
    task.cancel()
    results = await asyncio.gather(task, return_exceptions=True)

    assert isinstance(results[0], BaseException)
    store = await database.open_world("main")
    async with store.reading():
        assert await FaultRow.all().count() == 0
    await database.close()


async def test_second_process_on_one_folder_is_refused_in_one_sentence(database: Database, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable) as refused:
        await Database.open(data=tmp_path / "new" / "data")
    await database.close()

    assert str(refused.value) == f"Another Peserta is using the data folder {tmp_path / 'new' / 'data'}."
    again = await Database.open(data=tmp_path / "new" / "data")
    await again.close()


async def test_unusable_folder_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StorageUnavailable) as refused:
        await Database.open(data=tmp_path / "file" / "data")

    assert str(refused.value) == f"The data folder {tmp_path / 'file' / 'data'} cannot be used: Not a directory."


async def test_folder_without_permission_is_told_in_one_sentence() -> None:
    # The kernel's own folder: nobody may make one there, not even root, to whom a closed folder is open.
    data = Path("/sys/peserta")

    with pytest.raises(
        StorageUnavailable, match=r"^The data folder /sys/peserta cannot be used: .* (denied|permitted)"
    ):
        await Database.open(data=data)


async def test_broken_file_is_told_in_one_sentence(database: Database, tmp_path: Path) -> None:
    await database.create_world(record())
    file = tmp_path / "new" / "data" / "worlds" / "main" / "world.db"
    file.write_bytes(b"this is no database, however long one reads in it" * 100)

    with pytest.raises(StorageUnavailable, match=r"cannot be used: file is not a database\.$"):
        await database.open_world("main")
    await database.close()


def test_script_is_cut_where_statements_end() -> None:
    script = "CREATE TABLE a (b TEXT) /* one; two */;\nINSERT INTO a VALUES ('x;y');;\n-- end;\nSELECT 1"

    assert [statement.strip() for statement in statements(script)] == [
        "CREATE TABLE a (b TEXT) /* one; two */;",
        "INSERT INTO a VALUES ('x;y');",
        "-- end;\nSELECT 1;",
    ]


async def test_script_commits_nothing_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    connection = connect(tmp_path / "a.db")
    await connection.execute("BEGIN")
    await connection.executescript("CREATE TABLE a (b TEXT); INSERT INTO a VALUES ('x');")
    await connection.rollback()

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await connection.execute("SELECT * FROM a")
    await connection.close()
