"""graphql-transport-ws: the greeting, operations side by side, and every way to be shown out."""

import asyncio

import pytest

from gateway.web.sockets import MAX_OPERATIONS, Socket
from gateway.web.streams import StreamPlaces
from tests.schema.toy import TICKERS, Ticker, make_world
from tests.web.harness import Browser


async def test_subscription_gives_its_events_and_completes():
    async with Browser("a").socket("/w/a/graphql") as socket:
        await socket.greet()
        await socket.subscribe("1", "subscription { ticks(to: 2) }")

        heard = [await socket.hear() for _ in range(3)]

    assert heard == [
        {"id": "1", "type": "next", "payload": {"data": {"ticks": 1}}},
        {"id": "1", "type": "next", "payload": {"data": {"ticks": 2}}},
        {"id": "1", "type": "complete"},
    ]


async def test_query_with_variables_runs_in_the_named_world_and_language():
    async with Browser("a").socket("/w/a/graphql", [("accept-language", "id")]) as socket:
        await socket.greet()
        await socket.subscribe(
            "q", "query b($t: String!) { echo(text: $t) who }", variables={"t": "x"}, operationName="b"
        )

        assert (await socket.hear())["payload"] == {"data": {"echo": "x", "who": "id:a"}}


@pytest.mark.parametrize("name", ["authorization", "Authorization"])
async def test_token_in_the_greeting_speaks_for_every_operation(name: str):
    browser = Browser()
    async with browser.socket() as socket:
        await socket.greet(**{name: "Bearer good"})
        await socket.subscribe("1", "{ viewer }")
        assert (await socket.hear())["payload"] == {"data": {"viewer": "s1"}}
        await socket.hear()
        await socket.subscribe("2", "{ viewer }")
        assert (await socket.hear())["payload"] == {"data": {"viewer": "s1"}}

    assert browser.tokens.asked == 2


async def test_refused_document_is_an_error_message_and_its_id_is_free_again():
    async with Browser().socket() as socket:
        await socket.greet()
        await socket.subscribe("1", "{ nope }")
        refused = await socket.hear()
        await socket.subscribe("1", "{ hello }")
        answered = await socket.hear()

    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "GRAPHQL_VALIDATION_FAILED")
    assert answered["payload"] == {"data": {"hello": "world"}}


async def test_world_that_ends_takes_its_sockets_along():
    browser = Browser("a")
    async with browser.socket("/w/a/graphql") as socket:
        await socket.greet()

        browser.worlds.worlds["a"].bus.close()

        assert await socket.closed() == 1012


async def test_ping_is_answered_before_and_after_the_greeting():
    async with Browser().socket() as socket:
        await socket.next()
        await socket.say({"type": "ping"})
        assert await socket.hear() == {"type": "pong"}
        await socket.say({"type": "connection_init"})
        assert await socket.hear() == {"type": "connection_ack"}
        await socket.say({"type": "pong"})
        await socket.say({"type": "ping", "payload": {"a": 1}})
        assert await socket.hear() == {"type": "pong"}


async def test_complete_from_the_caller_ends_the_subscription_at_its_source():
    ticker = TICKERS["ws-complete"] = Ticker()
    async with Browser("ws-complete").socket("/w/ws-complete/graphql") as socket:
        await socket.greet()
        await socket.subscribe("1", "subscription { waits }")
        await socket.hear()
        await socket.say({"id": "1", "type": "complete"})
        async with asyncio.timeout(5):
            await ticker.gone.wait()
        await socket.subscribe("1", "{ hello }")
        assert (await socket.hear())["payload"] == {"data": {"hello": "world"}}
    del TICKERS["ws-complete"]


async def test_caller_who_leaves_takes_all_operations_along_and_frees_the_world():
    ticker = TICKERS["ws-leave"] = Ticker()
    browser = Browser("ws-leave")
    async with browser.socket("/w/ws-leave/graphql") as socket:
        await socket.greet()
        await socket.subscribe("1", "subscription { waits }")
        await socket.hear()
        assert browser.worlds.in_use == {"ws-leave": 1}

    assert ticker.gone.is_set()
    assert browser.worlds.in_use == {"ws-leave": 0}
    del TICKERS["ws-leave"]


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["not json"], 4400),
        (["[]"], 4400),
        (['{"type": 1}'], 4400),
        (['{"type": "start"}'], 4400),
        (['{"type": "subscribe", "id": "1", "payload": {"query": "{hello}"}}'], 4401),
        (['{"type": "connection_init", "payload": []}'], 4400),
        (['{"type": "connection_init", "payload": {"authorization": 1}}'], 4400),
        (['{"type": "connection_init"}', '{"type": "connection_init"}'], 4429),
        (['{"type": "connection_init"}', '{"type": "subscribe", "payload": {"query": "{hello}"}}'], 4400),
        (['{"type": "connection_init"}', '{"type": "subscribe", "id": "1"}'], 4400),
        (['{"type": "connection_init"}', '{"type": "subscribe", "id": "1", "payload": {"query": 1}}'], 4400),
        (
            [
                '{"type": "connection_init"}',
                '{"type": "subscribe", "id": "1", "payload": {"query": "{hello}", "variables": []}}',
            ],
            4400,
        ),
        (['{"type": "connection_init"}', '"' + "x" * 1_048_577 + '"'], 4400),
    ],
)
async def test_message_against_the_protocol_closes_with_its_code(messages: list[str], code: int):
    browser = Browser()
    async with browser.socket() as socket:
        await socket.next()
        for message in messages:
            await socket.say(message)
        answer = await socket.next()
        while answer["type"] == "websocket.send":
            answer = await socket.next()

    assert (answer["type"], answer["code"]) == ("websocket.close", code)
    assert browser.worlds.in_use == {"main": 0}


async def test_second_operation_of_one_id_closes_the_socket():
    TICKERS["ws-twice"] = Ticker()
    async with Browser("ws-twice").socket("/w/ws-twice/graphql") as socket:
        await socket.greet()
        await socket.subscribe("1", "subscription { waits }")
        await socket.hear()
        await socket.subscribe("1", "{ hello }")
        assert await socket.closed() == 4409
    del TICKERS["ws-twice"]


async def test_one_operation_too_many_is_refused_and_the_others_go_on():
    ticker = TICKERS["ws-many"] = Ticker()
    async with Browser("ws-many").socket("/w/ws-many/graphql") as socket:
        await socket.greet()
        for number in range(MAX_OPERATIONS):
            await socket.subscribe(str(number), "subscription { waits }")
            await socket.hear()
        await socket.subscribe("more", "{ hello }")
        refused = await socket.hear()
        ticker.release.set()
        released = await socket.hear()

    assert (refused["id"], refused["type"]) == ("more", "error")
    assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert released["payload"] == {"data": {"waits": 1}}
    del TICKERS["ws-many"]


@pytest.mark.parametrize("offered", [[], ["graphql-ws"]])
async def test_other_subprotocols_are_not_spoken(offered: list[str]):
    async with Browser().socket(subprotocols=offered) as socket:
        assert (await socket.next())["type"] == "websocket.accept"
        assert await socket.closed() == 4406


async def test_subprotocol_is_found_among_several():
    async with Browser().socket(subprotocols=["graphql-ws", "graphql-transport-ws"]) as socket:
        await socket.greet()


async def test_unknown_world_refuses_the_socket():
    async with Browser().socket("/w/nope/graphql") as socket:
        assert await socket.closed() == 1008


async def test_silent_caller_is_shown_out():
    sent: asyncio.Queue = asyncio.Queue()
    incoming: asyncio.Queue = asyncio.Queue()
    incoming.put_nowait({"type": "websocket.connect"})
    places = StreamPlaces()
    state = {"world": make_world()}
    scope = {"type": "websocket", "subprotocols": ["graphql-transport-ws"], "state": state}

    await Socket(None, None, places, scope, incoming.get, sent.put, init_timeout_s=0.01).serve()

    assert (await sent.get())["type"] == "websocket.accept"
    assert (await sent.get())["code"] == 4408
    assert places.taken == 0


async def test_socket_beyond_the_last_place_is_asked_to_come_later():
    sent: asyncio.Queue = asyncio.Queue()
    incoming: asyncio.Queue = asyncio.Queue()
    incoming.put_nowait({"type": "websocket.connect"})
    places = StreamPlaces(most=0)
    scope = {"type": "websocket", "subprotocols": ["graphql-transport-ws"]}

    await Socket(None, None, places, scope, incoming.get, sent.put).serve()

    assert await sent.get() == {"type": "websocket.close", "code": 1013}
    assert places.taken == 0
