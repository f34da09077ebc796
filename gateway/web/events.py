"""Answers as a stream of server-sent events. Source: GraphQL over Server-Sent Events, distinct connections mode."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import orjson
from starlette.types import Receive, Send

from gateway.web.media import Media
from schema.execution import Answer

# Proxies and browsers drop a silent connection after about half a minute; this is real time, not the world's.
_HEARTBEAT_S: Final = 12.0
_HEAD: Final = (
    (b"content-type", Media.EVENTS.content_type),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
)


async def send_events(answers: AsyncGenerator[Answer, None], receive: Receive, send: Send) -> None:
    """Send each answer as an event `next` and then `complete`; ends when the caller leaves."""
    await send({"type": "http.response.start", "status": 200, "headers": list(_HEAD)})
    # The whole generator runs in one task: a context variable set in it must be reset in the same context.
    work = asyncio.create_task(_send_all(answers, send))
    beat = asyncio.create_task(_send_heartbeats(send))
    gone = asyncio.create_task(_wait_until_gone(receive))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # The one that ended is left alone by cancel(); the others are waited for, so that each closes what it holds.
        for task in (work, beat, gone):
            task.cancel()
        await asyncio.gather(work, beat, gone, return_exceptions=True)
    if not work.cancelled() and work.exception() is None:
        await send({"type": "http.response.body", "body": b"event: complete\ndata:\n\n", "more_body": False})


async def _send_all(answers: AsyncGenerator[Answer, None], send: Send) -> None:
    async with aclosing(answers):
        async for answer in answers:
            data = orjson.dumps(answer.body())
            event = b"event: next\ndata: " + data + b"\n\n"
            await send({"type": "http.response.body", "body": event, "more_body": True})


async def _send_heartbeats(send: Send) -> None:
    while True:
        await asyncio.sleep(_HEARTBEAT_S)
        await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
