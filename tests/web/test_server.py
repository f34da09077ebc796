"""Listeners over real sockets: binding, and a stop that ends everything whole and in time."""

import asyncio
import time

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from gateway.web.server import AddressUnusable, HttpServer, PortBusy, bind
from tests.schema.toy import TICKERS, Ticker
from tests.web.harness import Browser

pytestmark = pytest.mark.e2e
STOP_S = 2.0


def test_busy_port_is_one_sentence_with_port_and_setting():
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]

    with pytest.raises(PortBusy) as busy:
        bind("127.0.0.1", port, "PESERTA_PORT")

    listener.close()
    assert str(busy.value).count(".") == 4  # three in the address, one at the end
    assert str(port) in str(busy.value)
    assert "PESERTA_PORT" in str(busy.value)


@pytest.mark.parametrize("host", ["203.0.113.1", "no.such.host.invalid"])
def test_address_of_another_machine_is_one_sentence(host: str):
    with pytest.raises(AddressUnusable, match="PESERTA_HOST"):
        bind(host, 0, "PESERTA_HOST")


async def start(browser: Browser) -> HttpServer:
    server = HttpServer(browser.app, bind("127.0.0.1", 0))
    await server.start()
    return server


async def stop(server: HttpServer) -> float:
    before = time.monotonic()
    await server.stop()
    return time.monotonic() - before


async def test_two_listeners_share_a_loop_and_stop_when_idle():
    first, second = await start(Browser()), await start(Browser())

    async with httpx.AsyncClient() as client:
        for server in (first, second):
            reply = await client.post(f"http://127.0.0.1:{server.port}/graphql", json={"query": "{ hello }"})
            assert reply.json() == {"data": {"hello": "world"}}

    assert await stop(first) + await stop(second) < STOP_S


async def test_stop_ends_an_event_stream_whole(caplog: pytest.LogCaptureFixture):
    ticker = TICKERS["stop-sse"] = Ticker()
    browser = Browser("stop-sse")
    server = await start(browser)
    url = f"http://127.0.0.1:{server.port}/w/stop-sse/graphql"
    body, headers = {"query": "subscription { waits }"}, {"accept": "text/event-stream"}

    async with httpx.AsyncClient() as client, client.stream("POST", url, json=body, headers=headers) as reply:
        chunks = reply.aiter_text()
        first = await anext(chunks)
        took = await stop(server)
        rest = [chunk async for chunk in chunks]

    assert '"waits":0' in first
    assert rest == []
    assert took < STOP_S
    assert ticker.gone.is_set()
    assert browser.worlds.in_use == {"stop-sse": 0}
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    del TICKERS["stop-sse"]


async def test_stop_tells_a_socket_to_come_again(caplog: pytest.LogCaptureFixture):
    ticker = TICKERS["stop-ws"] = Ticker()
    browser = Browser("stop-ws")
    server = await start(browser)
    url = f"ws://127.0.0.1:{server.port}/w/stop-ws/graphql"

    async with connect(url, subprotocols=["graphql-transport-ws"]) as socket:
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        await socket.send('{"id": "1", "type": "subscribe", "payload": {"query": "subscription { waits }"}}')
        assert '"waits":0' in await socket.recv()
        took = await stop(server)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()

    assert closed.value.rcvd.code == 1012
    assert took < STOP_S
    assert ticker.gone.is_set()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    del TICKERS["stop-ws"]


async def test_stop_answers_a_request_that_waits_for_long(caplog: pytest.LogCaptureFixture):
    reached = asyncio.Event()

    async def wait_forever(scope, receive, send) -> None:
        reached.set()
        await asyncio.Event().wait()

    server = await start(Browser(mounts={"/": wait_forever}))

    async with httpx.AsyncClient() as client:
        request = asyncio.create_task(client.get(f"http://127.0.0.1:{server.port}/long"))
        async with asyncio.timeout(5):
            await reached.wait()
        took = await stop(server)
        reply = await request

    assert reply.status_code == 503
    assert took < STOP_S
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_cross_site_websocket_is_refused_over_the_wire():
    server = await start(Browser())

    with pytest.raises(Exception, match="403"):
        await connect(
            f"ws://127.0.0.1:{server.port}/control/graphql",
            subprotocols=["graphql-transport-ws"],
            origin="http://evil.test",
        )

    await server.stop()
