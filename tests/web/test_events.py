"""Server-sent events: each answer, then the end, and nothing left behind when the caller goes."""

import asyncio

import orjson
import pytest

from tests.schema.toy import TICKERS, Ticker
from tests.web.harness import Browser

EVENTS = [("accept", "text/event-stream")]


def events_of(body: bytes) -> list[tuple[str, object]]:
    found = []
    for block in body.decode().strip().split("\n\n"):
        fields = dict(line.split(":", 1) for line in block.split("\n"))
        data = fields["data"].strip()
        found.append((fields["event"].strip(), orjson.loads(data) if data else None))
    return found


async def test_subscription_is_streamed_to_its_end():
    reply = await Browser().post("subscription { ticks(to: 2) }", fields=EVENTS)

    assert (reply.status, reply.header("content-type")) == (200, "text/event-stream")
    assert events_of(reply.body) == [
        ("next", {"data": {"ticks": 1}}),
        ("next", {"data": {"ticks": 2}}),
        ("complete", None),
    ]


@pytest.mark.parametrize(
    ("document", "data"), [("{ hello }", {"hello": "world"}), ("mutation { count { count } }", {"count": {"count": 0}})]
)
async def test_query_and_mutation_are_one_event(document: str, data: object):
    reply = await Browser().post(document, fields=EVENTS)

    assert events_of(reply.body) == [("next", {"data": data}), ("complete", None)]


async def test_refused_document_is_an_event_too():
    reply = await Browser().post("{ nope }", fields=EVENTS)

    [(kind, body), end] = events_of(reply.body)
    assert (kind, body["errors"][0]["extensions"]["code"]) == ("next", "GRAPHQL_VALIDATION_FAILED")
    assert end == ("complete", None)


async def test_client_that_names_events_among_others_gets_them_for_a_subscription_only():
    fields = [("accept", "application/graphql-response+json, application/json, text/event-stream")]

    stream = await Browser().post("subscription { ticks(to: 1) }", fields=fields)
    query = await Browser().post("{ hello }", fields=fields)

    assert stream.header("content-type") == "text/event-stream"
    assert query.header("content-type") == "application/graphql-response+json; charset=utf-8"


async def test_cookie_cannot_be_set_in_a_stream():
    reply = await Browser().post('mutation { remember(value: "x") }', fields=EVENTS)

    assert reply.header("set-cookie") is None
    assert events_of(reply.body)[0][1]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_caller_who_leaves_ends_the_subscription_and_frees_the_world():
    ticker = TICKERS["sse-leave"] = Ticker()
    browser = Browser("sse-leave")
    left, sent = asyncio.Event(), asyncio.Queue()
    body = orjson.dumps({"query": "subscription { waits }"})
    incoming = [{"type": "http.request", "body": body}]

    async def receive():
        if incoming:
            return incoming.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    scope = browser.scope(
        "http", "/w/sse-leave/graphql", [("content-type", "application/json"), *EVENTS], method="POST"
    )
    task = asyncio.create_task(browser.app(scope, receive, sent.put))
    async with asyncio.timeout(5):
        start, first = await sent.get(), await sent.get()
        left.set()
        await task
        await ticker.gone.wait()

    assert start["status"] == 200
    assert b'{"data":{"waits":0}}' in first["body"]
    assert browser.worlds.in_use == {"sse-leave": 0}
    del TICKERS["sse-leave"]
