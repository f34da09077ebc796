"""The sink's statements on a real PostgreSQL: the same arrivals, filters, repeats and held messages as on SQLite."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext
from tortoise.migrations.api import migrate

from mailsink.host import FaultMode
from mailsink.messages import MessageFilter
from mailsink.models import AloneDatabase, tortoise_config
from mailsink.sink import Sink
from tests.mailsink.conftest import START, FakeHost, FakeMailbox, deliver, make_mail, text_to

pytestmark = pytest.mark.postgres
EVERYTHING = MessageFilter()


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[AloneDatabase]:
    """The sink's tables in a database of PostgreSQL, behind the same spans as the stand-alone file."""
    address = urlsplit(postgres_url)
    config = tortoise_config(Path("unused"))
    (alias,) = config["connections"]
    config["connections"][alias] = {
        "engine": "tortoise.backends.asyncpg",
        "credentials": {
            "host": parse_qs(address.query).get("host", [address.hostname])[0],
            "port": address.port or 5432,
            "user": address.username,
            "password": address.password,
            "database": address.path.removeprefix("/"),
            "minsize": 1,
            "maxsize": 5,
        },
    }
    # The ORM keeps statements by alias, whatever stands behind it: those of SQLite must not be met here, nor after.
    EXECUTOR_CACHE.clear()
    context = TortoiseContext()
    with context:
        await migrate(config=config)
        await context.init(config=config)
        await context.db(alias).execute_query("SELECT 1")
    yield AloneDatabase(context)
    await context.close_connections()
    EXECUTOR_CACHE.clear()


async def test_message_is_stored_found_and_waited_for(sink: Sink, main: FakeMailbox) -> None:
    waiting = asyncio.create_task(sink.wait(main, MessageFilter(to="SITI@peserta.test", search="100% AKTIVASI"), 5))
    await deliver(sink, main, make_mail(subject="Aktivasi 100%\0", html="<p>Halo</p>"))

    found = await waiting

    assert found is not None
    assert await sink.get(main, found.id) == found
    assert await sink.find(main, MessageFilter(search="100% aktivasi", to="siti@peserta.test")) == [found]
    assert await sink.count(main, MessageFilter(search="100_")) == 0
    assert await sink.raw(main, found.id) is not None


async def test_repeats_at_once_are_stored_once(sink: Sink, main: FakeMailbox) -> None:
    ids = await asyncio.gather(*(text_to(sink, main, message_id="a") for _ in range(16)))

    assert len(set(ids)) == 1
    assert await sink.count(main, EVERYTHING) == 1


async def test_held_messages_are_released_once(sink: Sink, main: FakeMailbox) -> None:
    main.inject(FaultMode.DELAY, delay_s=5)
    await text_to(sink, main, "Kode OTP Anda 111111.", message_id="a")
    main.inject(FaultMode.REORDER)
    await text_to(sink, main, "Kode OTP Anda 222222.")
    await text_to(sink, main, "Kode OTP Anda 333333.")
    later = START + timedelta(seconds=5)

    assert await sink.next_due(main) == later
    released = await asyncio.gather(*(sink.release_due(main, later) for _ in range(4)))

    assert sum(len(each) for each in released) == 1
    assert [message.code for message in await sink.find(main, EVERYTHING)] == ["333333", "222222", "111111"]


async def test_messages_at_once_keep_the_order_of_their_cursors(sink: Sink, main: FakeMailbox, host: FakeHost) -> None:
    arriving = sink.watch(main, MessageFilter(after=await sink.cursor(main)))

    await asyncio.gather(*(text_to(sink, main, f"Kode OTP Anda {100_000 + number}.") for number in range(50)))

    async with asyncio.timeout(5):
        seen = [await anext(arriving) for _ in range(50)]
    await arriving.aclose()
    assert [message.id for message in seen] == [message.id for message in await sink.find(main, EVERYTHING)]
    assert len({message.code for message in seen}) == 50
