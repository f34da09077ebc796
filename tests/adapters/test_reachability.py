"""Reachability: a server that takes connections is there, whatever it says; nothing else is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.adapters.reachability import TcpReachability

CLOSED = 1  # nobody listens there without being root


@asynccontextmanager
async def listening() -> AsyncIterator[int]:
    """A server that says nothing; answers its port."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_servers_that_listen_are_there() -> None:
    async with listening() as mail, listening() as sms:
        reach = TcpReachability(smtp=f"127.0.0.1:{mail}", sms_url=f"http://127.0.0.1:{sms}/sms")

        assert (await reach.mail(), await reach.sms()) == (True, True)


async def test_each_is_asked_for_itself() -> None:
    async with listening() as port:
        reach = TcpReachability(smtp=f"127.0.0.1:{CLOSED}", sms_url=f"http://127.0.0.1:{port}/sms")

        assert (await reach.mail(), await reach.sms()) == (False, True)


async def test_a_name_that_leads_nowhere_is_not_there() -> None:
    reach = TcpReachability(smtp="[::1]:1", sms_url="http://nobody.invalid:80/sms", timeout_s=0.5)

    assert (await reach.mail(), await reach.sms()) == (False, False)
