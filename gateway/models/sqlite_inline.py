"""SQLite in the event loop's own thread: each statement takes microseconds, a hop to another thread a hundred.

See docs/decisions/0002. The module's name holds "sqlite" because the ORM's migrations choose the dialect by it.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tortoise.backends.base.client import ConnectionWrapper, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper

from gateway.models.scope import OutsideScope

# Any in this module: the values of a row or of a parameter are whatever the column holds.
Values = Sequence[Any]


def statements(script: str) -> Iterator[str]:
    """Cut a script into statements, minding strings and comments."""
    piece = ""
    for part in script.split(";"):
        piece += part + ";"
        if sqlite3.complete_statement(piece):
            if piece.strip(" \n\t;"):
                yield piece
            piece = ""
    if piece.strip(" \n\t;"):
        yield piece.removesuffix(";")


class InlineConnection:
    """The part of aiosqlite's face that the ORM uses, over a plain connection. Nothing here ever suspends."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @property
    def total_changes(self) -> int:
        """How many rows this connection has changed."""
        return self._connection.total_changes

    async def execute(self, sql: str, parameters: Values | None = None) -> sqlite3.Cursor:
        """Run one statement."""
        return self._connection.execute(sql, parameters or ())

    async def execute_insert(self, sql: str, parameters: Values | None = None) -> tuple[int | None]:
        """Run an INSERT and answer the new row's id, as a row of one column."""
        return (self._connection.execute(sql, parameters or ()).lastrowid,)

    async def execute_fetchall(self, sql: str, parameters: Values | None = None) -> list[sqlite3.Row]:
        """Run one statement and answer all its rows."""
        return self._connection.execute(sql, parameters or ()).fetchall()

    async def executemany(self, sql: str, parameters: Iterable[Values]) -> sqlite3.Cursor:
        """Run one statement for each of `parameters`."""
        return self._connection.executemany(sql, parameters)

    async def executescript(self, script: str) -> None:
        """Run several statements. Unlike sqlite3's own, this commits nothing on the way."""
        for statement in statements(script):
            self._connection.execute(statement)

    async def commit(self) -> None:
        """End the transaction, if one is open, and keep it."""
        self._connection.commit()

    async def rollback(self) -> None:
        """End the transaction, if one is open, and undo it."""
        self._connection.rollback()

    async def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def connect(file: Path, **pragmas: str | int) -> InlineConnection:
    """Open a database file that exists, with the ORM's row type. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, cached_statements=256
    )
    try:
        connection.row_factory = sqlite3.Row
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")
    except sqlite3.Error:
        connection.close()
        raise
    return InlineConnection(connection)


class RefusingClient(SqliteClient):
    """Stands behind the alias while no scope is open; knows the dialect and nothing else."""

    def __init__(self, connection_name: str) -> None:
        super().__init__(":none:", connection_name=connection_name)

    def acquire_connection(self) -> ConnectionWrapper[Any]:  # Any: the ORM's own parameter
        raise OutsideScope

    def _in_transaction(self) -> TransactionContext:
        raise OutsideScope


class ScopedClient(SqliteTransactionWrapper):
    """A connection for the time of one scope. Begin and end are the store's; savepoints inside are the ORM's."""

    def __init__(self, dialect: SqliteClient, connection: InlineConnection) -> None:
        super().__init__(dialect)
        self._connection = connection  # type: ignore[assignment]  # has the part of aiosqlite's face that is used
        self._over = False

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        if self._over:
            raise OutsideScope
        return super().acquire_connection()

    def end(self) -> None:
        """Refuse from now on; a task that outlived the scope must not write into somebody else's transaction."""
        self._over = True


client_class = RefusingClient
