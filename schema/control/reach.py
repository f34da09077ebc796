"""Which world an operation of the control API is about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.domain.problem import Rejected
from gateway.world import World
from schema.context import Context


def check_reach(context: Context, world_id: str | None) -> str:
    """The id that is meant; None means this endpoint's own world.

    Raises Rejected FORBIDDEN: another world's endpoint was asked about this one, which only `main` may be.
    """
    wanted = world_id if world_id is not None else context.world.id
    if wanted != context.world.id and not context.main:
        raise Rejected("FORBIDDEN", "request.other_world", params={"id": context.world.id})
    return wanted


@asynccontextmanager
async def reach(context: Context, world_id: str | None) -> AsyncIterator[World]:
    """The world that is meant, kept open inside. Raises Rejected FORBIDDEN, NOT_FOUND."""
    wanted = check_reach(context, world_id)
    if wanted == context.world.id:
        yield context.world
        return
    async with context.worlds.using(wanted) as world:
        yield world
