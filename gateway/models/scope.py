"""Binds the ORM's one alias to a connection for as long as a scope is open, and refuses rows anywhere else."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass

from tortoise.backends.base.client import BaseDBAsyncClient

# There is no public way to choose the context of a block: entering a TortoiseContext keeps its token on the object,
# so two tasks cannot be inside of one at the same time.
from tortoise.context import TortoiseContext, _current_context, get_current_context, set_global_context

from gateway.models.storage import StoreClosed

# How long a closing world waits in real time for scopes that are open; then they are cut off.
# Source: assumed for the sandbox, whose longest transaction takes some milliseconds.
CLOSING_PATIENCE_S = 1.0


class OutsideScope(RuntimeError):
    """Rows were touched outside of `writing()` or `reading()`: a mistake of the programmer."""

    def __init__(self) -> None:
        super().__init__("Touch rows only inside `async with world.store.writing()` or `reading()`.")


@dataclass(slots=True, eq=False)
class _Scope:
    """One opened scope. Tasks that were started inside keep seeing it after it ended, hence the flag."""

    is_open: bool = True


_scope: ContextVar[_Scope | None] = ContextVar("gateway_store_scope", default=None)


def check_not_nested() -> None:
    """Fail when a scope is open already: on SQLite a second one would wait for the first for ever."""
    scope = _scope.get()
    assert scope is None or not scope.is_open, "writing() and reading() do not nest: pass on what you loaded instead"


class Gate:
    """Counts who is inside of a world's scopes, and lets nobody in once the world is closed."""

    def __init__(self, world_id: str) -> None:
        self._world_id = world_id
        self._inside = 0
        self._closed = False
        self._left = asyncio.Event()

    def check(self) -> None:
        """Raises StoreClosed."""
        if self._closed:
            raise StoreClosed(self._world_id)

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Be inside. Raises StoreClosed."""
        self.check()
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._left.set()

    async def close(self) -> bool:
        """Let nobody in any more and wait for those inside, for a while; False when it was closed before."""
        if self._closed:
            return False
        self._closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_PATIENCE_S):
                while self._inside:
                    self._left.clear()
                    await self._left.wait()
        return True


class Binding:
    """The ORM as one Database uses it: one alias that means nothing until a scope binds it to a world's connection.

    Everything hangs on context variables, so tasks neither see nor disturb each other, and it does not matter which
    task opened the Database. No router is needed: an alias that nobody bound meets the engine that refuses.
    """

    def __init__(self, context: TortoiseContext, alias: str) -> None:
        self._context = context
        self.alias = alias
        if get_current_context() is None:
            # Only so that a stray query gets OutsideScope rather than the ORM's advice to create a context.
            set_global_context(context)

    @property
    def refusing(self) -> BaseDBAsyncClient:
        """The client that stands behind the alias while no scope is open."""
        return self._context.connections.get(self.alias)

    @asynccontextmanager
    async def bound(self, client: BaseDBAsyncClient) -> AsyncIterator[None]:
        """Let rows be touched on `client` in here. The caller has begun what is to be begun."""
        scope = _Scope()
        inside = _scope.set(scope)
        entered = _current_context.set(self._context)
        token = self._context.connections.set(self.alias, client)
        try:
            yield
        finally:
            scope.is_open = False
            self._context.connections.reset(token)
            _current_context.reset(entered)
            _scope.reset(inside)

    async def close(self) -> None:
        """Forget the ORM's state."""
        await self._context.close_connections()
