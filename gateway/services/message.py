"""A world's caught messages, as the control API reads them."""

from collections.abc import AsyncIterator

from gateway.domain.message import Message, MessageFilter
from gateway.domain.page import Page, PageRequest
from gateway.domain.problem import Rejected
from gateway.ports import InvalidCursor
from gateway.world import World

MAX_WAIT_S = 300


def _bad_cursor() -> Rejected:
    return Rejected("BAD_USER_INPUT", "request.bad_cursor", params={"argument": "after"}, extensions={"field": "after"})


async def cursor(world: World) -> str:
    """A mark of now: with it as `after`, only later messages count."""
    return await world.inbox.cursor()


async def list_messages(world: World, *, wanted: MessageFilter, request: PageRequest) -> Page[Message]:
    """Caught messages, newest first. Raises Rejected BAD_USER_INPUT for a foreign cursor."""
    try:
        return await world.inbox.page(wanted, request)
    except InvalidCursor:
        raise _bad_cursor() from None


async def await_message(world: World, *, wanted: MessageFilter, timeout_s: float) -> Message | None:
    """A message, as soon as it is there: with `after` the oldest later match, else the newest match.

    `timeout_s` is real time, 0 to 300 seconds; None when it runs out. Raises Rejected BAD_USER_INPUT.
    """
    if not 0 <= timeout_s <= MAX_WAIT_S:
        params = {"argument": "timeout", "max": MAX_WAIT_S}
        raise Rejected("BAD_USER_INPUT", "request.timeout", params=params, extensions={"field": "timeout"})
    try:
        return await world.inbox.wait(wanted, timeout_s)
    except InvalidCursor:
        raise _bad_cursor() from None


async def watch(world: World, *, wanted: MessageFilter) -> AsyncIterator[Message]:
    """Every match after the cursor and each one to come. Raises Rejected BAD_USER_INPUT for a foreign cursor."""
    try:
        async for message in world.inbox.watch(wanted):
            yield message
    except InvalidCursor:
        raise _bad_cursor() from None
