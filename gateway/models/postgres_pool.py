"""PostgreSQL through one pool for all worlds: a scope takes a connection, opens a transaction and names its schema.

The pool's own search path leads nowhere and a schema is named for one transaction only, so a forgotten name fails.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import ConnectionWrapper, TransactionContext

from gateway.models.scope import Binding, OutsideScope
from gateway.models.storage import StorageUnavailable

CONNECT_TIMEOUT_S = 5

# Any, for asyncpg ships no types.
Pool: TypeAlias = Any
Connection: TypeAlias = Any


class RefusingClient(AsyncpgDBClient):
    """Stands behind the alias while no scope is open; knows the dialect and nothing else."""

    def __init__(self, connection_name: str) -> None:
        super().__init__(connection_name=connection_name)

    def acquire_connection(self) -> ConnectionWrapper[Any]:  # Any: the ORM's own parameter
        raise OutsideScope

    def _in_transaction(self) -> TransactionContext:
        raise OutsideScope


class ScopedClient(TransactionWrapper):
    """A connection for the time of one scope. Begin and end are the store's; savepoints inside are the ORM's."""

    def __init__(self, dialect: AsyncpgDBClient, connection: Connection) -> None:
        super().__init__(dialect)
        self._connection = connection
        self.fetch_inserted = dialect.fetch_inserted
        self._over = False

    def acquire_connection(self) -> ConnectionWrapper[Any]:  # Any: the ORM's own parameter
        if self._over:
            raise OutsideScope
        return super().acquire_connection()

    def end(self) -> None:
        """Refuse from now on; a task that outlived the scope must not write into somebody else's transaction."""
        self._over = True


async def open_pool(url: str, size: int) -> Pool:
    """The pool of a process, at most `size` connections. Raises StorageUnavailable."""
    try:
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_TIMEOUT_S,
            server_settings={"search_path": "nowhere", "application_name": "peserta"},
        )
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StorageUnavailable(f"The database cannot be reached: {_reason(error)}.") from None


def _reason(error: BaseException) -> str:
    """What the server or the system said; the address is left out, for it holds a password."""
    if isinstance(error, TimeoutError):
        return f"no answer within {CONNECT_TIMEOUT_S} seconds"
    if isinstance(error, asyncpg.PostgresError):
        return str(error).rstrip(".")
    if isinstance(error, OSError):
        return error.strerror or "nothing listens there"
    return "its address is not one of PostgreSQL (postgresql://user:password@host:5432/database)"


@asynccontextmanager
async def transaction(
    binding: Binding, connection: Connection, schema: str, *, readonly: bool = False
) -> AsyncIterator[ScopedClient]:
    """One transaction in `schema`, with the alias bound to it."""
    dialect = binding.refusing
    assert isinstance(dialect, AsyncpgDBClient)
    client = ScopedClient(dialect, connection)
    try:
        async with connection.transaction(readonly=readonly):
            await connection.execute(f'SET LOCAL search_path TO "{schema}"')
            async with binding.bound(client):
                yield client
    finally:
        client.end()


client_class = RefusingClient
