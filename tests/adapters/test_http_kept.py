"""The small HTTP client against a real socket: what it writes, what it keeps, what it gives up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.adapters.http_kept import KeptConnections
from gateway.adapters.sms_http import HttpSmsSender
from gateway.domain.message import MessageKind, OutgoingSms
from gateway.ports import DeliveryFailed

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """Answers what a test wants; None hangs up."""

    def __init__(self) -> None:
        self.answer: bytes | None = CREATED
        self.requests: list[bytes] = []
        self.connections = 0
        self.writers: list[asyncio.StreamWriter] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/w/a/sms?x=1"

    def hang_up(self) -> None:
        for writer in self.writers:
            writer.close()
        self.writers.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                if self.answer is None:
                    return
                writer.write(self.answer)
        except (EOFError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    script = Server()
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        script.hang_up()
        await server.wait_closed()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as script:
        yield script


@pytest.fixture
async def client() -> AsyncIterator[KeptConnections]:
    made = KeptConnections()
    yield made
    await made.aclose()


async def post(client: KeptConnections, url: str) -> int:
    async with asyncio.timeout(2):
        return (await client.post(url, content=b'{"a":1}', headers={"Content-Type": "application/json"})).status_code


async def test_request_is_complete_and_the_status_comes_back(server: Server, client: KeptConnections) -> None:
    assert await post(client, server.url) == 201

    assert server.requests == [
        b"POST /w/a/sms?x=1 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 7\r\n"
        b'Content-Type: application/json\r\n\r\n{"a":1}' % server.port
    ]


async def test_posts_in_turn_share_a_connection(server: Server, client: KeptConnections) -> None:
    for _ in range(5):
        assert await post(client, server.url) == 201

    assert server.connections == 1


async def test_posts_at_once_do_not_meet_and_idle_connections_are_bounded(
    server: Server, client: KeptConnections
) -> None:
    assert await asyncio.gather(*(post(client, server.url) for _ in range(40))) == [201] * 40

    assert len(server.requests) == 40
    assert sum(len(idle) for idle in client._idle.values()) == 16


async def test_connection_that_the_server_ended_is_replaced(server: Server, client: KeptConnections) -> None:
    await post(client, server.url)

    server.hang_up()

    assert await post(client, server.url) == 201
    assert server.connections == 2


async def test_hang_up_instead_of_an_answer_is_an_error(server: Server, client: KeptConnections) -> None:
    server.answer = None

    with pytest.raises(EOFError):
        await post(client, server.url)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        b"HTTP/1.0 201 Created\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 201 Created\r\n\r\n",
        b"HTTP/1.1 201 Created\r\nContent-Length: 9999999\r\n\r\n",
        b"HTTP/1.1 201 Created\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["close", "1.0", "chunked", "no length", "long", "negative"],
)
async def test_answer_that_ends_nowhere_sure_gives_its_status_and_no_second_use(
    server: Server, client: KeptConnections, answer: bytes
) -> None:
    server.answer = answer

    assert await post(client, server.url) == 201
    assert await post(client, server.url) == 201

    assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [b"hello\r\n\r\n", b"HTTP/1.1 xx\r\n\r\n", b"HTTP/1.1 200 " + b"a" * 70_000],
    ids=["no http", "no status", "endless"],
)
async def test_answer_that_is_no_http_is_an_error(server: Server, client: KeptConnections, answer: bytes) -> None:
    server.answer = answer

    with pytest.raises(ValueError, match="answer"):
        await post(client, server.url)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "127.0.0.1", "http:///sms", "http://127.0.0.1:99999/"])
async def test_address_that_is_none_is_an_error(client: KeptConnections, url: str) -> None:
    with pytest.raises(ValueError):
        await post(client, url)


async def test_header_with_a_line_break_is_refused_and_nothing_is_sent(server: Server, client: KeptConnections) -> None:
    with pytest.raises(ValueError, match="line break"):
        await client.post(server.url, content=b"", headers={"X": "a\r\nY: b"})

    assert server.requests == []


async def test_sms_goes_out_over_it_and_every_failure_is_worth_another_try(
    server: Server, client: KeptConnections
) -> None:
    sender = HttpSmsSender(client, url=server.url, world_id="w7", timeout_s=0.2)
    sms = OutgoingSms("outbox-8.a", MessageKind.OTP, "+6284000000001", "Kode Anda 123456.")

    await sender.send(sms)
    assert b'"to":"+6284000000001"' in server.requests[0]
    for answer in (None, b"hello\r\n\r\n", b""):
        server.answer = answer
        with pytest.raises(DeliveryFailed) as caught:
            await sender.send(sms)
        assert not caught.value.permanent
        assert "123456" not in str(caught.value)


async def test_sms_gateway_that_is_down_is_worth_another_try(client: KeptConnections) -> None:
    async with serving() as gone:
        url = gone.url
    sms = OutgoingSms("outbox-8.a", MessageKind.OTP, "+6284000000001", "Kode Anda 123456.")

    with pytest.raises(DeliveryFailed, match="cannot be reached"):
        await HttpSmsSender(client, url=url, world_id="w7").send(sms)
