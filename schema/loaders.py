"""Reads that several fields of one request share, done once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from schema.context import Context

Found = TypeVar("Found")


async def once(context: Context, key: tuple[str, object], load: Callable[[], Awaitable[Found]]) -> Found:
    """What `load` answers, asked for once per request and `key`, also by fields that resolve side by side."""
    waiting = context.loaders.get(key)
    if waiting is None:
        waiting = context.loaders[key] = asyncio.ensure_future(load())
    return cast(Found, await asyncio.shield(waiting))


def prime(context: Context, key: tuple[str, object], found: object) -> None:
    """Keep what came along with another read, so that `once` need not ask for it."""
    if key not in context.loaders:
        known = context.loaders[key] = asyncio.get_running_loop().create_future()
        known.set_result(found)
